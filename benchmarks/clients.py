"""Browsers that measure: a connection that is kept, one session, and blocks of requests that alternate."""

import http.client
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

PATIENCE = 60


@dataclass(frozen=True)
class Answer:
    """What came back, and after how long."""

    seconds: float
    status: int
    body: bytes
    location: str


class Browser:
    """One client on the loopback with a connection of its own."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.headers = {"Accept-Encoding": "gzip", "Accept-Language": "en"}
        if token:
            self.headers["Cookie"] = f"session={token}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path, None, self.headers)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form; where it leads to is not followed."""
        headers = self.headers | {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(fields).encode(), headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        begun = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - begun
        if response.will_close:
            self.connection.close()
        return Answer(seconds, response.status, content, response.getheader("Location") or "")

    def connect(self) -> None:
        """Begin a new connection, which a server that has not heard from us for a while has ended."""
        self.connection.close()
        self.connection.connect()


Request = Callable[[Browser], Answer]


@dataclass(frozen=True)
class Target:
    """Something to measure: a browser for each client, and what it asks; status: what must be answered."""

    name: str
    browsers: Sequence[Browser]
    ask: Callable[[int, Browser], Answer]
    status: int = 200


def alternate(targets: Sequence[Target], *, clients: int, rounds: int, each: int) -> dict[str, list[float]]:
    """Seconds of every request, by target. Each round asks every target `each` times a client, so that whatever else
    the machine does meets all of them alike. Raises RuntimeError for an answer of another status."""
    times: dict[str, list[float]] = {target.name: [] for target in targets}
    for _ in range(rounds):
        for target in targets:
            times[target.name] += _block(target, clients, each)
    return times


def _block(target: Target, clients: int, each: int) -> list[float]:
    if clients == 1:
        return _one(target, 0, each)
    found: list[float] = []
    wrong: list[Exception] = []
    barrier = threading.Barrier(clients)

    def work(client: int) -> None:
        try:
            barrier.wait()
            found.extend(_one(target, client, each))
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return found


def _one(target: Target, client: int, each: int) -> list[float]:
    browser = target.browsers[client]
    browser.connect()
    times = []
    for _ in range(each):
        answer = target.ask(client, browser)
        if answer.status != target.status:
            raise RuntimeError(f"{target.name}: {answer.status} instead of {target.status}: {answer.body[:300]!r}")
        times.append(answer.seconds)
    return times


def median(times: Sequence[float]) -> float:
    """The median, in seconds."""
    return statistics.median(times)
