"""What happens to a published call: extended with a reason, closed before its day, copied for the next year."""

import datetime as dt

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from incubator.calls import services
from incubator.calls.models import Blinding, Call, Visibility
from incubator.calls.states import CallState
from incubator.core import audit, clock, outbox
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.notifications.words import words
from incubator.people.models import Role
from incubator.proposals.states import ProposalState


@pytest.fixture
def call(make):
    return make.call(days=3)


@pytest.fixture
def office(make, call):
    return make.person(call.company, Role.OFFICE)


def later(call, days=2, **details):
    given = {
        "closes_at": call.closes_at + dt.timedelta(days=days), "review_due_on": call.review_due_on,
        "meets_on": call.meets_on, "release_on": call.release_on, "reason": "The plant was flooded.",
    }  # fmt: skip
    return given | details


def test_a_call_is_extended_and_who_has_a_draft_is_told(make, call, office):
    draft = make.proposal(call, title="Heat")
    make.proposal(call, state=ProposalState.SUBMITTED)
    before = call.closes_at
    with transaction():
        services.extend(office, call, **later(call, release_on=call.release_on + dt.timedelta(days=9)))
    assert call.closes_at == before + dt.timedelta(days=2)
    event = audit.event_of(call, "call.extend")
    assert (event.actor_id, event.reason) == (office.id, "The plant was flooded.")

    outbox.drain()
    notices = db.session.scalars(select(Notice).where(Notice.kind == "call.extended")).all()
    last = (call.closes_at - dt.timedelta(seconds=1)).astimezone(clock.GROUP_ZONE).date().isoformat()
    assert [(one.person_id, one.address) for one in notices] == [(draft.lead_id, f"/proposals/{draft.public_id}")]
    assert words(notices[0]) == f"The call “Call 2027” closes later: you have until {last} to hand in “Heat”."


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"days": 0}, "closes_on"),
        ({"days": -1}, "closes_on"),
        ({"days": 30}, "review_due_on"),
        ({"screening_due_on": dt.date(2020, 1, 1)}, "screening_due_on"),
        ({"screening_due_on": dt.date(2999, 1, 1)}, "review_due_on"),
        ({"reason": " "}, "reason"),
        ({"release_on": dt.date(2020, 1, 1)}, "release_on"),
    ],
)
def test_an_extension_keeps_the_order_of_the_days(call, office, change, field):
    with pytest.raises(Invalid) as refused, transaction():
        services.extend(office, call, **later(call, **change))
    assert refused.value.field == field


def test_only_what_still_takes_proposals_is_extended_and_only_by_its_office(make, call, office):
    elsewhere = make.person(None, Role.OFFICE)
    with pytest.raises(NotAllowed), transaction():
        services.extend(elsewhere, call, **later(call))
    with clock.travelled(call.closes_at), pytest.raises(WrongState), transaction():
        services.extend(office, call, **later(call))
    with transaction():
        services.close(office, call, reason="Enough.")
    with pytest.raises(WrongState), transaction():
        services.extend(office, call, **later(call))


def test_a_copy_is_a_draft_a_year_later_with_the_newest_rubric(make, call, office):
    criteria = [
        {
            "key": one.key, "name": one.name, "hint": {"en": "x", "zh": "x"}, "weight_bp": one.weight_bp,
            "anchors": one.anchors,
        }
        for one in call.rubric.criteria
    ]  # fmt: skip
    with transaction():
        newest = services.publish_rubric(
            office, call.company, code=call.rubric.code, name=call.rubric.name, criteria=criteria
        )
        copy = services.copy_call(office, call)

    assert (copy.state, copy.title, copy.form, copy.committee) == (
        CallState.DRAFT, call.title, call.form, call.committee,
    )  # fmt: skip
    assert (copy.rubric, copy.rule) == (newest, call.rule)
    year = dt.timedelta(weeks=52)
    assert (copy.closes_at, copy.meets_on) == (call.closes_at + year, call.meets_on + year)
    assert [(one.theme, one.year, one.budget) for one in copy.themes] == [
        (one.theme, one.year + 1, one.budget) for one in call.themes
    ]
    assert call.state is CallState.PUBLISHED


def test_who_sees_and_who_judges_is_copied_and_stands_once_published(make, office, call):
    rules = {"blinding": Blinding.OPEN, "visibility": Visibility.JOINABLE}
    former = make.call(call.company, **rules)
    with transaction():
        copy = services.copy_call(office, former)
    assert {key: getattr(copy, key) for key in rules} == rules
    with transaction():
        copy.keeps_company_out = True
    with transaction():
        assert services.copy_call(office, copy).keeps_company_out
    for name, value in {"visibility": "closed", "keeps_company_out": True}.items():
        with pytest.raises(IntegrityError, match="is published"), transaction():
            db.session.execute(update(Call).where(Call.id == former.id).values({name: value}))
    with pytest.raises(Invalid) as refused, transaction():
        services.update_call(office, copy, **details_of(copy) | {"blinding": Blinding.BOTH_HIDDEN})
    assert refused.value.field == "visibility"


def details_of(call):
    names = (
        "title", "summary", "opens_at", "closes_at", "screening_due_on", "review_due_on", "meets_on", "release_on",
        "form", "committee", "rubric", "rule", "visibility",
    )  # fmt: skip
    themes = [services.ThemeBudget(one.theme, one.year, one.budget, one.currency) for one in call.themes]
    return {name: getattr(call, name) for name in names} | {"themes": themes}


def test_the_office_does_it_in_the_browser(client, call, office, sign_in):
    sign_in(office)
    at = f"/calls/{call.public_id}"
    page = client.get(at).text
    assert ("Extend" in page, "Copy" in page) == (True, True)
    form = f"/calls/manage/{call.public_id}/extend"
    closing = (call.closes_at.astimezone(clock.GROUP_ZONE) - dt.timedelta(seconds=1)).date()
    assert f'value="{closing.isoformat()}"' in client.get(form).text
    days = {
        "closes_on": (closing + dt.timedelta(days=2)).isoformat(),
        "screening_due_on": (closing + dt.timedelta(days=4)).isoformat(),
        "review_due_on": call.review_due_on.isoformat(), "meets_on": call.meets_on.isoformat(),
        "release_on": call.release_on.isoformat(),
    }  # fmt: skip
    refused = client.post(form, data=days | {"reason": ""})
    assert (refused.status_code, "Say why: employees read it." in refused.text) == (422, True)
    assert days["closes_on"] in refused.text
    assert client.post(form, data=days | {"reason": "More time."}).location == at
    assert "The call is extended." in client.get(at).text

    edit = client.post(f"{at}/copy").location
    copy = db.session.scalars(select(Call).where(Call.state == CallState.DRAFT)).one()
    assert edit == f"/calls/manage/{copy.public_id}/edit"
    assert "with every day a year later" in client.get(edit).text


def test_employees_are_shown_none_of_it(client, make, call, sign_in):
    sign_in(make.person(call.company))
    page = client.get(f"/calls/{call.public_id}").text
    assert ("/extend" in page, "/copy" in page, 'id="close"' in page) == (False, False, False)
    assert client.get(f"/calls/manage/{call.public_id}/extend").status_code == 404
    assert client.post(f"/calls/{call.public_id}/copy").status_code == 404
