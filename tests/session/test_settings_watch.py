"""Settings are noticed when they change on disk, whatever is done to them."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jido_server.model import Settings
from jido_server.session import settings_watch
from jido_server.session.session import Session
from jido_server.session.sessions import Sessions
from jido_server.session.settings_watch import SettingsWatch
from tests.session.full_disk import FullDisk, until


@pytest.fixture
async def watch(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SettingsWatch]:
    monkeypatch.setattr(settings_watch, "LOOK_SECONDS", 0.005)
    watch = SettingsWatch(sessions)
    yield watch
    await watch.close()


def write(session: Session, settings: Any) -> None:
    """Replace a project's settings as an editor does."""
    path = Path(session.project_settings.path)
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(settings))
    fresh.replace(path)


def holds(session: Session, settings: Settings) -> bool:
    return session.settings == settings


async def test_a_session_that_can_not_be_stored_does_not_end_the_watch_for_others(
    two: tuple[Session, Session], storage: FullDisk, watch: SettingsWatch
) -> None:
    hurt, well = two
    storage.full.add(hurt.id)
    watch.refresh()
    write(hurt, {"model": "unstored"})
    write(well, {"model": "first"})
    await until(lambda: well.settings == {"model": "first"})
    write(well, {"model": "second"})
    await until(lambda: well.settings == {"model": "second"})
    assert hurt.settings == {}
    storage.full.clear()
    await until(lambda: hurt.settings == {"model": "unstored"})


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
async def test_no_name_beside_the_settings_disturbs_the_watch(
    two: tuple[Session, Session], watch: SettingsWatch
) -> None:
    hurt, well = two
    write(hurt, {})
    watch.refresh()
    write(well, {"model": "first"})
    await until(lambda: well.settings == {"model": "first"})
    Path(hurt.project_settings.directory, os.fsdecode(b"\xff")).touch()
    write(well, {"model": "second"})
    await until(lambda: well.settings == {"model": "second"})
    write(hurt, {"model": "seen"})
    await until(lambda: hurt.settings == {"model": "seen"})


@pytest.mark.skipif(os.name != "posix", reason="Windows has no FIFOs")
async def test_settings_are_watched_whatever_takes_their_place(
    two: tuple[Session, Session], watch: SettingsWatch, tmp_path: Path
) -> None:
    session, _ = two
    path = Path(session.project_settings.path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "settings.json").write_text('{"model": "stolen"}')

    def fifo() -> None:
        os.mkfifo(path)

    def link() -> None:
        path.symlink_to(outside / "settings.json")

    def folder() -> None:
        path.mkdir()

    def link_in_place_of_the_folder() -> None:
        path.parent.rmdir()
        path.parent.symlink_to(outside)

    watch.refresh()
    for number, put in enumerate((fifo, link, folder, link_in_place_of_the_folder)):
        write(session, {"number": number})
        await until(partial(holds, session, {"number": number}))
        path.unlink()
        put()
        await until(partial(holds, session, {}))
        if path.is_dir():
            path.rmdir()
        elif put is not link_in_place_of_the_folder:
            path.unlink()
    (outside / "settings.json").write_text('{"model": "stolen again"}')
    path.parent.unlink()
    write(session, {"model": "own"})
    await until(lambda: session.settings == {"model": "own"})
