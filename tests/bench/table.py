"""The rows of the table that the benchmarks make: what was reached, and what was to be."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

import attrs

ROUNDS = 7
TIMES = "\N{MULTIPLICATION SIGN}"


@attrs.frozen(kw_only=True)
class Row:
    """One figure.

    Attributes:
        what: What was measured.
        ours: How we did.
        beside: How the peer or the floor did in the same run; empty if there is none.
        figure: What counts: a ratio, or a figure by itself.
        target: What it should be.
        reached: Whether it is; None where nothing was promised.
    """

    what: str
    ours: str
    beside: str = ""
    figure: str = ""
    target: str = ""
    reached: bool | None = None

    @classmethod
    def times(  # noqa: PLR0913 - the columns
        cls,
        what: str,
        ratio: float,
        *,
        ours: str,
        beside: str,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> Self:
        """Return a row whose figure is a ratio."""
        return cls(
            what=what,
            ours=ours,
            beside=beside,
            figure=times(ratio),
            target=_target(f"{TIMES}{{:.3g}}", at_least, at_most),
            reached=_reached(ratio, at_least, at_most),
        )

    @classmethod
    def plain(
        cls,
        what: str,
        value: float,
        unit: str,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
    ) -> Self:
        """Return a row with a figure by itself."""
        return cls(
            what=what,
            ours=f"{value:,.0f} {unit}" if value >= 100 else f"{value:.2g} {unit}",
            target=_target(f"{{:,g}} {unit}", at_least, at_most),
            reached=_reached(value, at_least, at_most),
        )

    def __str__(self) -> str:
        mark = {True: "yes", False: "**no**", None: ""}[self.reached]
        cells = (self.what, self.ours, self.beside, self.figure, self.target, mark)
        return f"| {' | '.join(cells)} |"


HEAD = """\
| what | ours | peer or floor | ratio | target | reached |
|---|---|---|---|---|---|"""


def show(rows: Iterable[Row]) -> None:
    """Print the table, each row as soon as it is there."""
    print(HEAD)
    for row in rows:
        print(row, flush=True)


def by_turns(
    measures: Mapping[str, Callable[[], float]], rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """Return the figures of every measure, taken by turns."""
    figures: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            figures[name].append(measure())
    return figures


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the median of the ratios, round by round."""
    return statistics.median(a / b for a, b in zip(first, second, strict=True))


def times(number: float) -> str:
    """Say a ratio."""
    return f"{TIMES}{number:.2f}"


def _target(form: str, at_least: float | None, at_most: float | None) -> str:
    if at_least is not None:
        return f"≥ {form.format(at_least)}"
    return "" if at_most is None else f"≤ {form.format(at_most)}"


def _reached(value: float, at_least: float | None, at_most: float | None) -> bool | None:
    if at_least is not None:
        return value >= at_least
    return None if at_most is None else value <= at_most
