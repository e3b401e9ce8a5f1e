"""Child processes that die with us, and finding those that a killed run left behind (Linux)."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from incubator.embedded.places import Account

_PR_SET_PDEATHSIG = 1


def die_with_parent(number: int) -> Callable[[], None]:
    """What a child runs before its program: the kernel sends it `number` when this process ends."""
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def tie() -> None:
        if sys.platform == "linux":
            libc.prctl(_PR_SET_PDEATHSIG, number)
            if os.getppid() != parent:  # it ended before the line above
                os._exit(1)

    return tie


def end_with_parent() -> None:
    """Have the kernel send us SIGTERM when our own parent ends (make, killed)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def spawn(
    command: list[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    log: Path,
    user: Account | None = None,
    farewell: int = signal.SIGTERM,
    text: str = "",
) -> subprocess.Popen[bytes]:
    """Start `command` in `folder`, in a session of its own (Ctrl-C reaches us alone), with `text` on its
    standard input and its output appended to `log`."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(env),
            stdin=subprocess.PIPE if text else subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent(farewell),  # noqa: PLW1509 - we start children from one thread only
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    if child.stdin:
        with suppress(BrokenPipeError), child.stdin:
            child.stdin.write(text.encode())
    return child


def run_as(
    command: list[str], *, folder: Path, env: Mapping[str, str], user: Account | None, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end as `user` and answer what it said."""
    return subprocess.run(
        command,
        cwd=folder,
        env=dict(env),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGKILL),
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )


def working_in(folder: Path, program: str) -> dict[int, str]:
    """Processes of `program` whose working folder is `folder`, with their command lines: safer than a
    number in a file, which may by now be another program's."""
    return {
        int(entry.name): _read(entry / "cmdline").decode(errors="replace").replace("\0", " ")
        for entry in _all()
        if _link(entry / "cwd") == str(folder) and Path(_link(entry / "exe").removesuffix(" (deleted)")).name == program
    }


def marked(name: str, value: str) -> list[int]:
    """Processes, but this one, that were started with this environment variable."""
    wanted = f"{name}={value}".encode()
    return [
        int(entry.name)
        for entry in _all()
        if int(entry.name) != os.getpid() and wanted in _read(entry / "environ").split(b"\0")
    ]


def stop(pids: Iterable[int], numbers: Iterable[int], patience: float) -> None:
    """Send each of `numbers` in turn, then SIGKILL, waiting `patience` seconds for all to end after each."""
    left = list(pids)
    for number in (*numbers, signal.SIGKILL):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        left = _wait(left, patience)
        if not left:
            return


def _wait(pids: list[int], patience: float) -> list[int]:
    until = time.monotonic() + patience
    while (left := [pid for pid in pids if _is_alive(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    return left


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def _all() -> list[Path]:
    return [entry for entry in Path("/proc").glob("[0-9]*") if entry.name.isdigit()]


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # ended meanwhile, or another user's
        return b""
