"""Where ventures' credits stand: for pages, alerts and the proof; two statements for any number of ventures."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import func, select

from incubator.cloud.engines.credits import Position
from incubator.cloud.models import CreditReturn, FxExchange, Lease, Sandbox
from incubator.cloud.states import LeaseState
from incubator.core.db import db
from incubator.ledger.models import Account
from incubator.ventures.models import CreditGrant

RUNNING = (LeaseState.APPROVED, LeaseState.RUNNING)


def positions(venture_ids: Collection[int]) -> dict[int, Position]:
    """By venture id; those without credits are left out. A venture has its credits in one currency."""
    held, reserve = _held(venture_ids)
    return {
        venture_id: Position(currency, granted, left, held[venture_id], reserve[venture_id])
        for venture_id, currency, granted, left in _granted(venture_ids)
    }


def _granted(venture_ids: Collection[int]) -> list[tuple[int, str, int, int]]:
    """(venture id, currency, granted less given back, left to order with)."""
    back = (
        select(func.coalesce(func.sum(CreditReturn.amount), 0))
        .where(CreditReturn.venture_id == CreditGrant.venture_id, CreditReturn.currency == CreditGrant.currency)
        .scalar_subquery()
    )
    left = (
        select(Account.balance)
        .where(Account.kind == "grant", Account.owner_type == "venture", Account.owner_id == CreditGrant.venture_id)
        .where(Account.currency == CreditGrant.currency)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(CreditGrant.venture_id, CreditGrant.currency, func.sum(CreditGrant.amount) - back, left)
        .where(CreditGrant.venture_id.in_(venture_ids))
        .group_by(CreditGrant.venture_id, CreditGrant.currency)
        .order_by(CreditGrant.currency.desc())
    )
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in rows]


def _held(venture_ids: Collection[int]) -> tuple[dict[int, int], dict[int, int]]:
    """What is set aside and what of it is kept back, in the currency of the grant: at the rate it was changed at."""
    own, foreign = func.sum(FxExchange.from_minor), func.sum(FxExchange.to_minor)
    changed = (
        select(FxExchange.sandbox_id, own.label("own"), foreign.label("other"))
        .group_by(FxExchange.sandbox_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Sandbox.venture_id, Account.balance, Lease.reserve, Lease.state, changed.c.own, changed.c.other)
        .join(Account, (Account.owner_id == Sandbox.id) & (Account.owner_type == "sandbox") & (Account.kind == "hold"))
        .join(Lease, Lease.id == Sandbox.lease_id)
        .outerjoin(changed, changed.c.sandbox_id == Sandbox.id)
        .where(Sandbox.venture_id.in_(venture_ids), Account.balance > 0)
    )
    held: dict[int, int] = defaultdict(int)
    reserve: dict[int, int] = defaultdict(int)
    for venture_id, balance, kept, state, paid, bought in rows:
        held[venture_id] += balance if not bought else balance * paid // bought
        if state in RUNNING:
            reserve[venture_id] += kept if not bought else kept * paid // bought
    return held, reserve
