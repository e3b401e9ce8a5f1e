"""The data folder: its user, its room, and what a machine may say instead."""

import errno
import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from incubator import embedded
from incubator.embedded import EmbeddedError, programs
from incubator.embedded.errors import plain_errors
from incubator.embedded.places import LOCK, Home, account

NOBODY = 65_534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do this")


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[None]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"may not mount here: {mounted.stderr}")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_what_the_operating_system_says_becomes_one_line(number: int, words: str) -> None:
    with pytest.raises(EmbeddedError) as caught, plain_errors(Path("/data")):
        raise OSError(number, os.strerror(number))
    assert str(caught.value) == f"The data folder /data cannot be used: {words}."


@as_root
def test_a_full_disk_is_one_line(home: Path) -> None:
    with small_disk(home, "size=100m,mode=755"), pytest.raises(EmbeddedError) as caught:
        embedded.start(home)
    assert str(caught.value) == f"The disk that holds {home} is full: 99 MB are left, 128 MB are needed."


@as_root
def test_a_read_only_disk_is_one_line(home: Path) -> None:
    with small_disk(home, "ro,mode=755"), pytest.raises(EmbeddedError) as caught:
        embedded.start(home / "data")
    assert str(caught.value) == f"The data folder {home / 'data'} cannot be used: the file system is read-only."


def test_a_file_in_place_of_the_folder_is_one_line(home: Path) -> None:
    home.chmod(0o711)
    (home / "data").touch()
    with pytest.raises(EmbeddedError) as caught:
        embedded.start(home / "data")
    assert str(caught.value) == (f"The data folder {home / 'data'} cannot be used: a part of the path is not a folder.")


@as_root
def test_a_folder_the_servers_may_not_reach_is_named_and_stays_closed(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    home.chmod(0o711)
    with pytest.raises(EmbeddedError) as caught:
        embedded.start(closed / "data")
    assert str(caught.value) == (
        f"PostgreSQL runs as the user incubator, who may not enter {closed}: "
        "let INCUBATOR_HOME name a folder that all may reach, such as /var/lib/incubator/data."
    )
    assert (stat.filemode(closed.stat().st_mode), list(closed.iterdir())) == ("drwx------", [])


@as_root
def test_folders_that_we_make_let_the_servers_pass_whatever_the_umask(home: Path) -> None:
    home.chmod(0o711)
    before = os.umask(0o077)
    try:
        with embedded.start(home / "a" / "b", sandbox=False, fast=True) as servers:
            found = [stat.filemode(path.stat().st_mode) for path in (servers.home.parent, servers.home)]
    finally:
        os.umask(before)
    assert found == ["drwx--x--x", "drwxr-x---"]


@as_root
def test_root_runs_the_servers_as_another_user(home: Path) -> None:
    with embedded.start(home, fast=True) as servers:
        owners = {Path(f"/proc/{one.child.pid}").stat().st_uid for one in servers.running if one.child}
        copied = {path.relative_to(home).parts[0] for path in home.glob("*/*/*/*/bin/postgres")}
    assert (owners, copied) == ({pwd.getpwnam("incubator").pw_uid}, {"programs"})


@as_root
def test_the_servers_user_is_made_when_there_is_none() -> None:
    name = f"incubator-{os.getpid()}"
    try:
        made = account(name)
        assert made is not None
        found = pwd.getpwnam(name)
        assert (found.pw_uid, found.pw_gid, found.pw_dir) == (made.uid, made.gid, "/nonexistent")
    finally:
        subprocess.run(["userdel", name], check=True)


@as_root
def test_a_user_that_cannot_be_made_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EmbeddedError) as caught:
        account("nobody-of-that-name")
    assert str(caught.value) == (
        "PostgreSQL refuses to run as root and the system user nobody-of-that-name could not be made: "
        "make it by hand (useradd --system nobody-of-that-name), or start as another user than root."
    )


def test_anybody_else_runs_the_programs_of_the_wheels(home: Path) -> None:
    held = Home(home, None)
    found = programs.find(held)
    held.release()
    assert "site-packages" in found.postgres.parts
    assert [path.exists() for path in (found.postgres / "initdb", found.valkey)] == [True, True]
    assert not (home / "programs").exists()


STARTED_TWICE = """
import json, os, sys
from pathlib import Path
import psycopg, redis
from incubator import embedded

def start(home, turn, **how):
    with embedded.start(home, **how) as servers:
        with psycopg.connect(servers.database_url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (turn int)")
            connection.execute("INSERT INTO kept VALUES (%s)", [turn])
            rows = connection.execute("SELECT count(*) FROM kept").fetchone()[0]
        with psycopg.connect(servers.sandbox_database_url) as connection:
            rows += connection.execute("SELECT count(*) FROM pg_roles WHERE rolsuper").fetchone()[0] > 0
        with redis.Redis.from_url(servers.redis_url) as client:
            turns = client.incr("turns")
        owners = sorted({Path(f"/proc/{one.child.pid}").stat().st_uid for one in servers.running})
    return rows, turns, owners, [one.has_ended() for one in servers.running]

home, user = Path(sys.argv[1]), int(sys.argv[2])
start(home / "of-root", 0, fast=True)  # loads what Python loads late: the home of root, where it may lie, closes now
os.setgroups([])
os.setresgid(user, user, user)
os.setresuid(user, user, user)
print(json.dumps([start(home / "own" / "data", turn) for turn in range(2)]))
"""


@as_root
def test_an_unprivileged_user_starts_stops_and_starts_again(home: Path, checkout: Path) -> None:
    """As root the gate tries what it is for everybody else in the whole of the run."""
    home.chmod(0o711)
    own = home / "own"
    own.mkdir(mode=0o700)
    os.chown(own, NOBODY, NOBODY)
    command = [sys.executable, "-c", STARTED_TWICE, str(home), str(NOBODY)]
    environ = {"HOME": str(home), "PATH": os.defpath}
    done = subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[2, 1, [NOBODY], [True] * 3], [3, 2, [NOBODY], [True] * 3]]
    assert {path.stat().st_uid for path in own.rglob("*")} == {NOBODY}
    assert (stat.filemode(own.stat().st_mode), (own / "data" / "programs").exists()) == ("drwx------", False)


def test_scratch_folders_of_killed_runs_are_swept_but_not_those_in_use(home: Path) -> None:
    held, left, fresh = (home.with_name(f"{home.name}-{word}") for word in ("held", "left", "fresh"))
    for folder in (held, left, fresh):
        folder.mkdir()
    holding = Home(held, None)
    (left / LOCK).touch()
    for folder in (held, left):
        os.utime(folder, (time.time() - 7200,) * 2)
    with embedded.scratch_home():
        remaining = [folder.exists() for folder in (held, left, fresh)]
    holding.release()
    for folder in (held, fresh):
        shutil.rmtree(folder)
    assert remaining == [True, False, True]
