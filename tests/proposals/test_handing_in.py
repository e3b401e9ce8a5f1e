import datetime as dt

import pytest
from sqlalchemy import select, update

from incubator.calls import jobs as calls
from incubator.core import audit, clock
from incubator.core.actions import can
from incubator.core.audit import AuditPayload
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.notifications.words import words
from incubator.people.predicates import SYSTEM
from incubator.proposals import jobs, queries, services
from incubator.proposals.engines import document
from incubator.proposals.models import ProposalVersion
from incubator.proposals.services import handing_in
from incubator.proposals.states import LIFE, UNDECIDED, ProposalState
from tests.proposals.conftest import ANSWERS


def test_what_is_handed_in_is_frozen_with_its_hash(handed_in, lead, call):
    proposal = handed_in()
    version = proposal.submitted_version
    assert version.content == {
        "v": 1,
        "number": proposal.number,
        "call": call.public_id,
        "version": 1,
        "lang": "en",
        "title": "Heat from server rooms",
        "theme": call.themes[0].theme.public_id,
        "asked": 24_000_000,
        "currency": "CNY",
        "answers": ANSWERS,
        "team": [{"person": lead.public_id, "part": "", "share_bp": 10_000}],
        "background_ip": [],
        "attachments": [],
    }
    assert version.hash == document.digest(version.content)
    payload = db.session.scalar(
        select(AuditPayload.payload).where(AuditPayload.event_id == audit.event_of(proposal, "proposal.submit").id)
    )
    assert payload == {"from": "awaiting_team", "to": "submitted", "version": 1, "sha256": version.hash.hex()}
    assert version.frozen_at is not None
    told = db.session.scalars(select(Notice).where(Notice.person_id == lead.id)).one()
    assert (version.hash.hex() in words(told), told.address) == (True, f"/proposals/{proposal.public_id}/receipt")


@pytest.mark.parametrize("change", [{"title": "Other"}, {"answers": {}}, {"hash": b"x"}])
def test_the_database_refuses_to_change_what_was_handed_in(handed_in, change):
    handed_in()
    with pytest.raises(Exception, match="is frozen"), transaction():
        db.session.execute(update(ProposalVersion).values(**change))


def test_an_incomplete_draft_is_not_handed_in(begin, lead):
    proposal = begin(answers={"summary": "Only this"})
    with pytest.raises(Invalid) as refused, transaction():
        services.ask_team(lead, proposal)
    assert (refused.value.code, proposal.state) == ("incomplete", "draft")


def give_back(office, proposal, **details):
    with transaction():
        services.return_(office, proposal, reason="Name the plant", **details)


def change(lead, proposal, title="Heat, second try"):
    newest = queries.newest(proposal)
    with transaction():
        services.save(
            lead, proposal, title=title, answers=ANSWERS, theme=proposal.theme, asked=24_000_000,
            revision=newest.revision,
        )  # fmt: skip


def test_a_returned_one_is_handed_in_again_as_a_new_version(in_screening, office, lead):
    proposal = in_screening()
    first = proposal.submitted_version
    give_back(office, proposal)
    with pytest.raises(Invalid), transaction():
        services.submit(lead, proposal)
    change(lead, proposal)
    with transaction():
        services.submit(lead, proposal)
    assert (proposal.state, proposal.answer_by, proposal.submitted_version.number) == ("submitted", None, 2)
    assert first.content["title"] == "Heat from server rooms"
    with transaction():
        services.screen(office, proposal)


def test_a_returned_one_is_handed_in_before_its_day_ends_by_its_proposer(in_screening, office, lead):
    proposal = in_screening()
    day = clock.today() + dt.timedelta(days=2)
    give_back(office, proposal, due_on=day)
    assert proposal.answer_by == clock.end_of(day)
    change(lead, proposal)
    with pytest.raises(NotAllowed), transaction():
        services.submit(office, proposal)
    with pytest.raises(WrongState), transaction():
        services.submit(lead, proposal, begun_at=proposal.answer_by)
    with transaction():
        services.submit(lead, proposal, begun_at=proposal.answer_by - dt.timedelta(seconds=1))
    assert proposal.state == "submitted"


def test_giving_back_and_ruling_out_say_why(in_screening, office):
    proposal = in_screening()
    for step in (services.return_, services.rule_out):
        with pytest.raises(Invalid) as refused, transaction():
            step(office, proposal, reason="  ")
        assert refused.value.field == "reason"
    with pytest.raises(Invalid) as refused, transaction():
        services.return_(office, proposal, reason="Why", due_on=clock.today() - dt.timedelta(days=1))
    assert refused.value.field == "due_on"
    with transaction():
        services.rule_out(office, proposal, reason="A product of the group already")
    assert proposal.state == "ineligible"
    kinds = list(db.session.scalars(select(Notice.kind).order_by(Notice.id)))
    assert kinds == ["proposal.receipt", "proposal.ruled_out"]


def test_the_office_does_not_screen_its_own_proposal(handed_in, office):
    proposal = handed_in(actor=office)
    with pytest.raises(NotAllowed), transaction():
        services.screen(office, proposal)


def test_withdrawing_is_the_proposers_until_it_is_decided(make, handed_in, office, lead):
    proposal = handed_in()
    with pytest.raises(NotAllowed), transaction():
        services.withdraw(office, proposal)
    with transaction():
        services.withdraw(lead, proposal, reason="We build it elsewhere")
    assert (proposal.state, queries.history(proposal)[-1].reason) == ("withdrawn", "We build it elsewhere")
    decided = make.proposal(lead=lead, state=ProposalState.REJECTED)
    with pytest.raises(WrongState), transaction():
        services.withdraw(lead, decided)


def test_drafts_lapse_after_closing_once_and_keep_their_text(make, begin, handed_in, call, lead):
    mate = make.person(call.company)
    draft, waiting, done = begin(), begin({mate: 1000}), handed_in()
    with transaction():
        services.ask_team(lead, waiting)
    assert jobs.lapse_due() == 0
    with transaction():
        call.closes_at = clock.now() - jobs.GRACE
    assert (jobs.lapse_due(), jobs.lapse_due()) == (2, 0)
    db.session.expire_all()
    assert [p.state for p in (draft, waiting, done)] == ["lapsed", "lapsed", "submitted"]
    assert queries.newest(draft).answers == ANSWERS
    assert queries.history(draft)[-1].actor is None


def test_no_date_ends_what_was_handed_in(make, call):
    made = {state: make.proposal(call, state=state) for state in UNDECIDED}
    with transaction():
        call.closes_at = clock.now() - dt.timedelta(days=400)
        call.opens_at = call.closes_at - dt.timedelta(days=30)
        for name in ("review_due_on", "meets_on", "release_on"):
            setattr(call, name, clock.today() - dt.timedelta(days=300))
    for job in (calls.close_due, jobs.lapse_due, jobs.end_asking_due, jobs.fire_triggers):
        job()
    db.session.expire_all()
    moved = {state for state, proposal in made.items() if proposal.state is not state}
    assert moved == {ProposalState.DRAFT, ProposalState.AWAITING_TEAM}


def test_nothing_lapses_while_the_call_is_open_and_only_by_the_system(begin, lead):
    proposal = begin()
    with pytest.raises(WrongState), transaction():
        services.lapse(SYSTEM, proposal)
    with pytest.raises(NotAllowed), transaction():
        services.lapse(lead, proposal)


def test_packages_above_take_it_to_its_venture(make, in_screening):
    proposal = in_screening()
    with make.acting():
        opened = services.open_review(proposal)
        deliberated = services.deliberate(proposal)
        released = audit.record("decision.release", proposal)
        decided = services.decide(proposal, ProposalState.ACCEPTED, cause_id=released.id)
        chartered = services.charter(proposal, cause_id=released.id)
    assert (proposal.state, proposal.state_at) == ("accepted", chartered.at)
    assert [e.name for e in (opened, deliberated, decided, chartered)] == [
        "proposal.open_review", "proposal.deliberate", "proposal.decide", "proposal.charter",
    ]  # fmt: skip
    assert (decided.parent_id, chartered.parent_id) == (released.id, released.id)


def test_a_charter_names_the_version_when_there_is_one(make):
    proposal = make.proposal(state=ProposalState.ACCEPTED)
    with transaction():
        proposal.submitted_version = None
    with make.acting():
        event = services.charter(proposal, cause_id=make_cause(proposal))
    payload = db.session.scalar(select(AuditPayload.payload).where(AuditPayload.event_id == event.id))
    assert payload["version"] is None


def make_cause(proposal):
    return audit.record("decision.release", proposal).id


def test_every_step_of_the_machine_has_a_permission_row(app):
    from incubator.permissions import PERMISSIONS

    assert {f"proposal.{step}" for step in LIFE.steps} - PERMISSIONS.keys() == set()


def test_a_condition_is_settled_by_no_person_alone(make, lead, office):
    proposal = make.proposal(lead=lead, state=ProposalState.SHELVED)
    assert [can(who, "proposal.settle", proposal) for who in (lead, office)] == [False] * 2


def test_the_document_holds_the_team_with_its_shares(make, begin, lead, call):
    mate = make.person(call.company)
    proposal = begin({mate: 2500})
    shares = [(m["person"], m["share_bp"]) for m in handing_in.contents(proposal, queries.newest(proposal))["team"]]
    assert shares == [(lead.public_id, 7500), (mate.public_id, 2500)]
