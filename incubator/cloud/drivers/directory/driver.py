"""A member account of the group's directory per sandbox, found again by our key.

Token of the provider: access key number and secret with a colon between. Address: none (the vendor's own), or one for
all services. options that all three know: policy (id of a policy that denies everything: it lies on the folder of the
frozen; needed to make any account) · parent (id of the folder for ours; otherwise the root) · role (the role in a
member account that lets us in) · grant (what a team may do there). What else one knows stands in its own file.

Accounts of teams lie in the folder incubator-active, frozen ones in incubator-frozen. Deleting is for good and takes
everything inside with it: what the vendor's own check finds against it is told first, and nothing is deleted then.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, ClassVar

from incubator.cloud.drivers.base import (
    Capabilities,
    Check,
    Conflict,
    DriverError,
    Health,
    Limits,
    NotEmpty,
    NotFound,
    Pending,
    Place,
    Rejected,
    RemoteRef,
    RemoteState,
    Secret,
    Unavailable,
    Usage,
)
from incubator.cloud.drivers.examining import all_looked
from incubator.cloud.drivers.whose import confirm

TAG, TEAM = "incubator-key", "incubator-team"
ACTIVE, FROZEN = "incubator-active", "incubator-frozen"
STANDS = {ACTIVE: RemoteState.ACTIVE, FROZEN: RemoteState.FROZEN}
POLL = 20


@dataclass(frozen=True)
class Member:
    """An account of the directory. key: of which sandbox it says that it is."""

    id: str
    key: str
    folder: str
    is_leaving: bool = False


@dataclass(frozen=True)
class Spent:
    """What one account cost in a month, from the vendor's bill; never a float."""

    account: str
    amount: Decimal
    currency: str


def name_of(key: str) -> str:
    """An account's name, at most 25 characters (Tencent allows no more)."""
    return f"sb-{key}"


class Directory(ABC):
    """What one vendor's SDK is asked. Every call has a deadline; looks raise Unavailable, changes Ambiguous, when no
    answer came."""

    console: str
    host: str

    def __init__(self, place: Place) -> None:
        self.provider_id = place.provider_id
        number, _, secret = (place.token or "").partition(":")
        self.number, self.secret = number or "none", secret or "none"
        self.options = dict(place.options)
        scheme, _, rest = (place.address or "").rpartition("://")
        self.protocol, self.endpoint = scheme or "https", rest.rstrip("/") or None

    def option(self, name: str, default: str | None = None) -> str:
        """An option of the provider. Raises Rejected for one that must be set and is not."""
        found = self.options.get(name) or default
        if not found:
            raise Rejected(f"the option {name} is not set")
        return found

    @abstractmethod
    def who(self) -> str:
        """The directory's number, and that we may read it."""

    @abstractmethod
    def members(self, key: str | None, folders: Sequence[str]) -> Iterator[Member]:
        """Accounts that say that they are ours, all or the one with a key. folders: where ours lie."""

    @abstractmethod
    def folders(self) -> dict[str, str]:
        """Ids of the folders below ours by name."""

    @abstractmethod
    def make_folder(self, name: str) -> str:
        """A new folder's id."""

    @abstractmethod
    def guards(self, folder: str) -> set[str]:
        """Ids of the policies that lie on a folder."""

    @abstractmethod
    def guard(self, folder: str, policy: str) -> None:
        """Lay a policy on a folder."""

    @abstractmethod
    def make(self, key: str, folder: str) -> None:
        """Ask for an account. Raises Pending while it is made, Conflict when its name is somebody else's."""

    @abstractmethod
    def move(self, member: Member, folder: str) -> None:
        """Into another folder."""

    @abstractmethod
    def left(self, member: Member) -> list[str]:
        """What the vendor's check finds against deleting it; changes nothing. Raises Pending while it looks."""

    @abstractmethod
    def remove(self, member: Member) -> None:
        """Delete it for good; nothing there is success."""

    @abstractmethod
    def new_keys(self, member: Member) -> tuple[str, str]:
        """A new access key of the team's user there, number and secret; older ones are gone."""

    @abstractmethod
    def spent(self, month: str) -> list[Spent]:
        """What each account cost in a month (YYYY-MM), as far as it is known."""

    @abstractmethod
    def fund(self, member: Member, limits: Limits) -> None:
        """Give it its money before a team gets it, where the vendor has such."""


class MemberDriver:
    """The interface of all drivers over a directory."""

    capabilities: ClassVar[Capabilities]
    known_options: ClassVar[tuple[str, ...]] = ("policy", "parent", "role", "grant")
    known_settings: ClassVar[tuple[str, ...]] = ()

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._folders: dict[str, str] = {}
        self._is_confirmed = False

    def check(self) -> Health:
        """Ask whose directory it is."""
        try:
            return Health(True, f"directory {self._directory.who()}")
        except DriverError as error:
            return Health(False, str(error))

    def examine(self) -> list[Check]:
        """Credentials, rights and settings, by looking alone."""
        return all_looked(
            ("It answers and accepts our access key.", self._directory.who),
            ("It is the directory in which our accounts are.", self._confirm),
            ("It shows us the folders of its directory.", self._directory.folders),
            ("It shows us its accounts.", self.list_all),
            ("A policy that denies everything is named (option policy).", lambda: self._directory.option("policy")),
            ("That policy lies on the folder of the frozen, where there is one.", self._is_guarded),
            ("It shows us what accounts cost.", lambda: self._directory.spent("2026-01")),
        )

    def find(self, key: str) -> RemoteRef | None:
        """The account that says that it is this sandbox's; outside our folders it is CREATING, and create mends it."""
        member = self._member(key)
        return None if member is None else self._ref(member)

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """Look, ask for it, give it its money, hand it over."""
        member = self._member(key)
        if member is None:
            member = self._made(key)
        if member is None or member.is_leaving:
            raise Pending("the provider is at it", POLL)
        if self._ref(member).state is RemoteState.CREATING:
            active = self._ready()
            self._directory.fund(member, limits)
            self._directory.move(member, active)
            return RemoteRef(key, member.id, RemoteState.ACTIVE)
        return self._ref(member)

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:  # noqa: ARG002 - the interface of all drivers
        """Connections and disk mean nothing to a whole account; money was given before it was handed over."""
        self._there(ref)

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """A new access key of the team's user in the account."""
        member = self._there(ref)
        number, secret = self._directory.new_keys(member)
        note = f"Access key: {number}\nConsole: {self._directory.console}"
        return Secret(self._directory.host, 443, member.id, TEAM, secret, "service", note)

    def ensure_member(self, ref: RemoteRef, member: str) -> Secret:
        """Raises Rejected: one user an account, the team's."""
        raise Rejected(f"{ref.name}: one user an account, none for {member}")

    def remove_member(self, ref: RemoteRef, member: str) -> None:
        """Nobody is there."""

    def freeze(self, ref: RemoteRef, level: int) -> None:  # noqa: ARG002 - the interface of all drivers
        """Into the folder where a policy denies everything, whatever the level: no vendor has a weaker one."""
        member = self._there(ref)
        self._ready()
        self._bring(member, FROZEN)

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:  # noqa: ARG002 - the interface of all drivers
        """Back to the folder of the teams; their secrets work again."""
        self._bring(self._there(ref), ACTIVE)

    def list_all(self) -> list[RemoteRef]:
        """Every account that says that it is ours."""
        return sorted(
            (self._ref(member) for member in self._directory.members(None, self._places())), key=lambda ref: ref.key
        )

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """That it is there: what it cost comes with the bill."""
        return {ref.key: Usage(0, 0) for ref in self.list_all() if ref.key in keys}

    def spent(self, month: str) -> dict[str, Spent]:
        """What our accounts cost in a month (YYYY-MM), by key."""
        keys = {ref.name: ref.key for ref in self.list_all()}
        return {keys[one.account]: one for one in self._directory.spent(month) if one.account in keys}

    def export(self, ref: RemoteRef, target: IO[bytes]) -> None:  # noqa: ARG002 - the interface of all drivers
        """Raises Rejected: a whole account cannot be taken out; its team has the vendor's tools for each service."""
        raise Rejected(f"{ref.name}: a whole account cannot be taken out as one")

    def wipe(self, ref: RemoteRef) -> list[str]:
        """What stands against deleting it, which takes everything inside with it."""
        member = self._member(ref.key)
        return [] if member is None or member.is_leaving else sorted(self._directory.left(member))

    def delete(self, ref: RemoteRef) -> None:
        """Delete for good, when it still says that it is this sandbox's and nothing stands against it."""
        member = self._member(ref.key)
        if member is None:
            return
        if member.is_leaving:
            raise Pending("the provider deletes it", POLL)
        if left := self._directory.left(member):
            raise NotEmpty(sorted(left))
        self._directory.remove(member)

    def _confirm(self) -> None:
        """Raises AuthFailed for the key of another directory, once a driver: none of our accounts is to be seen there,
        and none is gone."""
        if not self._is_confirmed:
            confirm(self._directory.provider_id, self._directory.who())
            self._is_confirmed = True

    def _known(self) -> dict[str, str]:
        if not self._folders:
            self._folders = {name: id_ for name, id_ in self._directory.folders().items() if name in STANDS}
        return self._folders

    def _places(self) -> list[str]:
        self._confirm()
        return list(self._known().values())

    def _made(self, key: str) -> Member | None:
        """Asked for; None while it is not to be seen. A name that is taken may be our own, seen late."""
        active = self._ready()
        try:
            self._directory.make(key, active)
        except Conflict:
            if (found := self._member(key)) is not None:
                return found
            raise
        return self._member(key)

    def _ready(self) -> str:
        """The teams' folder; both are made, and what denies everything lies on that of the frozen."""
        policy = self._directory.option("policy")
        for name in STANDS:
            if name not in self._known():
                with suppress(Conflict):  # another made it at the same time
                    self._directory.make_folder(name)
                self._folders = {}
        if not STANDS.keys() <= self._known().keys():
            raise Unavailable("the folders of our accounts are not to be seen yet")
        if policy not in self._directory.guards(self._folders[FROZEN]):
            with suppress(Conflict):
                self._directory.guard(self._folders[FROZEN], policy)
        return self._folders[ACTIVE]

    def _is_guarded(self) -> None:
        frozen = self._known().get(FROZEN)
        if frozen and self._directory.option("policy") not in self._directory.guards(frozen):
            raise Rejected("it does not; the next order or freeze lays it there")

    def _member(self, key: str) -> Member | None:
        found = (one for one in self._directory.members(key, self._places()) if one.key == key)
        return next(found, None)

    def _ref(self, member: Member) -> RemoteRef:
        names = {id_: name for name, id_ in self._known().items()}
        state = STANDS.get(names.get(member.folder, ""), RemoteState.CREATING)
        return RemoteRef(member.key, member.id, RemoteState.DELETING if member.is_leaving else state)

    def _there(self, ref: RemoteRef) -> Member:
        member = self._member(ref.key)
        if member is None or self._ref(member).state not in STANDS.values():
            raise NotFound(ref.key)
        return member

    def _bring(self, member: Member, name: str) -> None:
        if member.folder != self._known()[name]:
            self._directory.move(member, self._known()[name])
