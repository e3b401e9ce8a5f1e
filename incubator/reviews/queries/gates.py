"""Gates that said hold or pivot: what they asked, what came, and for whom that waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Date, DateTime, Select, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from incubator.core.db import db
from incubator.core.errors import NotFound
from incubator.files.models import File
from incubator.people import access
from incubator.people.models import Person, Role
from incubator.people.reader import TODAY
from incubator.reviews.models import GateAnswer, Panel, PanelKind, PanelOutcome
from incubator.reviews.queries.panels import clear_of_subject
from incubator.reviews.queries.reviews import Rows
from incubator.reviews.states import PanelState
from incubator.ventures import queries as ventures
from incubator.ventures.models import Tranche, Venture
from incubator.ventures.states import RUNNING, TrancheState

ASKING = (PanelOutcome.HOLD, PanelOutcome.PIVOT)
_END: Any = func.timezone("Asia/Shanghai", cast(cast(Panel.until_on, Date) + 1, DateTime(timezone=False)))
"""24:00 of the day by which it is to be shown, in the group's zone."""


@dataclass(frozen=True)
class Ask:
    """What a gate asked of a venture (panel: its public id), and what its lead handed in, oldest first: public_id,
    text, created_at, who, file name and size (None where there is no file)."""

    panel: str
    number: int
    outcome: PanelOutcome
    confirmed_at: Any
    asks: str
    until_on: Any
    answers: tuple[Any, ...]


def asks_of(panel: Panel) -> list[Ask]:
    """What this gate and those of its venture before it asked, the newest first, with what came; two queries at most,
    none for what is no gate."""
    if panel.tranche_id is None:
        return []
    rows = (
        select(Panel.id, Panel.public_id, Tranche.number, Panel.outcome, Panel.confirmed_at, Panel.asks, Panel.until_on)
        .join(Tranche, Tranche.id == Panel.tranche_id)
        .where(Tranche.venture_id == _venture_of(panel), Panel.id <= panel.id)
        .where(Panel.state == PanelState.CONFIRMED, Panel.outcome.in_(ASKING))
        .order_by(Panel.id.desc())
    )
    asked = db.session.execute(rows).all()
    came = _answers([row.id for row in asked]) if asked else []
    return [
        Ask(
            row.public_id, row.number, row.outcome, row.confirmed_at, row.asks, row.until_on,
            tuple(one for one in came if one.panel_id == row.id),
        )
        for row in asked
    ]  # fmt: skip


def _venture_of(panel: Panel) -> Any:
    of = aliased(Tranche)
    return select(of.venture_id).where(of.id == panel.tranche_id).scalar_subquery()


def _answers(panel_ids: Sequence[int]) -> Sequence[Any]:
    rows = (
        select(
            GateAnswer.panel_id, GateAnswer.public_id, GateAnswer.text, GateAnswer.created_at, Person.name.label("who"),
            File.name.label("file"), File.size,
        )
        .join(Person, Person.id == GateAnswer.author_id)
        .outerjoin(File, File.id == GateAnswer.file_id)
        .where(GateAnswer.panel_id.in_(panel_ids))
    )  # fmt: skip
    return db.session.execute(rows.order_by(GateAnswer.id)).all()


def file_of_answer(panel: Panel, answer: str) -> File:
    """The file of an answer (public id) to what was asked at this gate or one before it. Raises NotFound."""
    of, tranche = aliased(Panel), aliased(Tranche)
    found = db.session.scalar(
        select(File)
        .join(GateAnswer, GateAnswer.file_id == File.id)
        .join(of, of.id == GateAnswer.panel_id)
        .join(tranche, tranche.id == of.tranche_id)
        .where(GateAnswer.public_id == answer, of.id <= panel.id, tranche.venture_id == _venture_of(panel))
    )
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found


def gates_of_team(person: Person) -> Select[Panel]:
    """The confirmed gates that asked something of a venture that the person leads or works in."""
    venture = joinedload(Panel.tranche).joinedload(Tranche.venture)
    return (
        select(Panel)
        .join(Tranche, Tranche.id == Panel.tranche_id)
        .join(Venture, Venture.id == Tranche.venture_id)
        .where(Panel.kind == PanelKind.GATE, Panel.state == PanelState.CONFIRMED, Panel.outcome.in_(ASKING))
        .where(or_(Venture.lead_id == person.id, ventures.is_member(person)))
        .options(venture.joinedload(Venture.proposal))
    )


def is_still_asked(panel: Panel) -> bool:
    """Tell whether what a gate asked can be handed in: the venture is at work, and no other gate was set since."""
    rows = (
        select(Panel.id).join(Tranche, Tranche.id == Panel.tranche_id).join(Venture, Venture.id == Tranche.venture_id)
    )
    found = rows.where(Panel.id == panel.id, _is_to_be_set_again(), Venture.state.in_(RUNNING))
    return db.session.scalar(found) is not None


def gates_again(person: Person) -> Rows:
    """For the office: tranches whose gate asked something that came, or whose day has come, and is not set again."""
    is_over = func.coalesce(Panel.until_on, TODAY) <= TODAY
    address = "/panels/new?kind=gate&subject=" + Tranche.public_id
    return (
        select(literal("gate.again"), Venture.name, address, _END, Panel.confirmed_at)
        .join(Tranche, Tranche.id == Panel.tranche_id)
        .join(Venture, Venture.id == Tranche.venture_id)
        .where(_is_to_be_set_again(), or_(is_over, _has_come()))
        .where(access.within(Venture.company_id, person, Role.OFFICE), clear_of_subject(person))
    )


def asked_by_gate(person: Person) -> Rows:
    """For the lead: what a gate that said hold or pivot asks, until something is handed in or it is set again."""
    return (
        select(literal("gate.asks"), Venture.name, "/gates/" + Panel.public_id, _END,
               Panel.confirmed_at)
        .join(Tranche, Tranche.id == Panel.tranche_id)
        .join(Venture, Venture.id == Tranche.venture_id)
        .where(_is_to_be_set_again(), Venture.lead_id == person.id, Venture.state.in_(RUNNING), ~_has_come())
    )  # fmt: skip


def _has_come() -> Any:
    return exists().where(GateAnswer.panel_id == Panel.id)


def _is_to_be_set_again() -> Any:
    """A gate said hold or pivot, and none has been set over its tranche since."""
    later = aliased(Panel)
    since = exists().where(
        later.tranche_id == Panel.tranche_id, later.id > Panel.id, later.state != PanelState.CANCELLED
    )
    said = Panel.outcome.in_(ASKING)
    return and_(Panel.state == PanelState.CONFIRMED, said, Tranche.state == TrancheState.PLANNED, ~since)
