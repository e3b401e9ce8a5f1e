"""A real server with worker and scheduler, and a headless Chromium that reads it."""

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar
from urllib.request import urlopen

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page
from redis import Redis

from tests.conftest import environment, own_database
from tests.demonstration import made

AXE = Path("node_modules/axe-core/axe.min.js")
BUILT = """() => JSON.stringify([innerWidth, document.documentElement.dataset.theme,
    [...document.querySelectorAll('*')].map(e => [e.tagName, ...[...e.attributes].map(a =>
        /^(class|role|type|aria-hidden|aria-current|tabindex|scope)$/.test(a.name) ? a.name + a.value
        : a.name + (a.value ? '' : '='))].join(' ') + (e.textContent.trim() ? '' : '-'))])"""
"""How a page is built, element by element, but for its words: what axe has found clean once is not searched again, not
by another process of the run and not in another language either."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder drives a browser, and each test commits; what serves the pages runs elsewhere, untraced."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            item.add_marker("committed")
            item.add_marker("no_cover")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(settings: dict[str, str], folder: Path) -> Iterator[str]:
    """Web, worker and scheduler of the product in an environment, until the end; yields the address."""
    port = _free_port()
    settings = settings | {"INCUBATOR_BIND": f"127.0.0.1:{port}", "INCUBATOR_WEB_WORKERS": "1"}
    commands = [
        [str(Path(sys.executable).parent / "gunicorn"), "-c", "gunicorn.conf.py", "wsgi:app"],
        [sys.executable, "-m", "incubator.worker"],
        [sys.executable, "-m", "incubator.schedule"],
    ]
    log = (folder / "processes.log").open("wb")
    started = [subprocess.Popen(command, env=settings, stdout=log, stderr=log) for command in commands]
    try:
        _wait_for(f"http://127.0.0.1:{port}/live", folder / "processes.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(30)
        log.close()


@pytest.fixture
def processes(app: Flask, shell_environment: Callable[..., dict[str, str]], tmp_path: Path) -> Iterator[str]:
    """Web, worker and scheduler of the product on the test's database; yields the address."""
    settings = app.extensions["settings"]
    redis_number = int(settings.redis_url.rsplit("/", 1)[1])
    with running(shell_environment(settings.database_url.rsplit("/", 1)[1], redis_number), tmp_path) as address:
        yield address


def _wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session", autouse=True)
def _clean(servers: dict[str, str]) -> Iterator[None]:
    """What is known to be clean, for all processes of the run."""
    with Redis.from_url(f"{servers['redis'].rsplit('/', 1)[0]}/7") as Reader.clean:
        yield


class Reader:
    """One person's browser. Every page it opens is checked: axe, language, CSP, console, sideways scroll."""

    clean: ClassVar[Redis]

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.address = address
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "status of 4" not in text:
            self.complaints.append(text)

    def open(self, path: str) -> Page:
        """Go to a page of the product and check it."""
        self.page.goto(self.address + path)
        self.check()
        return self.page

    def sign_in(self, login: str, password: str) -> None:
        """Through the form, as anybody does."""
        page = self.open("/sign-in")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", password)
        page.click("main button[type=submit]")
        page.wait_for_url(self.address + "/")
        self.check()

    def _built(self) -> str:
        """How the page is built; where one page leads at once to another, the second."""
        try:
            return str(self.page.evaluate(BUILT))
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
            self.page.wait_for_load_state()
            return str(self.page.evaluate(BUILT))

    def check(self) -> None:
        """No violation of axe (WCAG 2.2 A and AA, best practice), no complaint of the browser, no sideways scroll."""
        page = self.page
        page.wait_for_load_state()
        assert page.locator("html").get_attribute("lang") in {"en", "zh-Hans"}, page.url
        built = hashlib.sha256(self._built().encode()).hexdigest()
        if not self.clean.sismember("clean", built):
            if not page.evaluate("() => !!window.axe"):
                page.evaluate(AXE.read_text())
            found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
            told = [f"{v['id']}: {v['nodes'][0]['target']} {v['nodes'][0]['html'][:160]}" for v in found]
            assert told == [], f"{page.url}\n" + "\n".join(told)
            self.clean.sadd("clean", built)
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} scrolls sideways by {wide} px"
        assert self.complaints == [], page.url


@contextlib.contextmanager
def readers_of(chromium: Browser, address: str) -> Iterator[Callable[..., Reader]]:
    """What opens browsers on an address, and closes them all in the end."""
    opened: list[BrowserContext] = []

    def start(language: str = "en", width: int = 1440, *, dark: bool = False, javascript: bool = True) -> Reader:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            bypass_csp=False,
        )
        cookies = {"language": language, "theme": "dark" if dark else "light"}
        context.add_cookies([{"name": n, "value": v, "url": address} for n, v in cookies.items()])
        context.set_default_timeout(60_000)
        opened.append(context)
        return Reader(context, address)

    try:
        yield start
    finally:
        for context in opened:
            context.close()


@pytest.fixture
def readers(chromium: Browser, processes: str) -> Iterator[Callable[..., Reader]]:
    """Open another person's browser: `readers(language='zh', width=390, dark=True, javascript=False)`."""
    with readers_of(chromium, processes) as start:
        yield start


def _redis_number(worker: str) -> int:
    return 10 + int(worker[2:] or 0) if worker != "master" else 10


def _environment(servers: dict[str, str], database: str, redis_number: int, home: Path) -> dict[str, str]:
    ours = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    settings = environment(servers, database, redis_number)
    return ours | settings | {"INCUBATOR_DEMO": "1", "INCUBATOR_HOME": str(home)}


@contextlib.contextmanager
def demonstrated(servers: dict[str, str], template: str, worker: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """The product on what `incubator demo-data` makes; yields its address and the list of who can sign in."""
    number = _redis_number(worker)
    found, home = made(servers, template), folder / "home"
    shutil.copytree(found.home, home)
    with own_database(servers, "demonstrated", found.database) as name:
        ours = _environment(servers, name, number, home)
        Redis.from_url(ours["REDIS_URL"]).flushdb()
        with running(ours, folder) as address:
            yield address, home / "demo-people.txt"


@pytest.fixture(scope="session")
def demonstration(
    servers: dict[str, str], template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """One demonstration for all tests that bear what others left on it."""
    with demonstrated(servers, template, worker_id, tmp_path_factory.mktemp("demonstration")) as site:
        yield site


@pytest.fixture
def visitors(
    demonstration: tuple[str, Path], servers: dict[str, str], worker_id: str, chromium: Browser, shared_app: Flask
) -> Iterator[Callable[..., Reader]]:
    """Like `readers`, on the demonstration that is shared; how often one may sign in is counted by test."""
    with Redis.from_url(environment(servers, "", _redis_number(worker_id))["REDIS_URL"]) as redis:
        for key in redis.scan_iter("LIMITS*"):
            redis.delete(key)
    with shared_app.app_context(), readers_of(chromium, demonstration[0]) as start:
        yield start


def save(page: Page, name: str) -> None:
    """Keep a picture of a page when INCUBATOR_SCREENSHOTS names a folder."""
    folder = os.environ.get("INCUBATOR_SCREENSHOTS")
    if folder:
        page.evaluate("() => scrollTo(0, 0)")
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
