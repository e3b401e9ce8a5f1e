import pytest
from sqlalchemy import select

from incubator.calls import queries, services
from incubator.calls.models import Theme
from incubator.core import audit, clock
from incubator.core.audit import AuditPayload
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.portfolio.queries import FundYear, funds_of
from incubator.ventures import services as ventures


@pytest.fixture
def office(make):
    return make.person(make.company(), Role.OFFICE)


@pytest.fixture
def theme(make, office):
    return make.theme(office.company)


def test_a_budget_is_set_for_a_year_and_the_former_one_is_in_the_record(theme, office, make):
    for amount in (100, 300):
        with transaction():
            kept = services.set_budget(office, theme, year=2027, budget=amount)
    assert (kept.budget, kept.year) == (300, 2027)
    payload = db.session.scalar(
        select(AuditPayload.payload).where(AuditPayload.event_id == audit.event_of(theme, "theme.set_budget").id)
    )
    assert payload == {"year": 2027, "from": 100, "to": 300, "currency": "CNY"}
    for details, field in [({"year": 27, "budget": 1}, "year"), ({"year": 2027, "budget": -1}, "budget")]:
        with pytest.raises(Invalid) as refused, transaction():
            services.set_budget(office, theme, **details)
        assert refused.value.field == field
    stranger = make.person(theme.company)
    with pytest.raises(NotAllowed), transaction():
        services.set_budget(stranger, theme, year=2027, budget=1)


def test_a_theme_is_called_otherwise_in_both_languages(theme, office):
    with transaction():
        services.update_theme(office, theme, name={"en": "Heat", "zh": "热"}, source=" The plan ")
    assert (theme.name, theme.source) == ({"en": "Heat", "zh": "热"}, "The plan")
    for details, field in [
        ({"name": {"en": "Heat", "zh": ""}, "source": ""}, "name_zh"),
        ({"name": {"en": "Heat", "zh": "热"}, "source": "x" * 201}, "source"),
    ]:
        with pytest.raises(Invalid) as refused, transaction():
            services.update_theme(office, theme, **details)
        assert refused.value.field == field


def test_what_calls_offer_and_what_became_of_the_credits(make, theme, office):
    with transaction():
        services.set_budget(office, theme, year=clock.today().year, budget=90_000_000)
    call = make.call(office.company, theme=theme, budget=50_000_000)
    found = queries.funds_of([theme])[theme.id]
    assert [(one.year, one.budget, one.called) for one in found] == [(clock.today().year, 90_000_000, 50_000_000)]
    pool = make.pool(theme, amount=1_000_000)
    venture = make.venture(make.proposal(call, state="accepted"))
    cause = audit.event_of(venture, "venture.create").id
    with make.acting():
        ventures.grant_credit(venture, pool=pool, amount=400_000, cause_id=cause)
    assert funds_of(theme) == [FundYear(clock.today().year, "CNY", 1_000_000, 400_000, 0, 0)]
    assert funds_of(make.theme()) == []


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.text


def test_the_pages_of_the_office(office, sign_in, make, app):
    client = sign_in(office)
    assert "/calls/themes/" in page(client, "/calls/manage")
    assert "No themes yet" in page(client, "/calls/themes/")
    wrong = client.post("/calls/themes/new", data={"name_en": "Kept", "name_zh": ""})
    assert (wrong.status_code, "Kept" in wrong.text) == (422, True)
    made = client.post("/calls/themes/new", data={"name_en": "Heat", "name_zh": "热", "source": "Plan 15"})
    assert made.status_code == 303
    assert "No budget for any year yet" in page(client, made.location)
    assert client.post(f"{made.location}/budget", data={"year": "2027", "budget": "-"}).status_code == 422
    assert client.post(f"{made.location}/budget", data={"year": "2027", "budget": "5,000,000"}).location
    assert client.post(f"{made.location}/pool", data={"year": "2027", "amount": ""}).status_code == 422
    assert client.post(f"{made.location}/pool", data={"year": "2027", "amount": "1,000"}).location
    again = client.post(f"{made.location}/pool", data={"year": "2027", "amount": "1,000"})
    assert (again.status_code, "There is a pool" in again.text) == (422, True)
    shown = page(client, made.location)
    assert ("¥5,000,000" in shown, "¥1,000" in shown, "Committed" in shown) == (True, True, True)
    assert 'value="Plan 15"' in page(client, f"{made.location}/edit")
    assert client.post(f"{made.location}/edit", data={"name_en": "Heat", "name_zh": ""}).status_code == 422
    assert client.post(f"{made.location}/edit", data={"name_en": "Warmth", "name_zh": "热"}).location == made.location
    assert "Warmth" in page(client, "/calls/themes/")
    assert db.session.scalar(select(Theme.source)) == ""
    page(sign_in(make.person(make.company(), Role.OFFICE), app.test_client()), made.location, 404)
