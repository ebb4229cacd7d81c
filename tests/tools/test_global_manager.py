"""The deprecated global manager, and the managers of roots without a session."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import pytest

from jido_server.errors import InvalidProjectPath
from jido_server.tools import roots as roots_module
from jido_server.tools.global_manager import GlobalManager, Workspace
from jido_server.tools.roots import Roots
from tests.support.surroundings import Told


@pytest.fixture
async def roots(told: Told) -> Roots:
    return Roots(told.around)


def global_manager(
    roots: Roots, root: Path | str | None, *, is_silent: bool = False
) -> GlobalManager:
    said = Workspace(None if root is None else str(root), is_silent)
    return GlobalManager(roots.manager, lambda: said)


async def test_its_root_is_the_workspaces_folder(roots: Roots, project: Path) -> None:
    manager = global_manager(roots, project, is_silent=True)
    assert manager.get("m").project_root == str(project)
    assert manager.get("n") is manager.get("m")


@pytest.mark.parametrize("root", [None, "gone", "relative"])
async def test_without_such_a_folder_its_root_is_the_working_directory(
    roots: Roots, project: Path, root: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    given = str(project / "gone") if root == "gone" else root
    assert global_manager(roots, given, is_silent=True).get("m").project_root == str(project)


async def test_each_method_is_warned_of_once(
    roots: Roots, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manager = global_manager(roots, project)
    with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.WARNING):
        warnings.simplefilter("always")
        for method in ("first", "second", "first", "second"):
            manager.get(method)
    said = [
        f"{method} without sessionId is deprecated: open a session and give its id"
        for method in ("first", "second")
    ]
    assert [str(one.message) for one in warned] == said
    assert all(one.category is DeprecationWarning for one in warned)
    assert caplog.messages == said


async def test_who_asks_for_silence_hears_nothing(
    roots: Roots, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manager = global_manager(roots, project, is_silent=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        manager.get("m")
    assert caplog.messages == []


async def test_a_root_has_one_manager(roots: Roots, project: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project)
    manager = roots.at(str(project))
    assert roots.at(str(tmp_path / "link")) is manager
    assert manager.project_root == str(project)
    assert roots.at(str(project / "src")) is not manager


async def test_another_folder_in_the_same_place_has_another_manager(
    roots: Roots, project: Path
) -> None:
    manager = roots.at(str(project))
    project.rename(project.parent / "elsewhere")
    project.mkdir()
    (project / "new").write_text("new")
    assert roots.at(str(project)) is not manager
    assert (await roots.at(str(project)).read_file("new")).content == "new"


async def test_a_root_that_is_none_is_refused(roots: Roots, project: Path) -> None:
    for path in ("relative", str(project / "gone"), str(project / "hello.txt")):
        with pytest.raises(InvalidProjectPath):
            roots.at(path)


async def test_the_roots_asked_for_last_are_kept(
    roots: Roots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots_module, "MOST", 2)
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    first, second = (roots.at(str(tmp_path / name)) for name in ("a", "b"))
    assert roots.at(str(tmp_path / "a")) is first
    roots.at(str(tmp_path / "c"))
    assert roots.at(str(tmp_path / "a")) is first
    assert roots.at(str(tmp_path / "b")) is not second
    assert (await second.list_dir()).entries == []
