"""The nightly proof: accounts against their postings, holds against leases, meters, days and grants. Differences are
findings; nothing is put right by itself but derived totals.

Three parts: totals are made ready, the books are looked at, and what was found is kept. While others are at work each
is a transaction of its own, and the look is one snapshot that only reads (jobs/market.py).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select, update

from incubator.cloud.credit_positions import positions
from incubator.cloud.market_states import CreditFault
from incubator.cloud.models import CreditFinding, CreditProof, FxExchange, Lease, Meter, Sandbox
from incubator.cloud.states import Desired, SandboxState
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.ledger import days
from incubator.ledger.models import Account, Entry
from incubator.ledger.queries import prove
from incubator.ventures.models import CreditGrant, Venture

WITHOUT_HOLD = (SandboxState.CLOSED, SandboxState.FAILED)


Fault = tuple[CreditFault, str, str]


@dataclass(frozen=True)
class Seen:
    """What one look at the books saw: how many accounts and entries there are, and what does not add up."""

    accounts: int
    entries: int
    faults: list[Fault]


def run() -> CreditProof:
    """All three in the running transaction, where nobody else is at work."""
    make_ready()
    return keep(look())


def make_ready() -> None:
    """Make the daily totals that differ anew, before the books are looked at."""
    days.total()
    if differing := days.differing():
        days.drop_before_totalling(differing)
        days.total(since=dt.date(1970, 1, 1))


def look() -> Seen:
    """Prove what can be proven; only reads. Its statements belong to one snapshot: what is posted between two of them
    would be seen on one side alone."""
    faults = [
        *_ledger(),
        *_holds(),
        *_meters(),
        *_grants(),
        *((CreditFault.DAYS, str(one), "") for one in days.differing_before(clock.today() - days.LATE)),
    ]
    counts = [db.session.scalars(select(func.count()).select_from(model)).one() for model in (Account, Entry)]
    return Seen(counts[0], counts[1], faults)


def keep(seen: Seen) -> CreditProof:
    """Keep what was found; what no longer stands is closed."""
    for kind, key, detail in seen.faults:
        _see(kind, key, detail)
    _close({(kind, key) for kind, key, _detail in seen.faults})
    made = CreditProof(at=clock.now(), accounts=seen.accounts, entries=seen.entries, faults=len(seen.faults))
    db.session.add(made)
    db.session.flush()
    audit.record("credit.prove", made, {"accounts": made.accounts, "entries": made.entries, "faults": made.faults})
    return made


def _ledger() -> Iterable[Fault]:
    proof = prove()
    yield from ((CreditFault.BALANCE, str(one), "") for one in proof.drifted)
    yield from ((CreditFault.ENTRY, str(one), "") for one in proof.unbalanced)


def _balance(kind: str) -> object:
    return (
        select(Account.balance)
        .where(Account.kind == kind, Account.owner_type == "sandbox", Account.owner_id == Sandbox.id)
        .where(Account.currency == Lease.currency)
        .scalar_subquery()
    )


def _holds() -> Iterable[Fault]:
    """An open sandbox's hold and spending are its limit; a closed one holds nothing, nor need one that failed before it
    ran and is being closed."""
    held, spent = (func.coalesce(_balance(kind), 0) for kind in ("hold", "spent"))
    is_over = Sandbox.state.in_(WITHOUT_HOLD)
    gave_back = Lease.starts_at.is_(None) & (Sandbox.desired == Desired.CLOSED) & (held + spent == 0)
    rows = db.session.execute(
        select(Sandbox.number, held, spent, Lease.spend_limit)
        .join(Lease, Lease.id == Sandbox.lease_id)
        .where((is_over & (held != 0)) | (~is_over & ~gave_back & (held + spent != Lease.spend_limit)))
        .order_by(Sandbox.id)
    )
    for number, hold, used, limit in rows:
        yield CreditFault.HOLD, number, f"{hold} + {used} / {limit}"


def _meters() -> Iterable[Fault]:
    """What the meter says it posted is what the ledger holds as spent."""
    spent = func.coalesce(_balance("spent"), 0)
    rows = db.session.execute(
        select(Sandbox.number, Meter.posted, spent)
        .join(Meter, Meter.sandbox_id == Sandbox.id)
        .join(Lease, Lease.id == Sandbox.lease_id)
        .where(Meter.posted != spent)
        .order_by(Sandbox.id)
    )
    for number, posted, used in rows:
        yield CreditFault.SPENT, number, f"{posted} / {used}"


def _grants() -> Iterable[Fault]:
    """Granted = left + held + spent, for ventures that changed nothing into another currency (rounding aside)."""
    changed = select(Sandbox.venture_id).join(FxExchange, FxExchange.sandbox_id == Sandbox.id)
    plain = select(CreditGrant.venture_id).where(CreditGrant.venture_id.not_in(changed)).distinct()
    ids = list(db.session.scalars(plain))
    spent = _spent(ids)
    numbers = {
        row[0]: row[1] for row in db.session.execute(select(Venture.id, Venture.number).where(Venture.id.in_(ids)))
    }
    for venture_id, position in positions(ids).items():
        if position.spent != spent.get(venture_id, 0):
            yield CreditFault.GRANT, numbers[venture_id], f"{position.spent} / {spent.get(venture_id, 0)}"


def _spent(venture_ids: list[int]) -> dict[int, int]:
    owner = func.coalesce(Sandbox.venture_id, Account.owner_id)
    rows = db.session.execute(
        select(owner, func.sum(Account.balance))
        .outerjoin(Sandbox, (Account.owner_type == "sandbox") & (Sandbox.id == Account.owner_id))
        .where(Account.kind == "spent", Account.owner_type.in_(("sandbox", "venture")), owner.in_(venture_ids))
        .group_by(owner)
    )
    return {row[0]: int(row[1]) for row in rows}


def _see(kind: CreditFault, key: str, detail: str) -> None:
    now = clock.now()
    again = (
        update(CreditFinding)
        .where(CreditFinding.kind == kind, CreditFinding.key == key, CreditFinding.closed_at.is_(None))
        .values(last_at=now, detail=detail)
        .returning(CreditFinding.id)
    )
    if db.session.scalar(again) is None:
        db.session.add(CreditFinding(kind=kind, key=key, detail=detail, first_at=now, last_at=now))
        db.session.flush()


def _close(standing: set[tuple[CreditFault, str]]) -> None:
    for finding in db.session.scalars(select(CreditFinding).where(CreditFinding.closed_at.is_(None))):
        if (finding.kind, finding.key) not in standing:
            finding.closed_at = clock.now()
    db.session.flush()
