"""Yes-or-no questions about plans and grants, for the permission table."""

from typing import Any

from sqlalchemy import select

from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityHolding, Instrument
from incubator.equity.states import GrantState
from incubator.people.access import within
from incubator.people.models import Person, Role


def is_maker(actor: Any, thing: Any) -> bool:
    """Whoever drafted it."""
    return thing is not None and actor.actor_id is not None and thing.maker_id == actor.actor_id


def is_grant_holder(actor: Any, grant: Any) -> bool:
    """Whoever the grant is for."""
    return grant is not None and actor.actor_id is not None and grant.holder_id == actor.actor_id


def is_hr_of_grants(actor: Any, person: Any) -> bool:
    """HR of the company of a grant in force that the person holds, wherever the person works now."""
    if not isinstance(actor, Person) or not isinstance(person, Person):
        return False
    statement = select(EquityGrant.id).where(
        EquityGrant.holder_id == person.id, EquityGrant.state == GrantState.LIVE,
        within(EquityGrant.company_id, actor, Role.HR),
    )  # fmt: skip
    return db.session.scalar(statement.limit(1)) is not None


def is_class_holder(actor: Any, security: Any) -> bool:
    """Whoever holds issued units of a class now."""
    key = getattr(actor, "public_id", None)
    if security is None or key is None:
        return False
    statement = select(EquityHolding.id).where(
        EquityHolding.class_public_id == security.public_id, EquityHolding.holder_public_id == key,
        EquityHolding.instrument == Instrument.SHARE, EquityHolding.units > 0,
    )  # fmt: skip
    return db.session.scalar(statement) is not None


def is_asked(actor: Any, answer: Any) -> bool:
    """The employee who was given notice, for themselves or for whom they represent."""
    return actor.actor_id is not None and getattr(answer, "person_id", None) == actor.actor_id


def is_unrepresented(_actor: Any, answer: Any) -> bool:
    """A holder for whom no employee answers: HR records what it wrote."""
    return answer is not None and answer.person_id is None


def is_party(actor: Any, transfer: Any) -> bool:
    """The seller, the buyer, or one who takes units of a transfer."""
    key = getattr(actor, "public_id", None)
    parties = {transfer.seller_public_id, transfer.buyer_public_id, *(transfer.outcome or {})} if transfer else set()
    return key is not None and key in parties


def is_settler(actor: Any, transfer: Any) -> bool:
    """Whoever entered a transfer in the register; another takes it back."""
    return transfer is not None and actor.actor_id is not None and transfer.settler_id == actor.actor_id
