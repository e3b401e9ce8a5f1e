"""The interface of every driver, and what it raises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Literal, Protocol


class DriverError(Exception):
    """A provider did not do what it was asked."""

    is_permanent = False


class Throttled(DriverError):
    """Too many calls; try again after some seconds."""

    def __init__(self, message: str, after: int) -> None:
        super().__init__(message)
        self.after = after


class Unavailable(DriverError):
    """The provider cannot be reached or is down: nothing happened; try again."""


class Ambiguous(DriverError):
    """It may have happened or not (time-out, lost answer): look up first, then decide."""


class Pending(DriverError):
    """The provider has taken the call and is not done yet (asynchronous, or a person does it): look again later."""

    def __init__(self, message: str, after: int) -> None:
        super().__init__(message)
        self.after = after


class Conflict(DriverError):
    """Something else stands under this name: adopt it when the key is ours, else stop."""

    is_permanent = True


class Rejected(DriverError):
    """The provider refuses this for good; a person must look."""

    is_permanent = True


class QuotaExhausted(DriverError):
    """The provider has no room left; a person must look."""

    is_permanent = True


class AuthFailed(DriverError):
    """Our credentials are not accepted: ask nothing more of this provider for a while."""


class NotFound(DriverError):
    """There is nothing under this key; for delete that is success."""

    is_permanent = True


class NotEmpty(DriverError):
    """Something of the account cannot be removed, or is still there after it was; `left` names it."""

    is_permanent = True

    def __init__(self, left: Sequence[str]) -> None:
        super().__init__("still there: " + ", ".join(left))
        self.left = list(left)


class RemoteState(StrEnum):
    """How an account stands at the provider."""

    CREATING = "creating"
    ACTIVE = "active"
    FROZEN = "frozen"
    DELETING = "deleting"


@dataclass(frozen=True)
class Capabilities:
    """What a provider keeps by itself.

    hard_cap: whether it refuses what would cost more (its own limits, or quotas set there). usage_lag: seconds until
    usage can be read. async_create: an account may take its time. pooled: accounts are wiped and used again. members:
    further people get secrets of their own. portable_export: what is inside can be taken out. hand_made: a
    person does what is asked. lists: it can say what is there. shows_freeze: a look at an account tells that it is
    frozen. new_secret_after_freeze: the old one is gone for good. poll_seconds: how often to look at what
    takes its time.
    """

    hard_cap: Literal["native", "quota", "none"]
    freeze: Literal["instant", "delayed"]
    usage_lag: int
    async_create: bool
    portable_export: bool
    pooled: bool = False
    members: bool = False
    hand_made: bool = False
    lists: bool = True
    shows_freeze: bool = True
    new_secret_after_freeze: bool = False
    poll_seconds: int = 5


@dataclass(frozen=True)
class Place:
    """Where a provider is and how we get in. address: for local_pg the superuser's URL of the sandboxes' cluster, for
    the others the base URL, None for manual. options: what is not secret and only its driver knows."""

    address: str | None
    token: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    provider_id: int = 0

    def needed(self) -> str:
        """The address. Raises Unavailable when there is none."""
        if not self.address:
            raise Unavailable("the provider's address is not set")
        return self.address


@dataclass(frozen=True)
class Health:
    """Whether a provider answers, and with what."""

    is_up: bool
    detail: str


@dataclass(frozen=True)
class Check:
    """One thing an operator wants to know of a provider before anybody orders there, in plain words."""

    is_good: bool
    words: str


@dataclass(frozen=True)
class Limits:
    """What the provider is to enforce, for all of what was ordered.

    settings: what only this kind of provider knows (a plan's id, a CPU quota), for one of the plan's unit; quantity:
    how many of it were ordered.
    """

    connections: int
    disk_mb: int
    settings: Mapping[str, str] = field(default_factory=dict)
    quantity: int = 1


@dataclass(frozen=True)
class RemoteRef:
    """An account at a provider: our key, its own name for it, how it stands."""

    key: str
    name: str
    state: RemoteState


SecretKind = Literal["database", "cluster", "keys", "service"]


@dataclass(frozen=True)
class Secret:
    """How a team reaches its sandbox. kind: what the parts are called where they are shown (a cluster's namespace
    stands in `database`, an access key's number in `user`); note: what else is needed, such as a certificate."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    kind: SecretKind = "database"
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class Usage:
    """What an account holds now."""

    size_bytes: int
    connections: int


class Driver(Protocol):
    """One provider. Calls that take a ref raise NotFound for an unknown account, but wipe, remove_member and delete,
    for which that is success. What takes its time raises Pending."""

    capabilities: Capabilities

    def check(self) -> Health:
        """Tell whether the provider answers; raises nothing."""

    def examine(self) -> list[Check]:
        """Whether credentials, rights and limits suffice, without making anything that costs; raises nothing."""

    def find(self, key: str) -> RemoteRef | None:
        """The account with this key, however complete."""

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """Make the account, or answer the one that is there; CREATING when the provider takes its time."""

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """Bring the provider's own limits to these."""

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """Let the team in with a new secret that was tried; an older one stops working."""

    def ensure_member(self, ref: RemoteRef, member: str) -> Secret:
        """Let one more person in with a secret of their own; again: a new secret. member: 16 letters and digits."""

    def remove_member(self, ref: RemoteRef, member: str) -> None:
        """End one person's access and sessions; what they made stays. Nobody there is success."""

    def freeze(self, ref: RemoteRef, level: int) -> None:
        """Stop new spend (1), cut access (2), stop everything (3), and end what runs; a stronger level will do."""

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:
        """Let the team in again with the secret it has."""

    def list_all(self) -> list[RemoteRef]:
        """Every account that this product made there."""

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """What the accounts hold now, by key; an unknown one is left out."""

    def export(self, ref: RemoteRef, target: IO[bytes]) -> None:
        """Write what is inside, as a ZIP archive that can be read without this product, frozen accounts too."""

    def wipe(self, ref: RemoteRef) -> list[str]:
        """Remove everything inside; answers the names of what could not be removed, sorted."""

    def delete(self, ref: RemoteRef) -> None:
        """Remove the account itself, or give it back to the pool; nothing there is success."""
