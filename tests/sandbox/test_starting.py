from __future__ import annotations

import asyncio
import importlib.util
import logging
import subprocess
import sys

import psutil
import pytest

from jido_server.errors import SandboxUnavailable
from jido_server.sandbox import launcher
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession
from tests.sandbox.conftest import boot_after
from tests.sandbox.folder_host import FolderHost


async def test_nothing_is_started_before_the_first_script(
    sandbox: Sandbox, host: FolderHost
) -> None:
    sandbox.session(host)
    assert psutil.Process().children() == []
    assert sandbox.layers == []


def test_the_server_does_not_import_lupa() -> None:
    code = "import sys, jido_server.sandbox.sandbox; print('lupa' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize("forks", [True, False])
@pytest.mark.parametrize(
    ("executable", "reason"), [("", "not known"), ("/no/such/python", "No such file")]
)
async def test_without_python_there_is_no_sandbox(
    host: FolderHost, monkeypatch: pytest.MonkeyPatch, executable: str, reason: str, forks: bool
) -> None:
    sandbox = Sandbox(forks=forks)
    session = sandbox.session(host)
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(SandboxUnavailable, match=reason):
        await session.run("return 1")
    monkeypatch.undo()
    assert (await session.run("return 1")).values == [1]
    await sandbox.close()


async def test_without_lupa_there_is_no_sandbox(
    session: LuaSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SandboxUnavailable, match="lupa is not installed"):
        await session.run("return 1")


@pytest.mark.parametrize("forks", [True, False])
async def test_a_child_that_does_not_start_says_why(
    host: FolderHost, monkeypatch: pytest.MonkeyPatch, forks: bool
) -> None:
    sandbox = Sandbox(forks=forks)
    monkeypatch.setattr(launcher, "BOOT", "raise ImportError('no such thing')")
    with pytest.raises(SandboxUnavailable, match="ImportError: no such thing"):
        await sandbox.session(host).run("return 1")
    await sandbox.close()
    assert psutil.Process().children() == []


async def test_a_child_that_ends_without_a_word_is_no_sandbox(
    session: LuaSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "BOOT", "")
    with pytest.raises(SandboxUnavailable, match="ended without an answer"):
        await session.run("return 1")


async def test_a_zygote_that_dies_at_once_is_no_sandbox(
    session: LuaSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot = "import os, sys; os.write(int(sys.argv[4]), b'Y\\0\\0\\0\\0')"
    monkeypatch.setattr(launcher, "BOOT", boot)
    with pytest.raises(SandboxUnavailable, match="died"):
        await session.run("return 1")


async def test_a_system_without_processes_is_no_sandbox(
    session: LuaSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import os, jido_server.sandbox.zygote as zygote\n"
        "def no_fork(): raise BlockingIOError\n"
        "zygote._try_lockdown = lambda _: b''\nos.fork = no_fork\n"
    )
    monkeypatch.setattr(launcher, "BOOT", boot_after(code))
    with pytest.raises(SandboxUnavailable, match="no more processes"):
        await session.run("return 1")


async def test_sessions_that_start_together_share_one_zygote(
    sandbox: Sandbox, host: FolderHost
) -> None:
    sessions = [sandbox.session(host) for _ in range(5)]
    await asyncio.gather(*(session.run("return 1") for session in sessions))
    assert len(psutil.Process().children()) == 1


def test_a_child_gets_little_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/python")
    assert launcher.environment() == {"TZ": "Asia/Tokyo", "LD_LIBRARY_PATH": "/opt/python"}
    monkeypatch.delenv("TZ")
    assert launcher.environment()["TZ"] == ":/etc/localtime"


async def test_missing_layers_are_logged(
    session: LuaSession, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    code = "from jido_server.sandbox import zygote\nzygote._try_lockdown = lambda _: b'limits'"
    monkeypatch.setattr(launcher, "BOOT", boot_after(code))
    with caplog.at_level(logging.WARNING):
        await session.run("return 1")
    assert "not locked down by no_new_privs, landlock, seccomp" in caplog.text
