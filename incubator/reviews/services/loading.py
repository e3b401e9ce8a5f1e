"""Writing a round that was read from files: companies, people, a call, proposals, reviews, decisions, in bulk."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select

from incubator.calls import services as calls
from incubator.calls.models import (
    Call,
    CallTheme,
    Committee,
    CommitteeMember,
    Criterion,
    RubricVersion,
    Seat,
    Theme,
)
from incubator.calls.states import LIFE as CALL
from incubator.calls.templates import FieldSpec, FormTemplate, Kind, Section, Words
from incubator.core import audit, clock, keys
from incubator.core.db import db
from incubator.people import services as people
from incubator.people.models import Company, Person
from incubator.people.predicates import SYSTEM
from incubator.proposals.engines import document
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.proposals.states import ProposalState
from incubator.reviews.engines import rounds, scoring
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.engines.rounds import RoundData
from incubator.reviews.models import (
    Decision,
    Evaluation,
    ImportedResult,
    Review,
    ReviewScore,
    ReviewSummary,
    Round,
)
from incubator.reviews.services.deciding import draw_up, evaluate
from incubator.reviews.services.reviewing import put_summary
from incubator.reviews.states import DecisionState, ReviewState, RoundState

CODE = "imported-round"
COMPANY = {"en": "Imported funding round", "zh": "导入的资助轮次"}
STRUCK = "Struck by the reviewers of reviews in the round this was imported from."
WEIGHT = 3333
"""Basis points of each criterion: all weigh the same, so that a total is the plain mean."""
NAMES = {
    "impact": {"en": "Impact", "zh": "影响力"},
    "feasibility": {"en": "Feasibility", "zh": "可行性"},
    "auditability": {"en": "Auditability", "zh": "可核验性"},
}
HINT = {"en": "As the source round asked it, from 1 to 5.", "zh": "按来源轮次的要求，1 至 5 分。"}
FORM = FormTemplate(
    sections=(
        Section(
            key="published",
            title=Words(en="What the round published", zh="该轮次公布的数据"),
            fields=tuple(
                FieldSpec(key=key, kind=Kind.SHORT, limit=40, required=False, label=Words(en=en, zh=zh))
                for key, en, zh in (
                    ("net_votes", "Net votes", "净票数"),
                    ("score", "Published score", "公布的得分"),
                    ("status", "Published result", "公布的结果"),
                )
            ),
        ),
    )
)


@dataclass(frozen=True)
class Frame:
    """What the round's proposals and reviews hang on."""

    company: Company
    call: Call
    themes: Mapping[int, Theme]
    assessors: Mapping[int, Person]
    round: Round
    published_id: int


def load(data: RoundData, digest: bytes) -> Round:
    """Write a checked round in the running transaction, under the running cause. The files' hash marks it."""
    frame = _frame(data, digest)
    proposals = _proposals(data, frame)
    opened = _reviews(data, frame, proposals)
    _summaries(data, frame, proposals)
    _decisions(data, frame, proposals, opened)
    return frame.round


def _frame(data: RoundData, digest: bytes) -> Frame:
    root = db.session.scalar(select(Company).where(Company.parent_id.is_(None)).order_by(Company.id).limit(1))
    tag = digest.hex()[:8]
    company = people.add_company(SYSTEM, root, name={"en": f"{COMPANY['en']} {tag}", "zh": f"{COMPANY['zh']} {tag}"})
    assessors = _people(company, tag, sorted({assessment.assessor for assessment in data.assessments}))
    call, themes = _call(data, company, list(assessors.values()))
    CALL.move(call, "publish")
    published = audit.event_of(call, "call.publish")
    CALL.move(call, "close")
    round_ = Round(
        call=call, committee=call.committee, rubric=call.rubric, rule=call.rule, state=RoundState.RELEASED,
        imported_hash=digest,
    )  # fmt: skip
    audit.created(round_, cause_id=published.id, payload={"files": digest.hex()})
    return Frame(company, call, themes, assessors, round_, published.id)


def _people(company: Company, tag: str, numbers: list[int]) -> dict[int, Person]:
    """A person an assessor, and under 0 one for all proposers; the data has no names, and nobody can sign in."""
    found = {}
    for number in (0, *numbers):
        name = f"Assessor {number} of round {tag}" if number else f"Proposers of round {tag}"
        key = f"round-{tag}-{number}"
        person = people.add_person(SYSTEM, company, hr_number=key, name=name, email=f"{key}@example.com")
        person.left_on = clock.today()
        found[number] = person
    return found


def _call(data: RoundData, company: Company, members: list[Person]) -> tuple[Call, dict[int, Theme]]:
    today, now = clock.today(), clock.now()
    rubric, committee = _rubric(), _committee(company, members[1:])
    rule = calls.publish_decision_rule(
        SYSTEM, company, code=CODE, name={"en": "Imported votes and threshold", "zh": "导入的票数与门槛"},
        data=rounds.RULE_DATA,
    )  # fmt: skip
    themes = {theme.number: _theme(company, theme.number) for theme in data.themes}
    call = Call(
        company=company, title=dict(company.name), opens_at=now - dt.timedelta(days=2),
        summary={
            "en": "The figures of a real round, loaded from files; its own dates and texts are not in the data.",
            "zh": "由文件导入的真实轮次数据；原轮次的日期与文本不在数据之中。",
        },
        closes_at=now - dt.timedelta(days=1), review_due_on=today, meets_on=today, release_on=today,
        form=FORM.as_data(), committee=committee, rubric=rubric, rule=rule,
        themes=[
            CallTheme(theme=themes[t.number], year=today.year, budget=t.budget, currency=rounds.CURRENCY)
            for t in data.themes
        ],
    )  # fmt: skip
    audit.created(call, payload={"title": call.title})
    return call, themes


def _rubric() -> RubricVersion:
    number = (db.session.scalar(select(func.max(RubricVersion.number)).where(RubricVersion.code == CODE)) or 0) + 1
    rubric = RubricVersion(
        code=CODE, number=number, name={"en": "Rubric of the imported round", "zh": "导入轮次的评审标准"},
        published_at=clock.now(),
    )  # fmt: skip
    anchors = {str(value): {"en": f"{value} of 5", "zh": f"{value} 分（满分 5 分）"} for value in range(1, 6)}
    rubric.criteria = [
        Criterion(position=position, key=key, name=NAMES[key], hint=HINT, weight_bp=WEIGHT, anchors=anchors)
        for position, key in enumerate(rounds.CRITERIA)
    ]
    audit.created(rubric, payload={"code": CODE, "number": number})
    return rubric


def _committee(company: Company, members: list[Person]) -> Committee:
    committee = Committee(company=company, name={"en": "Assessors of the imported round", "zh": "导入轮次的评审员"})
    committee.members = [CommitteeMember(person=person, seat=Seat.MEMBER) for person in members]
    audit.created(committee, payload={"members": len(members)})
    return committee


def _theme(company: Company, number: int) -> Theme:
    theme = Theme(
        company=company, name={"en": f"Theme {number}", "zh": f"方向 {number}"}, source="Imported funding round"
    )
    db.session.add(theme)
    return theme


def _proposals(data: RoundData, frame: Frame) -> dict[int, Proposal]:
    """Every proposal by its number; those not put to the vote too, under the first theme and asking nothing."""
    first = data.themes[0].number
    found = {p.number: _proposal(frame, p.number, frame.themes[p.theme], p.requested) for p in data.proposals}
    for number in data.not_put_to_vote:
        found[number] = _proposal(frame, number, frame.themes[first], None)
    db.session.add_all(found.values())
    db.session.flush()
    answers = {p.number: _answers(p) for p in data.proposals}
    for number, proposal in found.items():
        proposal.submitted_version = _version(proposal, answers.get(number, {}))
    audit.record_many("proposal.create", [(p, frame.published_id, {"imported": n}) for n, p in found.items()])
    db.session.add_all([_result(p, found[p.number]) for p in data.proposals])
    db.session.add_all(
        [
            ImportedResult(proposal_id=found[n].id, label=f"proposal {n}", put_to_vote=False)
            for n in data.not_put_to_vote
        ]
    )
    db.session.flush()
    return found


def _proposal(frame: Frame, number: int, theme: Theme, asked: int | None) -> Proposal:
    return Proposal(
        number=keys.spoken("V"), call_id=frame.call.id, theme=theme, company_id=frame.company.id,
        lead_id=frame.assessors[0].id, title=f"Proposal {number}", lang="en", state=ProposalState.IN_REVIEW,
        asked=asked, currency=rounds.CURRENCY, submitted_at=clock.now(), cause_id=frame.published_id,
    )  # fmt: skip


def _answers(proposal: rounds.Proposal) -> dict[str, Any]:
    score = proposal.published_score
    return {
        "net_votes": str(proposal.net_votes),
        "score": "" if score is None else f"{score // 100}.{score % 100:02}",
        "status": "funded" if proposal.funded else "not funded",
    }


def _version(proposal: Proposal, answers: dict[str, Any]) -> ProposalVersion:
    now = clock.now()
    content = {"v": 1, "number": proposal.number, "title": proposal.title, "answers": answers}
    return ProposalVersion(
        proposal_id=proposal.id, number=1, author_id=proposal.lead_id, title=proposal.title, answers=answers,
        saved_at=now, frozen_at=now, content=content, hash=document.digest(content),
    )  # fmt: skip


def _result(given: rounds.Proposal, proposal: Proposal) -> ImportedResult:
    return ImportedResult(
        proposal_id=proposal.id, label=f"proposal {given.number}", put_to_vote=True, given_order=given.order,
        given_flag=given.meets_threshold, net_votes=given.net_votes, published_score=given.published_score,
        published_assessments=given.valid_assessments, published_funded=given.funded,
    )  # fmt: skip


def _reviews(data: RoundData, frame: Frame, proposals: Mapping[int, Proposal]) -> dict[int, int]:
    """Write every review with its scores; answers the event that opened each proposal's review, by number."""
    events = audit.record_many(
        "proposal.open_review", [(p, frame.published_id, {"imported": n}) for n, p in proposals.items()]
    )
    opened = dict(zip(proposals, (event.id for event in events), strict=True))
    made = [_review(frame, proposals[a.proposal], opened[a.proposal], a) for a in data.assessments]
    db.session.add_all(made)
    db.session.flush()
    audit.record_many("review.create", [(review, review.cause_id, {"state": review.state.value}) for review in made])
    criteria = {criterion.key: criterion.id for criterion in frame.call.rubric.criteria}
    values = [
        {"review_id": review.id, "criterion_id": criteria[key], "value": value, "note": ""}
        for review, assessment in zip(made, data.assessments, strict=True)
        for key, value in assessment.scores.items()
    ]
    if values:
        db.session.execute(insert(ReviewScore), values)
    return opened


def _review(frame: Frame, proposal: Proposal, cause_id: int, assessment: rounds.Assessment) -> Review:
    state = ReviewState.LOCKED if assessment.valid else ReviewState.EXCLUDED
    return Review(
        round_id=frame.round.id, proposal_id=proposal.id, reviewer_id=frame.assessors[assessment.assessor].id,
        state=state, cause_id=cause_id, sealed_at=clock.now(), scored=len(assessment.scores),
        total=scoring.score_review(rounds.RUBRIC, assessment.scores).hundredths,
        excluded=None if assessment.valid else STRUCK,
    )  # fmt: skip


def _summaries(data: RoundData, frame: Frame, proposals: Mapping[int, Proposal]) -> None:
    valid: dict[int, list[scoring.Scores]] = {number: [] for number in proposals}
    for assessment in data.assessments:
        if assessment.valid:
            valid[assessment.proposal].append(assessment.scores)
    for number, proposal in proposals.items():
        summary = ReviewSummary(
            round_id=frame.round.id, proposal_id=proposal.id, theme_id=proposal.theme_id, asked=proposal.asked or 0,
            assigned=len(valid[number]),
        )  # fmt: skip
        put_summary(summary, rounds.RUBRIC, valid[number])
        db.session.add(summary)
    db.session.flush()


def _decisions(data: RoundData, frame: Frame, proposals: Mapping[int, Proposal], opened: Mapping[int, int]) -> None:
    """Let the product's own rule decide what was put to the vote."""
    voted = [proposals[given.number] for given in data.proposals]
    for proposal in voted:
        proposal.state = ProposalState.DELIBERATION
    moved = [(proposals[p.number], opened[p.number], {"imported": p.number}) for p in data.proposals]
    deliberated = audit.record_many("proposal.deliberate", moved)
    outcome, inputs = evaluate(frame.round, ProposalState.DELIBERATION)
    evaluation = Evaluation(
        round_id=frame.round.id, rule_version_id=frame.round.rule_version_id, inputs=inputs,
        inputs_hash=outcome.inputs_hash,
    )  # fmt: skip
    audit.created(evaluation, cause_id=frame.published_id, payload={"inputs_hash": outcome.inputs_hash})
    decisions: list[Decision] = []
    for proposal, event in zip(voted, deliberated, strict=True):
        decision = draw_up(frame.round, evaluation, proposal, outcome.by_key[proposal.public_id])
        decision.state, decision.cause_id, decision.released_at = DecisionState.RELEASED, event.id, clock.now()
        accepted = decision.outcome is Verdict.ACCEPTED
        proposal.state = ProposalState.ACCEPTED if accepted else ProposalState.REJECTED
        decisions.append(decision)
    db.session.add_all(decisions)
    db.session.flush()
    audit.record_many(
        "decision.create", [(d, d.cause_id, {"outcome": d.outcome.value, "imported": True}) for d in decisions]
    )
