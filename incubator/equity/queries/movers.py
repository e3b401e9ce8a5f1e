"""People who work for another company of the group than their grants were last settled for."""

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale
from sqlalchemy import ColumnElement, Select, and_, cast, exists, func, literal, null, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import aliased

from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityStep
from incubator.equity.states import GrantState, StepState
from incubator.people.access import within
from incubator.people.models import Company, Person, Role

MOST = 100


def movers(person: Person) -> Sequence[Any]:
    """Those in HR's scope whom the directory has moved, and whose move nobody asked or settled: who, where to."""
    return db.session.execute(
        select(Person.public_id, Person.name, Person.hr_number, Company.name.label("company"))
        .join(EquityGrant, EquityGrant.holder_id == Person.id)
        .join(Company, Company.id == Person.company_id)
        .where(_has_moved(Person), within(EquityGrant.company_id, person, Role.HR))
        .group_by(Person.id, Company.id)
        .order_by(Person.name, Person.id)
        .limit(MOST)
    ).all()


def waiting_movers(person: Person) -> Select[Any]:
    """The same for the home page of their HR."""
    holder, there = aliased(Person), aliased(Company)
    language = "zh" if str(get_locale() or "").startswith("zh") else "en"
    where_to = func.coalesce(there.name[language].astext, there.name["en"].astext)
    address = literal("/equity/leavers/new?reason=move&hr_number=")
    columns: list[Any] = [
        literal("equity_mover"), holder.name + " → " + where_to, address + holder.hr_number,
        cast(null(), TIMESTAMP(timezone=True)), func.max(EquityGrant.created_at),
    ]  # fmt: skip
    return (
        select(*columns)
        .join(EquityGrant, EquityGrant.holder_id == holder.id)
        .join(there, there.id == holder.company_id)
        .where(_has_moved(holder), within(EquityGrant.company_id, person, Role.HR))
        .group_by(holder.id, there.id)
    )


def _has_moved(holder: type[Person]) -> ColumnElement[bool]:
    """A condition: still with the group, but not with the company of a grant in force; nothing waits for a signature.

    Grants without a known company are asked about never; a confirmed move gives them the company it led to.
    """
    asked = exists().where(
        EquityStep.person_id == holder.id, EquityStep.grant_id.is_(None), EquityStep.state == StepState.IN_APPROVAL
    )
    return and_(
        holder.left_on.is_(None), EquityGrant.state == GrantState.LIVE,
        EquityGrant.holder_company_id != holder.company_id, ~asked,
    )  # fmt: skip
