"""JSON over HTTP to a provider, and what its answers mean.

A time-out, a 5xx or an unreadable answer to a call that changes something is Ambiguous: it may have happened. A look
that fails changed nothing and is Unavailable.
"""

import http.client
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from incubator.cloud.drivers.base import (
    Ambiguous,
    AuthFailed,
    Conflict,
    DriverError,
    NotFound,
    QuotaExhausted,
    Rejected,
    Throttled,
    Unavailable,
)

DEADLINE = 10.0
LARGEST = 8_000_000
DEFAULT_WAIT = 5
LONGEST_WORDS = 200
REFUSALS: dict[int, type[DriverError]] = {
    401: AuthFailed,
    403: AuthFailed,
    404: NotFound,
    402: QuotaExhausted,
    507: QuotaExhausted,
    409: Conflict,
    503: Unavailable,
}

A = TypeVar("A", bound=BaseModel)


class Answer(BaseModel):
    """Base of what a provider answers; fields we do not know are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Nothing(Answer):
    """Nothing is said but the status."""


@dataclass(frozen=True)
class Reply:
    """What came back. wait: the header Retry-After."""

    status: int
    wait: str | None
    content: bytes


class Http:
    """One connection a call; redirects are not followed."""

    def __init__(
        self,
        address: str,
        headers: Mapping[str, str],
        *,
        deadline: float = DEADLINE,
        refusals: Mapping[int, type[DriverError]] | None = None,
    ) -> None:
        self._url = urlsplit(address)
        self._headers = dict(headers)
        self._deadline = deadline
        self._refusals = REFUSALS | dict(refusals or {})

    def call(
        self, method: str, path: str, answer: type[A], body: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> A:
        """Ask, and read the answer. Raises a DriverError."""
        return self.read(method, self.ask(method, path, body, headers=headers), answer)

    def ask(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask; the answer is one of success. Raises a DriverError for any other."""
        reply = self.send(method, path, body, headers=headers)
        if reply.status >= 300:
            raise self.refusal(method, reply)
        return reply

    @staticmethod
    def read(method: str, reply: Reply, answer: type[A]) -> A:
        """The content of an answer. Raises Ambiguous or Unavailable when it has another shape."""
        try:
            return answer.model_validate_json(reply.content or b"{}")
        except ValidationError as error:
            raise _unsure(method)(f"{method}: an answer of another shape") from error

    def refusal(self, method: str, reply: Reply) -> DriverError:
        """What a status of 300 or more means."""
        if reply.status == 429:
            return Throttled("too many calls", seconds(reply.wait))
        if reply.status in self._refusals:
            return self._refusals[reply.status](f"HTTP {reply.status}")
        return _unsure(method)(f"HTTP {reply.status}") if reply.status >= 500 else Rejected(f"HTTP {reply.status}")

    def send(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask, whatever is answered. Raises Unavailable when nothing was sent; when no answer came, that for a look
        and Ambiguous for a change."""
        connection = self._connected()
        all_headers = {"Content-Type": "application/json"} | self._headers | dict(headers or {})
        content = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, self._url.path.rstrip("/") + path, content, all_headers)
            response = connection.getresponse()
            return Reply(response.status, response.getheader("Retry-After"), response.read(LARGEST))
        except (OSError, http.client.HTTPException) as error:
            raise _unsure(method)(f"{method}: no answer") from error
        finally:
            connection.close()

    def download(self, path: str, target: IO[bytes]) -> None:
        """Write what is behind an address, however large. Raises Unavailable when it breaks off."""
        connection = self._connected()
        try:
            connection.request("GET", self._url.path.rstrip("/") + path, headers=self._headers)
            response = connection.getresponse()
            if response.status >= 300:
                raise self.refusal("GET", Reply(response.status, response.getheader("Retry-After"), b""))
            shutil.copyfileobj(response, target)
            if response.length:
                raise Unavailable("GET: it broke off")
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable("GET: no answer") from error
        finally:
            connection.close()

    def _connected(self) -> http.client.HTTPConnection:
        connection = self._open()
        try:
            connection.connect()
        except OSError as error:
            raise Unavailable("the provider cannot be reached") from error
        return connection

    def _open(self) -> http.client.HTTPConnection:
        host, port = str(self._url.hostname), self._url.port
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._deadline)
        return http.client.HTTPConnection(host, port, timeout=self._deadline)


def seconds(wait: str | None) -> int:
    """How long to wait, by a header Retry-After in seconds."""
    return int(wait) if wait and wait.isdecimal() else DEFAULT_WAIT


def _unsure(method: str) -> type[DriverError]:
    return Unavailable if method == "GET" else Ambiguous
