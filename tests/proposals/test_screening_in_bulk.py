"""One step on many proposals: per-item results, and counter-steps while nothing has happened since."""

import datetime as dt

import pytest
from sqlalchemy import select

from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people.models import Role
from incubator.proposals import queries, services
from incubator.proposals.models import BatchStep, Confidentiality
from incubator.proposals.services import Order
from incubator.proposals.states import ProposalState as S

WORDS = {"en": "A", "zh": "甲"}
OTHER = {
    "sections": [
        {"key": "a", "title": WORDS, "fields": [{"key": "other", "kind": "short", "label": WORDS, "limit": 9}]}
    ]
}


def events_of(proposal):
    rows = select(AuditEvent.name).where(AuditEvent.subject_type == "proposal", AuditEvent.subject_id == proposal.id)
    return list(db.session.scalars(rows.order_by(AuditEvent.id)))


def take(officer, proposals, step, **details):
    with transaction():
        return services.take_step(officer, proposals, order=Order(step, **details))


def undo(officer, batch):
    with transaction():
        return services.undo(officer, batch)


@pytest.fixture
def three(handed_in, make, call):
    return [handed_in(actor=make.person(call.company, name=f"Mate {n}"), title=f"Title {n}") for n in range(3)]


def test_each_is_tried_by_itself_and_undone_by_a_counter_step(three, office, in_screening, lead):
    checked = in_screening()
    batch = take(office, [*three, checked], BatchStep.SCREEN)
    assert [(item.refused is None, item.proposal.state) for item in batch.items] == [(True, "screening")] * 3 + [
        (False, "screening")
    ]
    with transaction():
        services.rule_out(office, three[0], reason="A product already")
    undo(office, batch)
    assert [one.state for one in (*three, checked)] == ["ineligible", "submitted", "submitted", "screening"]
    assert [item.kept is None for item in batch.items] == [False, True, True, True]
    assert events_of(three[1])[-2:] == ["proposal.screen", "proposal.put_back"]
    with pytest.raises(WrongState):
        undo(office, batch)


def test_it_is_undone_within_a_quarter_of_an_hour_by_whoever_took_it(three, office, make, call):
    batch = take(office, three, BatchStep.SCREEN)
    other = make.person(call.company, Role.OFFICE)
    with pytest.raises(NotAllowed):
        undo(other, batch)
    with clock.travelled(batch.created_at + dt.timedelta(minutes=15)), pytest.raises(WrongState, match="quarter"):
        undo(office, batch)
    assert {one.state for one in three} == {"screening"}


def test_a_return_is_taken_back_unless_its_proposer_has_begun(three, office):
    take(office, three, BatchStep.SCREEN)
    batch = take(office, three, BatchStep.RETURN, reason="Which plant? How much heat?")
    lead = three[0].lead
    assert {one.state for one in three} == {"returned"}
    with transaction():
        services.save(
            lead, three[0], title="Better", answers={}, theme=three[0].theme, asked=three[0].asked,
            revision=queries.newest(three[0]).revision,
        )  # fmt: skip
    undo(office, batch)
    assert [one.state for one in three] == ["returned", "screening", "screening"]
    assert "begun" in (batch.items[0].kept or "")
    assert three[1].answer_by is None
    kinds = db.session.scalars(select(Notice.kind).where(Notice.person_id == three[1].lead_id).order_by(Notice.id))
    assert list(kinds)[-2:] == ["proposal.returned", "proposal.return_taken_back"]


def test_routing_asks_whether_the_other_call_takes_it(three, office, make, call, lead):
    theme = call.themes[0].theme
    fits = make.call(call.company, theme=theme, form=call.form)
    cases = {
        "form": make.call(call.company, theme=theme, form=OTHER),
        "theme": make.call(call.company, form=call.form),
        "elsewhere": make.call(make.company(), theme=theme, form=call.form),
        "same": call,
    }  # fmt: skip
    late = make.call(call.company, theme=theme, form=call.form)
    with transaction():
        late.meets_on = clock.today() - dt.timedelta(days=1)
    for other in (*cases.values(), late):
        with pytest.raises(Invalid) as refused, transaction():
            services.route(office, three[0], call=other, reason="It suits better")
        assert refused.value.field == "call"
    with pytest.raises(Invalid) as refused, transaction():
        services.route(office, three[0], call=fits, reason=" ")
    assert refused.value.field == "reason"
    batch = take(office, three, BatchStep.ROUTE, reason="It suits better", call=fits)
    assert {one.call_id for one in three} == {fits.id}
    undo(office, batch)
    assert {one.call_id for one in three} == {call.id}
    assert [event for event in events_of(three[0]) if event == "proposal.route"] == ["proposal.route"] * 2
    assert late not in queries.routable(office)
    assert fits in queries.routable(office)


def test_classes_are_the_offices_and_while_writing_the_authors(three, office, begin, lead, make, call):
    batch = take(office, three, BatchStep.CLASSIFY, confidentiality=Confidentiality.CORE)
    assert {one.confidentiality for one in three} == {Confidentiality.CORE}
    undo(office, batch)
    assert {one.confidentiality for one in three} == {Confidentiality.INTERNAL}
    draft = begin()
    with transaction():
        services.classify(lead, draft, confidentiality=Confidentiality.CONFIDENTIAL)
    with pytest.raises(Invalid), transaction():
        services.classify(lead, draft, confidentiality=Confidentiality.CONFIDENTIAL)
    with pytest.raises(WrongState), transaction():
        services.classify(office, draft, confidentiality=Confidentiality.CORE)
    with pytest.raises(WrongState), transaction():
        services.classify(three[0].lead, three[0], confidentiality=Confidentiality.CORE)
    stranger = make.person(call.company)
    with pytest.raises(NotAllowed), transaction():
        services.classify(stranger, three[0], confidentiality=Confidentiality.CORE)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"step": BatchStep.RETURN}, "reason"),
        ({"step": BatchStep.ROUTE, "reason": "Why"}, "call"),
        ({"step": BatchStep.CLASSIFY}, "confidentiality"),
    ],
)
def test_what_a_step_needs_is_asked_before_the_first(three, office, details, field):
    with pytest.raises(Invalid) as refused, transaction():
        services.take_step(office, three, order=Order(**details))
    assert refused.value.field == field


def test_none_or_too_many(three, office, lead):
    for chosen in ([], three * 40):
        with pytest.raises(Invalid) as refused, transaction():
            services.take_step(office, chosen, order=Order(BatchStep.SCREEN))
        assert refused.value.field == "id"
    with pytest.raises(NotAllowed), transaction():
        services.take_step(lead, three, order=Order(BatchStep.SCREEN))


def test_the_pages(client, three, office, lead, sign_in, app, make, call):
    elsewhere = make.proposal(state=S.SUBMITTED)
    close = make.person(call.company, Role.OFFICE, cost_center="C-1")
    ids = [one.public_id for one in (*three, elsewhere)]
    sign_in(office)
    asked = client.get("/screening/step", query_string={"id": ids}).text
    assert (asked.count(" checked"), elsewhere.number in asked) == (3, False)
    assert "Nothing is ticked" in client.get("/screening/step").text
    assert client.post("/screening/step", data={"step": "screen"}).status_code == 422
    refused = client.post("/screening/step", data={"id": ids, "step": "return", "reason": ""})
    assert (refused.status_code, "Say why" in refused.text, refused.text.count(" checked")) == (422, True, 4)
    where = client.post("/screening/step", data={"id": ids, "step": "screen"}).location
    shown = client.get(where).text
    assert ("3 of 3 taken" in shown, "Undo" in shown) == (True, True)
    assert client.post(f"{where}/undo").location == where
    assert "Undone" in client.get(where).text
    assert sign_in(close, app.test_client()).get(where).status_code == 404
    found = client.get("/screening/similar", query_string={"id": ids}).text
    assert ("Title 0" in found, elsewhere.number in found) == (True, False)
    assert "Nothing is ticked" in client.get("/screening/similar").text
    assert sign_in(lead).get("/screening/similar").status_code == 404
