from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jido_server.sandbox.layers import LAYERS
from jido_server.sandbox.probe import ATTEMPTS
from jido_server.sandbox.sandbox import Sandbox
from jido_server.sandbox.session import LuaSession

pytestmark = pytest.mark.usefixtures("native_scripts")

TELL = """
frame = frames.DONE, b"A" + struct.pack("<I", len(found)) + b"".join(
    b"S" + struct.pack("<I", len(name)) + name.encode() for name in found
)
"""


async def found(session: LuaSession, code: str) -> list[str]:
    """Run native code in the locked down process of a session; return what it put in ``found``."""
    return (await session.run(f"#python\nfound = []\n{code}\n{TELL}")).values


async def test_all_layers_hold_here(session: LuaSession, sandbox: Sandbox) -> None:
    await session.run("")
    assert sandbox.layers == list(LAYERS) == ["limits", "no_new_privs", "landlock", "seccomp"]


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_native_code_is_refused(session: LuaSession, attempt: str) -> None:
    code = f"found = [name for name in probe.breaches() if name == {attempt!r}]"
    assert await found(session, code) == []


async def test_native_code_would_be_found_out() -> None:
    """The probe sees what is possible where nothing is locked down."""
    sandbox_free = ["open", "readlink", "access", "socket", "local-socket", "kill", "memfd"]
    assert set(sandbox_free) <= set(_breaches_in_a_free_process())


def _breaches_in_a_free_process() -> list[str]:
    script = "from jido_server.sandbox.probe import breaches; print(*breaches())"
    free = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return free.stdout.split()


MORE = {
    "list a folder": "os.listdir('/')",
    "stat": "os.stat('/')",
    "stat what is open": "os.fstat(channel)",
    "write over a program": "os.open('/proc/self/mem', os.O_RDWR)",
    "run": "os.posix_spawn('/bin/true', ['true'], {})",
    "a new session": "os.setsid()",
    "leave the group": "os.setpgid(0, 0)",
    "kill the group": "os.killpg(0, 0)",
    "kill the parent": "os.kill(os.getppid(), 0)",
    "signal a thread": "signal.pthread_kill(__import__('_thread').get_ident(), 0)",
    "a thread": "__import__('_thread').start_new_thread(print, ())",
    "shared memory": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "lift a limit": "resource.setrlimit(7, (1000, 1000))",
    "change identity": "os.setuid(0)",
    "name the machine": "os.uname()",
    "a socket pair": "socket.socketpair()",
    "pass a descriptor": "socket.send_fds(socket.socket(fileno=os.dup(channel)), [b'x'], [0])",
    "duplicate": "os.dup(0)",
    "change the time": "time.clock_settime(time.CLOCK_REALTIME, 0)",
    "priority": "os.nice(1)",
    "wait for others": "os.waitpid(-1, os.WNOHANG)",
}


@pytest.mark.parametrize("attempt", MORE)
async def test_native_code_can_do_no_more_than_it_needs(session: LuaSession, attempt: str) -> None:
    code = f"""
try:
    {MORE[attempt]}
    found = ["possible"]
except (PermissionError, RuntimeError, ValueError):
    found = ["refused"]
"""
    assert await found(session, code) == ["refused"]


async def test_native_code_finds_no_descriptors_but_its_own(session: LuaSession) -> None:
    """The null device three times, control, output, this script's socket, the dismissal."""
    code = """
for descriptor in range(100):
    try:
        os.write(descriptor, b"")
        found.append(str(descriptor))
    except OSError as error:
        if error.errno != errno.EBADF:
            found.append(str(descriptor))
"""
    assert len(await found(session, code)) == 7


async def test_native_code_cannot_make_its_memory_executable(session: LuaSession) -> None:
    code = """
libc = ctypes.CDLL(None, use_errno=True)
area = mmap.mmap(-1, 4096)
address = ctypes.addressof(ctypes.c_char.from_buffer(area))
found = [str(libc.mprotect(ctypes.c_void_p(address), 4096, 5)), errno.errorcode[ctypes.get_errno()]]
"""
    assert await found(session, code) == ["-1", "EPERM"]


async def test_a_fork_may_only_be_a_plain_one(session: LuaSession) -> None:
    number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    code = """
libc = ctypes.CDLL(None, use_errno=True)
SYS_clone, NEWUSER, VM, PARENT, KILL = {CLONE}, 0x10000000, 0x100, 0x8000, 9
for flags in (NEWUSER | 17, VM | 17, PARENT | 17, KILL):
    result = libc.syscall(SYS_clone, flags, 0, 0, 0, 0)
    found.append(f"{result} {errno.errorcode[ctypes.get_errno()]}")
"""
    assert await found(session, code.replace("{CLONE}", str(number))) == ["-1 EPERM"] * 4


async def test_memory_beyond_the_limits_is_refused(session: LuaSession) -> None:
    code = """
try:
    bytearray(1 << 30)
except MemoryError:
    found.append("refused")
"""
    assert await found(session, code) == ["refused"]
