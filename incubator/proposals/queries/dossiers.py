"""One proposal whole: its texts, its gaps, its history and its people."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import BigInteger, String, any_, bindparam, case, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from incubator.calls.templates import Audience, ColumnSpec, FieldSpec, FormTemplate, Kind
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.sent import rows_of
from incubator.people.models import Person
from incubator.people.queries import by_hr_number, colleagues
from incubator.proposals import words
from incubator.proposals.engines import answers, shares
from incubator.proposals.models import Attachment, Proposal, ProposalVersion, TeamMember
from incubator.proposals.queries.attachments import attachments, is_for_all, kind_of, missing_files
from incubator.proposals.queries.proposals import BESIDE_WHAT_WAS_HANDED_IN, Rows, share_of
from incubator.web.formats import money, number, size

"""States in which the authors may have a newer text than the one that was handed in."""
"""The field of `access` without which a reader is not told who proposes."""


def newest(proposal: Proposal) -> ProposalVersion:
    """The newest version, as it is in the database now."""
    return db.session.scalars(
        select(ProposalVersion)
        .where(ProposalVersion.proposal_id == proposal.id)
        .order_by(ProposalVersion.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one()


def text_for(person: Person, proposal: Proposal) -> ProposalVersion:
    """What this person reads: the authors the newest version, everybody else the one that was handed in."""
    handed_in = proposal.submitted_version
    is_author = share_of(person, proposal) is not None
    if handed_in is not None and not (is_author and proposal.state in BESIDE_WHAT_WAS_HANDED_IN):
        return handed_in
    return newest(proposal)


@dataclass(frozen=True)
class Entry:
    """One answer as it is read; a choice's value is its label, a file's its address, with kind and size as detail.

    detail: a number's unit; table: a table's head and rows, in words."""

    label: str
    kind: str
    value: str | int | None
    detail: str = ""
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Part:
    """One section of a proposal as it is read."""

    title: str
    entries: list[Entry]


def dossier(proposal: Proposal, version: ProposalVersion, *, whole: bool = False) -> list[Part]:
    """The answers of a version under the call's questions, in the reader's language, and its attachments.

    whole: also what only the authors and the office read; for others those questions are not there. An attachment's
    own name may tell who proposes: a blind review shows none.
    """
    parts = told(proposal, version.answers, whole=whole)
    there = [one for one in attachments(proposal, version) if whole or is_for_all(proposal, one)]
    files = [_file(proposal, n, one) for n, one in enumerate(there, 1)]
    return [*parts, Part(_("Attachments"), files)] if files else parts


def told(proposal: Proposal, answers: Mapping[str, Any], *, whole: bool = False) -> list[Part]:
    """Answers under the call's questions, in the reader's language; a question without one has an empty value."""
    form = FormTemplate.of(proposal.call.form)
    return [
        Part(
            str(section.title),
            [
                _entry(spec, answers.get(spec.key))
                for spec in section.fields
                if spec.kind is not Kind.FILE and (whole or spec.audience is Audience.ALL)
            ],
        )
        for section in form.sections
    ]


def _file(proposal: Proposal, number: int, attachment: Attachment) -> Entry:
    address = f"/proposals/{proposal.public_id}/attachments/{attachment.public_id}"
    detail = f"{kind_of(attachment)}, {size(attachment.file.size)}"
    spec = FormTemplate.of(proposal.call.form).files.get(attachment.field) if attachment.field else None
    return Entry(str(spec.label) if spec else _("Attachment %(n)s", n=number), "file", address, detail)


def _entry(spec: FieldSpec, value: Any) -> Entry:
    unit = str(spec.unit) if spec.unit else ""
    return Entry(str(spec.label), spec.kind.value, _shown(spec, value), unit, table_of(spec, value))


def table_of(spec: FieldSpec, value: Any) -> tuple[tuple[str, ...], ...]:
    """A table's head and rows in words; nothing for another kind or none."""
    if spec.kind is not Kind.TABLE or not isinstance(value, list):
        return ()
    head = ("", *(str(column.label) for column in spec.columns))
    rows = [
        (str(label), *(cell_of(column, cell) for column, cell in zip(spec.columns, row or [None] * 6, strict=False)))
        for label, row in zip(spec.rows, value, strict=False)
    ]
    return (head, *rows)


def cell_of(column: ColumnSpec, value: Any) -> str:
    """A cell as it is read."""
    if value is None:
        return ""
    if column.kind is Kind.MONEY:
        return money(value)
    return number(value) if column.kind is Kind.NUMBER else str(value)


def in_lines(spec: FieldSpec, value: Any) -> str:
    """A table as text, a row a line."""
    return "\n".join(" · ".join(part for part in row if part) for row in table_of(spec, value)[1:])


def _shown(spec: FieldSpec, value: Any) -> str | int | None:
    if spec.kind is Kind.CHOICE:
        return next((str(choice.label) for choice in spec.choices if choice.value == value), None)
    if spec.kind is Kind.TABLE:
        return in_lines(spec, value) or None
    return value  # type: ignore[no-any-return]


def fields_of(proposal: Proposal) -> list[tuple[str, list[FieldSpec]]]:
    """The sections of the call's form with the questions that are answered in words or figures."""
    form = FormTemplate.of(proposal.call.form)
    asked = [(section, [spec for spec in section.fields if spec.kind is not Kind.FILE]) for section in form.sections]
    return [(str(section.title), specs) for section, specs in asked if specs]


def files_of(proposal: Proposal) -> list[FieldSpec]:
    """The questions of the call's form that a file answers."""
    return list(FormTemplate.of(proposal.call.form).files.values())


def differences(proposal: Proposal, mine: dict[str, Any], theirs: ProposalVersion) -> list[tuple[str, Any, Any]]:
    """Where two texts differ, in order: label, my answer, the answer that stands."""
    cleaned = {key: answers.clean(value) for key, value in mine["answers"].items()}
    found = [(_("Title"), mine["title"], theirs.title)] if mine["title"] != theirs.title else []
    return found + [
        (str(spec.label), _shown(spec, cleaned.get(key)), _shown(spec, theirs.answers.get(key)))
        for key, spec in FormTemplate.of(proposal.call.form).fields.items()
        if cleaned.get(key) != theirs.answers.get(key)
    ]


@dataclass(frozen=True)
class Gap:
    """Something that is missing before handing in: in words, and where to change it."""

    label: str
    page: str


def gaps(proposal: Proposal, version: ProposalVersion) -> list[Gap]:
    """What is missing before this newest version of the proposal can be handed in."""
    found = [] if version.title else [Gap(_("Title"), "/edit#title")]
    found += [] if proposal.theme_id else [Gap(_("Theme"), "/edit#theme")]
    found += [] if proposal.asked else [Gap(_("Cloud credits asked"), "/edit#asked")]
    form = FormTemplate.of(proposal.call.form)
    found += [Gap(str(spec.label), f"/edit#answer_{spec.key}") for spec in answers.missing(form, version.answers)]
    found += [Gap(str(spec.label), "/attachments#field") for spec in missing_files(proposal, version)]
    numbers = [member.share_bp for member in proposal.team]
    if fault := shares.fault_of(numbers):
        found.append(Gap(words.share_fault(fault, sum(numbers)), "/team"))
    return found


@dataclass(frozen=True)
class Happened:
    """One step on a proposal's way: what, when, who (None: the system), why, and the event's public id."""

    name: str
    at: Any
    actor: str | None
    reason: str | None
    event: str


ALONE = ("proposal.ask_team", "proposal.submit")
"""Who proposes alone has nobody to ask: only the handing in is told."""


def history(proposal: Proposal, *, anonymous: bool = False) -> list[Happened]:
    """The steps that readers of the proposal are shown, oldest first; one statement. anonymous: its authors as such."""
    authors = [proposal.lead_id, *(member.person_id for member in proposal.team)] if anonymous else []
    values = {"subject": proposal.id, "authors": authors, "as_authors": _("Its authors")}
    steps = [Happened(*row) for row in rows_of(_steps(), values)]
    after = [*(step.name for step in steps[1:]), None]
    return [step for step, then in zip(steps, after, strict=True) if (step.name, then) != ALONE]


@cache
def _steps() -> Rows:
    """The events `words.STEPS` of the proposal `subject`; the names of `authors` are replaced by `as_authors`."""
    is_author = AuditEvent.actor_id == any_(bindparam("authors", type_=ARRAY(BigInteger)))
    actor = case((is_author, bindparam("as_authors", type_=String)), else_=Person.name)
    return (
        select(AuditEvent.name, AuditEvent.at, actor, AuditEvent.reason, AuditEvent.public_id)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .where(
            AuditEvent.subject_type == Proposal.__tablename__,
            AuditEvent.subject_id == bindparam("subject", type_=BigInteger),
            AuditEvent.name.in_([literal_column(f"'{name}'") for name in words.STEPS]),
        )
        .order_by(AuditEvent.id)
    )


def own_share(person: Person, proposal: Proposal) -> TeamMember:
    """The same, where `asked_of` has found the proposal."""
    return next(member for member in proposal.team if member.person_id == person.id)


def colleague(named: str) -> Person:
    """The one colleague of this HR number or full name. Raises Invalid when there is none, or more than one."""
    if (person := by_hr_number(named)) is not None:
        return person
    found = list(db.session.scalars(colleagues(named, limit=3))) if named else []
    exact = [one for one in found if named.casefold() in (one.name.casefold(), one.name_latin.casefold())] or found
    if not exact:
        raise Invalid(_("Nobody of that name or HR number."), field="person")
    if len(exact) > 1:
        raise Invalid(_("Several people are called that: enter the HR number."), field="person")
    return exact[0]
