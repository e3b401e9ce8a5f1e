"""Recording what happens to an application. Its state and days are derived from its events; a correction voids one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock, states
from incubator.core.actions import action, require
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.transaction import after_commit
from incubator.files.models import File
from incubator.notifications.services import notify
from incubator.patents.engines.deadlines import ServiceMode
from incubator.patents.engines.numbers import publication_number
from incubator.patents.models import Award, Matter, MatterEvent, MatterEventKind, Office
from incubator.patents.queries import award_of, live
from incubator.patents.services import awards, security
from incubator.patents.services.numbering import read_number
from incubator.patents.services.waking import wake
from incubator.patents.states import MATTER, MatterState, OutOfOrder, derive
from incubator.people.models import Person

K = MatterEventKind
STEPS = frozenset(MATTER.steps)


@dataclass(frozen=True)
class Said:
    """What was given of an event."""

    kind: MatterEventKind
    happened_on: dt.date
    number: str = ""
    evidence: str = ""
    service_mode: ServiceMode | None = None
    about: str = ""
    file: File | None = None


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
def record_grant(
    actor: Person, matter: Matter, *, happened_on: dt.date, number: str = "", evidence: str = "",
    file: File | None = None,
) -> Award | None:  # fmt: skip
    """Record the announcement of the grant; the award that is owed for it is born in the same transaction."""
    _recorded, cause = _record(actor, matter, Said(K.GRANT, happened_on, number, evidence, file=file))
    award = awards.owe(matter, cause_id=cause.id)
    kind = "matter.grant" if award is not None else "matter.grant_abroad"
    for share in matter.disclosure.shares:
        notify(share.person_id, kind, f"/inventions/{matter.disclosure.public_id}", number=matter.number)
    return award


@action("matter.record")
def record(
    actor: Person, matter: Matter, *, kind: MatterEventKind, happened_on: dt.date, number: str = "",
    evidence: str = "", service_mode: ServiceMode | None = None, about: str = "", file: File | None = None,
) -> MatterEvent:  # fmt: skip
    """Record anything that happened: a step, a notice of the office, an answer, a fee paid.

    Raises Invalid at happened_on, about or number.
    """
    require(actor, f"matter.{kind.value}" if kind in STEPS else "matter.record", matter)
    if kind is K.GRANT:
        record_grant(actor, matter, happened_on=happened_on, number=number, evidence=evidence, file=file)
        return max(live(matter.events), key=lambda event: event.id)
    return _record(actor, matter, Said(kind, happened_on, number, evidence, service_mode, about, file))[0]


@action("matter.correct")
def correct(
    actor: Person, matter: Matter, *, event: MatterEvent, happened_on: dt.date, number: str = "", evidence: str = "",
    service_mode: ServiceMode | None = None, about: str = "",
) -> MatterEvent:  # fmt: skip
    """Put an event right by a new one that voids it and keeps its file. A grant stands once an award has come of it."""
    _hold(matter)
    if event.matter_id != matter.id or event not in live(matter.events):
        raise WrongState(_("This entry was corrected already."))
    if event.kind == K.GRANT and award_of(matter) is not None:
        raise WrongState(_("An award has come of this grant, so its date stands."))
    said = Said(event.kind, happened_on, number, evidence, service_mode, about, event.file)
    return _record(actor, matter, said, voided=event)[0]


def _record(
    actor: Person, matter: Matter, said: Said, voided: MatterEvent | None = None
) -> tuple[MatterEvent, AuditEvent]:
    _hold(matter)
    _check_day(matter, said)
    if said.kind == K.FILE and voided is None:
        security.require_clearance(matter)
    filed = read_number(matter, said.number, said.happened_on) if said.kind == K.FILE else None
    kept = [event for event in live(matter.events) if event is not voided]
    state = _derive([*kept, said])
    event = MatterEvent(
        kind=said.kind, happened_on=said.happened_on, number=publication_number(said.number) or said.number.strip(),
        evidence=said.evidence.strip(), service_mode=said.service_mode, about=said.about.strip(), recorded_by=actor,
        file=said.file, voids_id=voided.id if voided else None,
    )  # fmt: skip
    matter.events.append(event)
    before, matter.state = matter.state, state
    if filed is not None:
        matter.application_raw, matter.application_number = filed.raw.strip(), filed.canonical
    _take_over_days(matter, [*kept, said])
    matter.stale_at, matter.counsel_id = clock.now(), matter.counsel_id or actor.id
    after_commit(wake)
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


def _check_day(matter: Matter, said: Said) -> None:
    if said.happened_on > clock.today():
        raise Invalid(_("This day is yet to come; record what has happened."), field="happened_on")
    if said.kind is K.GRANT and matter.office == Office.WIPO:
        raise Invalid(
            _("An international application is not granted. Record where it entered the national phase, and the grant "
              "there."),
            field="happened_on",
        )  # fmt: skip
    if said.happened_on.year < 1985 and matter.office == Office.CNIPA:
        raise Invalid(_("The office opened in 1985; check the year."), field="happened_on")
    if said.kind is K.PRIORITY and matter.filed_on is not None and said.happened_on > matter.filed_on:
        raise Invalid(
            _("A priority lies before the filing on %(filed)s.", filed=matter.filed_on.isoformat()),
            field="happened_on",
        )
    if said.kind is K.PAY and not said.about.strip():
        raise Invalid(_("Say for which year the fee was paid, such as 4, or 3.5 in the United States."), field="about")
    if said.kind is K.ENTER_NATIONAL and said.about.strip() not in set(Office):
        raise Invalid(_("Say at which office: CNIPA, EPO or USPTO."), field="about")


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
    matter.priority_on = min((event.happened_on for event in events if event.kind == K.PRIORITY), default=None)
