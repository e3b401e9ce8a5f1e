import datetime as dt

import pytest
from flask_babel import format_datetime
from sqlalchemy import select

from incubator.core import clock, outbox
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, NotFound, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people import access
from incubator.people.predicates import SYSTEM
from incubator.proposals import jobs, queries, services
from incubator.proposals.services import Asked

IN_A_WEEK = dt.timedelta(days=7)


@pytest.fixture
def asked(make, in_screening, call):
    """Under review, with two questions asked by the committee's chair."""
    proposal = in_screening()
    chair = next(one.person for one in call.committee.members)
    with make.acting():
        services.open_review(proposal)
        access.allow(chair.id, proposal, "committee")
    questions = [Asked("How much heat?", 20, "summary"), Asked(" "), Asked("Whose plant?\r\nWhere?", 50)]
    with transaction():
        services.ask(chair, proposal, questions=questions, due_on=clock.today() + IN_A_WEEK)
    return proposal


def chair_of(proposal):
    return next(one.person for one in proposal.call.committee.members)


def notices(person):
    return list(db.session.scalars(select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id)))


def test_the_chair_asks_and_the_status_says_until_when(asked, lead):
    assert (asked.state, asked.answer_by) == ("clarification", clock.end_of(clock.today() + IN_A_WEEK))
    found = queries.open_clarification(asked)
    assert [(one.position, one.question, one.field, one.word_limit) for one in found.questions] == [
        (1, "How much heat?", "summary", 20),
        (2, "Whose plant?\nWhere?", "", 50),
    ]
    assert notices(lead)[-1] == "proposal.asked"
    assert queries.exchanges(asked) == []


@pytest.mark.parametrize(
    ("questions", "days", "field"),
    [
        ([], 7, "question_1"),
        ([Asked("Why?")] * 6, 7, "question_1"),
        ([Asked("x" * 1_001)], 7, "question_1"),
        ([Asked("Why?", 19)], 7, "limit_1"),
        ([Asked("Why?"), Asked("How?", 2_001)], 7, "limit_2"),
        ([Asked("Why?", 300, "nothing")], 7, "field_1"),
        ([Asked("Why?")], 0, "due_on"),
    ],
)
def test_what_is_asked_wrongly_is_said_at_its_field(make, in_screening, call, questions, days, field):
    proposal = in_screening()
    with make.acting():
        services.open_review(proposal)
    with pytest.raises(Invalid) as refused, transaction():
        services.ask(chair_of(proposal), proposal, questions=questions, due_on=clock.today() + dt.timedelta(days=days))
    assert refused.value.field == field


def test_only_a_chair_who_is_not_close_to_the_team_asks(make, in_screening, call, office, lead):
    proposal = in_screening()
    with make.acting():
        services.open_review(proposal)
    question = {"questions": [Asked("Why?")], "due_on": clock.today() + IN_A_WEEK}
    for other in (office, lead):
        with pytest.raises(NotAllowed), transaction():
            services.ask(other, proposal, **question)
    with transaction():
        lead.manager_id = chair_of(proposal).id
    with pytest.raises(NotAllowed), transaction():
        services.ask(chair_of(proposal), proposal, **question)


def test_answers_are_kept_and_sent_within_their_words(asked, lead, office):
    with pytest.raises(NotAllowed), transaction():
        services.keep_answers(office, asked, answers={1: "x"})
    with transaction():
        services.keep_answers(lead, asked, answers={1: " 40 kW all year "})
    assert [one.answer for one in queries.open_clarification(asked).questions] == ["40 kW all year", ""]
    with pytest.raises(Invalid) as refused, transaction():
        services.keep_answers(lead, asked, answers={1: "热" * 21})
    assert (refused.value.field, str(refused.value.message)) == ("answer_1", "Shorten this by 1 word.")
    with pytest.raises(Invalid) as refused, transaction():
        services.answer(lead, asked, answers={1: "40 kW"})
    assert refused.value.field == "answer_2"
    with transaction():
        services.answer(lead, asked, answers={1: "40 kW", 2: "Ours"})
    assert (asked.state, asked.answer_by) == ("in_review", None)
    shown = queries.exchanges(asked, since=clock.now() - IN_A_WEEK)
    assert [(one.about, one.question, one.answer, one.is_new) for one in shown] == [
        ("The idea in a few sentences", "How much heat?", "40 kW", True),
        ("", "Whose plant?\nWhere?", "Ours", True),
    ]
    assert [one.is_new for one in queries.exchanges(asked, since=clock.now())] == [False, False]
    assert [step.name for step in queries.history(asked)][-2:] == ["proposal.ask", "proposal.answer"]
    with pytest.raises(WrongState), transaction():
        services.keep_answers(lead, asked, answers={})
    with pytest.raises(NotFound):
        queries.open_clarification(asked)


def test_the_date_ends_it_and_sends_what_was_kept(asked, lead):
    assert jobs.end_asking_due() == 0
    with pytest.raises(WrongState), transaction():
        services.end_asking(SYSTEM, asked)
    with transaction():
        services.keep_answers(lead, asked, answers={2: "Ours"})
    with pytest.raises(WrongState), transaction():
        services.answer(lead, asked, answers={1: "a", 2: "b"}, begun_at=asked.answer_by)
    with clock.travelled(asked.answer_by + jobs.GRACE):
        assert (jobs.end_asking_due(), jobs.end_asking_due()) == (1, 0)
    db.session.expire_all()
    assert asked.state == "in_review"
    assert [one.answer for one in queries.exchanges(asked)] == ["", "Ours"]
    assert queries.history(asked)[-1].actor is None
    assert notices(lead)[-1] == "proposal.asking_ended"


def test_a_question_and_a_sent_answer_tell_who_reviews(make, asked, lead, call):
    with transaction():
        services.answer(lead, asked, answers={1: "40 kW", 2: "Ours"})
    events = list(db.session.scalars(select(outbox.OutboxMessage.event)))
    assert events == ["proposal.answered"]


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.text


def test_the_pages_of_asking_and_answering(make, in_screening, call, lead, sign_in, app):
    proposal = in_screening()
    with make.acting():
        services.open_review(proposal)
        access.allow(chair_of(proposal).id, proposal, "committee")
    at = f"/proposals/{proposal.public_id}"
    chair = sign_in(chair_of(proposal))
    assert "Ask questions" in page(chair, at)
    assert "Questions to the proposer" in page(chair, f"{at}/questions")
    wrong = chair.post(f"{at}/questions", data={"question_1": " ", "question_2": "Kept?", "limit_2": "1"})
    assert (wrong.status_code, "Ask at least one question" in wrong.text, "Kept?" in wrong.text) == (422, True, True)
    day = (clock.today() + IN_A_WEEK).isoformat()
    done = chair.post(f"{at}/questions", data={"question_1": "How much?", "limit_1": "30", "due_on": day})
    assert (done.status_code, done.location) == (303, at)
    assert chair.get(f"{at}/questions").status_code == 303

    hers = sign_in(lead, app.test_client())
    assert [words in page(hers, at) for words in ("answer by", "How much?")] == [True, True]
    assert "How much?" not in page(chair, at)
    assert f"{at}/answers" in page(hers, "/")
    assert "How much?" in page(hers, f"{at}/answers")
    long = hers.post(f"{at}/answers/keep", data={"answer_1": "much " * 31})
    assert (long.status_code, "Shorten this by 1 word" in long.text) == (422, True)
    assert hers.post(f"{at}/answers/keep", data={"answer_1": "Much"}).location == f"{at}/answers"
    assert "Much" in page(hers, f"{at}/answers")
    kept = queries.open_clarification(proposal).revision
    assert hers.post(f"{at}/answers", data={"answer_1": "Very **much**", "version": kept}).location == at
    assert hers.get(f"{at}/answers").location == f"{at}/text"
    assert hers.post(f"{at}/answers", data={"answer_1": "Again"}).status_code == 409
    assert "Very <strong>much</strong>" in page(chair, f"{at}/text")


def test_answers_save_themselves_and_say_why_they_do_not(asked, lead, sign_in):
    client, at = sign_in(lead), f"/proposals/{asked.public_id}/answers/autosave"
    saved = client.post(at, data={"answer_1": "40 kW", "version": "0"})
    found = queries.open_clarification(asked)
    assert saved.json == {"version": found.revision, "saved": format_datetime(found.saved_at, "HH:mm")}
    assert [one.answer for one in found.questions] == ["40 kW", ""]
    long = client.post(at, data={"answer_1": "热" * 22, "version": found.revision})
    assert (long.status_code, long.json) == (422, {"why": "Not saved yet. Question 1: Shorten this by 2 words."})
    unread = client.post(at, data={"answer_1": "x", "version": "seven"})
    assert (unread.status_code, unread.json) == (422, {"why": "Not saved yet: a value cannot be read."})


def test_of_two_tabs_with_answers_one_chooses(asked, lead, sign_in):
    client, at = sign_in(lead), f"/proposals/{asked.public_id}/answers"
    client.post(f"{at}/autosave", data={"answer_1": "First tab", "answer_2": "Ours", "version": "0"})
    stands = queries.open_clarification(asked).revision
    fragment = client.post(f"{at}/autosave", data={"answer_1": "Second tab", "answer_2": "Ours ", "version": "0"})
    assert fragment.status_code == 409
    assert [words in fragment.text for words in ("First tab", "Second tab", "Ours")] == [True, True, False]
    whole = client.post(at, data={"answer_1": "Second tab", "answer_2": "Theirs", "version": "0"})
    assert (whole.status_code, whole.text.count("Theirs"), asked.state) == (409, 2, "clarification")
    chosen = {"answer_1": "Second tab", "answer_2": "Ours", "version": "0", "overwrite": stands}
    assert client.post(f"{at}/keep", data=chosen).location == at
    assert [one.answer for one in queries.open_clarification(asked).questions] == ["Second tab", "Ours"]


@pytest.mark.parametrize("overwrite", ["x", "9" * 20, "-1"])
def test_a_revision_that_is_none_overwrites_nothing(asked, lead, sign_in, overwrite):
    client, at = sign_in(lead), f"/proposals/{asked.public_id}/answers/keep"
    client.post(at, data={"answer_1": "Kept", "version": "0"})
    assert client.post(at, data={"answer_1": "Other", "version": "0", "overwrite": overwrite}).status_code == 409
