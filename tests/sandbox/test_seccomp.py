"""The filter as a program, run by a small interpreter: for machines that we are not on, too."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import pytest

from jido_server.sandbox import seccomp
from jido_server.sandbox.seccomp import program

ALLOW, REFUSE, UNKNOWN, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBERS = {
    "x86_64": {"read": 0, "mmap": 9, "mprotect": 10, "clone": 56, "clone3": 435},
    "aarch64": {"read": 63, "mmap": 222, "mprotect": 226, "clone": 220, "clone3": 435},
}
FORBIDDEN = {
    "x86_64": [
        2,
        4,
        32,
        41,
        42,
        57,
        58,
        59,
        62,
        101,
        109,
        112,
        157,
        161,
        257,
        272,
        310,
        319,
        322,
        425,
    ],
    "aarch64": [29, 56, 117, 129, 154, 157, 167, 198, 203, 221, 279, 281, 425],
}


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """Run the filter on one system call, as the kernel does."""
    given = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack(
        "<IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *(a % 2**64 for a in given)
    )
    instructions = list(struct.iter_unpack("=HBBI", program()))
    at, value = 0, 0
    while True:
        code, then, otherwise, operand = instructions[at]
        at += 1
        match code:
            case 0x20:
                (value,) = struct.unpack_from("<I", data, operand)
            case 0x54:
                value &= operand
            case 0x06:
                return int(operand)
            case 0x15 | 0x35 | 0x45:
                holds = {
                    0x15: value == operand,
                    0x35: value >= operand,
                    0x45: bool(value & operand),
                }[code]
                at += then if holds else otherwise
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


def on_a(machine: str) -> SimpleNamespace:
    """Return as much of ``os`` as is asked there."""
    return SimpleNamespace(uname=lambda: SimpleNamespace(machine=machine))


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name = str(request.param)
    monkeypatch.setattr(seccomp, "os", on_a(name))
    return name


def test_what_is_needed_is_allowed(machine: str) -> None:
    numbers = NUMBERS[machine]
    assert verdict(machine, numbers["read"]) == ALLOW
    assert verdict(machine, numbers["mmap"], 0, 4096, 3) == ALLOW
    assert verdict(machine, numbers["mprotect"], 0, 4096, 1) == ALLOW
    assert verdict(machine, numbers["clone"], 17) == ALLOW
    assert verdict(machine, numbers["clone"], 17 | 0x01200000) == ALLOW


def test_executable_memory_is_refused(machine: str) -> None:
    numbers = NUMBERS[machine]
    for protection in (4, 5, 7, 4 | 1 << 32):
        assert verdict(machine, numbers["mmap"], 0, 4096, protection) == REFUSE
        assert verdict(machine, numbers["mprotect"], 0, 4096, protection) == REFUSE


def test_all_but_plain_forks_are_refused(machine: str) -> None:
    numbers = NUMBERS[machine]
    for flags in (0, 9, 17 | 0x100, 17 | 0x10000, 17 | 0x8000, 17 | 0x10000000, 17 | 0x4000):
        assert verdict(machine, numbers["clone"], flags) == REFUSE
    assert verdict(machine, numbers["clone3"]) == UNKNOWN


def test_everything_else_is_refused(machine: str) -> None:
    for number in FORBIDDEN[machine]:
        assert verdict(machine, number) == REFUSE
    allowed = [number for number in range(600) if verdict(machine, number, 17) == ALLOW]
    assert len(allowed) == (28 if machine == "x86_64" else 27)


def test_another_interface_of_the_kernel_is_deadly(machine: str) -> None:
    assert verdict(machine, 0, architecture=0x40000003) == KILL
    assert verdict(machine, 0x40000000) == KILL


def test_another_machine_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "os", on_a("riscv64"))
    assert program() == b""
