"""What the assignment of a call is worked out from, and the stored runs for the office."""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import joinedload

from incubator.calls.models import Call, Committee, CommitteeMember, Seat, Theme
from incubator.core import clock
from incubator.core.db import db
from incubator.people import access
from incubator.people.models import Company, Person, Role
from incubator.proposals.models import Proposal, ProposalVersion, TeamMember
from incubator.proposals.states import ProposalState
from incubator.reviews.models import AssignmentPair, AssignmentRun, Conflict, ConflictLift, Review
from incubator.reviews.queries.conflicts import derive, standing
from incubator.reviews.queries.derived import clear_of
from incubator.reviews.queries.helping import wishes_of
from incubator.reviews.states import COUNTED, GONE, LOST, ReviewState, RunState

TAKES = (ProposalState.SCREENING, ProposalState.IN_REVIEW)
LEFT = (ReviewState.DECLINED, ReviewState.RECUSED)
FAR = 200
"""How many texts of a reviewer's past are read, the newest first."""


def runs_visible_to(person: Person) -> Select[AssignmentRun]:
    """The office's runs of its calls, and those for more reviews to the chair, but for runs with a proposal that the
    person is kept from."""
    hidden = exists().where(AssignmentPair.run_id == AssignmentRun.id, ~clear_of(AssignmentPair.proposal_id, person))
    of_call, asked_by = joinedload(AssignmentRun.call), joinedload(AssignmentRun.asked_by)
    committee = of_call.joinedload(Call.committee)
    return (
        select(AssignmentRun)
        .join(Call, Call.id == AssignmentRun.call_id)
        .where(or_(access.within(Call.company_id, person, Role.OFFICE), _chairs_extra(person)), ~hidden)
        .options(of_call.joinedload(Call.company), committee.joinedload(Committee.chair), asked_by)
    )


def _chairs_extra(person: Person) -> ColumnElement[bool]:
    chairs = exists().where(
        CommitteeMember.committee_id == Call.committee_id, CommitteeMember.person_id == person.id,
        CommitteeMember.seat == Seat.CHAIR,
    )  # fmt: skip
    return and_(AssignmentRun.settings.has_key("extra"), chairs)


def runs_of_call(call: Call, person: Person, size: int = 20, *, afresh: bool = False) -> list[AssignmentRun]:
    """The newest runs of a call, or the newest trials over its round; one query."""
    is_trial = AssignmentRun.settings.has_key("afresh")
    rows = runs_visible_to(person).where(AssignmentRun.call_id == call.id, is_trial if afresh else ~is_trial)
    return list(db.session.scalars(rows.order_by(AssignmentRun.id.desc()).limit(size)))


def members_of(call: Call, *, with_left: bool = False) -> list[Any]:
    """The members of the call's committee who score: person's public id, id, name, company, and reviews held in the
    call; columns only, one query. with_left: those too who have left since."""
    held = (
        select(func.count(Review.id))
        .join(Proposal, Proposal.id == Review.proposal_id)
        .where(Review.reviewer_id == Person.id, Proposal.call_id == call.id, Review.state.not_in(GONE))
        .correlate(Person)
        .scalar_subquery()
    )
    return list(
        db.session.execute(
            select(Person.public_id, Person.id, Person.name, Company.name.label("company"),
                   Company.public_id.label("company_key"), Person.language, held.label("held"))
            .join(CommitteeMember, CommitteeMember.person_id == Person.id)
            .join(Company, Company.id == Person.company_id)
            .where(
                CommitteeMember.committee_id == call.committee_id,
                CommitteeMember.seat == Seat.MEMBER,
                true() if with_left else Person.left_on.is_(None),
            )
            .order_by(Person.name_latin, Person.id)
        )
    )  # fmt: skip


def to_assign(call: Call, person: Person) -> list[Proposal]:
    """The proposals of a call that can be given reviewers, but for those the person is kept from."""
    rows = select(Proposal).where(
        Proposal.call_id == call.id,
        Proposal.state.in_(TAKES),
        Proposal.theme_id.is_not(None),
        clear_of(Proposal.id, person),
    )
    loaded = joinedload(Proposal.submitted_version), joinedload(Proposal.company), joinedload(Proposal.theme)
    return list(db.session.scalars(rows.order_by(Proposal.id).options(*loaded)))


def of_round(call: Call, person: Person) -> list[Proposal]:
    """All proposals of a call that were put to a committee, but for those the person is kept from; one query."""
    rows = select(Proposal).where(Proposal.id.in_(_put(call)), clear_of(Proposal.id, person))
    loaded = joinedload(Proposal.submitted_version), joinedload(Proposal.company), joinedload(Proposal.theme)
    return list(db.session.scalars(rows.order_by(Proposal.id).options(*loaded)))


def count_of_round(call: Call, person: Person) -> int:
    """How many those are, without their texts; one query."""
    rows = select(func.count(Proposal.id)).where(Proposal.id.in_(_put(call)), clear_of(Proposal.id, person))
    return db.session.scalar(rows) or 0


def _put(call: Call) -> Select[int]:
    put = select(Review.proposal_id).join(Proposal, Proposal.id == Review.proposal_id)
    return put.where(Proposal.call_id == call.id)


def assignment_inputs(call: Call, person: Person, settings: dict[str, Any]) -> dict[str, Any]:
    """All that goes into an assignment under the office's settings; a fixed number of queries."""
    if settings.get("afresh"):
        return _afresh_inputs(call, person, settings)
    extra, members = settings.get("extra"), members_of(call)
    proposals = [one for one in to_assign(call, person) if extra is None or one.public_id in extra]
    ids = {proposal.id: proposal.public_id for proposal in proposals}
    people = {row.id: row.public_id for row in members}
    held, left = _reviews_of(ids, people)
    count = Counter(proposal for proposal, _ in held)
    known, judged, read = _past(call, people)
    return {
        "proposals": {
            one.public_id: {
                "text": _text(one.submitted_version, one.title), "theme": one.theme.public_id if one.theme else "",
                "company": one.company.public_id, "lang": one.lang,
                "demand": 1 if extra else max(0, settings["reviews"] - count[one.public_id]),
            }
            for one in proposals
        },
        "reviewers": {
            row.public_id: {
                "texts": known[row.public_id], "themes": dict(judged[row.public_id]), "company": row.company_key,
                "reads": sorted({row.language, *read[row.public_id]}),
                **_load(row, settings),
            }
            for row in members
        },
        "barred": [*_conflicts(proposals, people, ids), *([*pair, "declined"] for pair in left)],
        "held": [list(pair) for pair in held],
        **_where_used(settings, wishes_of(ids, people)),
        **{name: settings[name] for name in ("unknown", "per_company", "seats", "needs_senior", "fair", "partial")},
    }  # fmt: skip


def _afresh_inputs(call: Call, person: Person, settings: dict[str, Any]) -> dict[str, Any]:
    """The same of a round that was held, as if none of its reviews were given out: everybody's load is empty, and what
    a member judged in it tells the themes that the member knows and the languages that the member reads."""
    proposals, members = of_round(call, person), members_of(call, with_left=True)
    ids, people = {one.id: one.public_id for one in proposals}, {row.id: row.public_id for row in members}
    known, judged, read = _past(call, people)
    for reviewer, theme, lang, count in db.session.execute(_judged_within(list(ids), list(people))):
        read[people[reviewer]].add(lang)
        if theme:
            judged[people[reviewer]][theme] += count
    return {
        "proposals": {
            one.public_id: {
                "text": _text(one.submitted_version, one.title), "theme": one.theme.public_id if one.theme else "",
                "company": one.company.public_id, "demand": settings["reviews"], "lang": one.lang,
            }
            for one in proposals
        },
        "reviewers": {
            row.public_id: {
                "texts": known[row.public_id], "themes": dict(judged[row.public_id]), "company": row.company_key,
                "reads": sorted({row.language, *read[row.public_id]}),
                "high": settings["most"], "low": settings["least"], "roles": [], "senior": False,
            }
            for row in members
        },
        "barred": _conflicts(proposals, people, ids),
        "held": [],
        **{name: settings[name] for name in ("unknown", "per_company", "seats", "needs_senior", "fair", "partial")},
    }  # fmt: skip


def _judged_within(proposal_ids: list[int], person_ids: list[int]) -> Select[int, str | None, str, int]:
    return (
        select(Review.reviewer_id, Theme.public_id, Proposal.lang, func.count(Review.id))
        .join(Proposal, Proposal.id == Review.proposal_id)
        .outerjoin(Theme, Theme.id == Proposal.theme_id)
        .where(Review.proposal_id.in_(proposal_ids), Review.reviewer_id.in_(person_ids), Review.state.in_(COUNTED))
        .group_by(Review.reviewer_id, Theme.public_id, Proposal.lang)
    )


def own_loads(call: Call) -> dict[str, Any]:
    """What the office set for each member of the call's committee in its last assignment: {public id: own most, roles,
    senior}; empty before the first."""
    rows = select(AssignmentRun.settings).where(AssignmentRun.call_id == call.id)
    given = ~or_(AssignmentRun.settings.has_key("extra"), AssignmentRun.settings.has_key("afresh"))
    whole = rows.where(given).order_by(AssignmentRun.id.desc()).limit(1)
    found: dict[str, Any] = (db.session.scalar(whole) or {}).get("members", {})
    return found


def _where_used(settings: dict[str, Any], wishes: list[list[str]]) -> dict[str, Any]:
    """What stands in the inputs only of the runs that use it, so that those from before come out again."""
    found: dict[str, Any] = {"wishes": wishes} if wishes else {}
    return found | ({"parts": settings["parts"]} if settings.get("parts") else {})


def _load(row: Any, settings: dict[str, Any]) -> dict[str, Any]:
    own = settings["members"].get(row.public_id, {})
    most = settings["most"] if own.get("most") is None else own["most"]
    high = max(0, most - row.held)
    return {
        "high": high,
        "low": min(high, max(0, settings["least"] - row.held)),
        "roles": sorted(own.get("roles", [])),
        "senior": bool(own.get("senior")),
    }


def _reviews_of(ids: dict[int, str], people: dict[int, str]) -> tuple[list[Any], list[Any]]:
    """(pairs that stand, pairs whose reviewer declined or recused), by public id; one query."""
    rows = db.session.execute(
        select(Review.proposal_id, Review.reviewer_id, Review.state)
        .where(Review.proposal_id.in_(ids), Review.reviewer_id.in_(people))
        .order_by(Review.id)
    ).all()
    held = sorted({(ids[p], people[r]) for p, r, state in rows if state not in GONE})
    left = sorted({(ids[p], people[r]) for p, r, state in rows if state in LEFT} - set(held))
    return held, left


def _conflicts(proposals: list[Proposal], people: dict[int, str], ids: dict[int, str]) -> list[list[str]]:
    """[proposal, reviewer, 'conflict'] of everybody who is kept out, by the directory or by what is written."""
    found = derive(proposals, list(db.session.scalars(select(Person).where(Person.id.in_(people)))))
    lifted = select(ConflictLift.id).where(ConflictLift.conflict_id == Conflict.id).exists()
    rows = select(Conflict.proposal_id, Conflict.person_id, Conflict.kind, lifted).where(
        Conflict.proposal_id.in_(ids), Conflict.person_id.in_(people)
    )
    written: dict[tuple[int, int, bool], list[str]] = defaultdict(list)
    for proposal_id, person_id, kind, is_lifted in db.session.execute(rows):
        written[proposal_id, person_id, is_lifted].append(kind)
    place = [{key: at for at, key in enumerate(some)} for some in (ids, people)]
    known = {(p, r) for p, some in found.items() for r in some} | {(p, r) for p, r, _ in written}
    return [
        [ids[p], people[r], "conflict"]
        for p, r in sorted(known, key=lambda pair: (place[0][pair[0]], place[1][pair[1]]))
        if standing(found[p].get(r, set()), written.get((p, r, False)), written.get((p, r, True)))
    ]


def _past(
    call: Call, people: dict[int, str]
) -> tuple[dict[str, list[str]], dict[str, Counter[str]], dict[str, set[str]]]:
    """What each reviewer wrote or judged outside this call: texts, how many judged of each theme, and the languages;
    two queries."""
    texts: dict[str, list[str]] = {key: [] for key in people.values()}
    langs: dict[str, set[str]] = {key: set() for key in people.values()}
    themes: dict[str, Counter[str]] = {key: Counter() for key in people.values()}
    judged = select(Review.reviewer_id, Review.proposal_id).where(
        Review.reviewer_id.in_(people), Review.state.in_(COUNTED)
    )
    led = select(Proposal.lead_id, Proposal.id).where(Proposal.lead_id.in_(people))
    joined = select(TeamMember.person_id, TeamMember.proposal_id).where(TeamMember.person_id.in_(people))
    for rows, counts in ((judged, True), (led.union(joined), False)):
        pairs = rows.subquery()
        who, what = pairs.c
        found = (
            select(who, Theme.public_id, Proposal.title, Proposal.lang, ProposalVersion)
            .join(Proposal, Proposal.id == what)
            .outerjoin(Theme, Theme.id == Proposal.theme_id)
            .outerjoin(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
            .where(Proposal.call_id != call.id if counts else true(), Proposal.submitted_version_id.is_not(None))
            .order_by(Proposal.id.desc())
        )
        for person_id, theme, title, lang, version in db.session.execute(found):
            own = texts[people[person_id]]
            langs[people[person_id]].add(lang)
            if len(own) < FAR:
                own.append(_text(version, title))
            if counts and theme:
                themes[people[person_id]][theme] += 1
    return texts, themes, langs


def _text(version: ProposalVersion | None, title: str) -> str:
    answers = version.answers.values() if version else ()
    return " ".join([title, *(value for value in answers if isinstance(value, str))])


def pairs_of(run: AssignmentRun) -> list[Any]:
    """The pairs of a run, proposal by proposal; columns only, one query."""
    return list(
        db.session.execute(
            select(
                AssignmentPair.id, AssignmentPair.score, AssignmentPair.by_hand, AssignmentPair.dropped,
                AssignmentPair.why, AssignmentPair.placed, AssignmentPair.problem,
                Proposal.public_id.label("proposal"), Proposal.title, Proposal.lang, Proposal.number,
                Person.public_id.label("reviewer"), Person.name,
            )
            .join(Proposal, Proposal.id == AssignmentPair.proposal_id)
            .join(Person, Person.id == AssignmentPair.reviewer_id)
            .where(AssignmentPair.run_id == run.id)
            .order_by(Proposal.id, AssignmentPair.score.desc().nulls_last(), Person.id)
        )
    )  # fmt: skip


def names_of(run: AssignmentRun, pairs: list[Any]) -> dict[str, str]:
    """Names and titles by public id of all that a run's explanations and findings speak of; two queries."""
    better = [one for pair in pairs for one in pair.why.get("better", ())]
    block = run.result.get("block") or {}
    people = {one["reviewer"] for one in better} | set(block.get("reviewers", ()))
    people |= {*run.result.get("cut", ()), *run.result.get("barred_everywhere", ())}
    proposals = {key for one in better for key in one["instead"]} | set(block.get("proposals", ()))
    found = dict(db.session.execute(select(Person.public_id, Person.name).where(Person.public_id.in_(people))).all())
    titles = select(Proposal.public_id, Proposal.title).where(Proposal.public_id.in_(proposals))
    return found | dict(db.session.execute(titles).all())


def run_to_work_on() -> AssignmentRun | None:
    """The next run that waits or lost its worker, for one worker."""
    lost = and_(AssignmentRun.state == RunState.RUNNING, AssignmentRun.started_at < clock.now() - LOST)
    rows = select(AssignmentRun).where(or_(AssignmentRun.state == RunState.WAITING, lost))
    return db.session.scalar(rows.order_by(AssignmentRun.id).limit(1).with_for_update(skip_locked=True))


def to_place() -> list[tuple[int, int]]:
    """(run, proposal) of published runs whose pairs are not placed and met no problem."""
    rows = (
        select(AssignmentPair.run_id, AssignmentPair.proposal_id)
        .join(AssignmentRun, AssignmentRun.id == AssignmentPair.run_id)
        .where(
            AssignmentRun.published_at.is_not(None),
            ~AssignmentPair.dropped,
            ~AssignmentPair.placed,
            AssignmentPair.problem.is_(None),
        )
        .distinct()
        .order_by(AssignmentPair.run_id, AssignmentPair.proposal_id)
    )
    return [(run_id, proposal_id) for run_id, proposal_id in db.session.execute(rows)]
