import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people.models import Access
from incubator.proposals import queries, services
from incubator.proposals.models import Consent
from incubator.proposals.services import Share


def events(proposal):
    return [(step.name, step.actor) for step in queries.history(proposal)]


def notices(person):
    return list(db.session.scalars(select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id)))


def seen_by(person):
    return set(db.session.scalars(queries.visible_to(person)))


@pytest.fixture
def mate(make, call):
    return make.person(call.company, name="He Wen")


@pytest.fixture
def other(make, call):
    return make.person(call.company, name="Li Jianguo")


def test_alone_asking_the_team_hands_in_at_once(begin, lead):
    proposal = begin()
    with transaction():
        services.ask_team(lead, proposal)
    assert proposal.state == "submitted"
    assert events(proposal) == [
        ("proposal.create", "Zhao Min"),
        ("proposal.submit", "Zhao Min"),
    ]
    assert notices(lead) == ["proposal.receipt"]


def test_a_draft_is_seen_by_its_lead_alone_until_the_team_is_asked(begin, lead, mate, office):
    proposal = begin({mate: 4000})
    assert (seen_by(lead), seen_by(mate), seen_by(office)) == ({proposal}, set(), set())
    with transaction():
        services.ask_team(lead, proposal)
    assert (seen_by(lead), seen_by(mate), seen_by(office)) == ({proposal}, {proposal}, set())
    assert (proposal.state, notices(mate)) == ("awaiting_team", ["proposal.team_asked"])


def test_the_last_consent_hands_in_by_the_system(begin, lead, mate, other):
    proposal = begin({mate: 3000, other: 2000})
    with transaction():
        services.ask_team(lead, proposal)
    with transaction():
        services.accept_share(mate, queries.own_share(mate, proposal))
    assert proposal.state == "awaiting_team"
    with transaction():
        services.accept_share(other, queries.own_share(other, proposal))
    assert proposal.state == "submitted"
    assert events(proposal)[2:] == [
        ("proposal.accept_share", "He Wen"),
        ("proposal.accept_share", "Li Jianguo"),
        ("proposal.submit", None),
    ]
    submit = db.session.scalar(select(AuditEvent).where(AuditEvent.name == "proposal.submit"))
    assert db.session.get(AuditEvent, submit.parent_id).actor_id == other.id
    assert notices(lead) == ["proposal.team_accepted", "proposal.receipt"]


def test_one_decline_makes_it_a_draft_and_asking_again_asks_everybody(begin, lead, mate, other):
    proposal = begin({mate: 3000, other: 2000})
    with transaction():
        services.ask_team(lead, proposal)
    with transaction():
        services.accept_share(mate, queries.own_share(mate, proposal))
    with transaction():
        services.decline_share(other, queries.own_share(other, proposal), reason=" Too little ")
    assert (proposal.state, queries.history(proposal)[-1].reason) == ("draft", "Too little")
    assert notices(lead) == ["proposal.team_declined"]
    with transaction():
        services.ask_team(lead, proposal)
    assert {m.person.name: m.consent for m in proposal.team} == {
        "Zhao Min": Consent.ACCEPTED,
        "He Wen": Consent.ASKED,
        "Li Jianguo": Consent.ASKED,
    }


def test_a_decline_says_why(begin, lead, mate):
    proposal = begin({mate: 3000})
    with transaction():
        services.ask_team(lead, proposal)
    with pytest.raises(Invalid) as refused, transaction():
        services.decline_share(mate, queries.own_share(mate, proposal), reason=" ")
    assert refused.value.field == "reason"


def test_a_share_is_answered_once_and_by_its_holder(begin, lead, mate, other):
    proposal = begin({mate: 3000, other: 2000})
    own = queries.own_share(mate, proposal)
    with pytest.raises(WrongState), transaction():
        services.accept_share(mate, own)
    with transaction():
        services.ask_team(lead, proposal)
    for stranger in (other, lead):
        with pytest.raises(NotAllowed), transaction():
            services.accept_share(stranger, own)
    with pytest.raises(NotAllowed), transaction():
        services.accept_share(lead, queries.own_share(lead, proposal))
    with transaction():
        services.accept_share(mate, own)
    with pytest.raises(WrongState), transaction():
        services.decline_share(mate, own, reason="No")


def test_the_proposer_may_take_it_back_from_the_team(begin, lead, mate):
    proposal = begin({mate: 3000})
    with transaction():
        services.ask_team(lead, proposal)
    with pytest.raises(NotAllowed), transaction():
        services.take_back(mate, proposal)
    with transaction():
        services.take_back(lead, proposal)
    assert proposal.state == "draft"


def test_who_leaves_the_team_no_longer_sees_it(begin, lead, mate, other):
    proposal = begin({mate: 3000, other: 2000})
    with transaction():
        services.ask_team(lead, proposal)
    with transaction():
        services.take_back(lead, proposal)
    with transaction():
        services.set_team(lead, proposal, members=[Share(lead, "", 8000), Share(other, "", 2000)])
    assert ([m.person_id for m in proposal.team], seen_by(mate)) == ([lead.id, other.id], set())
    assert set(db.session.scalars(select(Access.person_id))) == {other.id}


def test_a_team_names_each_person_once_the_proposer_among_them_and_nobody_who_left(make, begin, lead, mate):
    proposal = begin()
    left = make.person(lead.company, name="Sun Li")
    with transaction():
        left.left_on = clock.today()
    crowd = [Share(make.person(lead.company), "", 500) for _ in range(20)]
    for members in (
        [Share(lead, "", 5000), Share(lead, "", 5000)],
        [Share(mate, "", 10_000)],
        [Share(lead, "", 5000), Share(left, "", 5000)],
        [Share(lead, "", 0), *crowd],
        [Share(lead, "x" * 121, 10_000)],
    ):
        with pytest.raises(Invalid), transaction():
            services.set_team(lead, proposal, members=members)


def test_a_colleague_is_added_once_without_a_share_by_the_proposer(make, begin, lead, mate):
    proposal = begin()
    with pytest.raises(NotAllowed), transaction():
        services.add_member(mate, proposal, person=mate)
    with transaction():
        services.add_member(lead, proposal, person=mate, part="Plant operations")
    assert [(m.person.name, m.part, m.share_bp) for m in proposal.team][1:] == [("He Wen", "Plant operations", 0)]
    with pytest.raises(Invalid), transaction():
        services.add_member(lead, proposal, person=mate)
    left = make.person(lead.company)
    with transaction():
        left.left_on = clock.today()
    with pytest.raises(Invalid), transaction():
        services.add_member(lead, proposal, person=left)
    with pytest.raises(Invalid), transaction():
        services.ask_team(lead, proposal)


def test_a_team_has_at_most_twenty(make, begin, lead):
    proposal = begin()
    with transaction():
        for _ in range(19):
            services.add_member(lead, proposal, person=make_in(lead))
    with pytest.raises(Invalid), transaction():
        services.add_member(lead, proposal, person=make_in(lead))


def make_in(lead):
    from incubator.core import keys
    from incubator.people import services as people
    from incubator.people.predicates import SYSTEM

    number = keys.public_id()
    return people.add_person(SYSTEM, lead.company, hr_number=number, name="Qi", email=f"{number}@example.com")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=2))
def test_a_team_is_kept_exactly_when_each_share_is_positive_and_they_sum_to_the_whole(begin, lead, mate, numbers):
    proposal = begin()
    members = [Share(lead, "", numbers[0]), Share(mate, "", numbers[1])]
    if sum(numbers) == 10_000 and min(numbers) > 0:
        with transaction():
            services.set_team(lead, proposal, members=members)
        assert [m.share_bp for m in proposal.team] == numbers
    else:
        with pytest.raises(Invalid), transaction():
            services.set_team(lead, proposal, members=members)


@pytest.mark.parametrize("minutes", [-1, 1])
def test_the_call_must_be_open_when_the_request_began(begin, lead, call, minutes):
    proposal = begin()
    with transaction():
        call.closes_at = clock.now() - dt.timedelta(minutes=5)
    begun_at = call.closes_at + dt.timedelta(minutes=minutes)
    if minutes < 0:
        with transaction():
            services.ask_team(lead, proposal, begun_at=begun_at)
        assert (proposal.state, proposal.submitted_at) == ("submitted", begun_at)
    else:
        with pytest.raises(WrongState), transaction():
            services.ask_team(lead, proposal, begun_at=begun_at)


def test_a_consent_after_closing_is_refused(begin, lead, mate, call):
    proposal = begin({mate: 4000})
    with transaction():
        services.ask_team(lead, proposal)
    with transaction():
        call.closes_at = clock.now()
    with pytest.raises(WrongState), transaction():
        services.accept_share(mate, queries.own_share(mate, proposal))
