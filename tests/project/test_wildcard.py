"""Wildcards: what they fit, and in how few steps."""

from __future__ import annotations

import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jido_server.project.braces import TooMany, without_braces
from jido_server.project.path_pattern import PathPattern
from jido_server.project.wildcard import STAR, Part, name_test, parts_of

NAMES = st.text("ab", max_size=12)
SIGNS = st.lists(st.sampled_from("ab?*"), max_size=12).map("".join)


class Counting:
    """Tests for characters or names that count how often they are asked."""

    def __init__(self) -> None:
        self.calls = 0

    def fits(self, sign: str, item: str) -> bool:
        self.calls += 1
        return sign in {"?", item}

    def part(self, signs: str) -> Part:
        return [STAR if sign == "*" else partial(self.fits, sign) for sign in signs]


def by_backtracking(signs: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(sign, sign) for sign in signs), re.DOTALL)


@given(signs=SIGNS, name=NAMES)
def test_a_name_is_matched_rightly_in_no_more_steps_than_pattern_times_name(
    signs: str, name: str
) -> None:
    expected = by_backtracking(signs).fullmatch(name) is not None
    counting = Counting()
    assert name_test(counting.part(signs))(name) is expected
    assert counting.calls <= (len(signs) + 1) * (len(name) + 1)
    (part,) = parts_of(signs) or [[]]
    assert name_test(part)(name) is expected


@given(signs=st.lists(st.sampled_from(["a", "b", "**"]), min_size=1, max_size=9), path=NAMES)
def test_a_path_is_matched_as_a_name_is(signs: list[str], path: str) -> None:
    if not path:
        return
    beneath = signs[-1] == "**"  # all that is in a folder, but not the folder
    one_letter_each = "".join("*" if sign == "**" else sign for sign in signs)
    pattern = PathPattern.of(parts_of("/".join(signs)) or [])
    expected = by_backtracking(one_letter_each + "?" * beneath).fullmatch(path) is not None
    assert pattern.fits("/".join(path)) is expected


@pytest.mark.parametrize("pattern", ["*a" * 500 + "b", "?*a" * 300 + "b", "*[ab]" * 200 + "c"])
def test_a_hostile_name_takes_few_steps(pattern: str) -> None:
    (part,) = parts_of(pattern) or [[]]
    counting = Counting()
    counted: Part = [
        token if token is STAR else partial(counting.fits, str(token)) for token in part
    ]
    assert not name_test(counted)("a" * 255)
    assert counting.calls <= len(pattern) * 256


def test_a_hostile_path_takes_few_steps() -> None:
    counting = Counting()
    one: Part = counting.part("a")
    folders: Part = [STAR, STAR]
    pattern = PathPattern.of([*[folders, one] * 100, counting.part("b")])
    assert not pattern.fits("/".join("a" * 60))
    assert counting.calls <= 200 * 61


@pytest.mark.parametrize("pattern", ["[", "[!", "[^", "[a", "[]", "[!]", "a\\", "[[:x:]]", "[a-"])
def test_what_is_malformed_fits_nothing(pattern: str) -> None:
    assert parts_of(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a", "a"),
        ("", ""),
        ("{a}", "{a}"),
        ("{a,b}c", "ac bc"),
        ("{a,{b,c}d}", "a bd cd"),
        ("{a,b}{c,d}", "ac ad bc bd"),
        ("{,x}y", "y xy"),
        ("{{a,b}}", "{a} {b}"),
        ("{a,b", "{a,b"),
        ("a,b}", "a,b}"),
        ("{x{a,b}", "{xa {xb"),
        (r"\{a,b}", r"\{a,b}"),
        (r"{a\,b,c}", r"a\,b c"),
        ("{1..3}", "1 2 3"),
        ("{3..1}", "3 2 1"),
        ("{-1..1}", "-1 0 1"),
        ("{08..10}", "08 09 10"),
        ("{a..c}", "a b c"),
        ("{1..}", "{1..}"),
        ("{a,a}", "a"),
    ],
)
def test_braces_stand_for_several_patterns(pattern: str, expected: str) -> None:
    assert without_braces(pattern, 10) == expected.split(" ")


@pytest.mark.parametrize(
    "pattern", ["{1..11}", "{a,b}" * 200, "{a,{" * 200 + "}" * 400, "{,,,,,,,,,,}"]
)
def test_braces_that_stand_for_too_many_are_refused(pattern: str) -> None:
    with pytest.raises(TooMany):
        without_braces(pattern, 10)


@given(st.text("{},.a1\\", max_size=60))
def test_any_braces_end(pattern: str) -> None:
    try:
        found = without_braces(pattern, 100)
    except TooMany:
        return
    assert 1 <= len(found) <= 100
