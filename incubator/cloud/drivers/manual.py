"""A provider without an interface: what is asked becomes a task for its operators, who say in the browser it is done.

The accounts stand in our own database, so these calls open transactions of their own. Whatever a person has to do is
Pending until they have done it; completing a task wakes the operation that waits for it.
"""

import json
from collections.abc import Sequence
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from incubator.cloud.drivers.base import (
    Capabilities,
    Check,
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
from incubator.cloud.models import ManualAccount, ManualTask
from incubator.cloud.states import TASK, AccountState, TaskKind, TaskState
from incubator.cloud.vault import decrypt
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.predicates import SYSTEM

LOOK_AGAIN = 3600
"""Seconds; who completes the task wakes the operation at once."""
A = AccountState
STATES = {A.CREATING: RemoteState.CREATING, A.ACTIVE: RemoteState.ACTIVE, A.FROZEN: RemoteState.FROZEN}


class ManualDriver:
    """People make, freeze and delete accounts, and type in the access data."""

    capabilities = Capabilities(
        hard_cap="none", freeze="delayed", usage_lag=86_400, async_create=True, portable_export=False,
        hand_made=True, poll_seconds=LOOK_AGAIN,
    )  # fmt: skip

    def __init__(self, provider_id: int) -> None:
        self._provider_id = provider_id

    @classmethod
    def open(cls, place: Place) -> "ManualDriver":
        """The driver of a provider."""
        return cls(place.provider_id)

    def check(self) -> Health:
        """People are there."""
        return Health(True, "done by people")

    def examine(self) -> list[Check]:
        """Nothing to reach; that somebody looks after it is seen where it is kept."""
        return [Check(True, "Everything is done by people: they find their tasks on their first page.")]

    def find(self, key: str) -> RemoteRef | None:
        """The account that was asked for under this key, unless it is gone."""
        with transaction():
            account = self._account(key)
            return None if account is None or account.state is A.GONE else _ref(account)

    def create(self, key: str, limits: Limits) -> RemoteRef:
        """Ask a person to make it; again: the one that was asked for."""
        asked = _asked(limits)
        with transaction():
            row = {"provider_id": self._provider_id, "key": key, "limits": asked, "state": A.CREATING,
                   "reference": "", "created_at": clock.now()}  # fmt: skip
            db.session.execute(insert(ManualAccount).values(**row).on_conflict_do_nothing())
            account = self._there(key)
            if account.state is A.GONE:
                account.state, account.limits = A.CREATING, asked
            if account.state is A.CREATING:
                _ask(account, TaskKind.CREATE)
            return _ref(account)

    def ensure_limits(self, ref: RemoteRef, limits: Limits) -> None:
        """What was asked for at the creation holds; anything else is a task."""
        with transaction():
            account = self._there(ref.key)
            asked = _asked(limits)
            if account.limits != asked:
                account.limits = asked
                _ask(account, TaskKind.LIMITS)
            is_open = _is_open(account, TaskKind.LIMITS)
        if is_open:
            raise Pending("a person sets the limits", LOOK_AGAIN)

    def ensure_access(self, ref: RemoteRef) -> Secret:
        """What a person typed in, handed over once; asked again, they are asked for a new one."""
        with transaction():
            account = self._there(ref.key)
            sealed, account.ciphertext = account.ciphertext, None
            if sealed is None:
                _ask(account, TaskKind.ACCESS)
        if sealed is None:
            raise Pending("a person makes the access data", LOOK_AGAIN)
        return Secret(**json.loads(decrypt(sealed)))

    def ensure_member(self, ref: RemoteRef, member: str) -> Secret:
        """Raises Rejected: one secret an account."""
        raise Rejected(f"{ref.name}: people make one secret an account, none for {member}")

    def remove_member(self, ref: RemoteRef, member: str) -> None:
        """Nobody is there."""

    def freeze(self, ref: RemoteRef, level: int) -> None:  # noqa: ARG002 - the interface of all drivers
        """Ask a person to cut access."""
        self._bring(ref, A.FROZEN, TaskKind.FREEZE)

    def unfreeze(self, ref: RemoteRef, limits: Limits) -> None:  # noqa: ARG002 - the interface of all drivers
        """Ask a person to open it again."""
        self._bring(ref, A.ACTIVE, TaskKind.UNFREEZE)

    def list_all(self) -> list[RemoteRef]:
        """Every account that is not gone."""
        with transaction():
            found = select(ManualAccount).where(
                ManualAccount.provider_id == self._provider_id, ManualAccount.state != A.GONE
            )
            return [_ref(account) for account in db.session.scalars(found.order_by(ManualAccount.key))]

    def usage(self, keys: Sequence[str]) -> dict[str, Usage]:
        """That it is there; what it holds nobody sees."""
        return {ref.key: Usage(0, 0) for ref in self.list_all() if ref.key in keys}

    def export(self, ref: RemoteRef, target: IO[bytes]) -> None:  # noqa: ARG002 - the interface of all drivers
        """Raises Rejected: nothing can be taken out from here."""
        raise Rejected(f"{ref.name}: nothing can be taken out from here")

    def wipe(self, ref: RemoteRef) -> list[str]:
        """Ask a person to delete it; answers what they say could not be removed, and asks again the next time."""
        with transaction():
            account = self._account(ref.key)
            if account is None or account.state is A.GONE:
                return []
            left, account.leftovers = list(account.leftovers), []
            if not left:
                _ask(account, TaskKind.DELETE)
        if left:
            return sorted(left)
        raise Pending("a person deletes it", LOOK_AGAIN)

    def delete(self, ref: RemoteRef) -> None:
        """Wiping has done it."""
        if self.find(ref.key) is not None:
            self.wipe(ref)

    def _bring(self, ref: RemoteRef, state: AccountState, kind: TaskKind) -> None:
        with transaction():
            account = self._there(ref.key)
            is_there = account.state is state
            if not is_there:
                _ask(account, kind)
        if not is_there:
            raise Pending("a person does it", LOOK_AGAIN)

    def _there(self, key: str) -> ManualAccount:
        account = self._account(key)
        if account is None:
            raise NotFound(key)
        return account

    def _account(self, key: str) -> ManualAccount | None:
        found = select(ManualAccount).where(ManualAccount.provider_id == self._provider_id, ManualAccount.key == key)
        return db.session.scalar(found.with_for_update().execution_options(populate_existing=True))


def _asked(limits: Limits) -> dict[str, Any]:
    """As the task says it."""
    return {
        "connections": limits.connections, "disk_mb": limits.disk_mb, "quantity": limits.quantity,
        "settings": dict(limits.settings),
    }  # fmt: skip


def _ref(account: ManualAccount) -> RemoteRef:
    return RemoteRef(account.key, account.reference or account.key, STATES[account.state])


def _is_open(account: ManualAccount, kind: TaskKind) -> bool:
    return _open(account, kind) is not None


def _open(account: ManualAccount, kind: TaskKind) -> ManualTask | None:
    return db.session.scalar(
        select(ManualTask).where(
            ManualTask.account_id == account.id, ManualTask.kind == kind, ManualTask.state == TaskState.OPEN
        )
    )


def _ask(account: ManualAccount, kind: TaskKind) -> None:
    """One task of a kind; what it overtakes is dropped."""
    with audit.because(SYSTEM, "manual_task.ask"):
        for other in db.session.scalars(
            select(ManualTask).where(ManualTask.account_id == account.id, ManualTask.state == TaskState.OPEN)
        ):
            if other.kind is not kind and kind in {TaskKind.DELETE, TaskKind.FREEZE, TaskKind.UNFREEZE}:
                TASK.move(other, "drop")
        if _open(account, kind) is None:
            task = ManualTask(account=account, kind=kind)
            audit.created(task, payload={"kind": kind.value})
