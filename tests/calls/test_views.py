import datetime as dt

import pytest
from sqlalchemy import select

from incubator.calls import services
from incubator.calls.models import Call
from incubator.calls.templates import IDEA
from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.people.predicates import SYSTEM


@pytest.fixture
def company(make):
    return make.company()


@pytest.fixture
def office(make, company):
    return make.person(company, Role.OFFICE)


@pytest.fixture
def form(make, company):
    with transaction():
        rubric, rule = services.install_templates(SYSTEM, company)
    today = clock.today()
    days = {
        name: (today + dt.timedelta(days=n)).isoformat()
        for name, n in (
            ("opens_on", 0), ("closes_on", 9), ("screening_due_on", 14), ("review_due_on", 20), ("meets_on", 21),
            ("release_on", 22),
        )
    }  # fmt: skip
    theme = make.theme(company)
    return days | {
        "title_en": "Call for heat", "title_zh": "", "summary_en": "What to do with heat", "summary_zh": "余热利用",
        "template": "idea", "committee": make.committee(company).public_id, "rubric": rubric.public_id,
        "rule": rule.public_id, f"budget_{theme.public_id}": "500,000",
    }  # fmt: skip


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.text


def test_the_office_drafts_puts_right_and_publishes(sign_in, company, office, form):
    client = sign_in(office)
    assert "No calls yet" in page(client, "/calls/manage")
    assert "Title in Chinese" in page(client, f"/calls/manage/new?company={company.public_id}")
    assert client.post("/calls/manage/new", data=form).location == "/calls/manage"
    call = db.session.scalars(select(Call)).one()
    at = f"/calls/{call.public_id}"
    assert "Call for heat" in page(client, "/calls/manage")
    assert (call.closes_at, call.themes[0].budget) == (clock.end_of(clock.today() + dt.timedelta(days=9)), 50_000_000)
    refused = client.post(f"{at}/publish")
    assert (refused.status_code, "Both languages are needed" in refused.text) == (422, True)
    edit = page(client, f"/calls/manage/{call.public_id}/edit")
    assert ("Call for heat" in edit, "500,000.00" in edit) == (True, True)
    assert client.post(f"/calls/manage/{call.public_id}/edit", data=form | {"title_zh": "余热征集"}).location == at
    assert "Publish" in page(client, at)
    assert client.post(f"{at}/publish").location == at
    shown = page(client, at)
    for words in ("Call for heat", "Uniqueness of core technology", "35%", "¥500,000", "Open for proposals"):
        assert words in shown
    assert client.get(f"/calls/manage/{call.public_id}/edit").location == at
    assert client.post(f"/calls/manage/{call.public_id}/edit", data=form).status_code == 409
    refused = client.post(f"{at}/close")
    assert (refused.status_code, "Say why it closes before its day" in refused.text) == (422, True)
    assert client.post(f"{at}/close", data={"reason": "Enough."}).location == at
    assert "Closed" in page(client, at)


def test_wrong_input_is_kept_and_explained(sign_in, office, form):
    client = sign_in(office)
    answer = client.post("/calls/manage/new", data=form | {"closes_on": "soon", "committee": "none"})
    assert (answer.status_code, "Call for heat" in answer.text) == (422, True)
    answer = client.post("/calls/manage/new", data=form | {"closes_on": "2020-01-01"})
    assert (answer.status_code, "must close after it opens" in answer.text) == (422, True)


def test_employees_see_open_calls_and_no_management(make, sign_in, company, office):
    call, later = make.call(company), make.call(company)
    with transaction():
        later.opens_at = clock.now() + dt.timedelta(days=1)
        later.title = {"en": "Later", "zh": "以后"}
    client = sign_in(make.person(company))
    listed = page(client, "/calls/")
    assert ("Call 2027" in listed, "Later" in listed, "/calls/manage" in listed) == (True, True, False)
    assert "Write a proposal" in page(client, f"/calls/{call.public_id}")
    assert "Write a proposal" not in page(client, f"/calls/{later.public_id}")
    assert client.post(f"/calls/{later.public_id}/propose").status_code == 409
    for address in ("/calls/manage", "/calls/manage/new"):
        page(client, address, 404)
    assert client.post(f"/calls/{call.public_id}/close").status_code == 404
    stranger = sign_in(make.person())
    assert "No call is open for you" in page(stranger, "/calls/")
    page(stranger, f"/calls/{call.public_id}", 404)


def test_a_call_says_what_it_asks_and_lets_the_office_close_it_early(make, sign_in, app, company, office):
    call = make.call(company, form=IDEA.as_data())
    read = sign_in(make.person(company)).get(f"/calls/{call.public_id}").text
    assert "Write a proposal" in read
    assert [str(spec.label) in read for spec in IDEA.fields.values()] == [True] * len(IDEA.fields)
    assert "Close the call" not in read
    assert "Close the call" in sign_in(office, app.test_client()).get(f"/calls/{call.public_id}").text


def test_the_pages_read_in_chinese(make, sign_in, company, office, form):
    call = make.call(company)
    client = sign_in(office)
    client.set_cookie("language", "zh", domain="localhost")
    for address in ("/calls/", "/calls/manage", "/calls/manage/new", f"/calls/{call.public_id}"):
        assert '<html lang="zh-Hans"' in page(client, address)
    assert "2027 年征集" in page(client, f"/calls/{call.public_id}")


def test_the_last_day_is_the_one_that_ends_at_24_hours(make, sign_in, company):
    call = make.call(company)
    with transaction():
        call.closes_at = clock.end_of(clock.today() + dt.timedelta(days=3))
    shown = page(sign_in(make.person(company)), f"/calls/{call.public_id}")
    day = clock.today() + dt.timedelta(days=3)
    assert f"<dd>{day.strftime('%a')} {day.day} {day.strftime('%b')}</dd>" in shown
