"""A cloud provider on the loopback that speaks the partner protocol and takes its time to answer."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

TOKEN = "benchmark-token"
HOST = "db.example.com"


class Faults(Protocol):
    """What goes wrong at a provider: for each call None, or a status to answer before any effect, 'lost' (the effect,
    then no answer) or 'late' (a status of 500 now, the effect seconds later)."""

    def next(self, method: str, path: str) -> int | str | None:
        """The fault of this call."""


LATE = 3.0
"""Seconds until a late effect comes about."""


class Provider:
    """The accounts it holds, and how often each was made."""

    def __init__(self, delay: float, faults: Faults | None = None) -> None:
        self.faults = faults
        self.late = 0
        self.came_late: set[str] = set()
        self.unasked = 0
        """Accounts that were to be made though they stood, and nothing of them had come late: nobody had looked."""
        self.delay = delay
        self.accounts: dict[str, dict[str, Any]] = {}
        self.made: Counter[str] = Counter()
        self.calls = 0
        self.lock = threading.Lock()
        self.address = ""

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        """The effect of a call, and what is said."""
        with self.lock:
            self.calls += 1
            if path == "/accounts":
                return 200, {"accounts": list(self.accounts.values())}
            if path == "/usage":
                return 200, {"usage": {key: {"size_bytes": 1000, "connections": 1} for key in self.accounts}}
            key, _, step = path.removeprefix("/accounts/").partition("/")
            if method == "PUT" and not step:
                self.unasked += key in self.accounts and path not in self.came_late
                return 201, self._make(key)
            if key not in self.accounts:
                return 404, {}
            return self._known(self.accounts[key], method, step)

    def later(self, method: str, path: str) -> None:
        """Let a call take effect after its caller has given up; how many such are on their way is `late`."""
        with self.lock:
            self.late += 1
            self.came_late.add(path)

        def act() -> None:
            self.answer(method, path)
            with self.lock:
                self.late -= 1

        threading.Timer(LATE, act).start()

    def _make(self, key: str) -> dict[str, Any]:
        if key not in self.accounts:
            self.made[key] += 1
            self.accounts[key] = {"key": key, "name": f"acct-{key}", "state": "active"}
        return self.accounts[key]

    def _known(self, account: dict[str, Any], method: str, step: str) -> tuple[int, Any]:
        if method == "GET":
            return 200, account
        if method == "DELETE" and not step:
            del self.accounts[account["key"]]
            return 204, None
        if step == "access":
            name = account["name"]
            return 200, {"host": HOST, "port": 5432, "database": name, "user": name, "password": f"word-{self.calls}"}
        return 204, None


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            time.sleep(provider.delay)
            fault = provider.faults.next(self.command, self.path) if provider.faults else None
            if isinstance(fault, int):
                self.say(fault, {})
            elif fault == "late":
                provider.later(self.command, self.path)
                self.say(500, {})
            else:
                status, said = provider.answer(self.command, self.path)
                if fault != "lost":
                    self.say(status, said)
                self.close_connection = True

        def say(self, status: int, said: Any) -> None:
            content = b"" if said is None else json.dumps(said).encode()
            with suppress(OSError):  # who asked may have been killed meanwhile
                self.send_response(status)
                if status == 429:
                    self.send_header("Retry-After", "1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    for verb in ("GET", "PUT", "POST", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler.answer)
    return Handler


@contextmanager
def running(delay: float, faults: Faults | None = None) -> Iterator[Provider]:
    """The provider, listening, until the block ends."""
    provider = Provider(delay, faults)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    server.daemon_threads = True
    provider.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
