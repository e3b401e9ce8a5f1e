"""Recording what happens to an application. Its state and days are derived from its events; a correction voids one."""

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock, states
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.patents.engines import numbers
from incubator.patents.models import Award, Matter, MatterEvent, MatterEventKind
from incubator.patents.queries import award_of, live
from incubator.patents.services import awards, security
from incubator.patents.states import MatterState, OutOfOrder, derive
from incubator.people.models import Person

K = MatterEventKind


@dataclass(frozen=True)
class Said:
    """What was given of an event."""

    kind: MatterEventKind
    happened_on: dt.date
    number: str = ""
    evidence: str = ""


@action("matter.file")
def record_filing(
    actor: Person, matter: Matter, *, happened_on: dt.date, number: str, evidence: str = ""
) -> MatterEvent:
    """Record the filing with the office's number. Raises Invalid at happened_on or number."""
    return _record(actor, matter, Said(K.FILE, happened_on, number, evidence))[0]


@action("matter.publish")
def record_publication(
    actor: Person, matter: Matter, *, happened_on: dt.date, number: str = "", evidence: str = ""
) -> MatterEvent:
    """Record that the office published the application."""
    return _record(actor, matter, Said(K.PUBLISH, happened_on, number, evidence))[0]


@action("matter.examine")
def record_examination(
    actor: Person, matter: Matter, *, happened_on: dt.date, number: str = "", evidence: str = ""
) -> MatterEvent:
    """Record that the examination of its substance has begun."""
    return _record(actor, matter, Said(K.EXAMINE, happened_on, number, evidence))[0]


@action("matter.grant")
def record_grant(actor: Person, matter: Matter, *, happened_on: dt.date, number: str = "", evidence: str = "") -> Award:
    """Record the announcement of the grant; the inventors' award is born in the same transaction."""
    _recorded, cause = _record(actor, matter, Said(K.GRANT, happened_on, number, evidence))
    for share in matter.disclosure.shares:
        address = f"/inventions/{matter.disclosure.public_id}"
        notify(share.person_id, "matter.grant", address, number=matter.number)
    return awards.owe(matter, cause_id=cause.id)


@action("matter.correct")
def correct(
    actor: Person, matter: Matter, *, event: MatterEvent, happened_on: dt.date, number: str = "", evidence: str = ""
) -> MatterEvent:
    """Put an event right by a new one that voids it. A grant stands once an award has come of it."""
    _hold(matter)
    if event.matter_id != matter.id or event not in live(matter.events):
        raise WrongState(_("This entry was corrected already."))
    if event.kind == K.GRANT and award_of(matter) is not None:
        raise WrongState(_("An award has come of this grant, so its date stands."))
    return _record(actor, matter, Said(event.kind, happened_on, number, evidence), voided=event)[0]


def _record(
    actor: Person, matter: Matter, said: Said, voided: MatterEvent | None = None
) -> tuple[MatterEvent, AuditEvent]:
    _hold(matter)
    _check_day(said.happened_on)
    if said.kind == K.FILE and voided is None:
        security.require_clearance(matter)
    filed = _read_number(matter, said) if said.kind == K.FILE else None
    kept = [event for event in live(matter.events) if event is not voided]
    state = _derive([*kept, said])
    event = MatterEvent(
        kind=said.kind, happened_on=said.happened_on, number=said.number.strip(),
        evidence=said.evidence.strip(), recorded_by=actor, voids_id=voided.id if voided else None,
    )  # fmt: skip
    matter.events.append(event)
    before, matter.state = matter.state, state
    if filed is not None:
        matter.application_raw, matter.application_number = filed.raw.strip(), filed.canonical
    _take_over_days(matter, [*kept, said])
    db.session.flush()
    name = f"matter.{said.kind.value}" if voided is None else "matter.correct"
    payload = {"from": before.value, "to": state.value, "on": said.happened_on.isoformat(), "event": event.public_id}
    if voided is not None:
        payload["voids"] = voided.public_id
    return event, audit.record(name, matter, payload)


def _hold(matter: Matter) -> None:
    """Two people who record at once do it one after the other, each on what stands then."""
    db.session.flush()
    held = select(Matter).where(Matter.id == matter.id).with_for_update()
    db.session.scalars(held, execution_options={"populate_existing": True}).one()
    db.session.expire(matter, ["events"])


def _check_day(day: dt.date) -> None:
    if day > clock.today():
        raise Invalid(_("This day is yet to come; record what has happened."), field="happened_on")
    if day.year < 1985:
        raise Invalid(_("The office opened in 1985; check the year."), field="happened_on")


def _derive(events: Sequence[MatterEvent | Said]) -> MatterState:
    try:
        return derive(events)
    except OutOfOrder as error:
        raise Invalid(_explain(error, events), field="happened_on") from error


def _explain(error: OutOfOrder, events: Sequence[MatterEvent | Said]) -> str:
    """A grant before the filing, a second publication: which event does not fit, and what stood before it."""
    first = min((event.happened_on for event in events if event.kind == K.FILE), default=None)
    if first is not None and error.event.happened_on < first:
        return str(
            _(
                "“%(what)s” on %(day)s lies before the filing on %(filed)s.",
                what=states.word("matter_event", K(error.event.kind)),
                day=error.event.happened_on.isoformat(),
                filed=first.isoformat(),
            )
        )
    return str(
        _(
            "“%(what)s” on %(day)s cannot follow: the application was “%(state)s” then.",
            what=states.word("matter_event", K(error.event.kind)),
            day=error.event.happened_on.isoformat(),
            state=states.word("matter", error.before),
        )
    )


def _take_over_days(matter: Matter, events: Sequence[MatterEvent | Said]) -> None:
    days = {event.kind: event.happened_on for event in events}
    matter.filed_on, matter.published_on = days.get(K.FILE), days.get(K.PUBLISH)
    matter.granted_on = days.get(K.GRANT)


def _read_number(matter: Matter, said: Said) -> numbers.ApplicationNumber:
    """The office's number: well formed, right check digit, of this kind and year, and nobody else's."""
    try:
        read = numbers.application_number(said.number)
    except numbers.NumberError as error:
        raise Invalid(_put_right(said.number), field="number") from error
    if read.kind != matter.kind:
        raise Invalid(
            _(
                "This number is of another kind: %(given)s. The matter is: %(kind)s.",
                given=states.word("patent_kind", read.kind),
                kind=states.word("patent_kind", matter.kind),
            ),
            field="number",
        )
    if read.year != said.happened_on.year:
        raise Invalid(
            _("This number is of %(year)s, the filing of %(filed)s.", year=read.year, filed=said.happened_on.year),
            field="number",
        )
    taken = select(Matter.id).where(
        Matter.office == matter.office, Matter.application_number == read.canonical, Matter.id != matter.id
    )
    if db.session.scalar(taken) is not None:
        raise Invalid(_("This number stands for another application already."), field="number")
    return read


def _put_right(raw: str) -> str:
    """What is wrong with a number and, where only the check digit is, what would be right."""
    bare = re.sub(r"[^0-9X]", "", unicodedata.normalize("NFKC", raw).upper())
    digits, given = bare[:-1], bare[-1:]
    if len(bare) in {9, 13} and digits.isdigit() and numbers.check_digit(digits) != given:
        right = numbers.check_digit(digits)
        return str(
            _(
                "The check digit is wrong: %(given)s. With these digits it would be %(right)s, as in %(number)s; "
                "or one of the other digits is wrong.",
                given=given,
                right=right,
                number=f"{digits}.{right}",
            )
        )
    return str(_("Write the number like 201710601862.3, or like 95115608.X when it was filed before October 2003."))
