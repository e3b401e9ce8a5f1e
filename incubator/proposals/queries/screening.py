"""Screening many at once: what is ticked, where it may be routed, what became of each."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from sqlalchemy import Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import joinedload, selectinload

from incubator.calls import queries as calls
from incubator.calls.models import Call, CommitteeMember, DecisionRuleVersion
from incubator.calls.states import CallState
from incubator.calls.templates import Audience, FormTemplate
from incubator.core import clock
from incubator.core.db import db
from incubator.people.models import Person
from incubator.proposals.engines import answers
from incubator.proposals.models import Proposal, ProposalVersion, ScreeningBatch, ScreeningItem
from incubator.proposals.queries.attachments import attachments
from incubator.proposals.queries.proposals import screened_by
from incubator.web.language import kept

MOST_CALLS = 100
MOST_COUNTS = 10_000
"""Kept counts of missing answers: about as many bytes each as a line of text."""


def ticked(person: Person, public_ids: Sequence[str]) -> list[Proposal]:
    """Those of these proposals that this person sees as an office, in the order they were ticked; the others are
    passed over as if they were not there."""
    rows = screened_by(person).where(Proposal.public_id.in_(public_ids))
    found = {one.public_id: one for one in db.session.scalars(rows).unique()}
    return [found[key] for key in dict.fromkeys(public_ids) if key in found]


def routable(person: Person) -> Sequence[Call]:
    """Published calls whose committee has not met, the first to close first."""
    rows = calls.visible_to(person).where(Call.state != CallState.DRAFT, Call.meets_on >= clock.today())
    return db.session.scalars(rows.order_by(Call.closes_at, Call.id).limit(MOST_CALLS)).all()


def fits(version: ProposalVersion, call: Call) -> bool:
    """Whether a call asks nothing that a version does not answer, and nothing else than it answers, files too, and
    whether it gives every answer to the same readers: what was said to the office alone stays with the office."""
    form = FormTemplate.of(call.form)
    there = {one.field for one in attachments(version.proposal, version) if one.field}
    needed = {key for key, spec in form.files.items() if spec.required}
    if not needed <= there <= set(form.files):
        return False
    given = {key for key, value in version.answers.items() if value is not None}
    if not _have_same_readers(FormTemplate.of(version.proposal.call.form), form, given | there):
        return False
    faults = any(True for _fault in answers.check(form, version.title, version.answers))
    return not faults and not answers.missing(form, version.answers)


def _have_same_readers(asked: FormTemplate, asks: FormTemplate, keys: Iterable[str]) -> bool:
    """Whether what answers these questions of one form is read by the same people under another; a question that the
    first does not ask any more counts as the office's."""
    before, after = asked.fields | asked.files, asks.fields | asks.files
    return all(
        after[key].audience is (before[key].audience if key in before else Audience.OFFICE)
        for key in keys
        if key in after
    )


def lacking_in(handed_in: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """How many required answers each of these lacks: a call, whose form is published, and a version, which is frozen.

    Neither ever changes, so what was counted is kept; at most two statements for the others.
    """
    known: dict[tuple[int, int], int] = kept("lacking_in", dict)
    wanted = set(handed_in)
    found = {pair: known[pair] for pair in wanted if pair in known}
    if len(found) < len(wanted):
        if len(known) >= MOST_COUNTS:
            known.clear()
        counted = _counted(wanted - found.keys())
        known |= counted
        found |= counted
    return found


def _counted(pairs: Set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    calls = select(Call.id, Call.form).where(Call.id.in_({call_id for call_id, _version_id in pairs}))
    forms = {key: FormTemplate.of(form) for key, form in db.session.execute(calls)}
    keys = func.jsonb_path_query_array(ProposalVersion.answers, cast("$.keyvalue().key", JSONPATH), type_=JSONB)
    versions = select(ProposalVersion.id, keys).where(ProposalVersion.id.in_({version_id for _, version_id in pairs}))
    answered: dict[int, Any] = dict(db.session.execute(versions).all())
    return {pair: len(lacking(forms[pair[0]], answered.get(pair[1]))) for pair in pairs}


def lacking(form: FormTemplate, answered: Iterable[str] | None) -> list[str]:
    """The labels of required questions that are not among the keys answered."""
    given: Mapping[str, Any] = dict.fromkeys(answered or (), True)
    return [str(spec.label) for spec in answers.missing(form, given)]


def judges(proposal: Proposal) -> tuple[int, int]:
    """How many sit on the committee of its call, and how many reviews its rule asks for at least; one statement."""
    seats = select(func.count(CommitteeMember.id)).where(CommitteeMember.committee_id == Call.committee_id)
    rows = (
        select(seats.scalar_subquery(), DecisionRuleVersion.data)
        .select_from(Call)
        .join(DecisionRuleVersion, DecisionRuleVersion.id == Call.rule_version_id)
        .where(Call.id == proposal.call_id)
    )
    members, rule = db.session.execute(rows).one()
    return int(members), int(rule.get("quorum") or 0)


def batches_of(person: Person) -> Select[ScreeningBatch]:
    """The steps that this person took on many, with what became of each."""
    items = selectinload(ScreeningBatch.items).joinedload(ScreeningItem.proposal)
    return select(ScreeningBatch).where(ScreeningBatch.actor_id == person.id).options(
        joinedload(ScreeningBatch.call), items
    )  # fmt: skip


def locked_batch(batch: ScreeningBatch) -> ScreeningBatch:
    """The same, held until the transaction ends, as it is now."""
    rows = select(ScreeningBatch).where(ScreeningBatch.id == batch.id).with_for_update()
    return db.session.scalars(rows.execution_options(populate_existing=True)).one()
