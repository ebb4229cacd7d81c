"""``jido-server doctor``: what holds on this machine, found out by trying."""

from __future__ import annotations

import asyncio

from rich.console import Console

from jido_server.project import openat2
from jido_server.sandbox.doctor import Finding, examine

MARKS = {True: "[bold green]✓[/]", False: "[bold red]✗[/]"}
LESS = "[bold yellow]![/]"


def doctor() -> int:
    """Say what holds here, and return the exit code: 0 if every promise does."""
    console = Console()
    findings = [*asyncio.run(examine()), _boundary()]
    for finding in findings:
        mark = MARKS[finding.ok] if finding.ok or finding.promise else LESS
        console.print(mark, end=" ")
        console.print(finding.sentence, markup=False, highlight=False)
    broken = [finding for finding in findings if finding.promise and not finding.ok]
    if broken:
        console.print(f"\n[bold red]{len(broken)} of the promises don't hold on this machine.[/]")
    return 1 if broken else 0


def _boundary() -> Finding:
    if openat2.works():
        sentence = "openat2 works: the kernel itself keeps every path inside the project."
        return Finding("openat2", ok=True, sentence=sentence, promise=False)
    sentence = "openat2 does not work here: paths are walked one component at a time, as safely."
    return Finding("openat2", ok=False, sentence=sentence, promise=False)
