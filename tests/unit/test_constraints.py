"""What limits say of the values at their edges."""

from __future__ import annotations

import pytest

from jido_server.protocol.constraints import Length, Range


@pytest.mark.parametrize("value", [1, 2, 3])
def test_both_ends_belong_to_a_range(value: int) -> None:
    assert Range(1, 3).problem(value) is None


@pytest.mark.parametrize("value", [0, 4, -1])
def test_beyond_its_ends_a_range_says_what_it_is(value: int) -> None:
    assert Range(1, 3).problem(value) == "expected 1 to 3"


def test_a_range_may_be_open_above() -> None:
    assert Range(1).problem(10**30) is None
    assert Range(1).problem(0) == "expected at least 1"


@pytest.mark.parametrize("value", ["ab", "abc", "ä€😀"])
def test_a_length_counts_characters_and_not_bytes(value: str) -> None:
    assert Length(2, 3).problem(value) is None


@pytest.mark.parametrize("value", ["", "a", "abcd"])
def test_a_text_of_another_length_is_told_the_length(value: str) -> None:
    assert Length(2, 3).problem(value) == "expected 2 to 3 characters"
