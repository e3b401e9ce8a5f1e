"""The interface of every driver, and what it raises."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol


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


class RemoteState(StrEnum):
    """How an account stands at the provider."""

    CREATING = "creating"
    ACTIVE = "active"
    FROZEN = "frozen"


@dataclass(frozen=True)
class Capabilities:
    """What a provider keeps by itself. usage_lag: seconds until usage can be read."""

    hard_cap: Literal["native", "quota", "none"]
    freeze: Literal["instant", "delayed"]
    usage_lag: int
    async_create: bool
    portable_export: bool


@dataclass(frozen=True)
class Health:
    """Whether a provider answers, and with what."""

    is_up: bool
    detail: str


@dataclass(frozen=True)
class Limits:
    """What the provider is to enforce."""

    connections: int
    disk_mb: int


@dataclass(frozen=True)
class RemoteRef:
    """An account at a provider: our key, its own name for it, how it stands."""

    key: str
    name: str
    state: RemoteState


@dataclass(frozen=True)
class Secret:
    """How a team reaches its sandbox."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Usage:
    """What an account holds now."""

    size_bytes: int
    connections: int


class Driver(Protocol):
    """One provider. All calls but usage, list_all and check raise NotFound for an unknown account."""

    capabilities: Capabilities

    def check(self) -> Health:
        """Tell whether the provider answers; raises nothing."""

    def find(self, key: str) -> RemoteRef | None:
        """The account with this key, however complete."""

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """Make the account, or answer the one that is there; CREATING when the provider takes its time."""

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """Bring the provider's own limits to these."""

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """Let the team in with a new secret that was tried; an older one stops working."""

    def freeze(self, ref: RemoteRef, level: int) -> None:
        """Stop new spend (1), cut access (2), stop everything (3), and end what runs; a stronger level will do."""

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:
        """Let the team in again with the secret it has."""

    def list_all(self) -> list[RemoteRef]:
        """Every account that this product made there."""

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """What the accounts hold now, by key; an unknown one is left out."""

    def delete(self, ref: RemoteRef) -> None:
        """Remove the account with everything in it; nothing there is success."""
