"""Reading transfers: the parties' and HR's, and what waits for whom."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from incubator.core.db import db
from incubator.equity.models import EquityHolding, EquityTransfer, Instrument, Issuer, SecurityClass, TransferAnswer
from incubator.equity.states import TransferState
from incubator.people.access import visible, within
from incubator.people.models import Person, Role

CLOSED = (TransferState.SETTLED, TransferState.REFUSED, TransferState.WITHDRAWN, TransferState.REVERSED)


def _asked(person: Person) -> Any:
    return (
        select(TransferAnswer.id)
        .where(TransferAnswer.transfer_id == EquityTransfer.id, TransferAnswer.person_id == person.id)
        .exists()
    )


def transfers_visible_to(person: Person) -> Select[EquityTransfer]:
    """Transfers that HR administers, one's own, and those one was given notice of."""
    own = or_(
        EquityTransfer.maker_id == person.id,
        EquityTransfer.seller_public_id == person.public_id,
        and_(EquityTransfer.buyer_public_id == person.public_id, EquityTransfer.state == TransferState.SETTLED),
    )
    return (
        select(EquityTransfer)
        .where(visible(EquityTransfer, person, own, _asked(person), within(EquityTransfer.company_id, person, Role.HR)))
        .options(joinedload(EquityTransfer.maker), joinedload(EquityTransfer.company))
        .options(joinedload(EquityTransfer.appraisal), selectinload(EquityTransfer.answers))
    )


def transfer_list(person: Person) -> Sequence[Any]:
    """Transfers one may see, the latest first."""
    columns = (EquityTransfer.public_id, EquityTransfer.number, EquityTransfer.seller_name, EquityTransfer.units,
               EquityTransfer.state, EquityTransfer.requested_on, Issuer.name.label("issuer"),
               SecurityClass.decimals)  # fmt: skip
    seen = transfers_visible_to(person).with_only_columns(EquityTransfer.id).order_by(None)
    return db.session.execute(
        select(*columns)
        .join(SecurityClass, SecurityClass.id == EquityTransfer.security_class_id)
        .join(Issuer, Issuer.id == SecurityClass.issuer_id)
        .where(EquityTransfer.id.in_(seen))
        .order_by(EquityTransfer.id.desc())
        .limit(200)
    ).all()


def answer_for(transfer: EquityTransfer, public_id: str) -> TransferAnswer | None:
    """One of a transfer's answers, by its key."""
    return next((answer for answer in transfer.answers if answer.public_id == public_id), None)


def classes_held_by(person: Person) -> Sequence[Any]:
    """The classes of which a person holds issued units: what they may ask to transfer."""
    return db.session.execute(
        select(SecurityClass.public_id, Issuer.name, SecurityClass.unit, SecurityClass.decimals, EquityHolding.units)
        .join(SecurityClass, SecurityClass.public_id == EquityHolding.class_public_id)
        .join(Issuer, Issuer.id == SecurityClass.issuer_id)
        .where(
            EquityHolding.holder_public_id == person.public_id, EquityHolding.instrument == Instrument.SHARE,
            EquityHolding.units > 0,
        )
        .order_by(EquityHolding.id)
    ).all()  # fmt: skip


def class_to_sell(person: Person, public_id: str) -> Select[SecurityClass]:
    """A class one holds issued units of, or that HR administers."""
    held = (
        select(EquityHolding.id)
        .where(
            EquityHolding.class_public_id == SecurityClass.public_id,
            EquityHolding.holder_public_id == person.public_id, EquityHolding.units > 0,
            EquityHolding.instrument == Instrument.SHARE,
        )
        .exists()
    )  # fmt: skip
    return (
        select(SecurityClass)
        .join(Issuer, Issuer.id == SecurityClass.issuer_id)
        .where(SecurityClass.public_id == public_id, or_(held, within(Issuer.company_id, person, Role.HR)))
    )
