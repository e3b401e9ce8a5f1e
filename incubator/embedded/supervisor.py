"""One command that runs the whole product on one machine, and starts again what dies."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from incubator import config
from incubator.embedded.environment import Product, product, running_product
from incubator.embedded.errors import EmbeddedError
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
    processes: tuple[Process, ...]


PLAN = Plan(
    migrate=Process("migrate", (sys.executable, "-m", "incubator.cli", "migrate")),
    demo_data=Process("demo-data", (sys.executable, "-m", "incubator.cli", "demo-data")),
    processes=(
        Process("web", (sys.executable, "-m", "gunicorn", "wsgi:app")),
        Process("worker", (sys.executable, "-m", "incubator.worker"), count=2),
        Process("scheduler", (sys.executable, "-m", "incubator.schedule")),
    ),
)
PEOPLE = "demo-people.txt"

MARK = "SUPERVISED_BY_INCUBATOR"  # environment variable of all processes below us: how a later start finds them
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 10.0  # seconds for requests and jobs at hand
_WEB_WITHIN = 60.0


def run(environ: Mapping[str, str], plan: Plan = PLAN) -> int:
    """Run until Ctrl-C or SIGTERM; raises ConfigError or EmbeddedError, one line."""
    try:
        with _interruptible(), product(environ) as found:
            _supervise(found, plan)
    except KeyboardInterrupt:
        say("Stopped.")
    return 0


def execute(environ: Mapping[str, str], words: list[str]) -> int:
    """Run one command with the settings that `run` gives its processes; returns its exit code."""
    own = {} if environ.get("INCUBATOR_SECRET_KEY") else {"INCUBATOR_DEMO": "1"}
    with _interruptible(), running_product({**own, **environ}) as found:
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
    kept = [Kept(server) for server in found.servers]
    try:
        _prepare(found, settings, plan)
        for kind in plan.processes:
            names = [kind.name] if kind.count == 1 else [f"{kind.name}-{n + 1}" for n in range(kind.count)]
            kept += [Kept(Program(name, kind.command, found.home, found.environ)) for name in names]
        _keep(found, settings, kept)
    finally:
        _stop_programs(kept, found.home)


def _prepare(found: Product, settings: config.Settings, plan: Plan) -> None:
    is_new = settings.demo and not (found.home / PEOPLE).exists()
    steps = [plan.migrate, plan.demo_data] if is_new else [plan.migrate]
    for step in steps:
        program = Program(step.name, step.command, found.home, found.environ)
        program.start()
        try:
            if program.wait():
                raise EmbeddedError(f"{step.name} failed: {program.last_line()} (all of it: {program.log})")
        finally:
            program.stop(_PATIENCE)


def _keep(found: Product, settings: config.Settings, kept: list[Kept]) -> None:
    """Look after every process until interrupted."""
    announced, until = False, time.monotonic() + _WEB_WITHIN
    while True:
        for one in kept:
            one.look()
        if not announced and _answers(settings):
            announced = True
            _announce(found, settings)
        if not announced and time.monotonic() > until:
            raise EmbeddedError(f"The web process does not answer within {_WEB_WITHIN:.0f} s: see {found.home / 'log'}")
        time.sleep(0.1)


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


@contextmanager
def _interruptible() -> Iterator[None]:
    """Any of the stopping signals is a KeyboardInterrupt, once: a second Ctrl-C must not break an orderly end."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        for one in _STOPPING:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {one: signal.signal(one, interrupt) for one in _STOPPING}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
