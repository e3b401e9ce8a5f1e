"""What every answer of the application keeps to."""

from dataclasses import replace

import pytest
from flask import Flask
from psycopg.errors import CheckViolation, UniqueViolation
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from incubator import app as app_module
from incubator.app import ROOT, create_app
from incubator.config import ConfigError
from incubator.core import health
from incubator.core.audit import AuditEvent
from incubator.core.db import db, dispose
from incubator.core.transaction import transaction
from incubator.people.models import Company, Role
from incubator.web import browser
from incubator.web.limits import limiter
from incubator.web.routes import PUBLIC, SIGNED_IN, Routes
from incubator.web.views import load
from tests.conftest import close, own_database, settings_for


@pytest.fixture
def strict(app):
    """An application that checks the CSRF token, with a few odd routes."""
    settings = app.extensions["settings"]
    strict = create_app(settings, RATELIMIT_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    odd = Routes("odd", __name__)
    odd.add_url_rule("/odd/broken", "broken", lambda: 1 / 0, right=PUBLIC)
    odd.add_url_rule("/odd/write", "write", _write, methods=["POST"], right=PUBLIC)
    odd.add_url_rule("/odd/refuse", "refuse", lambda: _write() and ("no", 422), methods=["POST"], right=PUBLIC)
    odd.add_url_rule("/odd/sneak", "sneak", _write, right=PUBLIC)
    odd.add_url_rule("/odd/stale", "stale", _stale, methods=["POST"], right=PUBLIC)
    strict.register_blueprint(odd)
    strict.extensions["rights"].update({f"odd.{name}": odd.rights[name] for name in odd.rights})
    yield strict
    limiter.enabled = False
    with strict.app_context():
        dispose()
    strict.extensions["redis"].close()


def _write():
    db.session.add(Company(name={"en": "Odd", "zh": "奇"}, path="odd/"))
    db.session.flush()
    return "written"


def _stale():
    raise StaleDataError("meanwhile")


def token_of(client):
    client.get("/sign-in")
    with client.application.test_request_context(headers={"Cookie": f"session={client.get_cookie('session').value}"}):
        return browser.csrf_token()


def companies():
    db.session.expire_all()
    return [company.name["en"] for company in db.session.scalars(select(Company))]


def test_security_headers_stand_on_every_answer(client):
    for address in ("/sign-in", "/no-such-page", "/static/no-such.css", "/live"):
        headers = client.get(address).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert len(headers["X-Request-Id"]) == 16


def test_pages_hold_nothing_inline(client):
    page = client.get("/sign-in").text
    assert "style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count('<script type="module" src="/static/')


@pytest.mark.committed
def test_a_form_without_the_token_is_refused_and_nothing_is_written(strict):
    client = strict.test_client()
    token = token_of(client)

    assert client.post("/odd/write").status_code == 400
    assert client.post("/odd/write", data={"csrf_token": "x" * 64}).status_code == 400
    other = strict.test_client()
    assert other.post("/odd/write", data={"csrf_token": token}).status_code == 400
    assert companies() == []
    assert client.post("/odd/write", data={"csrf_token": token}).text == "written"
    assert client.post("/odd/write", headers={"X-CSRF-Token": token}).status_code == 500  # the path is taken
    assert companies() == ["Odd"]


@pytest.mark.parametrize(
    ("sent_from", "back"),
    [
        ("/proposals/", "/proposals/"),
        ("/reviews/abcdefghijklmnop/seal", "/reviews/abcdefghijklmnop"),
        ("//elsewhere.example.com/x", "/"),
        ("", "/"),
    ],
)
def test_who_sends_a_form_after_the_session_ended_is_led_back_through_sign_in(strict, sent_from, back):
    client = strict.test_client()

    answer = client.post("/odd/write", headers={"Referer": f"http://localhost{sent_from}"} if sent_from else {})
    assert answer.status_code == 400
    assert "Your session has ended" in answer.text
    assert f'href="/sign-in?next={back}"' in answer.text
    assert "Your session has ended" not in client.post("/sign-in").text


@pytest.mark.committed
def test_a_refused_request_rolls_back_and_a_page_can_only_read(strict):
    client = strict.test_client()
    token = token_of(client)

    assert client.post("/odd/refuse", data={"csrf_token": token}).status_code == 422
    assert client.get("/odd/sneak").status_code == 500
    assert companies() == []


def test_what_breaks_says_what_is_safe_and_gives_a_reference(strict):
    answer = strict.test_client().get("/odd/broken")

    assert answer.status_code == 500
    assert "What was saved before is safe" in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.committed
def test_the_slower_of_two_gets_409(strict):
    client = strict.test_client()

    answer = client.post("/odd/stale", data={"csrf_token": token_of(client)})
    assert (answer.status_code, "Somebody else changed this" in answer.text) == (409, True)


def test_missing_and_forbidden_are_the_same_answer(client, make, sign_in):
    proposal = make.proposal()
    sign_in(make.person())

    hidden, absent = (client.get(f"/proposals/{key}") for key in (proposal.public_id, "a" * 16))
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.text.replace(proposal.public_id, "X") == absent.text.replace("a" * 16, "X")
    assert client.get("/audit/").status_code == 404


def test_an_unknown_method_and_a_huge_body_are_refused(client):
    assert client.put("/sign-in").status_code == 405
    assert client.post("/sign-in", data={"login": "x" * 32_000_000}).status_code == 413


def test_alive_and_ready(client, app):
    assert client.get("/live").get_json() == {"live": True}
    answer = client.get("/ready")
    assert (answer.status_code, answer.get_json()) == (
        503, {"ready": False, "database": True, "schema": False, "queue": True},
    )  # fmt: skip


@pytest.mark.committed
def test_ready_at_the_newest_migration(client, app):
    with transaction():
        db.session.execute(db.text("CREATE TABLE alembic_version (version_num text)"))
        db.session.execute(db.text("INSERT INTO alembic_version VALUES (:v)"), {"v": health.newest(str(ROOT))})

    assert client.get("/ready").get_json() == {"ready": True, "database": True, "schema": True, "queue": True}


def test_home_takes_few_statements(app, client, make, sign_in):
    sign_in(make.person())
    seen = []
    engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    client.get("/")

    queries = [text for text in seen if not text.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SET "))]
    assert len(queries) == 4  # who reads; what keeps them from proposals; what they can start; what waits for them


def test_https_makes_cookies_secure(app):
    settings = app.extensions["settings"]
    secure = create_app(settings, RATELIMIT_ENABLED=False, SESSION_COOKIE_SECURE=True)
    try:
        answer = secure.test_client().get("/sign-in")
    finally:
        limiter.enabled = False
        secure.extensions["redis"].close()
    cookie = next(value for name, value in answer.headers if name == "Set-Cookie")
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.committed
def test_the_demonstration_does_not_start_on_other_data(app, make):
    demonstration = replace(app.extensions["settings"], demo=True)
    create_app(demonstration, RATELIMIT_ENABLED=False).extensions["redis"].close()

    make.person()
    with pytest.raises(ConfigError, match="holds other data"):
        create_app(demonstration, RATELIMIT_ENABLED=False)


def test_before_the_first_migration_the_demonstration_may_start(servers, worker_id):
    with own_database(servers, f"bare_{worker_id}") as name:
        demonstration = replace(settings_for(servers, name, 0), demo=True)
        app = create_app(demonstration, RATELIMIT_ENABLED=False)
        close(app)
    assert app.config["DEMO"]


def test_a_view_that_counts_is_an_event_and_a_refused_one_is_not(client, app, make, sign_in):
    viewer = make.person(None, Role.IP_COUNSEL)
    settings = app.extensions["settings"]
    watched = create_app(settings, CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    rows = Routes("rows", __name__)
    rows.add_url_rule(
        "/rows/<key>", "row", lambda key: load(select(Company), key).public_id, right=SIGNED_IN, records="company.view"
    )
    watched.register_blueprint(rows)
    watched.extensions["rights"]["rows.row"] = rows.rights["row"]
    watched.test_client_class = type(client)
    browser = sign_in(viewer, watched.test_client())

    assert browser.get("/rows/" + "a" * 16).status_code == 404
    assert browser.get(f"/rows/{viewer.company.public_id}").text == viewer.company.public_id
    [event] = db.session.scalars(select(AuditEvent).filter_by(name="company.view"))
    assert (event.actor_id, event.subject_type, event.subject_id) == (viewer.id, "company", viewer.company_id)
    watched.extensions["redis"].close()


def test_two_who_make_the_same_thing_at_once_the_slower_reloads(app: Flask) -> None:
    with app.test_request_context("/"):
        _page, status = app_module.show_clash(IntegrityError("INSERT", None, UniqueViolation()))
        with pytest.raises(IntegrityError):
            app_module.show_clash(IntegrityError("INSERT", None, CheckViolation()))
    assert status == 409


def test_sign_in_is_throttled_by_name_also_while_redis_is_away(app, make):
    settings, person, away = app.extensions["settings"], make.person(), "redis://127.0.0.1:1/0"
    lonely = create_app(settings, RATELIMIT_ENABLED=True, RATELIMIT_STORAGE_URI=away, CSRF_ENABLED=False)
    try:
        browser, said = lonely.test_client(), {"login": person.hr_number, "password": "not the password"}
        answers = [browser.post("/sign-in", data=said).status_code for _ in range(12)]
    finally:
        limiter.enabled = False
        with lonely.app_context():
            dispose()
        lonely.extensions["redis"].close()
    assert (answers[0], answers[-1]) == (422, 429)
