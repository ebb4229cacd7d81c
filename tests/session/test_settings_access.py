"""Settings are changed in the order of what is done to the files of a project."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from jido_server.session.sessions import Sessions
from jido_server.session.settings import ProjectSettings
from jido_server.session.settings_access import SettingsAccess
from tests.session.full_disk import FullDisk


def set_number(number: int, settings: ProjectSettings) -> None:
    settings.set("number", number)


async def test_settings_are_set_behind_the_writes_that_were_sent_before(
    sessions: Sessions, project: Path
) -> None:
    (project / "inner").mkdir()
    above, here, beneath = (
        sessions.open(str(project)),
        sessions.open(str(project)),
        sessions.open(str(project / "inner")),
    )
    large = "x" * (2 << 20)
    for number in range(20):
        expected = {"sent": "first", "number": number}
        above.manager.write_file("large.txt", large)
        above.manager.write_file("jido_code/settings.json", '{"sent": "first"}')
        access = SettingsAccess.of_session(sessions, here.id)
        setting = access.change(partial(set_number, number))
        by_path = SettingsAccess.of_project(sessions, str(project)).read(lambda s: s.load())
        overwriting = above.manager.write_file("jido_code/settings.json", '{"sent": "last"}')
        assert (await setting).settings == expected
        assert (await by_path).local == expected
        await overwriting
        assert json.loads(Path(here.project_settings.path).read_text()) == {"sent": "last"}
        above.manager.write_file("large.txt", large)
        above.manager.write_file("inner/jido_code/settings.json", '{"sent": "first"}')
        access = SettingsAccess.of_session(sessions, beneath.id)
        assert (await access.change(lambda s: s.set("a", 1))).local == {"sent": "first", "a": 1}


async def test_what_a_neighbour_can_not_store_does_not_fail_a_change_of_settings(
    sessions: Sessions, storage: FullDisk, project: Path
) -> None:
    asking, hurt, well = (sessions.open(str(project)) for _ in range(3))
    storage.full.add(hurt.id)
    access = SettingsAccess.of_session(sessions, asking.id)
    loaded = await access.change(lambda settings: settings.set("model", "m"))
    assert loaded.settings == {"model": "m"}
    assert (asking.settings, hurt.settings, well.settings) == ({"model": "m"}, {}, {"model": "m"})
