"""Reading what the accounts need: approved grants in finance's scope."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityPlan
from incubator.equity.states import GRANTED
from incubator.people.access import visible, within
from incubator.people.models import Person, Role

MOST = 5_000


def grants_for_accounts(person: Person) -> Select[EquityGrant]:
    """Approved grants whose cost finance or HR accounts for."""
    scope = within(EquityGrant.company_id, person, Role.FINANCE, Role.HR)
    return (
        select(EquityGrant)
        .where(visible(EquityGrant, person, scope), EquityGrant.state.in_(GRANTED))
        .options(joinedload(EquityGrant.plan).joinedload(EquityPlan.venture))
        .options(joinedload(EquityGrant.holder), joinedload(EquityGrant.company))
    )


def grants_to_cost(person: Person) -> Sequence[EquityGrant]:
    """All of them in order of their grant dates, at most MOST."""
    rows = grants_for_accounts(person).order_by(EquityGrant.granted_on, EquityGrant.id).limit(MOST)
    return db.session.scalars(rows).all()


def grants_to_cost_of_board(person: Person) -> Sequence[EquityGrant]:
    """The same in the board's scope; it sees sums of these alone."""
    scope = within(EquityGrant.company_id, person, Role.FINANCE, Role.HR, Role.OFFICE, Role.BOARD, Role.FUNDER)
    rows = select(EquityGrant).where(scope, EquityGrant.state.in_(GRANTED)).options(joinedload(EquityGrant.plan))
    return db.session.scalars(rows.order_by(EquityGrant.id).limit(MOST)).all()
