"""Whose a bill's sub-accounts are: what an operator said, else what the provider calls our sandboxes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from incubator.cloud.models import BillOwner, ManualAccount, Provider, Sandbox
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


class Owners:
    """Whose each sub-account of a provider was on a day: an account that is used again is another sandbox's later."""

    def __init__(self, said: Mapping[str, int], ours: Mapping[str, Sequence[tuple[dt.date, int]]]) -> None:
        self.said = said
        self.ours = ours

    def everyone(self) -> set[int]:
        """The sandboxes that any of them was of."""
        return {*self.said.values(), *(sandbox_id for claims in self.ours.values() for _day, sandbox_id in claims)}

    def whose(self, sub_account: str, day: dt.date) -> str:
        """The label of whom a cost of a day is charged to."""
        if sub_account in self.said:
            return label(self.said[sub_account], "")
        claims = self.ours.get(sub_account)
        if not claims:
            return label(None, sub_account)
        earlier = [sandbox_id for begins_on, sandbox_id in claims if begins_on <= day]
        return label(earlier[-1] if earlier else claims[0][1], "")


def of(provider: Provider, names: Collection[str]) -> Owners:
    """The owners of these sub-accounts."""
    ours: dict[str, list[tuple[dt.date, int]]] = defaultdict(list)
    rows = db.session.execute(
        select(Sandbox.id, Sandbox.created_at, Sandbox.number, Sandbox.public_id, Sandbox.remote_key,
               Sandbox.remote_name, ManualAccount.reference)
        .outerjoin(ManualAccount, (ManualAccount.provider_id == Sandbox.provider_id)
                   & (ManualAccount.key == Sandbox.public_id))
        .where(Sandbox.provider_id == provider.id)
        .order_by(Sandbox.created_at, Sandbox.id)
    )  # fmt: skip
    for sandbox_id, created_at, *known in rows:
        for key in {key for key in known if key and key in names}:
            ours[key].append((created_at.date(), sandbox_id))
    said = select(BillOwner.sub_account, BillOwner.sandbox_id).where(BillOwner.provider_id == provider.id)
    named = {row[0]: row[1] for row in db.session.execute(said.order_by(BillOwner.id)) if row[0] in names}
    return Owners(named, ours)
