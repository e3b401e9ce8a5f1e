"""The eleven of the story: who they are, and that the whole story can be played from its beginning."""

import pytest
from sqlalchemy import select

from incubator.calls.models import Call
from incubator.calls.queries import pool_for
from incubator.cloud import queries as catalogue
from incubator.cloud import services as cloud
from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.demo import build, stage
from incubator.equity import services as equity
from incubator.ledger import services as ledger
from incubator.patents import services as patents
from incubator.patents.engines.completeness import Funding
from incubator.patents.engines.numbers import PatentKind, check_digit
from incubator.patents.states import Decision as Fate
from incubator.people import queries as people
from incubator.people.models import Person, Role
from incubator.people.queries import holders_of
from incubator.proposals import services as proposals
from incubator.proposals.models import Proposal
from incubator.proposals.queries import newest
from incubator.reviews import queries as rounds
from incubator.reviews import services as reviews
from incubator.reviews.models import Decision
from incubator.reviews.queries import derive
from incubator.reviews.services import Content
from incubator.rules import queries as rules
from incubator.transparency import services as transparency
from incubator.transparency.queries import walk


@pytest.fixture
def story(demo) -> dict[str, Person]:
    """The eleven by their part."""
    numbers = {entry["story"]: entry["hr_number"] for entry in stage.words("group")["person"] if "story" in entry}
    return {part: people.by_hr_number(number) for part, number in numbers.items()}


@pytest.fixture
def call(demo) -> Call:
    """The open call."""
    return next(call for call in db.session.scalars(select(Call)) if call.is_open_at(clock.now()))


def test_the_eleven_have_different_managers_and_cost_centres(story):
    assert set(story) == set(build.PARTS)
    assert len({person.manager_id for person in story.values()}) >= 10
    assert len({person.cost_center for person in story.values()}) == 11


def test_nobody_of_the_committee_is_in_conflict_with_the_employee(story, call):
    judges = ("chair", "reviewer", "reviewer_second")
    sitting = {member.person_id: member.seat.value for member in call.committee.members}

    own = list(db.session.scalars(select(Proposal).where(Proposal.lead_id == story["employee"].id)))
    found = derive(own, [story[part] for part in judges])
    assert {key: dict(kinds) for key, kinds in found.items()} == {proposal.id: {} for proposal in own}
    assert sitting == {
        story["chair"].id: "chair", story["reviewer"].id: "member", story["reviewer_second"].id: "member",
    }  # fmt: skip


def test_the_story_waits_for_nobody_who_has_no_password(story):
    """Whoever could be asked for a signature in the employee's company is one of the eleven, or not needed."""
    home = story["employee"].company
    holders = {
        role: {person.id for person in db.session.scalars(holders_of(role, home)).unique()}
        for role in (Role.OFFICE, Role.HR, Role.IP_COUNSEL, Role.CLOUD_OPERATOR, Role.AUDITOR)
    }

    assert holders == {
        Role.OFFICE: {story["office"].id},
        Role.HR: {story["hr"].id, story["hr_second"].id},
        Role.IP_COUNSEL: {story["counsel"].id},
        Role.CLOUD_OPERATOR: {story["operator"].id},
        Role.AUDITOR: {story["auditor"].id},
    }


def test_pool_and_budget_suffice_in_every_theme(story, call):
    for entry in call.themes:
        pool = pool_for(story["employee"].company, entry.theme_id, entry.year)
        assert pool is not None
        assert ledger.account_of("pool", pool, "CNY").balance >= entry.budget


def test_the_rules_of_the_story_are_confirmed_and_in_force_today(story):
    home, today = story["employee"].company, clock.today()
    codes = ("cn.patent.award", "cn.patent.payroll", "cn.equity.total", "cn.equity.person")

    assert [rules.is_confirmed(rules.in_force(code, today, home)) for code in codes] == [True] * 4


def test_the_catalogue_offers_the_three_local_plans(demo):
    plans = [catalogue.plan_by_code("local", "postgresql", code) for code in ("small", "standard", "load_test")]

    assert [plan.code for plan in plans] == ["small", "standard", "load_test"]


def test_the_whole_story_can_be_played_from_its_beginning(story, call):
    with transaction() as running:
        proposal = _pitch(story, call)
        venture = _decide(story, proposal)
        sandbox = cloud.order(
            story["employee"],
            venture,
            plan=catalogue.plan_by_code("local", "postgresql", "small"),
            limit=5_000,
            days=30,
        )
        award = _patent(story, venture)
        grant = _share(story, venture)
        case = transparency.open_case(story["auditor"], grant, reason="Yearly sample", days=7)
        found = walk("equity_grant", grant.id, story["auditor"])

        assert (sandbox.state.value, award.state.value, grant.state.value) == ("requested", "in_payroll", "live")
        assert [line.cumulative for line in grant.lines][-1] == 10_000
        assert case.is_open
        assert found.is_sound
        running.doom()


def _pitch(story, call):
    """Steps 1 and 2: written, handed in, screened, put to the committee, reviewed."""
    lead = story["employee"]
    proposal = proposals.create_draft(lead, call, lang="en")
    words = next(p for p in stage.words("first_call")["proposal"] if p["key"] == "heat_battery")
    proposals.save(
        lead, proposal, title="Heat from server rooms", answers=words["answers"], theme=call.themes[0].theme,
        asked=80_000_000, revision=newest(proposal).revision,
    )  # fmt: skip
    proposals.ask_team(lead, proposal)
    proposals.screen(story["office"], proposal)
    judges = [story["reviewer"], story["reviewer_second"]]
    for judge, review in zip(
        judges, reviews.put_to_committee(story["office"], proposal, reviewers=judges), strict=True
    ):
        reviews.declare(judge, review, has_conflict=False)
        scores = {"uniqueness": 5, "continuity": 4, "team": 4, "fit": 5}
        content = Content(scores=scores, confidence="high", recommendation="fund")
        reviews.save(judge, review, content=content)
        reviews.seal(judge, review)
    return proposal


def _decide(story, proposal):
    """Step 3: the rule decides, two sign, the release opens the venture."""
    round_ = rounds.round_of(proposal.call)
    reviews.close_round(story["chair"], round_)
    reviews.prepare(story["chair"], round_)
    reviews.sign(story["chair"], round_)
    reviews.sign(story["reviewer_second"], round_)
    reviews.hold(story["chair"], round_)
    reviews.write_letters(round_)
    opened = reviews.release(story["chair"], round_)
    decided = db.session.scalars(select(Decision).where(Decision.round_id == round_.id)).all()

    assert {decision.outcome.value for decision in decided} >= {"accepted"}
    return next(venture for venture in opened if venture.proposal_id == proposal.id)


def _patent(story, venture):
    """Step 5: disclosed, filed, granted, awarded."""
    lead, counsel = story["employee"], story["counsel"]
    disclosure = patents.disclose(
        lead, venture, title="Warm corridor", problem="Heat is lost.", solution="It is kept.", shares=[(lead, 10_000)],
        prior_art="None found.", nothing_shown=True, funding=Funding.OWN, no_rights=True,
    )  # fmt: skip
    patents.assess(counsel, disclosure, assessment="New.")
    patents.propose(counsel, disclosure, decision=Fate.FILE, kind=PatentKind.INVENTION, reason="Before the trade fair.")
    matter = patents.decide(story["office"], disclosure)
    today = clock.today()
    digits = f"{today.year}10123456"
    patents.record_filing(counsel, matter, happened_on=today, number=f"{digits}.{check_digit(digits)}")
    award = patents.record_grant(counsel, matter, happened_on=today)
    patents.calculate(story["hr"], award)
    patents.approve(story["hr_second"], award)
    return award


def _share(story, venture):
    """Step 6: a plan and a grant, each by a maker and a checker, accepted by the holder."""
    terms = {"months": 48, "cliff_months": 12, "every_months": 12, "allocation": "CUMULATIVE_ROUND_DOWN"}
    plan = equity.create_plan(
        story["hr"], venture, title={"en": "Plan", "zh": "计划"}, kind="rsu", regime="cn.equity",
        issuer_kind="limited", size="small", unit={"en": "unit", "zh": "份"}, total_units=1_000_000,
        pool_units=100_000, starts_on=clock.today(), **terms,
    )  # fmt: skip
    equity.approve_plan(story["hr_second"], plan)
    grant = equity.draft_grant(
        story["hr"], plan, holder=story["employee"], units=10_000, price_minor=100, granted_on=clock.today(),
        starts_on=clock.today(), **terms,
    )  # fmt: skip
    equity.submit(story["hr"], grant)
    equity.approve(story["hr_second"], grant)
    equity.accept(story["employee"], grant, letter_hash=grant.letter_hash.hex())
    return grant
