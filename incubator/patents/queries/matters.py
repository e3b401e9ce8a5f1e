"""Reading applications and the docket."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import joinedload, selectinload

from incubator.core.db import db
from incubator.core.errors import NotFound
from incubator.patents.engines.numbers import office_number
from incubator.patents.models import Disclosure, Matter, MatterEvent
from incubator.patents.queries.inventions import KNOWING, denied, is_public, may_read
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role
from incubator.people.reader import for_reader


def matters_visible_to(person: Person) -> Select[Matter]:
    """Matters of disclosures the person may read; once published, also to the office and HR of the company."""
    published = and_(is_public(), within(Matter.company_id, person, *KNOWING), ~denied(Disclosure, person))
    joined = select(Matter).join(Disclosure, Matter.disclosure_id == Disclosure.id)
    return joined.where(visible(Matter, person, may_read(person), published))


def matter_page(person: Person) -> Select[Matter]:
    """Like matters_visible_to, with all that a matter's page shows."""
    return matters_visible_to(person).options(
        joinedload(Matter.company),
        joinedload(Matter.counsel),
        joinedload(Matter.family),
        joinedload(Matter.disclosure).selectinload(Disclosure.shares),
        selectinload(Matter.events).joinedload(MatterEvent.recorded_by),
        selectinload(Matter.events).joinedload(MatterEvent.file),
    )


def matter_of(disclosure: Disclosure) -> Matter | None:
    """The first matter that came of a disclosure."""
    return db.session.scalar(select(Matter).where(Matter.disclosure_id == disclosure.id).order_by(Matter.id).limit(1))


def live(events: Iterable[MatterEvent]) -> list[MatterEvent]:
    """The events that no later one voids."""
    known = list(events)
    voided = {event.voids_id for event in known}
    return [event for event in known if event.id not in voided]


def event_in(matter: Matter, public_id: str) -> MatterEvent:
    """A live event of a matter. Raises NotFound when there is none such."""
    for event in live(matter.events):
        if event.public_id == public_id:
            return event
    raise NotFound(_("There is no such page, or it is not for you to see."))


@for_reader
def docket(person: Person) -> tuple[Select[Any], ColumnElement[Any], ColumnElement[str]]:
    """The rows of the docket, and the moment and the public id by which they are paged.

    The title is null for those who may only know that there is something, until the office has published it; care_id:
    for a counsel who has not taken it up. A row an application, or an invention that has none yet. What says yes to
    most rows without another look-up stands first, as in the docket of deadlines.
    """
    counsel = within(Disclosure.company_id, person, Role.IP_COUNSEL)
    readable = or_(and_(Matter.filed_on.is_not(None), counsel), may_read(person))
    shown, takeable = or_(is_public(), readable), and_(counsel, ~readable)
    known = and_(~denied(Disclosure, person), or_(within(Disclosure.company_id, person, *KNOWING), readable))
    public_id = func.coalesce(Matter.public_id, Disclosure.public_id)
    rows: Select[Any] = (
        select(
            Disclosure.number,
            case((shown, Disclosure.title)).label("title"),
            Disclosure.lang,
            case((readable, Disclosure.public_id)).label("disclosure_id"),
            case((takeable, Disclosure.public_id)).label("care_id"),
            Disclosure.state,
            Company.name.label("company"),
            Matter.number.label("matter_number"),
            case((shown, Matter.public_id)).label("matter_id"),
            Matter.state.label("matter_state"),
            Matter.application_number,
            Matter.filed_on,
            Matter.granted_on,
            Disclosure.created_at,
            public_id.label("key"),
        )
        .join(Company, Company.id == Disclosure.company_id)
        .outerjoin(Matter, Matter.disclosure_id == Disclosure.id)
        .where(known)
    )
    moment: Any = Disclosure.created_at
    return rows, moment, public_id


def number_warnings(matter: Matter) -> tuple[tuple[str, str, str], ...]:
    """What looks wrong about the office's number and was accepted all the same."""
    if matter.application_raw is None:
        return ()
    return office_number(matter.office, matter.application_raw).warnings
