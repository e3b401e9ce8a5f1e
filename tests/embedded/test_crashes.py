"""After kill -9 of any or all processes the next start finds the data."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
import redis

from incubator import embedded
from incubator.embedded import Servers
from incubator.embedded.addresses import Addresses
from incubator.embedded.processes import stop, working_in

STARTER = """
import pathlib, sys, time
from incubator import embedded
with embedded.start(pathlib.Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(600)
"""


@contextmanager
def another_process_that_runs_on(home: Path, checkout: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, home], cwd=checkout, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        try:
            assert starter.stdout.readline() == "ready\n"
            yield starter
        finally:
            starter.kill()


def write(addresses: Addresses | Servers) -> None:
    with psycopg.connect(addresses.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('kept')")
    with redis.Redis.from_url(addresses.redis_url) as client:
        client.set("kept", "kept")
        client.execute_command("WAITAOF", 1, 0, 5000)  # everysec: at most a second may be lost


def read(addresses: Addresses | Servers) -> tuple[object, object]:
    with psycopg.connect(addresses.database_url) as connection:
        rows = connection.execute("SELECT word FROM kept").fetchall()
    with redis.Redis.from_url(addresses.redis_url) as client:
        return rows, client.get("kept")


def left_running(home: Path) -> list[int]:
    programs = (("postgres", "postgres"), ("sandboxes", "postgres"), ("valkey", "valkey-server"))
    return [pid for folder, program in programs for pid in working_in(home / folder, program)]


def mains(home: Path) -> list[int]:
    return [int((home / name / "postmaster.pid").read_text().split()[0]) for name in ("postgres", "sandboxes")]


KILLS: dict[str, Callable[[Path, int], list[int]]] = {
    "the starter": lambda _home, starter: [starter],
    "the postmasters": lambda home, _starter: mains(home),
    "every process": lambda home, starter: [starter, *left_running(home)],
    "the helpers and the starter": lambda home, starter: [
        starter, *(pid for pid in left_running(home) if pid not in mains(home))
    ],
}  # fmt: skip


@pytest.mark.parametrize("who", KILLS)
def test_the_next_start_recovers_after_kill_9(used_home: Path, checkout: Path, who: str) -> None:
    with another_process_that_runs_on(used_home, checkout) as starter:
        write(Addresses.of(used_home))
        for pid in KILLS[who](used_home, starter.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    with embedded.start(used_home) as servers:
        found = read(servers)
    assert (found, left_running(used_home)) == (([("kept",)], b"kept"), [])


def test_the_servers_end_with_the_process_that_started_them(used_home: Path, checkout: Path) -> None:
    with another_process_that_runs_on(used_home, checkout) as starter:
        assert len(left_running(used_home)) > 3
        starter.kill()
        starter.wait()
    while left_running(used_home):
        time.sleep(0.05)
    assert not (used_home / "postgres" / "postmaster.pid").exists()  # an orderly end, not a crash


def test_a_server_that_survived_its_starter_is_stopped_first(used_home: Path) -> None:
    servers = embedded.start(used_home, sandbox=False)
    write(servers)
    survivors = left_running(used_home)
    servers._home.release()  # as if we had been killed and the kernel's farewell had got lost
    with embedded.start(used_home, sandbox=False) as again:
        assert set(survivors) & set(left_running(used_home)) == set()
        assert read(again) == ([("kept",)], b"kept")
    servers.close()


def test_a_process_number_that_is_now_another_programs_does_no_harm(used_home: Path) -> None:
    with embedded.start(used_home, sandbox=False) as servers:
        write(servers)
    (used_home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{used_home / 'postgres'}\n1\n1\n\n\n1\n")
    with embedded.start(used_home, sandbox=False) as servers:
        assert read(servers) == ([("kept",)], b"kept")


def test_one_that_does_not_heed_polite_signals_is_killed() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        stop([process.pid], [signal.SIGTERM], 0.1)
    assert process.returncode == -signal.SIGKILL


def test_stopping_what_has_ended_already_is_no_error() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    stop([process.pid], [signal.SIGTERM], 1)


def test_only_programs_of_that_name_in_that_folder_are_ours(home: Path) -> None:
    with subprocess.Popen(["sleep", "600"], cwd=home) as process:
        found = [list(working_in(*where)) for where in ((home, "sleep"), (home, "postgres"), (home.parent, "sleep"))]
        process.kill()
    assert found == [[process.pid], [], []]
