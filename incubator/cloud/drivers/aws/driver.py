"""An account of the organization per sandbox. AWS closes few accounts and keeps them for months, so they are pooled:
emptied, rested until what they cost is known, and used again.

Token of the provider: access key number and secret with a colon between, of the management account. Address: none
(Amazon's own), or one for all services. options: email (where new accounts get their mail, with {key} in it, such as
cloud+{key}@example.com; needed to make any) · region (us-east-1) · regions (where a team may work; otherwise that one)
· parent (the folder for ours; otherwise the root) · most (accounts in the pool, 10) · rest_hours (24) · role
(OrganizationAccountAccessRole) · policy (what a team may do, such as PowerUserAccess; otherwise all but people and the
organization) · alarm (who gets the mails of budgets).
settings of a plan: budget (US dollars a month, an alarm), services and instance_types (those alone may be used).

An account is used again only where its plan names services and a wipe sees all of each (s3). Any other may hold what
nobody tagged, a database, a function or a fleet: once it is empty, as far as can be seen, it is closed.

A budget is an alarm and no wall; what it cost comes with the bill, a day late.
"""

import datetime as dt
import hashlib
import time
from collections.abc import Sequence
from functools import cached_property, partial
from typing import IO

from incubator.cloud.drivers.aws import policies
from incubator.cloud.drivers.aws.calling import Amazon, Keys, change, look, pages
from incubator.cloud.drivers.aws.organization import ACTIVE, FROZEN, POOL, Budgets, Organization, partition
from incubator.cloud.drivers.aws.people import TEAM, People
from incubator.cloud.drivers.aws.pool import Pool, Row
from incubator.cloud.drivers.aws.wiping import Wiper
from incubator.cloud.drivers.base import (
    Ambiguous,
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
    QuotaExhausted,
    Rejected,
    RemoteRef,
    RemoteState,
    Secret,
    Unavailable,
    Usage,
)
from incubator.cloud.drivers.examining import all_looked
from incubator.cloud.drivers.whose import confirm
from incubator.cloud.states import PoolState

ROLE, REGION = "OrganizationAccountAccessRole", "us-east-1"
MOST, REST_HOURS, POLL = 10, 24, 20
STANDS = {ACTIVE: RemoteState.ACTIVE, FROZEN: RemoteState.FROZEN}
STOPPED = 3
ROLE_SECONDS = 1800
P = PoolState


class Aws:
    """An organization of AWS."""

    known_options = (
        "email", "region", "regions", "parent", "most", "rest_hours", "role", "policy", "alarm",
    )  # fmt: skip
    known_settings = ("budget", "services", "instance_types")
    capabilities = Capabilities(
        hard_cap="none", freeze="delayed", usage_lag=86_400, async_create=True, portable_export=False, pooled=True,
        members=True, poll_seconds=POLL,
    )  # fmt: skip

    def __init__(self, place: Place) -> None:
        self._options = dict(place.options)
        number, _, secret = (place.token or "").partition(":")
        self._keys = Keys(number or "none", secret or "none")
        self._role = self._options.get("role") or ROLE
        self._amazon = Amazon(place.address, self._options.get("region") or REGION)
        self._pool = Pool(place.provider_id)
        self._organization = Organization(
            self._amazon, self._keys, self._options.get("parent"), self._role, partial(confirm, place.provider_id)
        )
        self._roles: dict[str, tuple[float, Keys]] = {}

    @classmethod
    def open(cls, place: Place) -> "Aws":
        """The driver of a provider."""
        return cls(place)

    @cached_property
    def _budgets(self) -> Budgets:
        return Budgets(self._amazon, self._keys, self._organization, self._options.get("alarm"))

    def check(self) -> Health:
        """Ask who we are."""
        try:
            return Health(True, f"account {self._organization.caller()}")
        except DriverError as error:
            return Health(False, str(error))

    def examine(self) -> list[Check]:
        """Who we are, whether policies are on, whether accounts can be made and got into."""
        return all_looked(
            ("AWS answers and accepts our access key.", self._organization.caller),
            ("Our access key is one of the organization's management account.", self._organization.check_management),
            ("It is the organization in which our accounts are.", self._confirm),
            ("Service control policies are switched on.", self._organization.check_policies),
            ("New accounts have an e-mail address of their own (option email with {key}).", lambda: self._email("k")),
            ("The pool may hold accounts, and how long they rest is a number.", lambda: (self._most, self._rest)),
            ("It shows us its accounts.", self.list_all),
            ("We get into an account of the pool, where there is one.", self._get_into_one),
        )

    def find(self, key: str) -> RemoteRef | None:
        """The account that our books give to this key, as it stands there. Raises Conflict for one that is open and was
        moved by somebody: a person says whether it is still the sandbox's."""
        row = self._pool.of(key) or self._stray(key)
        if row is None:
            return None
        if row.reference is None:
            return RemoteRef(key, row.email, RemoteState.CREATING)
        where = self._organization.where(row.reference)
        if where is None:
            return None
        if row.state is P.TAKEN:
            return RemoteRef(key, row.reference, STANDS[_ours(row.reference, where)])
        state = RemoteState.DELETING if row.state is P.LEAVING else RemoteState.CREATING
        return RemoteRef(key, row.reference, state)

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """A rested account of the pool, else a new one; it is restricted before it is handed over."""
        self._confirm()
        row = self._pool.take(key, self._email(key), self._most)
        if row.state is P.LEAVING:
            raise Pending("it is on its way back to the pool", POLL)
        if row.state is P.TAKEN and (found := self.find(key)):
            return found
        account = row.reference or self._made(row)
        if account is None:
            raise Pending("AWS makes the account", POLL)
        if self._organization.where(account) is None:
            self._pool.lose(row)
            raise Unavailable(f"account {account} was closed at AWS: another is taken")
        if self._organization.key_of(account) not in {None, key}:
            self._pool.lose(row)
            raise Unavailable(f"account {account} says that it is another sandbox's: another is taken")
        ref = RemoteRef(key, account, RemoteState.ACTIVE)
        self._restrict(ref, limits)
        self._organization.mark(account, key)
        self._organization.bring(account, ACTIVE)
        self._pool.hand_over(row)
        return ref

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """The plan's policy and its budget. Connections and disk mean nothing to AWS."""
        self._restrict(self._there(ref), limits)

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """The team's user in the account's IAM."""
        return self._people(self._there(ref)).let_in(ref, TEAM)

    def ensure_member(self, ref: RemoteRef, member: str) -> Secret:
        """A user of their own."""
        return self._people(self._there(ref)).let_in(ref, f"member-{member}")

    def remove_member(self, ref: RemoteRef, member: str) -> None:
        """Delete that user; no account is fine."""
        found = self.find(ref.key)
        if found is not None and found.state in STANDS.values():
            self._people(found).let_out(f"member-{member}")

    def freeze(self, ref: RemoteRef, level: int) -> None:
        """Into the folder where nothing works but for us; from level 3 on machines are stopped."""
        found = self._there(ref)
        self._organization.bring(found.name, FROZEN)
        if level >= STOPPED:
            self._wiper(found.name).stop()

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:
        """Back to the folder of the teams; their secrets work again."""
        found = self._there(ref)
        self._restrict(found, limits)
        self._organization.bring(found.name, ACTIVE)

    def list_all(self) -> list[RemoteRef]:
        """What lies in the folders of the teams and of the frozen. Raises AuthFailed for another organization's."""
        rows = {row.reference: row for row in self._pool.all() if row.reference}
        if any(row.state is P.TAKEN for row in rows.values()):
            self._organization.check_ours()
        found = []
        for folder, state in STANDS.items():
            for account in self._organization.within(folder):
                row = rows.get(account)
                is_ours = row is not None and row.key is not None
                key = row.key if row is not None and is_ours else self._organization.key_of(account)
                if key is not None:
                    is_leaving = row is not None and row.state is P.LEAVING
                    found.append(RemoteRef(key, account, RemoteState.DELETING if is_leaving else state))
        return sorted(found, key=lambda ref: ref.key)

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """That it is there: what it holds nobody tells at once, and what it costs comes with the bill."""
        return {ref.key: Usage(0, 0) for ref in self.list_all() if ref.key in keys}

    def export(self, ref: RemoteRef, target: IO[bytes]) -> None:  # noqa: ARG002 - the interface of all drivers
        """Raises Rejected: a whole account cannot be taken out; its team has the tools of AWS for each service."""
        raise Rejected(f"{ref.name}: an account of AWS cannot be taken out as one")

    def wipe(self, ref: RemoteRef) -> list[str]:
        """Remove everything inside that can be seen; what stays is named."""
        row = self._pool.of(ref.key)
        if row is None or row.reference is None or self.find(ref.key) is None:
            return []
        return self._wiper(row.reference).clean()

    def delete(self, ref: RemoteRef) -> None:
        """Give the account back to the pool, empty; close it where its team could use what a wipe does not see. While
        AWS closes no more it waits where nothing works, and is not used again. Raises NotEmpty when it is not empty."""
        row = self._pool.of(ref.key)
        if row is None or row.reference is None:
            self._pool.let_go(ref.key)
            return
        if self.find(ref.key) is None:
            self._pool.lose(row)
            return
        if left := self._wiper(row.reference).seen():
            raise NotEmpty(left)
        self._budgets.drop(row.reference)
        is_wide = row.is_wide and row.state is not P.MAKING
        if is_wide and self._has_closed(row.reference, row.key):
            return
        self._pool.leave(row)
        self._organization.bring(row.reference, FROZEN if is_wide else POOL)
        self._organization.restrict(row.reference, None)
        self._organization.unmark(row.reference)
        self._pool.give_back(row, self._rest, is_wide=is_wide)

    def _has_closed(self, account: str, key: str | None) -> bool:
        try:
            self.close(account, key)
        except QuotaExhausted:
            return False
        return True

    def close(self, account: str, key: str | None = None) -> None:
        """Close for good an account of the pool that nobody has, or the sandbox with this key. Raises QuotaExhausted
        before AWS would.

        Whatever AWS answers but that it is closed, it stays in the pool; it can be asked for again.
        """
        members = sum(1 for _ in self._organization.members())
        was = self._pool.close(account, members, key)
        try:
            change(self._organization.api, "close_account", AccountId=account)
        except Conflict:
            return  # an earlier call took effect
        except DriverError as error:
            if isinstance(error, Ambiguous) and self._organization.is_closed(account):
                return  # this one did
            self._pool.stay(was)
            raise

    def _confirm(self) -> None:
        """Raises AuthFailed for another organization than that of our accounts; without any it is remembered."""
        if any(row.reference for row in self._pool.all()):
            self._organization.check_ours()
        else:
            self._organization.confirm()

    def _there(self, ref: RemoteRef) -> RemoteRef:
        found = self.find(ref.key)
        if found is None or found.state not in STANDS.values():
            raise NotFound(ref.key)
        return found

    def _restrict(self, ref: RemoteRef, limits: Limits) -> None:
        if not policies.is_wiped_whole(limits.settings):
            self._pool.widen(ref.name)
        self._organization.restrict(ref.name, policies.guard(self._role, self._regions, limits.settings))
        self._budgets.set(ref.name, limits.settings, limits.quantity)

    def _stray(self, key: str) -> Row | None:
        """What says that it is ours and is in no book (an older backup of them was read in): into the book."""
        known = {row.reference for row in self._pool.all() if row.key is not None}
        for folder in STANDS:
            for account in self._organization.within(folder):
                if account not in known and self._organization.key_of(account) == key:
                    return self._pool.adopt(key, f"{account}@adopted", account)
        return None

    def _made(self, row: Row) -> str | None:
        """The number of an account that is being made; None while it is. It is looked for before it is asked for."""
        account = self._with_email(row.email)
        if account is None:
            account = self._asked(row)
        if account is not None:
            self._pool.made(row, account)
        return account

    def _with_email(self, email: str) -> str | None:
        found = (one["Id"] for one in self._organization.members() if one["Email"].lower() == email.lower())
        return next(found, None)

    def _asked(self, row: Row) -> str | None:
        api, name = self._organization.api, _name(row.email)
        request = row.request
        if request is None:
            going = pages(api, "list_create_account_status", "CreateAccountStatuses", States=["IN_PROGRESS"])
            request = next((str(one["Id"]) for one in going if one.get("AccountName") == name), None)
        if request is None:
            details = {
                "Email": row.email,
                "AccountName": name,
                "RoleName": self._role,
                "IamUserAccessToBilling": "DENY",
            }
            request = str(change(api, "create_account", "CreateAccountStatus", **details)["Id"])
        if request != row.request:
            self._pool.asked(row, request)
        status = look(api, "describe_create_account_status", "CreateAccountStatus", CreateAccountRequestId=request)
        if status["State"] == "FAILED":
            return self._failed(row, str(status.get("FailureReason", "")))
        return str(status["AccountId"]) if status["State"] == "SUCCEEDED" else None

    def _failed(self, row: Row, reason: str) -> str:
        """What comes of a creation that failed. An address that is taken by an account of ours is that account."""
        account = self._with_email(row.email) if reason == "EMAIL_ALREADY_EXISTS" else None
        if account is not None:
            return account
        if reason in {"INTERNAL_FAILURE", "CONCURRENT_ACCOUNT_MODIFICATION"}:
            self._pool.asked(row, None)
            raise Unavailable(reason)
        self._pool.forget(row)
        if reason == "EMAIL_ALREADY_EXISTS":
            raise Conflict(f"{row.email} belongs to an account of somebody else")
        raise (QuotaExhausted if reason == "ACCOUNT_LIMIT_EXCEEDED" else Rejected)(reason or "AWS made no account")

    def _inside(self, account: str) -> Keys:
        """Our role in a member account, for half of the hour that AWS gives."""
        known = self._roles.get(account)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        arn = f"arn:{partition(self._amazon.region)}:iam::{account}:role/{self._role}"
        sts = self._amazon.client("sts", self._keys)
        found = look(sts, "assume_role", "Credentials", RoleArn=arn, RoleSessionName="incubator")
        keys = Keys(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
        self._roles[account] = (time.monotonic() + ROLE_SECONDS, keys)
        return keys

    def _people(self, ref: RemoteRef) -> People:
        return People(self._amazon, self._inside(ref.name), self._options.get("policy") or None)

    def _wiper(self, account: str) -> Wiper:
        return Wiper(self._amazon, self._inside(account), self._regions, self._role)

    @property
    def _regions(self) -> list[str]:
        return policies.words(self._options.get("regions", "")) or [self._amazon.region]

    @property
    def _most(self) -> int:
        return _number(self._options, "most", MOST)

    @property
    def _rest(self) -> dt.timedelta:
        return dt.timedelta(hours=_number(self._options, "rest_hours", REST_HOURS))

    def _email(self, key: str) -> str:
        pattern = self._options.get("email", "")
        if pattern.count("{key}") != 1 or pattern.count("@") != 1:
            raise Rejected("the option email is not set: it must look like cloud+{key}@example.com")
        return pattern.replace("{key}", key)

    def _get_into_one(self) -> None:
        account = next((row.reference for row in self._pool.all() if row.reference and row.state is P.CLEAN), None)
        if account is not None:
            self._inside(account)


def _name(email: str) -> str:
    """What an account is called: one name an address, as a creation that is under way shows no address."""
    return f"incubator-{hashlib.sha256(email.encode()).hexdigest()[:16]}"


def _ours(account: str, where: str) -> str:
    if where not in STANDS:
        raise Conflict(
            f"account {account} is open and not in our folders of teams: move it back to {FROZEN}, or, when it is to "
            "be kept, take it out of the organization; then try again"
        )
    return where


def _number(options: dict[str, str], name: str, otherwise: int) -> int:
    text = str(options.get(name) or otherwise)
    if not text.isdecimal():
        raise Rejected(f"the option {name} is {text}: it must be a whole number")
    return int(text)
