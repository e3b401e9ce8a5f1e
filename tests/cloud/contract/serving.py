"""A small HTTP server for providers of the tests, with faults to order: one a matching call, from a list.

A fault is (method, path part, what): a status to answer before any effect; 'lost': the effect, then no answer;
'garbled': the effect, then nonsense; 'down': neither.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Do = Callable[[str, str, dict[str, str], bytes], tuple[Any, ...]]
"""Method, address with query, headers in lower case, body → status (0: no answer), what is said (bytes as they are),
and headers where there are any."""


class Served:
    """What is served, and what is to go wrong."""

    def __init__(self, do: Do) -> None:
        self.do = do
        self.faults: list[tuple[str, str, Any]] = []
        self.address = ""
        self.lock = threading.Lock()

    def fault(self, method: str, path: str) -> Any:
        """The fault for this call, used up."""
        for entry in self.faults:
            if entry[0] == method and entry[1] in path:
                self.faults.remove(entry)
                return entry[2]
        return None


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with served.lock:
                fault = served.fault(self.command, self.path)
                if fault == "down":
                    self.close_connection = True
                    return
                if isinstance(fault, int):
                    self.say(fault, {})
                    return
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, said, *more = served.do(self.command, self.path, headers, body)
            if fault == "lost" or not status:
                self.close_connection = True
                return
            self.say(status, b"<nonsense" if fault == "garbled" else said, *more)

        def say(self, status: int, said: Any, headers: dict[str, str] | None = None) -> None:
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    for verb in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"):
        setattr(Handler, f"do_{verb}", Handler.answer)
    return Handler


@contextlib.contextmanager
def running(do: Do) -> Iterator[Served]:
    """Listening, until the block ends."""
    served = Served(do)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(served))
    server.daemon_threads = True
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
