"""The data folder: who owns it, who may enter, one user at a time, room on the disk."""

import fcntl
import grp
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from incubator.config import SYSTEM_DATA
from incubator.embedded.errors import AlreadyRunning, EmbeddedError, plain_errors

USER = "incubator"
LOCK = "incubator.lock"
ROOM = 128 * 1024 * 1024  # bytes that must be free before a start: two clusters write 16 MB segments
_SCRATCH = "incubator-scratch-"
_SCRATCH_KEPT = 3600  # seconds: an unlocked scratch folder older than this was left by a killed run


@dataclass(frozen=True)
class Account:
    """The unprivileged system user that the servers run as when root starts them."""

    uid: int
    gid: int


def account(name: str = USER) -> Account | None:
    """The user for the servers: `incubator` (made when absent) for root, otherwise None: ourselves."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return _known(name)
    _make_user(name)
    return _known(name)


def _known(name: str) -> Account:
    found = pwd.getpwnam(name)
    return Account(found.pw_uid, found.pw_gid)


def _make_user(name: str) -> None:
    nowhere = ("/nonexistent", "/usr/sbin/nologin")
    ways = (
        ["useradd", "--system", "--user-group", "--no-create-home", "-d", nowhere[0], "-s", nowhere[1], name],
        ["adduser", "-S", "-D", "-H", "-h", nowhere[0], "-s", nowhere[1], name],
    )
    for way in ways:
        if shutil.which(way[0]) and subprocess.run(way, capture_output=True, check=False).returncode == 0:
            return
    raise EmbeddedError(
        f"PostgreSQL refuses to run as root and the system user {name} could not be made: "
        f"make it by hand (useradd --system {name}), or start as another user than root."
    )


class Home:
    """The data folder, held by this process alone until `release()`."""

    def __init__(self, folder: Path, servers_user: Account | None) -> None:
        self.folder = folder.absolute()
        self.account = servers_user
        with plain_errors(self.folder):
            self.folder = self.folder.resolve()
            self._make()
            self._lock = self._take()
        try:
            with plain_errors(self.folder):
                self._protect()
                self._check_room()
        except EmbeddedError:
            self.release()
            raise

    def subfolder(self, name: str, mode: int = 0o700) -> Path:
        """A folder of the servers' user inside the data folder."""
        path = self.folder / name
        with plain_errors(self.folder):
            path.mkdir(exist_ok=True)
            path.chmod(mode)
            self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Make `path` the servers' user's own."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def release(self) -> None:
        """Let another process have the folder."""
        self._lock.close()

    def _make(self) -> None:
        missing = [path for path in (self.folder, *self.folder.parents) if not path.exists()]
        if self.account:
            _check_reachable([path for path in self.folder.parents if path not in missing], self.account)
        for path in reversed(missing):
            path.mkdir(mode=0o700)
            if path != self.folder and self.account:
                path.chmod(0o711)  # made by us just now: the servers' user has to pass through
        if not missing and any(self.folder.iterdir()) and not (self.folder / LOCK).exists():
            raise EmbeddedError(
                f"The folder {self.folder} holds something else: let INCUBATOR_HOME name an empty or a new one."
            )

    def _take(self) -> IO[str]:
        handle = (self.folder / LOCK).open("a+", encoding="ascii")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder = handle.read().strip()
            handle.close()
            raise AlreadyRunning(self.folder, holder) from error
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        return handle

    def _protect(self) -> None:
        (self.folder / LOCK).chmod(0o600)
        if self.account:
            os.chown(self.folder, 0, self.account.gid)
        self.folder.chmod(0o750 if self.account else 0o700)

    def _check_room(self) -> None:
        disk = os.statvfs(self.folder)
        free = disk.f_bavail * disk.f_frsize
        if free < ROOM:
            raise EmbeddedError(
                f"The disk that holds {self.folder} is full: {free >> 20} MB are left, {ROOM >> 20} MB are needed."
            )


def _check_reachable(folders: list[Path], user: Account) -> None:
    """Say which folder above stops the servers' user; never open it for them."""
    groups = {user.gid, *(g.gr_gid for g in grp.getgrall() if USER in g.gr_mem)}
    for above in reversed(folders):
        found = above.stat()
        may_enter = {found.st_uid == user.uid: stat.S_IXUSR, found.st_gid in groups: stat.S_IXGRP}.get(
            True, stat.S_IXOTH
        )
        if not found.st_mode & may_enter:
            raise EmbeddedError(
                f"PostgreSQL runs as the user {USER}, who may not enter {above}: "
                f"let INCUBATOR_HOME name a folder that all may reach, such as {SYSTEM_DATA / 'data'}."
            )


@contextmanager
def scratch_home() -> Iterator[Path]:
    """A new data folder for a test run; it is removed at the end."""
    base = SYSTEM_DATA if os.geteuid() == 0 else Path(tempfile.gettempdir())
    if not base.exists():
        base.mkdir()
        base.chmod(0o711)
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(base: Path) -> None:
    for folder in base.glob(_SCRATCH + "*"):
        with suppress(OSError):
            old = time.time() - folder.stat().st_mtime > _SCRATCH_KEPT
            if old and folder.stat().st_uid == os.geteuid() and not _is_held(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_held(folder: Path) -> bool:
    try:
        with (folder / LOCK).open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
