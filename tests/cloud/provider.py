"""A provider on the loopback that speaks the partner protocol, with faults to order."""

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "provider-token"


class Loopback:
    """The provider's memory, and what is to go wrong: faults are taken from the list, one a matching call.

    A fault is (method, path part, what): a status to answer before any effect; 'lost': the effect, then no answer;
    'garbled': the effect, then nonsense; 'late': 202 first, the account at the next call; 'undone': a yes without the
    effect; 'down': no answer and no effect; 'kill': the effect, then the process `victim` is killed.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, dict[str, Any]] = {}
        self.created: list[str] = []
        self.calls: list[str] = []
        self.faults: list[tuple[str, str, Any]] = []
        self.retry_after = "2"
        self.victim: int | None = None
        self.before: Callable[[], None] | None = None
        self.lock = threading.Lock()
        self.address = ""

    def fault(self, method: str, path: str) -> Any:
        """The fault for this call, used up."""
        for entry in self.faults:
            if entry[0] == method and entry[1] in path:
                self.faults.remove(entry)
                return entry[2]
        return None

    def do(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """The effect of a call, and the answer."""
        if path == "/health":
            return 200, {"detail": "loopback"}
        if path == "/accounts":
            return 200, {"accounts": list(self.accounts.values())}
        if path == "/usage":
            return 200, {
                "usage": {key: {"size_bytes": a["size"], "connections": 1} for key, a in self.accounts.items()}
            }
        key, _, step = path.removeprefix("/accounts/").partition("/")
        if method == "PUT" and not step:
            return self._create(key, body)
        if key not in self.accounts:
            return 404, {}
        return self._change(self.accounts[key], method, step, body)

    def _create(self, key: str, body: dict[str, Any]) -> tuple[int, Any]:
        if key not in self.accounts:
            self.created.append(key)
            self.accounts[key] = {
                "key": key, "name": f"acct-{key}", "state": "active", "size": 1000, "limits": body, "members": {},
            }  # fmt: skip
        return 201, self.accounts[key]

    def _change(self, account: dict[str, Any], method: str, step: str, body: dict[str, Any]) -> tuple[int, Any]:
        match method, step:
            case "GET", "":
                return 200, account
            case "DELETE", "":
                del self.accounts[account["key"]]
            case "GET", "export":
                return 200, b"PK-archive-of-" + account["key"].encode()
            case "POST", "wipe":
                left = account.get("stuck", [])
                account["size"] = account["size"] if left else 0
                return 200, {"left": left}
            case "DELETE", _:
                account["members"].pop(step.removeprefix("members/"), None)
            case "PUT", "limits":
                account["limits"] = body
            case "POST", "access":
                account["password"] = f"word-{len(self.calls)}"
                return 200, _secret(account, account["name"], account["password"])
            case "PUT", _:
                member = step.removeprefix("members/")
                account["members"][member] = f"word-{len(self.calls)}"
                return 200, _secret(account, member, account["members"][member])
            case "POST", "freeze":
                account["state"], account["level"] = "frozen", body["level"]
            case "POST", "unfreeze":
                account["state"] = "active"
        return 204, None


def _secret(account: dict[str, Any], user: str, password: str) -> dict[str, Any]:
    return {
        "host": "db.example.com", "port": 5432, "database": account["name"], "user": user, "password": password,
    }  # fmt: skip


def _handler(provider: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            if provider.before is not None:
                provider.before()
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self.say(401, {})
                return
            with provider.lock:
                provider.calls.append(f"{self.command} {self.path}")
                fault = provider.fault(self.command, self.path)
                if isinstance(fault, int):
                    self.say(fault, {})
                    return
                if fault == "down":
                    self.close_connection = True
                    return
                if fault == "undone":
                    self.say(204, None)
                    return
                status, answer = provider.do(self.command, self.path, body)
                if fault == "late":
                    status, answer = 202, {**answer, "state": "creating"}
                if fault == "kill" and provider.victim:
                    os.kill(provider.victim, signal.SIGKILL)
            if fault in {"lost", "kill"}:
                self.close_connection = True
                return
            if fault == "garbled":
                answer = ["nonsense"]
            self.say(status, answer)

        def say(self, status: int, answer: Any) -> None:
            content = b"" if answer is None else answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", provider.retry_after)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    for verb in ("GET", "PUT", "POST", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler.answer)
    return Handler


@contextlib.contextmanager
def running() -> Iterator[Loopback]:
    """The provider, listening."""
    provider = Loopback()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    server.daemon_threads = True
    provider.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
