"""Colleagues are told of a proposal what its proposer says, where its call lets them, and offer to join its team."""

import pytest
from sqlalchemy import select

from incubator.calls.models import Visibility
from incubator.calls.templates import IDEA
from incubator.core import audit, outbox
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people import access
from incubator.proposals import queries, services
from incubator.proposals.models import Confidentiality, JoinOffer

WORDS = {"summary": "Heat of servers warms a plant.", "wanted": "A pump engineer, a day a week."}


def post(client, address, data):
    return client.post(address, data=data)


@pytest.fixture
def call(make):
    return make.call(form=IDEA.as_data(), visibility=Visibility.JOINABLE)


@pytest.fixture
def colleague(make, call):
    return make.person(make.company(call.company, "Plant"), name="Gao Lan")


@pytest.fixture
def opened(begin, lead):
    proposal = begin()
    with transaction():
        services.open_to_colleagues(lead, proposal, **WORDS)
    return proposal


def told(person):
    return [row.title for row in db.session.execute(queries.openings(person))]


def test_who_is_told_and_what(opened, call, lead, office, colleague, make):
    outside = make.person(make.company(call.company.parent, "Elsewhere")) if call.company.parent else make.person()
    judge, hidden = make.person(call.company), make.person(call.company)
    with make.acting():
        audit.record("test.happened", opened)
        access.allow(judge.id, opened, "assignment")
        access.deny(hidden.id, opened, "conflict")
    chair = call.committee.members[0].person
    people = {"colleague": colleague, "lead": lead, "office": office, "judge": judge, "hidden": hidden}
    people |= {"chair": chair, "outside": outside}
    assert {name for name, person in people.items() if told(person)} == {"colleague"}
    assert {name for name, person in people.items() if queries.is_told_of(person, opened)} == {"colleague"}
    assert not queries.sees(colleague, opened)
    (row,) = db.session.execute(queries.openings(colleague)).mappings()
    assert {key: row[key] for key in WORDS} == WORDS
    assert {"lead", "name", "answers", "number"}.isdisjoint(row)
    assert (queries.is_told_of(None, opened), queries.is_told_of(colleague, None)) == (False, False)


def test_only_an_open_call_and_a_proposal_that_is_no_secret_are_told(opened, begin, lead, colleague, call):
    with transaction():
        opened.confidentiality = Confidentiality.CONFIDENTIAL
    assert told(colleague) == []
    with pytest.raises(WrongState), transaction():
        services.open_to_colleagues(lead, opened, **WORDS)
    with transaction():
        opened.confidentiality = Confidentiality.INTERNAL
        services.close_to_colleagues(lead, opened)
        services.close_to_colleagues(lead, opened)
    assert told(colleague) == []
    with transaction():
        services.open_to_colleagues(lead, opened, **WORDS)
    assert told(colleague) == [opened.title]
    names = select(AuditEvent.name).where(AuditEvent.name.startswith("team_opening.")).order_by(AuditEvent.id)
    assert db.session.scalars(names).all() == ["team_opening.create", "team_opening.close", "team_opening.open"]
    with transaction():
        services.withdraw(lead, opened)
    assert told(colleague) == []
    other = begin()
    for name in WORDS:
        for bad in (" ", "x" * 1_001):
            with pytest.raises(Invalid) as refused, transaction():
                services.open_to_colleagues(lead, other, **(WORDS | {name: bad}))
            assert refused.value.field == name
    untitled = begin(title="")
    with pytest.raises(Invalid), transaction():
        services.open_to_colleagues(lead, untitled, **WORDS)
    with pytest.raises(NotAllowed), transaction():
        services.open_to_colleagues(colleague, other, **WORDS)


def test_a_closed_call_opens_nothing(make, lead):
    closed = make.call(lead.company)
    proposal = make.proposal(closed, lead)
    with pytest.raises(WrongState), transaction():
        services.open_to_colleagues(lead, proposal, **WORDS)


def test_a_colleague_offers_and_learns_the_answer_and_nothing_else(opened, lead, colleague, sign_in, make):
    key = queries.opening_of(opened).public_id
    client = sign_in(colleague)
    assert WORDS["wanted"] in client.get("/openings/").text
    html = client.get(f"/openings/{key}").text
    assert (WORDS["summary"] in html, "Zhao Min" in html, "Two plants." in html) == (True, False, False)
    assert client.get(f"/proposals/{opened.public_id}").status_code == 404
    refused = post(client, f"/openings/{key}/join", {"skills": "", "message": "I kept this"})
    assert (refused.status_code, "I kept this" in refused.text) == (422, True)
    assert post(client, f"/openings/{key}/join", {"skills": "Pumps"}).status_code == 303
    offer = db.session.scalars(select(JoinOffer)).one()
    assert "Pumps" in client.get(f"/openings/{key}").text
    stranger = sign_in(make.person())
    assert stranger.get(f"/openings/{key}").status_code == 404
    assert post(stranger, f"/openings/{key}/join", {"skills": "Pumps"}).status_code == 404
    leads = sign_in(lead)
    assert "Pumps" in leads.get(f"/proposals/{opened.public_id}/talk").text
    answer = {"answer": "Not now, thanks"}
    assert post(leads, f"/proposals/{opened.public_id}/join/{offer.public_id}/decline", answer).status_code == 303
    outbox.drain()
    (notice,) = db.session.scalars(select(Notice).where(Notice.person_id == colleague.id))
    assert (notice.kind, notice.address) == ("join_offer.declined", f"/openings/{key}")
    with transaction():
        services.close_to_colleagues(lead, opened)
    client = sign_in(colleague)
    html = client.get(f"/openings/{key}").text
    assert ("Not now, thanks" in html, opened.title in html, WORDS["summary"] in html) == (True, False, False)
    assert post(client, f"/openings/{key}/join", {"skills": "Pumps"}).status_code == 404


def test_who_is_welcomed_is_on_the_team(opened, lead, colleague, sign_in):
    with transaction():
        offer = services.offer_to_join(colleague, opened, skills="Pumps")
    with transaction():
        services.accept_offer(lead, offer)
    assert [one.person for one in opened.team] == [lead, colleague]
    key = queries.opening_of(opened).public_id
    assert "You are welcome on the team." in sign_in(colleague).get(f"/openings/{key}").text
    (notice,) = db.session.scalars(select(Notice).where(Notice.person_id == colleague.id))
    assert (notice.kind, notice.address) == ("join_offer.accepted", f"/openings/{key}")
    members = [services.Share(lead, "", 9_000), services.Share(colleague, "Pumps", 1_000)]
    with transaction():
        services.set_team(lead, opened, members=members)
        services.ask_team(lead, opened)
    assert f'href="/proposals/{opened.public_id}"' in sign_in(colleague).get(f"/openings/{key}").text


def test_the_proposer_opens_and_closes_it(begin, lead, colleague, sign_in, make):
    proposal = begin()
    at = f"/proposals/{proposal.public_id}/opening"
    client = sign_in(lead)
    assert "Look for colleagues" in client.get(f"/proposals/{proposal.public_id}").text
    assert "Reuse the heat." in client.get(at).text
    refused = post(client, at, {"summary": "Kept words", "wanted": ""})
    assert (refused.status_code, "Kept words" in refused.text) == (422, True)
    assert post(client, at, WORDS).status_code == 303
    assert told(colleague) == [proposal.title]
    assert post(client, f"{at}/close", {}).status_code == 303
    assert told(colleague) == []
    assert sign_in(colleague).get(at).status_code == 404


def test_the_list_takes_as_many_statements_for_three_as_for_one(begin, lead, colleague, sign_in, statements):
    counts = []
    client = sign_in(colleague)
    for more in (1, 2):
        for _ in range(more):
            proposal = begin()
            with transaction():
                services.open_to_colleagues(lead, proposal, **WORDS)
        db.session.expire_all()
        statements.clear()
        client.get("/openings/")
        counts.append(len(statements))
        statements.clear()
        client.get(f"/openings/{queries.opening_of(proposal).public_id}")
        counts.append(len(statements))
    assert counts[0] == counts[2] <= 8
    assert counts[1] == counts[3] <= 8
