"""A provider that speaks our small partner protocol: JSON over HTTP with a bearer token.

    PUT    /accounts/<key>            {connections, disk_mb} → 200|201|202 {key, name, state}; repeatable
    GET    /accounts/<key>            → 200 {key, name, state} | 404
    GET    /accounts                  → 200 {accounts: [{key, name, state}…]}
    PUT    /accounts/<key>/limits     {connections, disk_mb} → 204
    POST   /accounts/<key>/access     → 200 {host, port, database, user, password}
    POST   /accounts/<key>/freeze     {level} → 204
    POST   /accounts/<key>/unfreeze   {connections, disk_mb} → 204
    GET    /usage                     → 200 {usage: {<key>: {size_bytes, connections}}}
    DELETE /accounts/<key>            → 204 | 404
    GET    /health                    → 200 {detail}

A time-out, a 5xx or an unreadable answer to a call that changes something is Ambiguous: it may have happened.
"""

import http.client
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError

from incubator.cloud.drivers.base import (
    Ambiguous,
    AuthFailed,
    Capabilities,
    Conflict,
    DriverError,
    Health,
    Limits,
    NotFound,
    QuotaExhausted,
    Rejected,
    RemoteRef,
    RemoteState,
    Secret,
    Throttled,
    Unavailable,
    Usage,
)

DEADLINE = 10.0
LARGEST = 8_000_000
DEFAULT_WAIT = 5
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

    model_config = ConfigDict(extra="ignore", frozen=True)


class AccountAnswer(Answer):
    """One account."""

    key: str
    name: str
    state: RemoteState

    def ref(self) -> RemoteRef:
        """As the product names it."""
        return RemoteRef(self.key, self.name, self.state)


class AccountsAnswer(Answer):
    """All accounts."""

    accounts: list[AccountAnswer]


class AccessAnswer(Answer):
    """How the team gets in."""

    host: str
    port: int
    database: str
    user: str
    password: str


class UsageOfOne(Answer):
    """What one account holds."""

    size_bytes: int
    connections: int


class UsageAnswer(Answer):
    """What the accounts hold, by key."""

    usage: dict[str, UsageOfOne]


class HealthAnswer(Answer):
    """That the provider is there."""

    detail: str


class Nothing(Answer):
    """Nothing is said but the status."""


class HttpDriver:
    """A provider behind an address; one connection a call, redirects are not followed."""

    capabilities = Capabilities(
        hard_cap="quota", freeze="instant", usage_lag=0, async_create=True, portable_export=False
    )

    def __init__(self, address: str, token: str, deadline: float = DEADLINE) -> None:
        self._url = urlsplit(address)
        self._token = token
        self._deadline = deadline

    def check(self) -> Health:
        """Ask for its health."""
        try:
            return Health(True, self._call("GET", "/health", HealthAnswer).detail)
        except DriverError as error:
            return Health(False, str(error))

    def find(self, key: str) -> RemoteRef | None:
        """The account with this key."""
        try:
            return self._call("GET", _path(key), AccountAnswer).ref()
        except NotFound:
            return None

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """Put the account there; the provider answers the one it has when asked again."""
        return self._call("PUT", _path(key), AccountAnswer, asdict(limits)).ref()

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """Set the limits."""
        self._call("PUT", _path(ref.key, "/limits"), Nothing, asdict(limits))

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """Ask for a new secret."""
        return Secret(**self._call("POST", _path(ref.key, "/access"), AccessAnswer, {}).model_dump())

    def freeze(self, ref: RemoteRef, level: int) -> None:
        """Freeze at a level."""
        self._call("POST", _path(ref.key, "/freeze"), Nothing, {"level": level})

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:
        """Open again."""
        self._call("POST", _path(ref.key, "/unfreeze"), Nothing, asdict(limits))

    def list_all(self) -> list[RemoteRef]:
        """Every account."""
        return [account.ref() for account in self._call("GET", "/accounts", AccountsAnswer).accounts]

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """What the asked accounts hold."""
        found = self._call("GET", "/usage", UsageAnswer).usage
        return {key: Usage(found[key].size_bytes, found[key].connections) for key in keys if key in found}

    def delete(self, ref: RemoteRef) -> None:
        """Delete; gone already is fine."""
        try:
            self._call("DELETE", _path(ref.key), Nothing)
        except NotFound:
            return

    def _call(self, method: str, path: str, answer: type[A], body: dict[str, Any] | None = None) -> A:
        unsure = Unavailable if method == "GET" else Ambiguous
        status, wait, content = self._send(method, path, body, unsure)
        if status >= 300:
            raise _refusal(status, wait, unsure)
        try:
            return answer.model_validate_json(content or b"{}")
        except ValidationError as error:
            raise unsure(f"{method}: an answer of another shape") from error

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None, unsure: type[DriverError]
    ) -> tuple[int, str | None, bytes]:
        """Status, Retry-After and content. Raises Unavailable when nothing was sent, `unsure` when no answer came."""
        connection = self._open()
        try:
            connection.connect()
        except OSError as error:
            raise Unavailable("the provider cannot be reached") from error
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            connection.request(method, self._url.path.rstrip("/") + path, _json(body), headers)
            response = connection.getresponse()
            return response.status, response.getheader("Retry-After"), response.read(LARGEST)
        except (OSError, http.client.HTTPException) as error:
            raise unsure(f"{method}: no answer") from error
        finally:
            connection.close()

    def _open(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        return kind(str(self._url.hostname), self._url.port, timeout=self._deadline)


def _path(key: str, rest: str = "") -> str:
    return f"/accounts/{quote(key, safe='')}{rest}"


def _json(body: dict[str, Any] | None) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _refusal(status: int, wait: str | None, unsure: type[DriverError]) -> DriverError:
    if status == 429:
        return Throttled("too many calls", int(wait) if wait and wait.isdecimal() else DEFAULT_WAIT)
    if status in REFUSALS:
        return REFUSALS[status](f"HTTP {status}")
    return unsure(f"HTTP {status}") if status >= 500 else Rejected(f"HTTP {status}")
