"""One command that runs the whole product on one machine, and starts again what dies."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from alembic.script import ScriptDirectory

from incubator import config
from incubator.embedded.environment import Product, product, running_product
from incubator.embedded.errors import EmbeddedError
from incubator.embedded.interruption import interruptible
from incubator.embedded.kept import Kept, Program, say
from incubator.embedded.keys import why_taken
from incubator.embedded.processes import marked, stop


@dataclass(frozen=True)
class Process:
    """A kind of process: its name, its command, how many."""

    name: str
    command: tuple[str, ...]
    count: int = 1


@dataclass(frozen=True)
class Plan:
    """What is run: once at each start, once for a new demonstration, and for as long as we live."""

    migrate: Process
    demo_data: Process  # writes PEOPLE into the data folder
    web: Process
    others: tuple[Process, ...]  # from the first page on: all at once would delay it


PLAN = Plan(
    migrate=Process("migrate", (sys.executable, "-m", "incubator.cli", "migrate")),
    demo_data=Process("demo-data", (sys.executable, "-m", "incubator.cli", "demo-data")),
    web=Process("web", (sys.executable, "-m", "gunicorn", "wsgi:app")),
    others=(
        Process("worker", (sys.executable, "-m", "incubator.worker"), count=2),
        Process("scheduler", (sys.executable, "-m", "incubator.schedule")),
    ),
)
PEOPLE = "demo-people.txt"

MARK = "SUPERVISED_BY_INCUBATOR"  # environment variable of all processes below us: how a later start finds them
_PATIENCE = 10.0  # seconds for requests and jobs at hand
_WEB_WITHIN = 60.0
_TRIES = 3
_PAUSE = 0.1  # seconds between two looks at the processes


def run(environ: Mapping[str, str], plan: Plan = PLAN) -> int:
    """Run until Ctrl-C or SIGTERM; raises ConfigError or EmbeddedError, one line."""
    try:
        with interruptible(), product(environ) as found:
            _supervise(found, plan)
    except KeyboardInterrupt:
        say("Stopped.")
    return 0


def execute(environ: Mapping[str, str], words: list[str]) -> int:
    """Run one command with the settings that `run` gives its processes; returns its exit code."""
    own = {} if environ.get("INCUBATOR_SECRET_KEY") else {"INCUBATOR_DEMO": "1"}
    with interruptible(), running_product({**own, **environ}) as found:
        path = f"{Path(sys.executable).parent}{os.pathsep}{found.environ.get('PATH', os.defpath)}"
        program = words and shutil.which(words[0], path=path)
        if not program:
            raise EmbeddedError(f"There is no command {' '.join(words[:1])!r}.")
        return subprocess.run([program, *words[1:]], env={**found.environ, "PATH": path}, check=False).returncode


def _supervise(found: Product, plan: Plan) -> None:
    settings = config.load(found.environ)
    config.check_reachable(settings)
    found.environ[MARK] = str(found.home)
    stop(marked(MARK, str(found.home)), [signal.SIGTERM], _PATIENCE)
    host, port = _host_and_port(settings)
    if why := why_taken(port, host):
        raise EmbeddedError(f"Port {port} {why}: free it, or choose another with INCUBATOR_BIND={host}:…")
    _prepare(found, settings, plan)
    kept = [*map(Kept, found.servers), *_programs(found, plan.web)]
    try:
        _keep_until_answer(found, settings, kept)
        for kind in plan.others:
            kept += _programs(found, kind)
        while True:
            _look(kept)
    finally:
        _stop_programs(kept, found.home)


def _programs(found: Product, kind: Process) -> list[Kept]:
    names = [kind.name] if kind.count == 1 else [f"{kind.name}-{n + 1}" for n in range(kind.count)]
    return [Kept(Program(name, kind.command, found.home, found.environ)) for name in names]


def _prepare(found: Product, settings: config.Settings, plan: Plan) -> None:
    if not _is_migrated(settings):
        _run_step(found, plan.migrate)
    if settings.demo and not (found.home / PEOPLE).exists():
        _run_step(found, plan.demo_data)


def _is_migrated(settings: config.Settings) -> bool:
    """Whether the schema is this program's newest: asked here, because loading the program takes seconds."""
    newest = ScriptDirectory(str(config.CHECKOUT / "migrations")).get_current_head()
    try:
        with psycopg.connect(settings.database_url) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return False
    return row == (newest,)


def _run_step(found: Product, step: Process) -> None:
    program = Program(step.name, step.command, found.home, found.environ)
    program.start()
    try:
        if program.wait():
            raise EmbeddedError(f"{step.name} failed: {program.last_line()} (all of it: {program.log})")
    finally:
        program.stop(_PATIENCE)


def _look(kept: list[Kept]) -> None:
    for one in kept:
        one.look()
    time.sleep(_PAUSE)


def _keep_until_answer(found: Product, settings: config.Settings, kept: list[Kept]) -> None:
    until = time.monotonic() + _WEB_WITHIN
    while not _answers(settings):
        _look(kept)
        _check_progress(kept, until)
    _announce(found, settings)


def _check_progress(kept: list[Kept], until: float) -> None:
    """Before the first page: a process that ends again and again will not get better by itself."""
    for one in kept:
        if one.failures >= _TRIES and isinstance(one.thing, Program):
            raise EmbeddedError(f"{one.thing.name} does not stay up: {one.thing.last_line()} (see {one.thing.log})")
    if time.monotonic() > until:
        raise EmbeddedError(f"The web process does not answer within {_WEB_WITHIN:.0f} s: see its log")


def _announce(found: Product, settings: config.Settings) -> None:
    say(f"Incubator runs at {settings.public_url} (Ctrl-C stops it; data and logs: {found.home})")
    people = found.home / PEOPLE
    if settings.demo and people.exists():
        say(people.read_text().rstrip())


def _stop_programs(kept: list[Kept], home: Path) -> None:
    """All at once and politely; then whatever they left behind."""
    programs = [one.thing for one in kept if isinstance(one.thing, Program)]
    stop([program.pid for program in programs if not program.has_ended()], [signal.SIGTERM], _PATIENCE)
    stop(marked(MARK, str(home)), [], _PATIENCE)
    for program in programs:
        program.wait()


def _answers(settings: config.Settings) -> bool:
    host, port = _host_and_port(settings)
    connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104
    try:
        connection.request("GET", "/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _host_and_port(settings: config.Settings) -> tuple[str, int]:
    host, _, port = settings.bind.rpartition(":")
    return host, int(port)
