"""Any broker that speaks the Open Service Broker API 2.17 (openservicebrokerapi/servicebroker, spec.md).

The platform chooses the ids: an instance has our key as its id, so asking twice is asking once. The protocol has no
list of instances and no freeze: to freeze is to unbind, to open again is to bind anew, with a new secret. A broker
must let instances be fetched (`instances_retrievable`); where it does not, its last operation is asked.

An order of more than one tells the broker so in the parameter "quantity".

settings of a plan: service_id, plan_id. options of the provider: the same, for plans that name none.
"""

import base64
from collections.abc import Sequence
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import quote, urlencode

from incubator.cloud.drivers.base import (
    Capabilities,
    Check,
    DriverError,
    Health,
    Limits,
    NotFound,
    Pending,
    Place,
    Rejected,
    RemoteRef,
    RemoteState,
    Secret,
    Usage,
)
from incubator.cloud.drivers.examining import all_looked
from incubator.cloud.drivers.transport import Answer, Http, Nothing, Reply, seconds

VERSION = "2.17"
BINDING = "team"
POLL_SECONDS = 10
CONFLICT, GONE, BUSY = 409, 410, 422


class PlanAnswer(Answer):
    """A plan of the catalogue."""

    id: str


class ServiceAnswer(Answer):
    """A service of the catalogue."""

    id: str
    plans: list[PlanAnswer] = []
    instances_retrievable: bool = False


class CatalogAnswer(Answer):
    """The catalogue."""

    services: list[ServiceAnswer] = []


class InstanceAnswer(Answer):
    """An instance that was fetched."""

    service_id: str | None = None
    plan_id: str | None = None


class OperationAnswer(Answer):
    """How far the last operation is."""

    state: str
    description: str = ""


class BindingAnswer(Answer):
    """A binding with its credentials, whose names each broker chooses."""

    credentials: dict[str, Any] = {}


class ErrorAnswer(Answer):
    """What is wrong."""

    error: str = ""
    description: str = ""


class OpenServiceBroker:
    """A broker behind an address; token: `user:password` (basic authentication) or a bearer token."""

    capabilities = Capabilities(
        hard_cap="quota", freeze="instant", usage_lag=0, async_create=True, portable_export=False, lists=False,
        shows_freeze=False, new_secret_after_freeze=True, poll_seconds=POLL_SECONDS,
    )  # fmt: skip

    def __init__(self, address: str, token: str, options: dict[str, str]) -> None:
        kind, proof = ("Basic", base64.b64encode(token.encode()).decode()) if ":" in token else ("Bearer", token)
        headers = {"Authorization": f"{kind} {proof}", "X-Broker-API-Version": VERSION}
        self._http = Http(address, headers, refusals={GONE: NotFound})
        self._options = options

    @classmethod
    def open(cls, place: Place) -> "OpenServiceBroker":
        """The driver of a provider."""
        return cls(place.needed(), place.token or "", dict(place.options))

    def check(self) -> Health:
        """Fetch the catalogue."""
        try:
            return Health(True, f"{len(self._catalog().services)} services")
        except DriverError as error:
            return Health(False, str(error))

    def examine(self) -> list[Check]:
        """The catalogue, what it lets us fetch, and that the provider's own service and plan stand in it."""
        return all_looked(
            ("It answers and accepts our credentials.", self._catalog),
            ("Instances can be fetched, so that they are found again after a lost answer.", self._retrievable),
            ("The service and the plan of our settings stand in its catalogue.", self._known),
        )

    def find(self, key: str) -> RemoteRef | None:
        """The instance with this id; one that is still worked on is CREATING, whichever way it goes."""
        try:
            self._instance(key)
        except NotFound:
            return self._worked_on(key)
        return RemoteRef(key, key, RemoteState.ACTIVE)

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """Provision it; the same asked again is the same. What failed is deleted, as the protocol asks of us."""
        ids = self._ids(limits.settings)
        found = self._last(key, ids)
        if found is not None and found.state == "failed":
            self.delete(RemoteRef(key, key, RemoteState.CREATING))
            raise Rejected(f"the broker could not make it: {found.description}"[:200])
        body: dict[str, Any] = ids | {
            "organization_guid": "incubator",
            "space_guid": key,
            "context": {"platform": "incubator", "sandbox": key},
        }
        if limits.quantity > 1:
            body["parameters"] = {"quantity": limits.quantity}
        reply = self._http.send("PUT", f"{_instance(key)}?accepts_incomplete=true", body)
        if reply.status == BUSY:
            raise self._busy(reply)
        if reply.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise self._http.refusal("PUT", reply)
        self._http.read("PUT", reply, Nothing)
        pending = reply.status == HTTPStatus.ACCEPTED
        return RemoteRef(key, key, RemoteState.CREATING if pending else RemoteState.ACTIVE)

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """The plan is the limit: the broker keeps it."""

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """Unbind, then bind: a new secret."""
        ids = self._ids_of(ref.key)
        self._unbind(ref.key, ids)
        body = ids | {"context": {"platform": "incubator", "sandbox": ref.key}}
        found = self._http.call("PUT", _binding(ref.key), BindingAnswer, body)
        return _secret(ref, found.credentials)

    def ensure_member(self, ref: RemoteRef, member: str) -> Secret:
        """Raises Rejected: one binding an instance."""
        raise Rejected(f"{ref.name}: one binding an instance, none for {member}")

    def remove_member(self, ref: RemoteRef, member: str) -> None:
        """Nobody is there."""

    def freeze(self, ref: RemoteRef, level: int) -> None:  # noqa: ARG002 - the interface of all drivers
        """Unbind; the data stay."""
        self._unbind(ref.key, self._ids_of(ref.key))

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:  # noqa: ARG002 - the interface of all drivers
        """Binding anew opens it (ensure_access)."""
        self._instance(ref.key)

    def list_all(self) -> list[RemoteRef]:
        """Raises Rejected: the protocol has no list."""
        raise Rejected("a broker cannot list its instances")

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """The protocol tells no usage: what is there costs by the hour."""
        return {key: Usage(0, 0) for key in keys}

    def export(self, ref: RemoteRef, target: IO[bytes]) -> None:  # noqa: ARG002 - the interface of all drivers
        """Raises Rejected: the protocol has no export."""
        raise Rejected(f"{ref.name}: a broker gives out no copies")

    def wipe(self, ref: RemoteRef) -> list[str]:  # noqa: ARG002 - the interface of all drivers
        """Deprovisioning does it."""
        return []

    def delete(self, ref: RemoteRef) -> None:
        """Unbind and deprovision; gone is fine. Raises Pending while the broker is at it."""
        try:
            ids = self._ids_of(ref.key)
        except NotFound:
            ids = self._ids({})
        self._unbind(ref.key, ids)
        path = f"{_instance(ref.key)}?{urlencode(ids | {'accepts_incomplete': 'true'})}"
        reply = self._http.send("DELETE", path)
        if reply.status == HTTPStatus.ACCEPTED:
            raise Pending("the broker deletes it", POLL_SECONDS)
        if reply.status == BUSY:
            raise self._busy(reply)
        if reply.status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND, GONE}:
            raise self._http.refusal("DELETE", reply)

    def _unbind(self, key: str, ids: dict[str, str]) -> None:
        reply = self._http.send("DELETE", f"{_binding(key)}?{urlencode(ids)}")
        if reply.status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND, GONE}:
            raise self._http.refusal("DELETE", reply)

    def _busy(self, reply: Reply) -> DriverError:
        """422 says that another operation runs (ConcurrencyError), or what is wrong for good."""
        found = self._http.read("GET", reply, ErrorAnswer)
        if found.error == "ConcurrencyError":
            return Pending("the broker is at another operation", seconds(reply.wait))
        return Rejected(f"{found.error} {found.description}".strip()[:200] or "HTTP 422")

    def _catalog(self) -> CatalogAnswer:
        return self._http.call("GET", "/v2/catalog", CatalogAnswer)

    def _retrievable(self) -> None:
        wrong = [service.id for service in self._catalog().services if not service.instances_retrievable]
        if wrong:
            raise Rejected(f"not those of {', '.join(wrong)}")

    def _known(self) -> None:
        ids = self._ids({})
        plans = {(service.id, plan.id) for service in self._catalog().services for plan in service.plans}
        if (ids["service_id"], ids["plan_id"]) not in plans:
            raise Rejected(f"{ids['service_id']} with {ids['plan_id']} is not offered")

    def _instance(self, key: str) -> InstanceAnswer:
        return self._http.call("GET", _instance(key), InstanceAnswer)

    def _ids_of(self, key: str) -> dict[str, str]:
        found = self._instance(key)
        given = {"service_id": found.service_id, "plan_id": found.plan_id}
        return self._ids({name: value for name, value in given.items() if value})

    def _ids(self, settings: Any) -> dict[str, str]:
        """Service and plan. Raises Rejected when neither the plan nor the provider names them."""
        found = {name: settings.get(name) or self._options.get(name) for name in ("service_id", "plan_id")}
        if not all(found.values()):
            raise Rejected("service_id and plan_id are not set")
        return {name: str(value) for name, value in found.items()}

    def _worked_on(self, key: str) -> RemoteRef | None:
        found = self._last(key, self._ids({}))
        is_busy = found is not None and found.state in {"in progress", "failed"}
        return RemoteRef(key, key, RemoteState.CREATING) if is_busy else None

    def _last(self, key: str, ids: dict[str, str]) -> OperationAnswer | None:
        """None where there is nothing, or a broker that is never at anything for long."""
        try:
            return self._http.call("GET", f"{_instance(key)}/last_operation?{urlencode(ids)}", OperationAnswer)
        except (NotFound, Rejected):
            return None


def _instance(key: str) -> str:
    return f"/v2/service_instances/{quote(key, safe='')}"


def _binding(key: str) -> str:
    return f"{_instance(key)}/service_bindings/{BINDING}"


NAMES = {
    "host": ("host", "hostname", "uri", "url"),
    "database": ("database", "name", "dbname", "vhost"),
    "user": ("username", "user"),
    "password": ("password", "secret", "token", "api_key"),
}
"""What brokers call the parts of their credentials."""


def _secret(ref: RemoteRef, credentials: dict[str, Any]) -> Secret:
    """The parts by their usual names; everything else goes into the note."""
    found = {
        part: next((str(credentials[n]) for n in names if credentials.get(n)), "") for part, names in NAMES.items()
    }
    used = {name for names in NAMES.values() for name in names} | {"port"}
    rest = "\n".join(f"{name}: {value}" for name, value in sorted(credentials.items()) if name not in used)
    port = str(credentials.get("port", ""))
    if not found["password"] and not rest:
        raise Rejected(f"{ref.name}: the broker gave no credentials")
    return Secret(port=int(port) if port.isdecimal() else 0, kind="service", note=rest, **found)
