"""How securities that came in with a cap table vest: by their terms and by what the register says since."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from incubator.core.db import db
from incubator.equity.engines.vesting import Timeline, next_vesting, timeline, vested_on
from incubator.equity.models import (
    EquitySecurity,
    EquityTransaction,
    Instrument,
    Issuer,
    Movement,
    SecurityClass,
    SecurityVesting,
)
from incubator.equity.services import vesting


@dataclass(frozen=True)
class Arrived:
    """A security that came in and how it stands on a day, in smallest units; vested: by the terms, exercised or not."""

    came: SecurityVesting
    stock_class: str
    there: int
    vested: int
    next_on: dt.date | None
    next_units: int


def vesting_shares(security: SecurityClass, holder: str) -> Sequence[SecurityVesting]:
    """Restricted shares of a class that came in and that a holder has or had."""
    row = EquitySecurity
    return db.session.scalars(
        select(SecurityVesting)
        .join(row, row.id == SecurityVesting.security_id)
        .where(row.class_public_id == security.public_id, row.holder_public_id == holder,
               row.instrument == Instrument.SHARE, SecurityVesting.terms.is_not(None))
        .options(joinedload(SecurityVesting.security), joinedload(SecurityVesting.root))
        .order_by(SecurityVesting.id)
    ).all()  # fmt: skip


def unvested(cames: Sequence[SecurityVesting], day: dt.date) -> dict[int, int]:
    """Smallest units of securities that have not vested on a day, a fraction of one as a whole, by the security's row
    id; one statement for all."""
    logs = _logs(cames) if cames else {}
    return {came.security_id: _unvested(came, logs[came.root.public_id], day) for came in cames}


def _unvested(came: SecurityVesting, log: Sequence[Any], day: dt.date) -> int:
    made = _timeline(came, log)
    return 0 if made is None else came.units - int(vested_on(made, day) // 1)


def arrived_of(issuer: Issuer, holder: str, day: dt.date) -> list[Arrived]:
    """What a holder has of an issuer that came in under a plan or with vesting terms; two statements."""
    row = EquitySecurity
    found = db.session.scalars(
        select(SecurityVesting)
        .join(row, row.id == SecurityVesting.security_id)
        .where(row.issuer_public_id == issuer.public_id, row.holder_public_id == holder)
        .options(joinedload(SecurityVesting.security), joinedload(SecurityVesting.root),
                 joinedload(SecurityVesting.plan))
        .order_by(SecurityVesting.id)
        .limit(200)
    ).all()  # fmt: skip
    logs = _logs(found) if found else {}
    standing = [_arrived(came, logs, day) for came in found]
    return [one for one in standing if one.there]


def _logs(found: Sequence[SecurityVesting]) -> dict[str, list[Any]]:
    """The movements of securities and of their roots, in order."""
    keys = {key for came in found for key in (came.security.public_id, came.root.public_id)}
    rows = db.session.scalars(
        select(EquityTransaction).where(EquityTransaction.security_public_id.in_(keys)).order_by(EquityTransaction.id)
    )
    logs: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        logs[row.security_public_id].append(row)
    return logs


def _timeline(came: SecurityVesting, log: Sequence[Any]) -> Timeline | None:
    """How a security vests; None where everything vested as it was issued. What came in was computed once already."""
    if came.terms is None:
        return None
    rows = vesting.standing(log)
    starts = [row.effective_on for row in rows if row.kind is Movement.START]
    return timeline(
        vesting.graph_of(came.terms), units=came.units, starts_on=starts[-1] if starts else None,
        granted_on=min(row.effective_on for row in log), facts=vesting.facts_of(rows),
    )  # fmt: skip


def _arrived(came: SecurityVesting, logs: dict[str, list[Any]], day: dt.date) -> Arrived:
    own = logs[came.security.public_id]
    made = _timeline(came, logs[came.root.public_id])
    coming = next_vesting(made, day) if made else None
    return Arrived(
        came, came.security.class_public_id, sum(row.quantity for row in own),
        came.units if made is None else int(vested_on(made, day) // 1),
        coming.on if coming else None, int(coming.units // 1) if coming else 0,
    )  # fmt: skip
