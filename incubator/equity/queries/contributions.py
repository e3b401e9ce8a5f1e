"""Reading which patents were contributed to an issuer, and whether their inventors' units are in the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, cast, literal, null, or_, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import aliased, joinedload, lazyload, selectinload

from incubator.core.db import db
from incubator.equity.models import CapitalEntry, Issuer
from incubator.equity.states import EntryState
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import Disclosure, Exploitation, Matter
from incubator.people.access import within
from incubator.people.models import Person, Role

GONE = (EntryState.REFUSED, EntryState.CORRECTED)


@dataclass(frozen=True)
class Contribution:
    """A record of a contribution, and the entry of its inventors' units that stands, None where there is none."""

    record: Exploitation
    entry: CapitalEntry | None


def _to(issuer: Any) -> ColumnElement[bool]:
    """Made to this issuer: to its venture, or to its company where it has none."""
    return or_(
        Exploitation.venture_id == issuer.venture_id,
        and_(issuer.venture_id.is_(None), Exploitation.company_id == issuer.company_id),
    )


def _stands() -> ColumnElement[bool]:
    later = aliased(Exploitation)
    return ~select(later.id).where(later.voids_id == Exploitation.id).exists()


def contributions_of(issuer: Issuer) -> list[Contribution]:
    """The contributions to an issuer that stand, the latest first."""
    live = and_(CapitalEntry.exploitation_id == Exploitation.id, CapitalEntry.state.not_in(GONE))
    rows: Sequence[Any] = db.session.execute(
        select(Exploitation, CapitalEntry)
        .select_from(Exploitation)
        .join(Issuer, _to(Issuer))
        .outerjoin(CapitalEntry, live)
        .where(Issuer.id == issuer.id, Exploitation.mode == Mode.CONTRIBUTION, _stands())
        .options(
            joinedload(Exploitation.matter)
            .joinedload(Matter.disclosure)
            .options(selectinload(Disclosure.shares)),
            lazyload(CapitalEntry.security),  # joined, it would leave out records without an entry
        )
        .order_by(Exploitation.id.desc())
        .limit(50)
    ).all()  # fmt: skip
    return [Contribution(record, entry) for record, entry in rows]


def waiting_contributions(person: Person) -> Select[Any]:
    """Contributions whose inventors' units nobody has entered, for HR of an issuer."""
    live = select(CapitalEntry.id).where(
        CapitalEntry.exploitation_id == Exploitation.id, CapitalEntry.state.not_in(GONE)
    )
    columns: list[Any] = [
        literal("patent_units"), Exploitation.number,
        literal("/equity/issuers/") + Issuer.public_id + literal("/entries/new"),
        cast(null(), TIMESTAMP(timezone=True)), Exploitation.created_at,
    ]  # fmt: skip
    return (
        select(*columns)
        .select_from(Exploitation)
        .join(Issuer, _to(Issuer))
        .where(Exploitation.mode == Mode.CONTRIBUTION, _stands(), ~live.exists())
        .where(within(Issuer.company_id, person, Role.HR))
    )
