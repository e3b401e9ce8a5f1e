"""How the web processes are started: gunicorn with our configuration."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import own_database

ODD = b"GET /search?q=Zhao HTTP/9.9\r\nHost: x\r\n\r\n"
HEADER = b"GET /sign-in HTTP/1.1\r\nHost: x\r\nZhao Min: x\r\n\r\n"


def ask(port: int, request: bytes) -> bytes:
    """Send what is no request of a browser."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(request)
        return line.recv(12)


def until_it_answers(port: int, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while web.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), timeout=5).close()
        time.sleep(0.1)
    pytest.fail("the web process did not start")


@pytest.mark.no_cover
def test_what_gunicorn_says_is_json_and_quotes_no_request(
    servers: dict[str, str], shell_environment: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "web.log"
    with own_database(servers, "served") as name, log.open("wb") as written:
        environ = shell_environment(name) | {"INCUBATOR_BIND": f"127.0.0.1:{port}", "INCUBATOR_WEB_WORKERS": "1"}
        command = [sys.executable, "-m", "gunicorn", "--log-level", "info", "wsgi:app"]
        web = subprocess.Popen(command, env=environ, stdout=written, stderr=written)
        try:
            until_it_answers(port, web)
            answers = [ask(port, request) for request in (ODD, HEADER)]
        finally:
            web.send_signal(signal.SIGTERM)
            web.wait(30)
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    said = [entry["message"] for entry in entries if entry["logger"] == "gunicorn.error"]
    assert answers == [b"HTTP/1.1 400"] * 2
    assert [words.split(" ")[0] for words in said[:3]] == ["Starting", "Listening", "Using"]
    assert [words for words in said if words.startswith("a request")] == [
        "a request that cannot be read was refused: InvalidHTTPVersion",
        "a request that cannot be read was refused: InvalidHeaderName",
    ]
    assert all("Zhao" not in line and "ip=" not in line for line in map(json.dumps, entries))
