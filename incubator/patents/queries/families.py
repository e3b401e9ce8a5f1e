"""Reading families and what their applications cost."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from incubator.core.db import db
from incubator.core.errors import NotFound
from incubator.patents.models import Disclosure, Family, Matter, MatterCost
from incubator.patents.queries.inventions import may_read
from incubator.people.models import Person


def families_visible_to(person: Person) -> Select[Family]:
    """Families of inventions that the person may read."""
    return (
        select(Family)
        .join(Disclosure, Disclosure.id == Family.disclosure_id)
        .where(may_read(person))
        .options(
            contains_eager(Family.disclosure).selectinload(Disclosure.shares), joinedload(Family.company),
        )
    )  # fmt: skip


def matters_of(family: Family) -> list[Any]:
    """The applications of a family, the first filed first."""
    counsel = aliased(Person)
    return list(
        db.session.execute(
            select(
                Matter.public_id, Matter.number, Matter.office, Matter.kind, Matter.state, Matter.application_number,
                Matter.filed_on, Matter.granted_on, counsel.name.label("counsel"),
            )
            .outerjoin(counsel, counsel.id == Matter.counsel_id)
            .where(Matter.family_id == family.id)
            .order_by(Matter.filed_on.nulls_last(), Matter.id)
        )
    )  # fmt: skip


def costs_of(matter: Matter) -> list[Any]:
    """Amounts planned and paid, oldest first; undone: a later row reverses it."""
    later = aliased(MatterCost)
    return list(
        db.session.execute(
            select(
                MatterCost.public_id, MatterCost.stage, MatterCost.purpose, MatterCost.amount, MatterCost.full_amount,
                MatterCost.currency, MatterCost.on_day, MatterCost.note, MatterCost.reverses_id,
                later.id.label("undone"), Person.name.label("recorded_by"),
            )
            .join(Person, Person.id == MatterCost.recorded_by_id)
            .outerjoin(later, later.reverses_id == MatterCost.id)
            .where(MatterCost.matter_id == matter.id)
            .order_by(MatterCost.on_day, MatterCost.id)
        )
    )  # fmt: skip


def cost_in(matter: Matter, public_id: str) -> MatterCost:
    """An amount of an application. Raises NotFound when there is none such."""
    found = db.session.scalar(
        select(MatterCost).where(MatterCost.matter_id == matter.id, MatterCost.public_id == public_id)
    )
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found
