"""What paths may look like on Windows; the text of a path is judged the same everywhere."""

from __future__ import annotations

import importlib

import pytest

from jido_server import errors as e
from jido_server.project.windows_names import WindowsRootNames, name_refusal

ROOT_NAMES = WindowsRootNames.of("C:\\Work\\Project", "c:\\alias")


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("src\\main.py", ["src", "main.py"]),
        ("src/main.py", ["src", "main.py"]),
        (".\\src\\.\\main.py", ["src", "main.py"]),
        ("src\\..\\x", ["src", "..", "x"]),
        ("src\\", ["src", "."]),
        (".", ["."]),
        ("C:\\Work\\Project", ["."]),
        ("C:\\Work\\Project\\Src", ["Src"]),
        ("c:/WORK/project/Src", ["Src"]),
        ("C:\\alias\\Src", ["Src"]),
        ("\\\\?\\C:\\Work\\Project\\Src", ["Src"]),
        ("%2e%2e\\x", ["%2e%2e", "x"]),
        ("console.txt", ["console.txt"]),
        ("com10", ["com10"]),
        (".gitignore", [".gitignore"]),
        ("PROGRA~1", ["PROGRA~1"]),
        ("naïve — ü.txt", ["naïve — ü.txt"]),
    ],
)
def test_a_path_inside_is_taken_apart(path: str, parts: list[str]) -> None:
    assert ROOT_NAMES.relative(path) == parts


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("..", e.PathEscapesBoundary),
        ("..\\x", e.PathEscapesBoundary),
        ("src\\..\\..\\Project\\x", e.PathEscapesBoundary),
        ("C:\\", e.PathOutsideBoundary),
        ("C:\\Windows\\x", e.PathOutsideBoundary),
        ("C:\\Work\\Project2", e.PathOutsideBoundary),
        ("C:\\Work\\Project\\..\\x", e.PathOutsideBoundary),
        ("D:\\Work\\Project\\x", e.PathOutsideBoundary),
        ("\\\\?\\D:\\x", e.PathOutsideBoundary),
    ],
)
def test_a_path_that_leads_out_is_refused_by_its_kind(path: str, error: type[e.PathError]) -> None:
    with pytest.raises(e.PathError) as caught:
        ROOT_NAMES.relative(path)
    assert type(caught.value) is error
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "it is empty"),
        ("x\0", "it holds a NUL"),
        ("\ud800", "it is not valid Unicode"),
        ("\\\\host\\share\\x", "it names another machine or a device"),
        ("//host/share/x", "it names another machine or a device"),
        ("/\\host\\share", "it names another machine or a device"),
        ("\\\\.\\PhysicalDrive0", "it names another machine or a device"),
        ("\\\\?\\UNC\\host\\share", "it names another machine or a device"),
        ("\\\\?\\GLOBALROOT\\Device\\x", "it names another machine or a device"),
        ("\\\\?\\\\\\?\\C:\\x", "it names another machine or a device"),
        ("\\x", "it starts at the root of some drive"),
        ("/x", "it starts at the root of some drive"),
        ("C:x", "it is relative to a drive"),
        ("C:", "it is relative to a drive"),
        ("C:..\\x", "it is relative to a drive"),
        ("x:y", "it is relative to a drive"),
        ("file.txt:stream", "it names an alternate stream"),
        ("file.txt::$DATA", "it names an alternate stream"),
        ("src:x\\main.py", "it names an alternate stream"),
        ("C:\\Work\\Project\\x:y", "it names an alternate stream"),
        ("src.\\x", "a name ends in a dot or a space, which Windows would drop"),
        ("x ", "a name ends in a dot or a space, which Windows would drop"),
        (".. \\x", "a name ends in a dot or a space, which Windows would drop"),
        ("...\\x", "a name ends in a dot or a space, which Windows would drop"),
        ("CON", "it names a device"),
        ("src\\nul", "it names a device"),
        ("nul.txt", "it names a device"),
        ("Nul .tar.gz", "it names a device"),
        ("COM1", "it names a device"),
        ("lpt\u00b9.x", "it names a device"),
        ("conout$", "it names a device"),
        ("C:\\Work\\Project\\aux\\x", "it names a device"),
        ("a*b", "it holds a character that no name has"),
        ("a?b", "it holds a character that no name has"),
        ("a|b", "it holds a character that no name has"),
        ("<x>", "it holds a character that no name has"),
        ("a\tb", "it holds a character that no name has"),
        ('"x"', "it holds a character that no name has"),
    ],
)
def test_a_path_that_means_more_than_it_seems_is_refused(path: str, reason: str) -> None:
    with pytest.raises(e.InvalidPath) as caught:
        ROOT_NAMES.relative(path)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("text", "absolute", "parts"),
    [
        ("..\\x", False, None),
        ("C:\\Work\\Project\\x", True, ["x"]),
        ("\\\\?\\C:\\Work\\Project\\x", True, ["x"]),
        ("C:\\Windows", True, None),
        ("C:x", True, None),
        ("\\x", True, None),
        ("\\\\host\\share", True, None),
    ],
)
def test_the_text_of_a_link_is_judged_like_a_path(
    text: str, *, absolute: bool, parts: list[str] | None
) -> None:
    assert ROOT_NAMES.is_absolute(text) is absolute
    if absolute:
        assert ROOT_NAMES.inside(text) == parts


def test_what_runs_on_windows_alone_can_be_imported_anywhere() -> None:
    assert importlib.import_module("jido_server.project.windows").__doc__


def test_an_ordinary_name_is_not_refused() -> None:
    assert name_refusal("main.py") is None
