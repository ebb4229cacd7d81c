"""Edits found in a text, and the diff of them, held against git."""

from __future__ import annotations

import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from jido_server.tools.diff import unified_diff
from jido_server.tools.replacement import Edit, apply_edits, find_edits

TEXTS = st.lists(st.sampled_from(["a", "b", "ab", "", " x", "\n", "\r\n"]), max_size=60).map(
    "".join
)
PIECES = st.lists(st.sampled_from(["a", "b", "\n", "\r\n", "x"]), max_size=5).map("".join)


def plain(text: str) -> str:
    return text.replace("\r\n", "\n")


@given(TEXTS, PIECES.filter(bool), PIECES)
def test_every_place_is_replaced_and_nothing_else(text: str, old: str, new: str) -> None:
    edits = find_edits(text, old, new)
    assert plain(apply_edits(text, edits)) == plain(text).replace(plain(old), plain(new))
    for edit in edits:
        assert plain(text[edit.begin : edit.end]) == plain(old)
    untouched = [(0, 0), *((edit.begin, edit.end) for edit in edits), (len(text), len(text))]
    kept = "".join(text[a:b] for (_, a), (b, _) in pairwise(untouched))
    assert apply_edits(text, [Edit(edit.begin, edit.end, "") for edit in edits]) == kept


@given(TEXTS, PIECES)
def test_line_ends_of_one_kind_stay_of_one_kind(text: str, new: str) -> None:
    for end in ("\n", "\r\n"):
        uniform = plain(text).replace("\n", end) + end
        changed = apply_edits(uniform, find_edits(uniform, "a", new))
        assert changed.count("\n") - changed.count("\r\n") == (
            0 if end == "\r\n" else changed.count("\n")
        )


@settings(max_examples=60)
@given(TEXTS, PIECES.filter(bool), PIECES)
def test_git_applies_the_diff(text: str, old: str, new: str) -> None:
    edits = find_edits(text, old, new)
    changed = apply_edits(text, edits)
    diff = unified_diff("file", text, edits)
    assert bool(diff) == (text != changed)
    if not diff or not changed:  # git takes a diff to nothing for a deletion
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        file.write_bytes(text.encode())
        command = ["git", "apply", "--whitespace=nowarn", "--unidiff-zero", "-"]
        subprocess.run(command, input=diff.encode(), cwd=folder, check=True)
        assert file.read_bytes() == changed.encode()


def test_changes_that_are_far_apart_are_told_apart() -> None:
    text = "".join(f"{number}\n" for number in range(1, 31))
    diff = unified_diff("f", text, find_edits(text, "9\n", "nine\nand\n"))
    assert diff == (
        "--- a/f\n+++ b/f\n"
        "@@ -6,7 +6,8 @@\n 6\n 7\n 8\n-9\n+nine\n+and\n 10\n 11\n 12\n"
        "@@ -16,7 +17,8 @@\n 16\n 17\n 18\n-19\n+1nine\n+and\n 20\n 21\n 22\n"
        "@@ -26,5 +28,6 @@\n 26\n 27\n 28\n-29\n+2nine\n+and\n 30\n"
    )


def test_a_missing_end_of_the_last_line_is_told() -> None:
    assert unified_diff("f", "a\nb", [Edit(2, 3, "c")]) == (
        "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n"
        "+c\n\\ No newline at end of file\n"
    )
    assert unified_diff("f", "a", [Edit(0, 1, "")]) == (
        "--- a/f\n+++ b/f\n@@ -1,1 +0,0 @@\n-a\n\\ No newline at end of file\n"
    )


def diff_of(text: str, *edits: Edit) -> str:
    _, _, hunks = unified_diff("f", text, list(edits)).partition("+++ b/f\n")
    return hunks


def test_lines_that_are_joined_or_gone_are_told_whole() -> None:
    assert diff_of("a\nb\nc\n", Edit(1, 2, "")) == "@@ -1,3 +1,2 @@\n-a\n-b\n+ab\n c\n"
    assert diff_of("a\nb\nc\n", Edit(2, 4, "")) == "@@ -1,3 +1,2 @@\n a\n-b\n c\n"
    assert diff_of("a\nb\nc\n", Edit(0, 2, ""), Edit(2, 4, "")) == "@@ -1,3 +1,1 @@\n-a\n-b\n c\n"
    assert diff_of("a\nb\n", Edit(1, 3, "")) == "@@ -1,2 +1,1 @@\n a\n-b\n"
    assert diff_of("a\nb\n", Edit(0, 1, "x"), Edit(1, 2, "")) == "@@ -1,2 +1,1 @@\n-a\n-b\n+xb\n"


def test_lines_that_stay_are_not_told_as_changed() -> None:
    assert diff_of("a\nb\nc\n", Edit(0, 5, "a\nB\nc")) == "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
    assert unified_diff("f", "a\n", [Edit(0, 1, "a")]) == ""
