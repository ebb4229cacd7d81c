"""What ripgrep is asked: its command lines.

It is told which folders to search, one by one, and applies no ignore rules of its own: which
folders and files count is decided by our own walk, through the boundary.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

import attrs

MAX_FILE_BYTES = 16 << 20
MAX_ARGUMENT_BYTES = 24 << 10 if sys.platform == "win32" else 512 << 10
"""Of the folders of one command line; what is more is searched by the next one."""
MAX_EXCLUSIONS = 1000
"""Of one command line; more files that don't count are searched, and what is found is dropped."""
BYTES_OF_A_POINTER = 8

ALWAYS = (
    "--json",
    "--no-config",
    "--no-messages",
    "--no-ignore",
    "--max-depth=1",
    "--crlf",
    f"--max-filesize={MAX_FILE_BYTES}",
    "--regex-size-limit=16M",
    "--dfa-size-limit=64M",
)
EVEN_HIDDEN = ("--hidden", "--glob=!.git")

_SPECIAL = re.compile(r"[\\*?\[\]{}!# ]")
_ESCAPED = r"\\\g<0>"


@attrs.frozen(kw_only=True)
class Query:
    """What to search for, and where.

    Attributes:
        pattern: A regular expression, as Rust's crate ``regex`` has them.
        where: The folders whose own files are searched, or one file; each as seen from the root,
            with the names in it that don't count.
        file_name: A glob for the names of files; empty for all.
        ignore_case: Whether case is ignored.
        context: Lines to give around each match.
        include_hidden: Whether hidden files count.
        limit: Most matches.
    """

    pattern: str
    where: Mapping[str, AbstractSet[str]]
    file_name: str = ""
    ignore_case: bool = False
    context: int = 0
    include_hidden: bool = False
    limit: int

    def command_lines(self) -> Iterator[list[str]]:
        """Yield the arguments, as many times as it takes to name all places."""
        line = _CommandLine(self._choices)
        for place, names in self.where.items():
            line.add_place(place if place == "." else f"./{place}")
            line.exclude(place, names)
            if line.is_full:
                yield line.arguments
                line = _CommandLine(self._choices)
        if line.places:
            yield line.arguments

    @property
    def _choices(self) -> list[str]:
        return [
            *ALWAYS,
            *(EVEN_HIDDEN if self.include_hidden else ()),
            *(["--ignore-case"] if self.ignore_case else []),
            *([f"--type-add=wanted:{self.file_name}", "--type=wanted"] if self.file_name else []),
            f"--context={self.context}",
            f"--max-count={self.limit + 1}",  # one more says that there are more
            f"--regexp={self.pattern}",
        ]

    def counts(self, path: str) -> bool:
        """Tell whether a file that was found counts."""
        folder, _, name = path.rpartition("/")
        return name not in self.where.get(folder or ".", ())


class _CommandLine:
    """The arguments of one run, within what a system takes.

    Attributes:
        places: What is searched.
    """

    def __init__(self, choices: list[str]) -> None:
        self.places: list[str] = []
        self._options = choices
        self._exclusions = 0
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be added."""
        return self._bytes > MAX_ARGUMENT_BYTES

    @property
    def arguments(self) -> list[str]:
        """All of it."""
        return [*self._options, "--", *self.places]

    def add_place(self, place: str) -> None:
        """Have a folder or a file searched."""
        self._add(self.places, place)

    def exclude(self, folder: str, names: AbstractSet[str]) -> None:
        """Spare ripgrep files that don't count, as long as they can be named."""
        for name in names:
            if self.is_full or self._exclusions == MAX_EXCLUSIONS:
                return
            path = name if folder == "." else f"{folder}/{name}"
            self._add(self._options, f"--glob=!/{_SPECIAL.sub(_ESCAPED, path)}")
            self._exclusions += 1

    def _add(self, arguments: list[str], argument: str) -> None:
        arguments.append(argument)
        self._bytes += len(os.fsencode(argument)) + BYTES_OF_A_POINTER
