"""A namespace per sandbox on a Kubernetes cluster, through the official client.

Objects are written by server-side apply, so every call can be repeated. The namespace carries our key as a label: a
namespace without it is somebody else's. What holds without us: the ResourceQuota, and that the team's service account
has rights in its namespace alone. A secret is a token of the TokenRequest API; making the service account anew ends
the tokens it had. Deleting takes its time: the namespace is Terminating until its contents are gone.

settings of a plan: cpu, memory, pods (quantities as Kubernetes writes them). options of the provider: ca (PEM of the
cluster's certificate authority), role (a ClusterRole, otherwise `edit`), token_days.
"""

import datetime as dt
from collections.abc import Sequence
from typing import IO, Any

from pydantic import Field

from incubator.cloud.drivers.base import (
    Capabilities,
    Check,
    Conflict,
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
from incubator.cloud.drivers.kubernetes.calling import Cluster, Operation, change, look
from incubator.cloud.drivers.kubernetes.quantities import hard_limits, number
from incubator.cloud.drivers.transport import Answer, Nothing
from incubator.core import clock

PREFIX = "sb-"
LABEL = "incubator/key"
STATE = "incubator/state"
TEAM = "team"
MANAGER, FREEZER = "incubator", "incubator-freeze"
"""Who says which fields when something is applied: what it said before and leaves out is removed. So a freeze, which
says one of the quota's, is another's; who says it next takes it back, and nothing is the freeze's any more."""
APPLY = "application/apply-patch+yaml"
RBAC = "rbac.authorization.k8s.io"
PAGE = 500
STUCK_AFTER = dt.timedelta(minutes=10)
TOKEN_DAYS = 30
RIGHTS = (
    ("create", "", "namespaces"),
    ("get", "", "namespaces"),
    ("patch", "", "namespaces"),
    ("delete", "", "namespaces"),
    ("create", "", "resourcequotas"),
    ("list", "", "resourcequotas"),
    ("patch", "", "resourcequotas"),
    ("create", "", "serviceaccounts"),
    ("list", "", "serviceaccounts"),
    ("patch", "", "serviceaccounts"),
    ("delete", "", "serviceaccounts"),
    ("create", "", "serviceaccounts/token"),
    ("deletecollection", "", "pods"),
    ("create", RBAC, "rolebindings"),
    ("patch", RBAC, "rolebindings"),
    ("delete", RBAC, "rolebindings"),
    ("deletecollection", RBAC, "rolebindings"),
)
"""Verb, group and resource; what is applied and is not there yet must be allowed to be created too."""


class Metadata(Answer):
    """What every object has."""

    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = {}
    deletion: dt.datetime | None = Field(None, alias="deletionTimestamp")
    more: str = Field("", alias="continue")


class Condition(Answer):
    """Why a namespace is still there."""

    type: str
    status: str
    message: str = ""


class NamespaceStatus(Answer):
    """How a namespace stands."""

    phase: str = "Active"
    conditions: list[Condition] = []


class Namespace(Answer):
    """A namespace."""

    metadata: Metadata
    status: NamespaceStatus = NamespaceStatus()

    def ref(self) -> RemoteRef:
        """As the product names it."""
        state = RemoteState.FROZEN if self.metadata.labels.get(STATE) == "frozen" else RemoteState.ACTIVE
        if self.status.phase == "Terminating":
            state = RemoteState.DELETING
        return RemoteRef(self.metadata.labels.get(LABEL, ""), self.metadata.name, state)


class Namespaces(Answer):
    """A page of namespaces."""

    metadata: Metadata = Field(default_factory=lambda: Metadata.model_validate({}))
    items: list[Namespace] = []


class QuotaStatus(Answer):
    """What a quota counts."""

    used: dict[str, str] = {}


class Quota(Answer):
    """A quota."""

    metadata: Metadata
    status: QuotaStatus = QuotaStatus()


class Quotas(Answer):
    """A page of quotas."""

    metadata: Metadata = Field(default_factory=lambda: Metadata.model_validate({}))
    items: list[Quota] = []


class TokenStatus(Answer):
    """A token."""

    token: str


class TokenAnswer(Answer):
    """The answer to a TokenRequest."""

    status: TokenStatus


class AccessStatus(Answer):
    """Whether something is allowed."""

    allowed: bool = False


class AccessAnswer(Answer):
    """The answer to a SelfSubjectAccessReview."""

    status: AccessStatus = AccessStatus()


class Kubernetes:
    """A cluster behind its API server's address; token: of a service account that may make namespaces."""

    capabilities = Capabilities(
        hard_cap="quota", freeze="instant", usage_lag=60, async_create=False, portable_export=False, members=True
    )

    def __init__(self, address: str, token: str, options: dict[str, str]) -> None:
        self._address, self._options = address, options
        self._cluster = Cluster(address, token, options.get("ca"))

    @classmethod
    def open(cls, place: Place) -> "Kubernetes":
        """The driver of a provider."""
        return cls(place.needed(), place.token or "", dict(place.options))

    def check(self) -> Health:
        """Ask for its version."""
        try:
            self._version()
        except DriverError as error:
            return Health(False, str(error))
        return Health(True, self._address)

    def examine(self) -> list[Check]:
        """That it answers, that it shows its namespaces, and each right that is needed; asking makes nothing."""
        rights = [
            (f"We may {verb} {what}.", lambda verb=verb, group=group, what=what: self._allowed(verb, group, what))
            for verb, group, what in RIGHTS
        ]
        return all_looked(
            ("It answers and accepts our token.", self._version),
            ("It shows us its namespaces.", self.list_all),
            *rights,
        )

    def find(self, key: str) -> RemoteRef | None:
        """The namespace of this key. Raises Conflict when it is not ours."""
        try:
            found = self._namespace(key)
        except NotFound:
            return None
        if found.metadata.labels.get(LABEL) != key:
            raise Conflict(f"{found.metadata.name} is not ours")
        return found.ref()

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """The namespace with its quota."""
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PREFIX + key, "labels": {LABEL: key}}}
        try:
            change(self._cluster.core.create_namespace, Nothing, body=body)
        except Conflict:
            if self.find(key) is None:
                raise
        ref = self._there(key)
        self.ensure_limits(ref, limits)
        return ref

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """The quota: CPU, memory, pods and storage."""
        self._quota(ref.key, hard_limits(limits))

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """The team's service account, made anew, with the role in its namespace."""
        return self._let_in(ref, TEAM)

    def ensure_member(self, ref: RemoteRef, member: str) -> Secret:
        """A service account of their own."""
        return self._let_in(ref, f"member-{member}")

    def remove_member(self, ref: RemoteRef, member: str) -> None:
        """Delete the service account (its tokens end with it) and its role binding."""
        self._let_out(ref, f"member-{member}")

    def freeze(self, ref: RemoteRef, level: int) -> None:
        """No new pods, and the rest of the quota stays; from level 2 on no access either, and what runs ends."""
        self._there(ref.key)
        self._quota(ref.key, {"pods": "0"}, FREEZER)
        if level > 1:
            bindings = self._cluster.rbac.delete_collection_namespaced_role_binding
            self._delete(bindings, PREFIX + ref.key, label_selector=LABEL)
            self._delete(self._cluster.core.delete_collection_namespaced_pod, PREFIX + ref.key)
        self._mark(ref.key, "frozen")

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:
        """The quota and everybody's role again; tokens are still good."""
        self._there(ref.key)
        self.ensure_limits(ref, limits)
        listed = self._cluster.core.list_namespaced_service_account
        accounts = look(listed, Quotas, PREFIX + ref.key, label_selector=LABEL)
        for account in accounts.items:
            self._bind(ref.key, account.metadata.name)
        self._mark(ref.key, "active")

    def list_all(self) -> list[RemoteRef]:
        """Every namespace with our label, page by page."""
        found: list[RemoteRef] = []
        more = ""
        while True:
            after = {"_continue": more} if more else {}
            page = look(self._cluster.core.list_namespace, Namespaces, label_selector=LABEL, limit=PAGE, **after)
            found += [namespace.ref() for namespace in page.items]
            more = page.metadata.more
            if not more:
                return found

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """Storage that is asked for and pods that run, as the quotas count them."""
        asked = {PREFIX + key: key for key in keys}
        page = look(self._cluster.core.list_resource_quota_for_all_namespaces, Quotas, label_selector=LABEL)
        return {
            asked[quota.metadata.namespace]: Usage(
                number(quota.status.used.get("requests.storage", "0")), number(quota.status.used.get("pods", "0"))
            )
            for quota in page.items
            if quota.metadata.namespace in asked
        }

    def export(self, ref: RemoteRef, target: IO[bytes]) -> None:  # noqa: ARG002 - the interface of all drivers
        """Raises Rejected: volumes are the team's to copy."""
        raise Rejected(f"{ref.name}: what is in volumes the team copies itself")

    def wipe(self, ref: RemoteRef) -> list[str]:
        """Delete the namespace; what holds it up after a while is named. Raises Pending until then."""
        try:
            found = self._namespace(ref.key)
        except NotFound:
            return []
        if found.metadata.deletion is None:
            self._delete(self._cluster.core.delete_namespace, PREFIX + ref.key)
            found = self._after(ref.key) or found
        elif clock.now() - found.metadata.deletion > STUCK_AFTER:
            return sorted(one.message for one in found.status.conditions if one.status == "True" and one.message)
        if self._after(ref.key) is not None:
            raise Pending("the namespace is being emptied", self.capabilities.poll_seconds)
        return []

    def delete(self, ref: RemoteRef) -> None:
        """Wiping deletes the namespace itself."""
        self.wipe(ref)

    def _after(self, key: str) -> Namespace | None:
        try:
            return self._namespace(key)
        except NotFound:
            return None

    def _namespace(self, key: str) -> Namespace:
        return look(self._cluster.core.read_namespace, Namespace, PREFIX + key)

    def _version(self) -> None:
        look(self._cluster.version.get_code, Nothing)

    def _there(self, key: str) -> RemoteRef:
        ref = self.find(key)
        if ref is None:
            raise NotFound(key)
        return ref

    def _quota(self, key: str, hard: dict[str, str], manager: str = MANAGER) -> None:
        metadata = _named("sandbox") if manager == MANAGER else {"name": "sandbox"}
        body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": hard}}
        patch = self._cluster.core.patch_namespaced_resource_quota
        self._apply(patch, body, "sandbox", PREFIX + key, manager=manager)

    def _let_in(self, ref: RemoteRef, name: str) -> Secret:
        self._there(ref.key)
        core, namespace = self._cluster.core, PREFIX + ref.key
        self._delete(core.delete_namespaced_service_account, name, namespace)
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _named(name)}
        self._apply(core.patch_namespaced_service_account, account, name, namespace)
        self._bind(ref.key, name)
        days = int(self._options.get("token_days", TOKEN_DAYS))
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                "spec": {"expirationSeconds": days * 86_400}}  # fmt: skip
        said = change(core.create_namespaced_service_account_token, TokenAnswer, name, namespace, body=body)
        return Secret(
            host=self._address, port=0, database=namespace, user=name, password=said.status.token, kind="cluster",
            note=self._options.get("ca", ""),
        )  # fmt: skip

    def _let_out(self, ref: RemoteRef, name: str) -> None:
        self._delete(self._cluster.rbac.delete_namespaced_role_binding, name, PREFIX + ref.key)
        self._delete(self._cluster.core.delete_namespaced_service_account, name, PREFIX + ref.key)

    def _bind(self, key: str, name: str) -> None:
        body = {
            "apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": _named(name),
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": PREFIX + key}],
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": self._options.get("role", "edit")},
        }  # fmt: skip
        self._apply(self._cluster.rbac.patch_namespaced_role_binding, body, name, PREFIX + key)

    def _mark(self, key: str, state: str) -> None:
        body = {"apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": PREFIX + key, "labels": {LABEL: key, STATE: state}}}  # fmt: skip
        self._apply(self._cluster.core.patch_namespace, body, PREFIX + key)

    @staticmethod
    def _apply(patch: Operation, body: dict[str, Any], *names: str, manager: str = MANAGER) -> None:
        change(patch, Nothing, *names, body=body, field_manager=manager, force=True, _content_type=APPLY)

    @staticmethod
    def _delete(operation: Operation, *names: str, **details: Any) -> None:
        try:
            change(operation, Nothing, *names, **details)
        except NotFound:
            return

    def _allowed(self, verb: str, group: str, what: str) -> None:
        resource, _, sub = what.partition("/")
        asked = {"verb": verb, "group": group, "resource": resource, "subresource": sub}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": asked}}  # fmt: skip
        review = self._cluster.authorization.create_self_subject_access_review
        if not change(review, AccessAnswer, body=body).status.allowed:
            raise Rejected("the cluster does not allow it")


def _named(name: str) -> dict[str, Any]:
    return {"name": name, "labels": {LABEL: "yes"}}
