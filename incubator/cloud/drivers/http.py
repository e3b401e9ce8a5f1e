"""A provider that speaks our small partner protocol: JSON over HTTP with a bearer token.

PUT    /accounts/<key>            {connections, disk_mb} → 200|201|202 {key, name, state}; repeatable
GET    /accounts/<key>            → 200 {key, name, state} | 404
GET    /accounts                  → 200 {accounts: [{key, name, state}…]}
PUT    /accounts/<key>/limits     {connections, disk_mb} → 204
POST   /accounts/<key>/access     → 200 {host, port, database, user, password}
POST   /accounts/<key>/freeze     {level} → 204
POST   /accounts/<key>/unfreeze   {connections, disk_mb} → 204
PUT    /accounts/<key>/members/<member>   → 200 {host, port, database, user, password}; repeatable
DELETE /accounts/<key>/members/<member>   → 204 | 404
GET    /accounts/<key>/export     → 200, a ZIP archive
POST   /accounts/<key>/wipe       → 200 {left: [names of what cannot be removed]}
GET    /usage                     → 200 {usage: {<key>: {size_bytes, connections}}}
DELETE /accounts/<key>            → 204 | 404
GET    /health                    → 200 {detail}
"""

from collections.abc import Sequence
from typing import IO
from urllib.parse import quote

from incubator.cloud.drivers.base import (
    Capabilities,
    Check,
    DriverError,
    Health,
    Limits,
    NotFound,
    Place,
    RemoteRef,
    RemoteState,
    Secret,
    Usage,
)
from incubator.cloud.drivers.examining import all_looked
from incubator.cloud.drivers.transport import DEADLINE, Answer, Http, Nothing


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


class WipeAnswer(Answer):
    """What is still there."""

    left: list[str] = []


class HttpDriver:
    """A provider behind an address; one connection a call, redirects are not followed."""

    capabilities = Capabilities(
        hard_cap="quota", freeze="instant", usage_lag=0, async_create=True, portable_export=True, members=True
    )

    def __init__(self, address: str, token: str, deadline: float = DEADLINE) -> None:
        self._http = Http(address, {"Authorization": f"Bearer {token}"}, deadline=deadline)

    @classmethod
    def open(cls, place: Place) -> "HttpDriver":
        """The driver of a provider."""
        return cls(place.needed(), place.token or "")

    def check(self) -> Health:
        """Ask for its health."""
        try:
            return Health(True, self._http.call("GET", "/health", HealthAnswer).detail)
        except DriverError as error:
            return Health(False, str(error))

    def examine(self) -> list[Check]:
        """Its health, and whether it shows us its accounts and their usage."""
        return all_looked(
            ("It answers and accepts our token.", lambda: self._http.call("GET", "/health", HealthAnswer)),
            ("It shows us its accounts.", self.list_all),
            ("It shows us their usage.", lambda: self.usage([])),
        )

    def find(self, key: str) -> RemoteRef | None:
        """The account with this key."""
        try:
            return self._http.call("GET", _path(key), AccountAnswer).ref()
        except NotFound:
            return None

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """Put the account there; the provider answers the one it has when asked again."""
        return self._http.call("PUT", _path(key), AccountAnswer, _of(limits)).ref()

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """Set the limits."""
        self._http.call("PUT", _path(ref.key, "/limits"), Nothing, _of(limits))

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """Ask for a new secret."""
        return Secret(**self._http.call("POST", _path(ref.key, "/access"), AccessAnswer, {}).model_dump())

    def ensure_member(self, ref: RemoteRef, member: str) -> Secret:
        """Ask for a secret of one more person."""
        path = _path(ref.key, f"/members/{quote(member, safe='')}")
        return Secret(**self._http.call("PUT", path, AccessAnswer, {}).model_dump())

    def remove_member(self, ref: RemoteRef, member: str) -> None:
        """End one person's access; nobody there is fine."""
        try:
            self._http.call("DELETE", _path(ref.key, f"/members/{quote(member, safe='')}"), Nothing)
        except NotFound:
            return

    def freeze(self, ref: RemoteRef, level: int) -> None:
        """Freeze at a level."""
        self._http.call("POST", _path(ref.key, "/freeze"), Nothing, {"level": level})

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:
        """Open again."""
        self._http.call("POST", _path(ref.key, "/unfreeze"), Nothing, _of(limits))

    def list_all(self) -> list[RemoteRef]:
        """Every account."""
        return [account.ref() for account in self._http.call("GET", "/accounts", AccountsAnswer).accounts]

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """What the asked accounts hold."""
        found = self._http.call("GET", "/usage", UsageAnswer).usage
        return {key: Usage(found[key].size_bytes, found[key].connections) for key in keys if key in found}

    def export(self, ref: RemoteRef, target: IO[bytes]) -> None:
        """Take the archive that the provider makes."""
        self._http.download(_path(ref.key, "/export"), target)

    def wipe(self, ref: RemoteRef) -> list[str]:
        """Have everything inside removed."""
        try:
            return sorted(self._http.call("POST", _path(ref.key, "/wipe"), WipeAnswer, {}).left)
        except NotFound:
            return []

    def delete(self, ref: RemoteRef) -> None:
        """Delete; gone already is fine."""
        try:
            self._http.call("DELETE", _path(ref.key), Nothing)
        except NotFound:
            return


def _path(key: str, rest: str = "") -> str:
    return f"/accounts/{quote(key, safe='')}{rest}"


def _of(limits: Limits) -> dict[str, int]:
    return {"connections": limits.connections, "disk_mb": limits.disk_mb, "quantity": limits.quantity}
