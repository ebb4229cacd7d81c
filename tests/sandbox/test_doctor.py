from __future__ import annotations

import sys

import pytest

from jido_server.sandbox import launcher
from jido_server.sandbox.doctor import examine
from tests.sandbox.conftest import boot_after


async def test_all_is_well_on_this_machine() -> None:
    findings = await examine()
    assert [finding.name for finding in findings] == [
        "roll-back",
        "kill",
        "seccomp",
        "landlock",
        "lock-down",
    ]
    assert all(finding.ok for finding in findings)
    assert all(finding.sentence.endswith(".") for finding in findings)


async def test_without_fork_promises_are_broken() -> None:
    findings = await examine(forks=False)
    assert [finding.ok for finding in findings] == [False] * 5
    assert [finding.promise for finding in findings] == [True, True, False, False, True]


async def test_without_python_nothing_can_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    (finding,) = await examine()
    assert (finding.ok, finding.promise) == (False, True)
    assert "not known" in finding.sentence


async def test_a_process_that_is_free_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = "from jido_server.sandbox import lockdown\nlockdown.lock_down = lambda _: ['limits']"
    monkeypatch.setattr(launcher, "BOOT", boot_after(free))
    findings = {finding.name: finding for finding in await examine()}
    assert findings["roll-back"].ok
    assert not findings["seccomp"].ok
    assert not findings["lock-down"].ok
    assert "open, " in findings["lock-down"].sentence
    assert "local socket" in findings["lock-down"].sentence


async def test_a_probe_that_dies_is_no_good_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = "if sys.argv[1] == 'probe': raise SystemExit"
    monkeypatch.setattr(launcher, "BOOT", boot_after(dead))
    findings = {finding.name: finding for finding in await examine()}
    assert "unknown" in findings["lock-down"].sentence
