"""Whose a bill's sub-accounts are: what an operator said, else what the provider calls our sandboxes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import case, func, select

from incubator.cloud.models import BillOwner, ManualAccount, Operation, OperationStep, PooledAccount, Provider, Sandbox
from incubator.cloud.states import Kind, SandboxState
from incubator.core.db import db

OURS, NOBODYS = "s", "u"


def label(sandbox_id: int | None, sub_account: str) -> str:
    """How the engine knows whom a cost is charged to: a sandbox, or a sub-account that is nobody's ('': not named)."""
    if sandbox_id is not None:
        return f"{OURS}{sandbox_id}"
    return f"{NOBODYS}{sub_account}" if sub_account else ""


def read(whom: str) -> tuple[int | None, str]:
    """(sandbox id or None, sub-account that is nobody's) of a label."""
    return (int(whom[1:]), "") if whom.startswith(OURS) else (None, whom[1:])


class Claim(NamedTuple):
    """Whose an account is from a day on, and until which (both None: always)."""

    begins_on: dt.date | None
    ends_on: dt.date | None
    sandbox_id: int

    def covers(self, day: dt.date) -> bool:
        """Whether a day is one of its."""
        return (self.begins_on is None or self.begins_on <= day) and (self.ends_on is None or day <= self.ends_on)


class Owners:
    """Whose each sub-account of a provider was on a day: an account that is used again is another sandbox's later.

    said: an operator's words, the newest first. ours: what our own rows say, in the order of time. pooled: accounts
    that lie in a pool before and after, so that what they cost then is nobody's; any other is its last sandbox's.
    """

    def __init__(
        self,
        said: Mapping[str, Sequence[Claim]],
        ours: Mapping[str, Sequence[Claim]],
        pooled: Collection[str] = frozenset(),
    ) -> None:
        self.said = said
        self.ours = ours
        self.pooled = pooled

    def everyone(self) -> set[int]:
        """The sandboxes that any of them was of."""
        return {one.sandbox_id for claims in (*self.said.values(), *self.ours.values()) for one in claims}

    def whose(self, sub_account: str, day: dt.date) -> str:
        """The label of whom a cost of a day is charged to."""
        for one in self.said.get(sub_account, ()):
            if one.covers(day):
                return label(one.sandbox_id, "")
        claims = self.ours.get(sub_account, ())
        if sub_account in self.pooled:
            fitting = [one for one in claims if one.covers(day)]
        else:
            fitting = [one for one in claims if one.begins_on is None or one.begins_on <= day] or list(claims[:1])
        return label(fitting[-1].sandbox_id, "") if fitting else label(None, sub_account)


def of(provider: Provider, names: Collection[str]) -> Owners:
    """The owners of these sub-accounts."""
    claimed: dict[str, set[int]] = defaultdict(set)
    always: dict[str, list[Claim]] = defaultdict(list)
    rows = db.session.execute(
        select(Sandbox.id, Sandbox.number, Sandbox.public_id, Sandbox.remote_key, Sandbox.remote_name,
               ManualAccount.reference)
        .outerjoin(ManualAccount, (ManualAccount.provider_id == Sandbox.provider_id)
                   & (ManualAccount.key == Sandbox.public_id))
        .where(Sandbox.provider_id == provider.id)
    )  # fmt: skip
    for sandbox_id, number, public_id, *others in rows:
        for key in {number, public_id}.intersection(names):
            always[key].append(Claim(None, None, sandbox_id))
        for key in {key for key in others if key and key in names}:
            claimed[key].add(sandbox_id)
    times = _times({one for ids in claimed.values() for one in ids})
    ours = {key: [Claim(*times[one], one) for one in times if one in ids] for key, ids in claimed.items()}
    return Owners(_said(provider, names), ours | always, _pooled(provider, names))


def _times(ids: Collection[int]) -> dict[int, tuple[dt.date, dt.date | None]]:
    """Sandbox id → the day on which it took its account, and that on which it left it, in the order of time."""
    ended = case((Sandbox.state.in_((SandboxState.CLOSED, SandboxState.FAILED)), func.max(Operation.done_at)))
    taken = func.min(OperationStep.done_at).filter(Operation.kind == Kind.PROVISION, OperationStep.key == "create")
    rows = db.session.execute(
        select(Sandbox.id, func.coalesce(taken, Sandbox.created_at).label("taken"), ended)
        .outerjoin(Operation, (Operation.sandbox_id == Sandbox.id)
                   & Operation.kind.in_((Kind.PROVISION, Kind.CLOSE)))
        .outerjoin(OperationStep, OperationStep.operation_id == Operation.id)
        .where(Sandbox.id.in_(ids))
        .group_by(Sandbox.id)
        .order_by("taken", Sandbox.id)
    )  # fmt: skip
    return {number: (begins_at.date(), ends_at.date() if ends_at else None) for number, begins_at, ends_at in rows}


def _said(provider: Provider, names: Collection[str]) -> dict[str, list[Claim]]:
    """What operators said, the newest word first."""
    rows = db.session.execute(
        select(BillOwner.sub_account, BillOwner.begins_on, BillOwner.ends_on, BillOwner.sandbox_id)
        .where(BillOwner.provider_id == provider.id)
        .order_by(BillOwner.id.desc())
    )
    found: dict[str, list[Claim]] = defaultdict(list)
    for name, begins_on, ends_on, sandbox_id in rows:
        if name in names:
            found[name].append(Claim(begins_on, ends_on, sandbox_id))
    return found


def _pooled(provider: Provider, names: Collection[str]) -> set[str]:
    rows = db.session.scalars(select(PooledAccount.reference).where(PooledAccount.provider_id == provider.id))
    return {reference for reference in rows if reference is not None and reference in names}
