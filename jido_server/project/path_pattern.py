"""Wildcards in a path: ``**`` stands for any folders, all else for one component.

The tests between one ``**`` and the next are put at the first place they fit, as what is between
two stars in a name: see ``wildcard.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import attrs

from jido_server.project.wildcard import STAR, Part, Run, Test, fits, is_folders, name_test


@attrs.frozen
class PathPattern:
    """A pattern for paths.

    Attributes:
        runs: The tests between one ``**`` and the next; there is at least one run.
        last: The test of the last component, if nothing else matters.
        hidden: How many components of a path begin with a dot, or None if that doesn't matter.
    """

    runs: Sequence[Run]
    last: Test | None
    hidden: int | None

    @classmethod
    def of(cls, parts: Sequence[Part], *, dots: bool = True) -> PathPattern:
        """Return a pattern.

        Args:
            parts: The components. ``**`` at the end stands for all that is beneath.
            dots: Whether wildcards fit a dot at the beginning of a name; else it must be said.
        """
        runs: list[list[Test]] = [[]]
        for folders, group in groupby(parts, is_folders):
            if folders:
                runs.append([])
            else:
                runs[-1].extend(name_test(part) if dots else _visible(part) for part in group)
        if parts and is_folders(parts[-1]):
            runs[-1].append(name_test([STAR]) if dots else _visible([STAR]))
        hidden = None if dots else sum(_begins_with_a_dot(part) for part in parts)
        match runs:
            case [[], [test]] if dots:
                last: Test | None = test
            case _:
                last = None
        return cls(tuple(tuple(run) for run in runs), last, hidden)

    def fits(self, path: str) -> bool:
        """Tell whether a path fits; it has no slash at its end."""
        if self.last is not None:
            return self.last(path[path.rfind("/") + 1 :])
        names = path.split("/")
        # Without `dots` a test fits hidden names only, or none of them. So if there are no more
        # hidden names than tests for them, none is among what `**` stands for.
        return (
            self.hidden is None or sum(name.startswith(".") for name in names) == self.hidden
        ) and fits(self.runs, names)

    def leads_into(self, folder: str) -> bool:
        """Tell whether something beneath a folder may fit."""
        names = folder.split("/")
        first = self.runs[0]
        assert not isinstance(first, str), "there are only tests"
        deep = len(names) < len(first) or len(self.runs) > 1
        return deep and all(test(name) for test, name in zip(first, names, strict=False))


def _begins_with_a_dot(part: Part) -> bool:
    return bool(part) and part[0] == "."


def _visible(part: Part) -> Test:
    """Return a test that fits hidden names only if the part says so."""
    test = name_test(part)
    if _begins_with_a_dot(part):
        return test
    return lambda name: not name.startswith(".") and test(name)
