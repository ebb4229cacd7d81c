"""What a person does at a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jido_server import __version__
from jido_server.project import openat2
from tests.support.wire import Wire, environment, server

pytestmark = pytest.mark.process


def run(tmp_path: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jido_server", *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=environment(tmp_path) | {"COLUMNS": "200"} | more,
    )


def test_the_version_is_told(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").stdout == f"jido-server {__version__}\n"


def test_help_names_every_command(tmp_path: Path) -> None:
    told = run(tmp_path, "--help").stdout
    for command in ("try", "doctor", "sessions", "schema", "--log-level", "--log-file"):
        assert command in told


def test_a_wrong_word_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "tyr")
    assert done.returncode == 2
    assert "tyr" in done.stderr


def test_try_shows_a_server_at_work(tmp_path: Path, project: Path) -> None:
    done = run(tmp_path, "try", str(project))
    assert done.returncode == 0, done.stdout + done.stderr
    for said in (str(project), "README.md", "# A project", "is refused", "rolled back", "killed"):
        assert said in done.stdout
    assert "updates in" in done.stdout
    assert not (tmp_path / "state").exists()
    assert sorted(path.name for path in project.iterdir()) == ["README.md", "src"]


def test_try_does_with_a_folder_that_has_nothing_to_read(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(tmp_path, "try", str(empty)).returncode == 0
    (empty / "binary").write_bytes(b"\xff\xfe")
    done = run(tmp_path, "try", str(empty))
    assert done.returncode == 0
    assert "binary is not read" in done.stdout


def test_try_fails_on_what_is_no_folder(tmp_path: Path) -> None:
    done = run(tmp_path, "try", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "can't be a project" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


BROKEN = """
import sys
from jido_server.commands import try_
try_.STREAMED = "not what is told"
stream = try_.Trial._stream
async def lie(self, client, session):
    client.updates.append({"seq": 99, "update": {"kind": "streamChunk", "chunk": "lie"}})
    await stream(self, client, session)
try_.Trial._stream = lie
from jido_server import cli
cli.main(["try", sys.argv[1]])
"""


def test_try_fails_when_a_promise_is_broken(tmp_path: Path, project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKEN, str(project)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=environment(tmp_path),
    )
    assert done.returncode == 1
    assert "Not as it should be: a streamed message was changed" in done.stdout


def test_the_doctor_finds_every_promise_kept(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor")
    assert done.returncode == 0, done.stdout
    assert "seccomp" in done.stdout
    assert ("openat2 works" in done.stdout) == openat2.works()


SICK = """
from jido_server.commands import doctor
from jido_server.sandbox.doctor import Finding
async def examine():
    return [
        Finding("a", ok=False, sentence="A promise is broken.", promise=True),
        Finding("b", ok=False, sentence="It could be better.", promise=False),
    ]
doctor.examine = examine
doctor.openat2.works = lambda: False
raise SystemExit(doctor.doctor())
"""


def test_the_doctor_fails_where_a_promise_is_broken(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SICK],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env=environment(tmp_path),
    )
    assert done.returncode == 1
    assert "✗ A promise is broken." in done.stdout
    assert "! It could be better." in done.stdout
    assert "walked one component at a time" in done.stdout
    assert "1 of the promises" in done.stdout


@pytest.fixture
def stored(tmp_path: Path, project: Path) -> str:
    """The id of a session that is stored."""
    with server(tmp_path) as wire:
        wire.initialize()
        session = wire.open(project, name="A name")
        params = {"sessionId": session, "message": {"role": "user", "content": "Hello"}}
        wire.request("jido/state/appendMessage", params)
        assert wire.stop() == 0
    return session


def test_stored_sessions_are_listed(tmp_path: Path, stored: str) -> None:
    row = run(tmp_path, "sessions").stdout.splitlines()[1]
    assert stored[:8] in row
    assert "A name" in row
    assert row.split()[-1] == "closed"
    with server(tmp_path) as wire:
        wire.initialize()
        wire.request("jido/session/resume", {"sessionId": stored})
        assert run(tmp_path, "sessions", "list").stdout.split()[-1] == "open"
        refused = run(tmp_path, "sessions", "delete", stored)
        assert refused.returncode == 1
        assert f"process {wire.process.pid}" in refused.stderr
        wire.process.kill()
        wire.process.wait()
    assert "left open" in run(tmp_path, "sessions").stdout


def test_a_stored_session_is_shown_exported_and_deleted(tmp_path: Path, stored: str) -> None:
    shown = run(tmp_path, "sessions", "show", stored[:6]).stdout
    assert stored in shown
    assert "messageAppended" in shown
    assert "## User\n\nHello" in run(tmp_path, "sessions", "export", stored).stdout
    log = run(tmp_path, "sessions", "export", stored, "--format", "json").stdout
    assert [record["seq"] for record in json.loads(log)] == [1, 2, 3]
    assert "is deleted" in run(tmp_path, "sessions", "delete", stored).stdout
    assert run(tmp_path, "sessions").stdout == "Nothing is stored.\n"
    missing = run(tmp_path, "sessions", "show", stored)
    assert missing.returncode == 1
    assert "There is no session" in missing.stderr


@pytest.mark.parametrize("format_", ["json", "typescript", "lua", "markdown"])
def test_the_schema_is_printed(tmp_path: Path, format_: str) -> None:
    done = run(tmp_path, "schema", "--format", format_)
    assert done.returncode == 0
    assert "jido/session/open" in done.stdout


def test_a_log_file_is_written_instead_of_stderr(tmp_path: Path, project: Path) -> None:
    log = tmp_path / "jido.log"
    with server(tmp_path, "--log-file", str(log), "--log-level", "debug") as wire:
        wire.initialize()
        wire.open(project)
        said_to_client(wire)
        assert wire.stop() == 0
    assert f"is open on {project}" in log.read_text(encoding="utf-8")


def said_to_client(wire: Wire) -> None:
    assert any("is open on" in said["message"] and said["type"] == 3 for said in wire.logs)


def test_what_is_only_informative_is_kept_from_a_quiet_stderr(
    tmp_path: Path, project: Path
) -> None:
    with server(tmp_path, "--log-level", "warning", stderr=subprocess.PIPE) as wire:
        wire.initialize()
        wire.open(project)
        said_to_client(wire)
        assert wire.stop() == 0
        assert wire.process.stderr is not None
        assert wire.process.stderr.read() == b""
