import pytest
from sqlalchemy import func, select

from incubator.app import create_app
from incubator.core import clock
from incubator.core.db import db, dispose
from incubator.core.transaction import transaction
from incubator.people import services
from incubator.people.models import LoginSession, Role
from incubator.web.limits import limiter

PASSWORD = "correct horse battery staple"


@pytest.fixture
def person(make):
    person = make.person(name="Zhao Min")
    with transaction():
        services.set_password(person, PASSWORD)
    return person


def enter(client, login, password=PASSWORD, **more):
    return client.post("/sign-in", data={"login": login, "password": password, **more})


def test_a_stranger_is_sent_to_sign_in_and_back(client, person):
    answer = client.get("/notices?x=1")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/notices?x%3D1")

    assert enter(client, person.hr_number, next="/notices").location == "/notices"
    assert client.get("/notices").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example",
        "/\x00/evil.example", "\t//evil.example", "javascript:1", "",
    ],
)  # fmt: skip
def test_sign_in_leads_nowhere_else(client, person, target):
    assert enter(client, person.hr_number, next=target).location == "/"


def test_sign_in_by_e_mail_whatever_its_case(client, person):
    assert enter(client, f" {person.email.upper()} ").status_code == 303


def test_unknown_name_wrong_password_and_leaver_get_the_same_answer(client, make, person):
    leaver = make.person()
    with transaction():
        services.set_password(leaver, PASSWORD)
        leaver.left_on = clock.today()
    unnamed = make.person()

    answers = [
        enter(client, "nobody-here", "wrong"),
        enter(client, person.hr_number, "wrong"),
        enter(client, leaver.hr_number),
        enter(client, unnamed.hr_number),
    ]

    assert {answer.status_code for answer in answers} == {422}
    logins = ["nobody-here", person.hr_number, leaver.hr_number, unnamed.hr_number]
    bodies = {answer.text.replace(login, "X") for answer, login in zip(answers, logins, strict=True)}
    assert len(bodies) == 1
    assert "The name or the password is not right." in bodies.pop()


def test_what_was_typed_stays_and_what_is_missing_is_said(client):
    page = enter(client, "000042", "").text

    assert 'value="000042"' in page
    assert "Enter your password" in page
    assert "<title>Error:" in page


def test_signing_in_gives_a_new_cookie_and_signing_out_ends_a_copied_one(app, client, person):
    client.get("/sign-in")
    before = client.get_cookie("session").value
    enter(client, person.hr_number)
    after = client.get_cookie("session").value
    assert before != after

    thief = app.test_client()
    thief.set_cookie("session", after)
    assert thief.get("/").status_code == 200
    assert client.post("/sign-out").location == "/sign-in"
    assert thief.get("/").status_code == 303
    assert db.session.scalar(select(func.count(LoginSession.id))) == 0


def test_an_idle_or_old_session_ends(client, person, monkeypatch):
    enter(client, person.hr_number)
    now = clock.now()

    monkeypatch.setattr(clock, "now", lambda: now + clock.dt.timedelta(minutes=29))
    assert client.get("/").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: now + clock.dt.timedelta(minutes=58))
    assert client.get("/").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: now + clock.dt.timedelta(minutes=89))
    assert client.get("/").status_code == 303
    monkeypatch.setattr(clock, "now", lambda: now + clock.dt.timedelta(hours=13))
    assert client.get("/").status_code == 303


def test_a_leaver_is_out_at_once(client, person):
    enter(client, person.hr_number)
    with transaction():
        person.left_on = clock.today()

    assert client.get("/").status_code == 303


def test_language_and_theme_are_kept(client, person):
    enter(client, person.hr_number)
    assert 'lang="en"' in client.get("/").text

    client.post("/preferences/language", data={"language": "zh", "next": "/"})
    client.post("/preferences/theme", data={"theme": "dark", "next": "https://evil.example"})
    page = client.get("/").text
    assert '<html lang="zh-Hans" data-theme="dark">' in page
    assert "首页" in page
    assert person.language == "zh"


def test_colleagues_are_found_by_name_pinyin_and_number(client, make, sign_in):
    person = make.person(name="李建国")
    sign_in(make.person(name="Zhao Min"))

    for text in ("李", "li jian", person.hr_number):
        assert "李建国" in client.get("/people/search", query_string={"q": text}).text
    assert "Nobody" in client.get("/people/search?q=xyzzy").text
    assert "李建国" not in client.get("/people/search?q=").text


def test_my_page_names_my_roles(client, make, sign_in):
    sign_in(make.person(None, Role.AUDITOR))

    assert "Auditor" in client.get("/me").text


@pytest.mark.committed
def test_throttled_after_ten_tries_for_one_name(app, person):
    throttled = create_app(app.extensions["settings"], TESTING=True, CSRF_ENABLED=False, RATELIMIT_ENABLED=True)
    try:
        number, browser = person.hr_number, throttled.test_client()
        statuses = [enter(browser, number, "wrong").status_code for _ in range(11)]
        with throttled.app_context():
            dispose()
    finally:
        limiter.enabled = False
        throttled.extensions["redis"].close()
    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize("typed", ["林", "lin y", "linyu", "LINYUE", "hr07", "HR07"])
def test_a_colleague_is_found_by_name_pinyin_and_number(client, make, sign_in, typed):
    found, other = make.person(name="林悦"), make.person(name="Zhao Min")
    with transaction():
        found.hr_number = "HR0777"
    sign_in(other)
    page = client.get("/people/search", query_string={"q": typed}).text

    assert ("HR0777" in page, other.hr_number in page, "There are more" in page) == (True, False, False)


def test_a_picker_says_when_there_are_more(client, make, sign_in):
    company = make.company()
    for _ in range(11):
        make.person(company, name="Zhou Wei")
    sign_in(make.person(company))
    page = client.get("/people/search?q=zhouw").text

    assert (page.count("<li role"), "There are more: type on." in page) == (10, True)
