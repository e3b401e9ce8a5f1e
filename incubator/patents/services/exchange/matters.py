"""Applications out of a table or a family's file: found again by their number, completed, or entered anew."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from incubator.core import audit, keys
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.files import storage
from incubator.patents.engines import numbers
from incubator.patents.engines.family_files import FamilyFileError, Member, members
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import Disclosure, Matter, PatentImport
from incubator.patents.queries.inventions import visible_to
from incubator.patents.services import families, matters, security
from incubator.patents.services.exchange.lines import MatterLine
from incubator.patents.services.exchange.plans import KNOWN, MORE, NEW, PASSED, Item, Plan
from incubator.patents.services.numbering import put_right
from incubator.patents.states import DisclosureState, MatterState
from incubator.people.models import Person
from incubator.web.sheets import RowError, read


@dataclass(frozen=True)
class Facts:
    """One application as a file tells it."""

    office: str
    kind: PatentKind
    number: str
    filed_on: dt.date
    published_on: dt.date | None
    granted_on: dt.date | None
    evidence: str


def plan(actor: Person, data: bytes, name: str) -> Plan:
    """What a table of applications is going to do. Raises Invalid at file for what is no table."""
    sheet = read(data, name, MatterLine)
    made = Plan(errors=list(sheet.errors), more_errors=sheet.more_errors)
    for line, row in sheet.rows:
        facts = Facts(
            row.office, PatentKind(row.kind), row.number, row.filed_on, row.published_on, row.granted_on,
            _("Read from %(name)s, line %(line)s", name=name, line=line),
        )  # fmt: skip
        try:
            made.items.append(_item(line, _invention(actor, row.invention), facts))
        except Invalid as refusal:
            made.errors.append(RowError(line, refusal.field or "", str(refusal.message)))
    made.errors.sort(key=lambda error: error.line)
    return made


def plan_family(actor: Person, record: PatentImport) -> Plan:
    """What a family's file is going to do for its invention. Raises Invalid at file for what is none."""
    if record.disclosure is None:
        raise ValueError("a family's file belongs to an invention")
    found = members_of(storage.read(record.file.sha256))
    made = Plan()
    for line, member in enumerate(found, 1):
        try:
            made.items.append(_of_member(line, record.disclosure, member, record.file.name))
        except Invalid as refusal:
            made.errors.append(RowError(line, refusal.field or "", f"{_title(member)}: {refusal.message}"))
    return made


def members_of(data: bytes) -> tuple[Member, ...]:
    """The applications of a family's file. Raises Invalid at file for one out of which none can be read."""
    try:
        return members(data)
    except FamilyFileError as error:
        raise Invalid(WORDS[error.code](), field="file", code=f"family_{error.code}") from error


WORDS = {
    "xml": lambda: _("This is no XML file, or it asks for more than its own text (entities, a DTD)."),
    "empty": lambda: _("No application was found in this file. Export the family with its application references."),
    "many": lambda: _("This file holds too many applications for one family."),
}


def _title(member: Member) -> str:
    return f"{member.application.country} {member.number}"


def _of_member(line: int, disclosure: Disclosure, member: Member, name: str) -> Item:
    filed_on = member.application.on
    if not member.office or filed_on is None:
        return Item(line, _title(member), PASSED)
    facts = Facts(
        member.office, _kind_of(member), member.number, filed_on, member.published_on, member.granted_on,
        _("Read from %(name)s, application %(line)s", name=name, line=line),
    )  # fmt: skip
    return _item(line, disclosure, facts)


def _kind_of(member: Member) -> PatentKind:
    """The number tells it, or the kind code; where neither does it is an invention."""
    try:
        told = numbers.office_number(member.office, member.number).kind
    except numbers.NumberError:
        told = None
    is_design = any(one.kind.startswith("S") for one in member.publications)
    return told or (PatentKind.DESIGN if is_design else PatentKind.INVENTION)


def _invention(actor: Person, name: str) -> Disclosure:
    rows = visible_to(actor).where(or_(Disclosure.number == name, Disclosure.reference == name))
    found = db.session.scalars(rows.options(selectinload(Disclosure.shares)).limit(2)).all()
    if len(found) != 1:
        raise Invalid(_("There is no invention %(number)s in your care.", number=name), field="invention")
    return found[0]


def _item(line: int, disclosure: Disclosure, facts: Facts) -> Item:
    read_ = _number(facts)
    _check_days(facts)
    title = f"{disclosure.number} · {facts.office} {read_.canonical}"
    known = select(Matter).where(Matter.office == facts.office, Matter.application_number == read_.canonical)
    matter = db.session.scalar(known)
    if matter is not None and matter.disclosure_id != disclosure.id:
        raise Invalid(_("This number stands for another application already."), field="number")
    if matter is not None:
        return Item(
            line, title, MORE if _lacks(matter, facts) else KNOWN, partial(_complete, matter=matter, facts=facts)
        )
    if disclosure.state != DisclosureState.FILE:
        words = _("It is not decided yet that %(number)s is filed.", number=disclosure.number)
        raise Invalid(words, field="invention")
    return Item(line, title, NEW, partial(_enter, disclosure=disclosure, facts=facts))


def _number(facts: Facts) -> numbers.OfficeNumber:
    try:
        found = numbers.office_number(facts.office, facts.number)
    except numbers.NumberError as error:
        raise Invalid(put_right(facts.office, facts.number), field="number") from error
    if found.kind is not None and found.kind != facts.kind:
        raise Invalid(_("This number is of another kind of patent."), field="kind")
    return found


def _check_days(facts: Facts) -> None:
    for field, day in (("published_on", facts.published_on), ("granted_on", facts.granted_on)):
        if day is not None and day < facts.filed_on:
            filed = facts.filed_on.isoformat()
            raise Invalid(_("This day lies before the filing on %(filed)s.", filed=filed), field=field)


def _lacks(matter: Matter, facts: Facts) -> bool:
    published = facts.published_on is not None and matter.published_on is None and matter.granted_on is None
    return published or (facts.granted_on is not None and matter.granted_on is None)


def _enter(actor: Person, *, disclosure: Disclosure, facts: Facts) -> Matter:
    """A prepared application of that office is filed; otherwise another one is entered."""
    waiting = select(Matter).where(
        Matter.disclosure_id == disclosure.id, Matter.office == facts.office, Matter.kind == facts.kind,
        Matter.state == MatterState.PREPARED,
    )  # fmt: skip
    matter = db.session.scalar(waiting) or _added(actor, disclosure, facts)
    matters.record_filing(
        actor, matter, happened_on=facts.filed_on, number=facts.number, evidence=facts.evidence
    )  # fmt: skip
    _complete(actor, matter=matter, facts=facts)
    return matter


def _added(actor: Person, disclosure: Disclosure, facts: Facts) -> Matter:
    cause = audit.event_of(disclosure, "disclosure.file")
    matter = Matter(
        number=keys.spoken("P"), disclosure=disclosure, company=disclosure.company, office=facts.office,
        kind=facts.kind, family=families.family_of(disclosure, cause_id=cause.id), counsel=actor,
    )  # fmt: skip
    audit.created(matter, cause_id=cause.id, payload={"number": matter.number, "kind": matter.kind.value})
    security.begin(matter, cause_id=cause.id)
    return matter


def _complete(actor: Person, *, matter: Matter, facts: Facts) -> None:
    """Record what the file knows and we do not; a grant brings the award with it."""
    if facts.published_on is not None and matter.published_on is None and matter.granted_on is None:
        matters.record_publication(actor, matter, happened_on=facts.published_on, evidence=facts.evidence)
    if facts.granted_on is not None and matter.granted_on is None:
        matters.record_grant(actor, matter, happened_on=facts.granted_on, evidence=facts.evidence)
