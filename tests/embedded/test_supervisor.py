"""One command runs the product: the processes here are small stand-ins, started and watched for real."""

import io
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from incubator import embedded
from incubator.config import ConfigError
from incubator.embedded import EmbeddedError
from incubator.embedded.__main__ import main
from incubator.embedded.kept import Kept
from incubator.embedded.keys import load_keys
from incubator.embedded.processes import marked
from incubator.embedded.supervisor import MARK, PEOPLE, Plan, Process, execute, run

WEB = """
import http.server, os
class Live(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
host, port = os.environ["INCUBATOR_BIND"].split(":")
http.server.HTTPServer((host, int(port)), Live).serve_forever()
"""
COUNTED = """
import os, pathlib, sys, time
home = pathlib.Path(os.environ["INCUBATOR_HOME"])
with (home / "started").open("a") as handle:
    handle.write(sys.argv[1] + " ")
"""
SLEEPER = COUNTED + "time.sleep(600)"
DEMO_DATA = COUNTED + f"(home / '{PEOPLE}').write_text('lin / word-word-word\\n')"
FAILING = "import sys; sys.exit('no such column')"


def python(name: str, text: str, count: int = 1) -> Process:
    return Process(name, (sys.executable, "-c", text, name), count)


PLAN = Plan(
    migrate=python("migrate", COUNTED),
    demo_data=python("demo-data", DEMO_DATA),
    web=python("web", WEB),
    others=(python("worker", SLEEPER, count=2),),
)


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """What a start needs, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {"INCUBATOR_DEMO": "1", "INCUBATOR_HOME": str(home), "INCUBATOR_BIND": f"127.0.0.1:{port}"}


def until(happened: Callable[[], object]) -> None:
    patience = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < patience, "it never happened"
        time.sleep(0.05)


@contextmanager
def meanwhile(act: Callable[[], None]) -> Iterator[None]:
    """Do `act`, then press Ctrl-C, while the main thread runs."""
    over = threading.Event()
    failed: list[BaseException] = []

    def drive() -> None:
        try:
            act()
        except BaseException as error:
            failed.append(error)
        if not over.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=drive)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert failed == []


def started(home: Path) -> list[str]:
    path = home / "started"
    return path.read_text().split() if path.exists() else []


def is_announced(home: Path, environ: dict[str, str]) -> Callable[[], bool]:
    host, port = environ["INCUBATOR_BIND"].split(":")

    def answers() -> bool:
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return len(started(home)) >= 3
        return False

    return answers


def test_a_start_migrates_makes_the_demonstration_once_and_says_who_can_sign_in(
    home: Path, environ: dict[str, str]
) -> None:
    said = io.StringIO()
    with (
        redirect_stdout(said),
        meanwhile(lambda: until(lambda: "word-word-word" in said.getvalue() and len(started(home)) == 4)),
    ):
        assert run(environ, PLAN) == 0
    assert said.getvalue() == (
        f"Incubator runs at http://{environ['INCUBATOR_BIND']} (Ctrl-C stops it; data and logs: {home})\n"
        "lin / word-word-word\n"
        "Stopped.\n"
    )
    assert (started(home), marked(MARK, str(home))) == (["migrate", "demo-data", "worker", "worker"], [])
    (home / "started").unlink()
    with meanwhile(lambda: until(is_announced(home, environ))):
        assert run(environ, PLAN) == 0
    assert started(home) == ["migrate", "worker", "worker"]


def test_what_dies_starts_again_also_a_database(home: Path, environ: dict[str, str]) -> None:
    said = io.StringIO()

    def kill() -> None:
        until(is_announced(home, environ))
        until(lambda: len(started(home)) == 4)  # one killed before it says so would be missing from the count below
        postmaster = home / "postgres" / "postmaster.pid"
        first = int(postmaster.read_text().split()[0])
        for pid in (*marked(MARK, str(home)), first):
            os.kill(pid, signal.SIGKILL)
        until(
            lambda: len(started(home)) == 6 and postmaster.exists() and postmaster.read_text().split()[0] != str(first)
        )
        until(is_announced(home, environ))

    with redirect_stdout(said), meanwhile(kill):
        assert run(environ, PLAN) == 0
    found = re.findall(r"^(\S+) has ended and starts again in 0.5 s \(see (\S+)\)\.$", said.getvalue(), re.MULTILINE)
    names = ("postgres", "web", "worker-1", "worker-2")
    assert sorted(found) == [(name, str(home / "log" / f"{name}.log")) for name in names]


class Broken:
    """Something that does not start."""

    name = "broken"
    log = Path("/data/log/broken.log")

    def has_ended(self) -> bool:
        return True

    def start(self) -> None:
        raise EmbeddedError("It is broken.")


def test_what_cannot_be_started_again_is_said_and_tried_later(capsys: pytest.CaptureFixture[str]) -> None:
    kept = Kept(Broken())
    kept.look()
    kept.look()
    assert capsys.readouterr().out == (
        "It is broken.\nbroken has ended and starts again in 0.5 s (see /data/log/broken.log).\n"
    )


def test_with_servers_set_nothing_embedded_starts(home: Path, environ: dict[str, str], servers: dict[str, str]) -> None:
    environ |= {"DATABASE_URL": servers["database"], "REDIS_URL": servers["redis"]}
    with meanwhile(lambda: until(is_announced(home, environ))):
        assert run(environ, PLAN) == 0
    assert sorted(path.name for path in home.iterdir()) == [
        "demo-people.txt", "incubator.lock", "keys.json", "log", "started",
    ]  # fmt: skip


def test_a_wrong_setting_is_one_line_and_ends_with_2(
    environ: dict[str, str],
    servers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environ |= {"DATABASE_URL": servers["database"], "REDIS_URL": servers["redis"], "INCUBATOR_WEB_WORKERS": "0"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(["run"]) == 2
    assert capsys.readouterr().err == "INCUBATOR_WEB_WORKERS must be a whole number from 1 to 64.\n"


def test_only_one_server_set_is_one_line(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        run(environ | {"REDIS_URL": "redis://127.0.0.1/0"}, PLAN)
    assert str(caught.value) == "Set both DATABASE_URL and REDIS_URL, or neither: then embedded servers start."


def test_no_secret_is_made_up_outside_a_demonstration(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        run(environ | {"INCUBATOR_DEMO": "0"}, PLAN)
    assert str(caught.value) == "INCUBATOR_SECRET_KEY is not set. Signs what browsers keep; at least 32 random bytes."


def test_a_taken_port_is_one_line(environ: dict[str, str], servers: dict[str, str]) -> None:
    environ |= {"DATABASE_URL": servers["database"], "REDIS_URL": servers["redis"]}
    host, port = environ["INCUBATOR_BIND"].split(":")
    with socket.create_server((host, int(port))), pytest.raises(EmbeddedError) as caught:
        run(environ, PLAN)
    assert str(caught.value) == (
        f"Port {port} is taken by another program: free it, or choose another with INCUBATOR_BIND=127.0.0.1:…"
    )


def test_a_migration_that_fails_is_one_line(home: Path, environ: dict[str, str], servers: dict[str, str]) -> None:
    environ |= {"DATABASE_URL": servers["database"], "REDIS_URL": servers["redis"]}
    with pytest.raises(EmbeddedError) as caught:
        run(environ, replace(PLAN, migrate=python("migrate", FAILING)))
    assert str(caught.value) == f"migrate failed: no such column (all of it: {home / 'log' / 'migrate.log'})"


def test_a_web_process_that_does_not_stay_up_is_one_line(
    home: Path, environ: dict[str, str], servers: dict[str, str]
) -> None:
    environ |= {"DATABASE_URL": servers["database"], "REDIS_URL": servers["redis"]}
    with pytest.raises(EmbeddedError) as caught:
        run(environ, replace(PLAN, web=python("web", FAILING)))
    assert str(caught.value) == f"web does not stay up: no such column (see {home / 'log' / 'web.log'})"
    assert marked(MARK, str(home)) == []


def test_processes_of_a_killed_run_are_stopped_by_the_next(
    home: Path, environ: dict[str, str], servers: dict[str, str]
) -> None:
    environ |= {"DATABASE_URL": servers["database"], "REDIS_URL": servers["redis"]}
    read, write = os.pipe()
    orphan = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", "import time; time.sleep(600)"],
        {MARK: str(home)},
        file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)],
    )
    os.close(write)
    with meanwhile(lambda: until(is_announced(home, environ))):
        assert run(environ, PLAN) == 0
    os.close(read)
    assert os.waitstatus_to_exitcode(os.waitpid(orphan, 0)[1]) == -signal.SIGTERM


def test_a_command_gets_the_settings_of_the_product_that_runs(
    home: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ["sh", "-c", f'echo "$DATABASE_URL $INCUBATOR_SECRET_KEY" > {out}; exit 7']
    with embedded.start(home, sandbox=False, fast=True) as servers:
        assert execute(environ, words) == 7
        assert out.read_text() == f"{servers.database_url} {load_keys(home).secret_key}\n"


def test_a_command_starts_the_servers_when_the_product_does_not_run(environ: dict[str, str]) -> None:
    program = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).close()"
    assert execute(environ, ["python", "-c", program]) == 0


def test_a_command_that_does_not_exist_is_one_line(
    environ: dict[str, str],
    servers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (environ | {"DATABASE_URL": servers["database"], "REDIS_URL": servers["redis"]}).items():
        monkeypatch.setenv(name, value)
    assert main(["exec", "no-such-command"]) == 2
    assert capsys.readouterr().err == "There is no command 'no-such-command'.\n"
