import datetime as dt

import pytest
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, NotFound, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people import access
from incubator.people.models import Role
from incubator.proposals import jobs, queries, services
from incubator.proposals.states import ProposalState


def notices(person):
    return list(db.session.scalars(select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id)))


def appeal(lead, proposal, reason="The pumps were overlooked", **details):
    with transaction():
        return services.appeal(lead, proposal, reason=reason, **details)


def answer(officer, proposal, *, upheld, words="Looked at again"):
    with transaction():
        return services.answer_appeal(officer, proposal, upheld=upheld, answer=words)


@pytest.fixture
def second(make, call):
    return make.person(call.company, Role.OFFICE, name="Gao Yu")


@pytest.fixture
def ruled_out(in_screening, office):
    proposal = in_screening()
    with transaction():
        services.rule_out(office, proposal, reason="A product already")
    return proposal


def test_an_appeal_is_made_once_with_reasons_and_answered_by_another(ruled_out, lead, office, second):
    for words in (" ", "x" * 4_001):
        with pytest.raises(Invalid) as refused:
            appeal(lead, ruled_out, reason=words)
        assert refused.value.field == "reason"
    with pytest.raises(NotAllowed):
        appeal(office, ruled_out)
    appeal(lead, ruled_out)
    assert ruled_out.state == "appealed"
    assert ruled_out.answer_by == clock.end_of(clock.today() + dt.timedelta(days=30))
    assert notices(second)[-1] == "proposal.appealed"
    with pytest.raises(NotAllowed):
        answer(office, ruled_out, upheld=False)
    for words in ("", "x" * 4_001):
        with pytest.raises(Invalid) as refused:
            answer(second, ruled_out, upheld=False, words=words)
        assert refused.value.field == "answer"
    answer(second, ruled_out, upheld=False)
    assert (ruled_out.state, ruled_out.answer_by, notices(lead)[-1]) == (
        "ineligible", None, "proposal.appeal_answered",
    )  # fmt: skip
    with pytest.raises(WrongState, match="the one time"):
        appeal(lead, ruled_out)


def test_only_who_of_the_office_sees_it_is_told_of_an_appeal(ruled_out, lead, office, second, make):
    near = make.person(ruled_out.company, Role.OFFICE, manager=lead)
    with make.acting():
        audit.record("test.happened", ruled_out)
        access.deny(second.id, ruled_out, "conflict")
    appeal(lead, ruled_out)
    assert [("proposal.appealed" in notices(one)) for one in (office, second, near)] == [True, False, False]


def test_upheld_it_is_checked_for_eligibility_again(ruled_out, lead, second):
    appeal(lead, ruled_out)
    answer(second, ruled_out, upheld=True)
    assert ruled_out.state == "screening"
    assert [step.name for step in queries.history(ruled_out)][-2:] == ["proposal.appeal", "proposal.answer_appeal"]


@pytest.mark.parametrize("state", [ProposalState.REJECTED, ProposalState.SHELVED])
def test_a_decision_stands_or_is_superseded_but_never_by_an_answer(make, call, lead, office, state):
    dismissed, upheld = (make.proposal(call, lead, state=state) for _number in range(2))
    appeal(lead, dismissed)
    answer(office, dismissed, upheld=False)
    assert dismissed.state == state
    appeal(lead, upheld)
    answer(office, upheld, upheld=True)
    assert (upheld.state, queries.is_referred(upheld), queries.is_referred(dismissed)) == ("appealed", True, False)
    with pytest.raises(WrongState):
        answer(office, upheld, upheld=False)


def test_an_appeal_comes_in_time(make, call, lead):
    proposal = make.proposal(call, lead, state=ProposalState.REJECTED)
    ends = services.appeal_ends(proposal)
    with pytest.raises(WrongState, match="over"):
        appeal(lead, proposal, begun_at=ends)
    appeal(lead, proposal, begun_at=ends - dt.timedelta(seconds=1))
    accepted = make.proposal(call, lead, state=ProposalState.ACCEPTED)
    with pytest.raises(WrongState):
        appeal(lead, accepted)


def test_an_appealed_state_without_an_appeal_is_not_answered(make, call, lead, office):
    with pytest.raises(WrongState):
        answer(office, make.proposal(call, lead, state=ProposalState.APPEALED), upheld=False)


# ---- The shelf


@pytest.fixture
def shelved(make, call, lead):
    return make.proposal(call, lead, state=ProposalState.SHELVED)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({}, "on_day"),
        ({"on_day": dt.date(2999, 1, 1), "word": "heat"}, "on_day"),
        ({"on_day": dt.date(2020, 1, 1)}, "on_day"),
        ({"word": "h"}, "word"),
    ],
)
def test_a_trigger_is_a_day_to_come_or_a_word(shelved, office, details, field):
    with pytest.raises(Invalid) as refused, transaction():
        services.set_trigger(office, shelved, **details)
    assert refused.value.field == field


def test_triggers_fire_on_their_day_and_by_the_word_of_an_open_call(make, shelved, office, lead, call):
    tomorrow = clock.today() + dt.timedelta(days=1)
    with transaction():
        by_day = services.set_trigger(office, shelved, on_day=tomorrow)
        by_word = services.set_trigger(office, shelved, word="STORAGE of heat")
        gone = services.set_trigger(office, shelved, word="storage")
        services.drop_trigger(office, shelved, trigger=gone)
    make.call()
    assert jobs.fire_triggers() == 0
    fitting = make.call(call.company)
    elsewhere = make.call()
    with transaction():
        fitting.summary = elsewhere.summary = {"en": "All about storage of heat", "zh": "储热"}
    assert (jobs.fire_triggers(), jobs.fire_triggers()) == (1, 0)
    db.session.expire_all()
    assert (by_word.call, by_day.fired_at) == (fitting, None)
    with clock.travelled(clock.now() + dt.timedelta(days=1)):
        assert jobs.fire_triggers() == 1
    assert notices(office).count("proposal.trigger_fired") == 2
    assert notices(lead).count("proposal.trigger_fired") == 2
    assert [one.public_id for one in queries.triggers(shelved)] == [by_day.public_id, by_word.public_id]
    with pytest.raises(NotFound):
        queries.trigger_of(shelved, gone.public_id)


def test_there_are_ten_triggers_at_most_of_what_is_shelved(make, call, lead, shelved, office):
    for number in range(10):
        with transaction():
            services.set_trigger(office, shelved, word=f"word {number}")
    with pytest.raises(Invalid), transaction():
        services.set_trigger(office, shelved, word="one more")
    rejected = make.proposal(call, lead, state=ProposalState.REJECTED)
    with pytest.raises(WrongState), transaction():
        services.set_trigger(office, rejected, word="heat")


# ---- Pages


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.text


def test_the_pages_of_an_appeal(ruled_out, lead, office, second, sign_in, app, make, call):
    at = f"/proposals/{ruled_out.public_id}"
    hers = sign_in(lead)
    assert f"{at}/appeal" in page(hers, at)
    assert "appealed for once" in page(hers, f"{at}/appeal")
    assert hers.post(f"{at}/appeal", data={"reason": ""}).status_code == 422
    assert hers.post(f"{at}/appeal", data={"reason": "The *pumps*"}).location == at
    assert "Appealed: to be answered" in page(hers, at)
    assert "answers by" in page(hers, f"{at}/appeal")
    theirs = sign_in(second, app.test_client())
    assert f"{at}/appeal" in page(theirs, "/")
    assert "checked for eligibility again" in page(theirs, f"{at}/appeal")
    refused = theirs.post(f"{at}/appeal/answer", data={"answer": "Kept words"})
    assert (refused.status_code, "Kept words" in refused.text) == (422, True)
    assert theirs.post(f"{at}/appeal/answer", data={"upheld": "no", "answer": "It stands"}).location == at
    assert "It stands" in page(hers, f"{at}/appeal")
    page(sign_in(make.person(call.company), app.test_client()), f"{at}/appeal", 404)


def test_the_pages_of_the_shelf(shelved, office, lead, sign_in, app, make, call):
    at = f"/proposals/{shelved.public_id}"
    client = sign_in(office)
    assert f"{at}/shelf" in page(client, at)
    assert "waits for nothing" in page(client, f"{at}/shelf")
    assert client.post(f"{at}/shelf", data={"on_day": "2020-01-01"}).status_code == 422
    assert client.post(f"{at}/shelf", data={"word": "heat"}).location == f"{at}/shelf"
    assert "A call with the word “heat”" in page(client, f"{at}/shelf")
    other = make.call(call.company)
    with transaction():
        other.title = {"en": "Heat", "zh": "热"}
    jobs.fire_triggers()
    assert f"{at}/shelf" in page(client, "/")
    trigger = queries.triggers(shelved)[0].public_id
    assert client.post(f"{at}/shelf/{trigger}/drop").location == f"{at}/shelf"
    assert "waits for nothing" in page(client, f"{at}/shelf")
    page(sign_in(lead, app.test_client()), f"{at}/shelf", 404)


# ---- What the status page says of each end


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ProposalState.REJECTED, "You may appeal until"),
        (ProposalState.SHELVED, "You may appeal until"),
        (ProposalState.INELIGIBLE, "You may appeal until"),
        (ProposalState.WITHDRAWN, "The text is kept"),
        (ProposalState.LAPSED, "The text is kept"),
    ],
)
def test_each_end_says_what_may_follow_and_by_when(make, call, lead, client, sign_in, state, words):
    proposal = make.proposal(call, lead, state=state)
    sign_in(lead)
    assert words in page(client, f"/proposals/{proposal.public_id}")
    with clock.travelled(clock.now() + dt.timedelta(days=40)):
        sign_in(lead)
        assert "You may appeal until" not in page(client, f"/proposals/{proposal.public_id}")


def test_who_carried_what_on_when_stands_on_both_pages(make, call, lead, client, sign_in):
    proposal = make.proposal(call, lead, state=ProposalState.LAPSED)
    with transaction():
        draft = services.copy_on(lead, proposal, call=call)
    sign_in(lead)
    assert "Carried on in a new draft" in page(client, f"/proposals/{proposal.public_id}")
    assert f"/proposals/{proposal.public_id}" in page(client, f"/proposals/{draft.public_id}")
