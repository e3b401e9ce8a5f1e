"""Gates that said hold or pivot: what waits for the venture's lead, and for the office that sets them again."""

from typing import Any

from sqlalchemy import Date, DateTime, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from incubator.people import access
from incubator.people.models import Person, Role
from incubator.people.reader import TODAY
from incubator.reviews.models import Panel, PanelOutcome
from incubator.reviews.queries.panels import clear_of_subject
from incubator.reviews.queries.reviews import Rows
from incubator.reviews.states import PanelState
from incubator.ventures.models import Tranche, Venture
from incubator.ventures.states import TrancheState

_END: Any = func.timezone("Asia/Shanghai", cast(cast(Panel.until_on, Date) + 1, DateTime(timezone=False)))
"""24:00 of the last day of a hold, in the group's zone."""


def gates_again(person: Person) -> Rows:
    """For the office: tranches whose gate said pivot, or said hold until a day that has come, and is not set again."""
    is_over = or_(
        Panel.outcome == PanelOutcome.PIVOT,
        and_(Panel.outcome == PanelOutcome.HOLD, func.coalesce(Panel.until_on, TODAY) <= TODAY),
    )
    address = "/panels/new?kind=gate&subject=" + Tranche.public_id
    return (
        select(literal("gate.again"), Venture.name, address, _END, Panel.confirmed_at)
        .join(Tranche, Tranche.id == Panel.tranche_id)
        .join(Venture, Venture.id == Tranche.venture_id)
        .where(_is_to_be_set_again(), is_over)
        .where(access.within(Venture.company_id, person, Role.OFFICE), clear_of_subject(person))
    )


def asked_by_gate(person: Person) -> Rows:
    """For the lead: what a gate that said hold or pivot asks, until it is set again."""
    return (
        select(literal("gate.asks"), Venture.name, "/ventures/" + Venture.public_id, _END,
               Panel.confirmed_at)
        .join(Tranche, Tranche.id == Panel.tranche_id)
        .join(Venture, Venture.id == Tranche.venture_id)
        .where(_is_to_be_set_again(), Venture.lead_id == person.id)
    )  # fmt: skip


def _is_to_be_set_again() -> Any:
    """A gate said hold or pivot, and none has been set over its tranche since."""
    later = aliased(Panel)
    since = exists().where(
        later.tranche_id == Panel.tranche_id, later.id > Panel.id, later.state != PanelState.CANCELLED
    )
    said = Panel.outcome.in_((PanelOutcome.HOLD, PanelOutcome.PIVOT))
    return and_(Panel.state == PanelState.CONFIRMED, said, Tranche.state == TrancheState.PLANNED, ~since)
