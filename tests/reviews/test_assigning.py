"""Who may judge a proposal, and the declaration that opens its dossier."""

import pytest
from sqlalchemy import select

from incubator.calls.models import RubricVersion
from incubator.calls.states import CallState
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people.models import Access, PersonCounts
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal, TeamMember
from incubator.proposals.states import ProposalState
from incubator.reviews import queries, services
from incubator.reviews.models import Conflict, ConflictKind, Round
from incubator.reviews.states import ReviewState
from tests.reviews.conftest import Story


def sees(story: Story, person, proposal) -> bool:
    return db.session.scalar(proposals.visible_to(person).where(Proposal.id == proposal.id)) is not None


def refusal(story: Story, proposal, *reviewers) -> tuple[str, str | None]:
    with pytest.raises(Invalid) as refused:
        story.put(proposal, *reviewers)
    return str(refused.value.message), refused.value.field


def test_conflicts_follow_from_team_reporting_line_and_cost_centre(story: Story) -> None:
    lead = story.make.person(story.company, manager=story.first, cost_center="4711")
    report_of = story.make.person(story.company, cost_center="4711")
    other = story.make.person(story.company, cost_center="")
    managed = story.make.person(story.company, manager=lead)
    proposal = story.proposal(lead=lead)
    with transaction():
        db.session.add(TeamMember(proposal_id=proposal.id, person_id=other.id, share_bp=0))
    people = (lead, story.first, managed, report_of, story.third)
    found = queries.derive([proposal], people)[proposal.id]
    assert [found.get(person.id, set()) for person in people] == [
        {ConflictKind.TEAM_MEMBER}, {ConflictKind.LINE_MANAGER}, {ConflictKind.LINE_MANAGER},
        {ConflictKind.COST_CENTER}, set(),
    ]  # fmt: skip


def test_every_member_in_conflict_is_kept_out_for_good_and_the_chair_is_let_in(story: Story) -> None:
    lead = story.make.person(story.company, manager=story.third)
    proposal = story.proposal(lead=lead)
    story.put(proposal)
    assert [(c.person_id, c.kind, c.declared_by_id) for c in db.session.scalars(select(Conflict))] == [
        (story.third.id, ConflictKind.LINE_MANAGER, None)
    ]
    assert [sees(story, p, proposal) for p in (story.chair, story.first, story.third, story.office)] == [
        True, False, False, True,
    ]  # fmt: skip


def test_putting_a_proposal_to_the_committee_makes_one_round_a_call_and_tells_the_reviewers(story: Story) -> None:
    story.put(story.proposal())
    proposal = story.proposal(title="Second")
    reviews = story.put(proposal)
    assert (db.session.query(Round).count(), proposal.state) == (1, ProposalState.IN_REVIEW)
    assert [(r.reviewer_id, r.state) for r in reviews] == [
        (story.first.id, ReviewState.ASSIGNED), (story.second.id, ReviewState.ASSIGNED),
    ]  # fmt: skip
    summary = queries.summary_of(story.round, proposal)
    assert (summary.assigned, summary.sealed, summary.theme_id, summary.asked) == (2, 0, story.theme.id, 1_000_000)
    counts = select(PersonCounts.counts).where(PersonCounts.person_id == story.first.id)
    assert db.session.scalar(counts)["reviews"] == 2
    kinds = select(Notice.kind).where(Notice.person_id == story.first.id)
    assert list(db.session.scalars(kinds)) == ["review.assigned"] * 2


def test_too_few_nobody_twice_strangers_and_those_in_conflict_are_refused(story: Story) -> None:
    lead = story.make.person(story.company, manager=story.third)
    proposal, wrong = story.proposal(lead=lead), "One of those chosen may not review this proposal. Choose again."
    assert refusal(story, proposal, story.first) == ("Choose at least 2 reviewers.", "reviewers")
    assert refusal(story, proposal, story.first, story.first) == (wrong, "reviewers")
    assert refusal(story, proposal, story.first, story.third) == (wrong, "reviewers")
    assert refusal(story, proposal, story.first, story.chair) == (wrong, "reviewers")
    assert refusal(story, proposal, story.first, story.office) == (wrong, "reviewers")
    with pytest.raises(Invalid) as refused, transaction():
        services.put_to_committee(story.office, proposal, reviewers=[])
    assert str(refused.value.message) == "Choose who is to review it."
    assert (proposal.state, db.session.query(Conflict).count()) == (ProposalState.SCREENING, 0)


def test_only_the_office_and_never_an_author_puts_to_the_committee(story: Story) -> None:
    own, other = story.proposal(lead=story.office), story.proposal()
    with pytest.raises(NotAllowed), transaction():
        services.put_to_committee(story.chair, other, reviewers=[story.first, story.second])
    with pytest.raises(NotAllowed), transaction():
        services.put_to_committee(story.office, own, reviewers=[story.first, story.second])


def test_a_rubric_not_published_a_rule_nobody_knows_and_a_closed_round_are_refused(story: Story) -> None:
    unpublished = story.make.add(RubricVersion(code="new", number=1, name={"en": "New", "zh": "新"}))
    common = {"committee": story.call.committee, "theme": story.theme}
    without = story.make.call(story.company, rule=story.call.rule, state=CallState.DRAFT, **common)
    with transaction():
        without.rubric = unpublished
    early = story.make.proposal(without, state=ProposalState.SCREENING)
    words = "The proposal needs a theme and its call a published rubric first."
    assert refusal(story, early) == (words, "reviewers")
    unknown = story.make.call(story.company, rule=story.make.rule({"order": "dice"}), **common)
    odd = story.make.proposal(unknown, state=ProposalState.SCREENING)
    assert refusal(story, odd)[0].startswith("The decision rule can't be applied: the rule: missing")
    proposal = story.proposal()
    story.reviewed((4, 4, 4, 4), (4, 4, 4, 4), title="Early")
    story.step("close_round")
    assert refusal(story, proposal)[0].startswith("The committee has closed this call’s round")


def test_the_dossier_opens_with_the_declaration_and_not_before(story: Story) -> None:
    proposal = story.proposal()
    review, _ = story.put(proposal)
    assert not sees(story, story.first, proposal)
    with transaction():
        services.declare(story.first, review, has_conflict=False)
    assert (review.state, review.declared_at is not None, sees(story, story.first, proposal)) == (
        ReviewState.CLEARED, True, True,
    )  # fmt: skip
    with pytest.raises(WrongState), transaction():
        services.declare(story.first, review, has_conflict=False)


def test_a_recusal_frees_the_slot_tells_the_office_and_a_replacement_can_be_asked(story: Story) -> None:
    proposal = story.proposal()
    review, _ = story.put(proposal)
    with transaction():
        services.declare(story.first, review, has_conflict=False)
        services.recuse(story.first, review, statement="I advise the supplier.")
    assert (review.state, review.statement) == (ReviewState.RECUSED, "I advise the supplier.")
    assert queries.summary_of(story.round, proposal).assigned == 1
    assert not sees(story, story.first, proposal)
    rows = select(Access.effect, Access.source).where(Access.person_id == story.first.id)
    assert [tuple(row) for row in db.session.execute(rows)] == [("deny", "conflict")]
    told = select(Notice.kind, Notice.address).where(Notice.person_id == story.office.id)
    assert [tuple(row) for row in db.session.execute(told)] == [
        ("review.recused", f"/proposals/{proposal.public_id}/committee")
    ]
    with pytest.raises(Invalid), transaction():
        services.assign(story.office, proposal, reviewers=[story.first])
    with transaction():
        (new,) = services.assign(story.office, proposal, reviewers=[story.third])
    assert (new.state, new.cause_id, queries.summary_of(story.round, proposal).assigned) == (
        ReviewState.ASSIGNED, review.cause_id, 2,
    )  # fmt: skip


def test_reviewers_are_added_only_while_the_proposal_is_under_review(story: Story) -> None:
    proposal = story.proposal()
    with pytest.raises(Invalid, match="is not open"), transaction():
        services.assign(story.office, proposal, reviewers=[story.first])


def test_nobody_declares_for_another(story: Story) -> None:
    review, _ = story.put(story.proposal())
    with pytest.raises(NotAllowed), transaction():
        services.declare(story.second, review, has_conflict=False)
    with pytest.raises(NotAllowed), transaction():
        services.declare(story.second, review, has_conflict=True, statement="His cousin")
