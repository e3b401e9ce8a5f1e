import socket
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from sqlalchemy import event

from incubator.core import clock
from incubator.core.db import db
from incubator.home import navigation, queries
from incubator.home.words import WORDS
from incubator.people import reader
from incubator.people.models import Role
from incubator.people.reader import Reader, begin, nobody_yet


class Links(HTMLParser):
    """The addresses of the side menu."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs).get("href", ""))


def test_an_employee_starts_with_an_empty_desk_and_the_way_to_a_call(client, make, sign_in):
    sign_in(make.person(name="Zhao Min"))
    page = client.get("/").text

    assert "What needs you, Zhao Min" in page
    assert "Nothing waits for you" in page
    assert "/calls/" in Links(page).found


@contextmanager
def clamd(says):
    """A scanner on the loopback that answers one PING."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = server.accept()
        with connection:
            assert connection.recv(6) == b"zPING\0"
            connection.sendall(says)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"127.0.0.1:{server.getsockname()[1]}"
    thread.join()
    server.close()


def test_an_administrator_is_told_whether_what_is_handed_in_is_scanned(client, make, sign_in, app):
    sign_in(make.person(None, Role.ADMINISTRATOR))
    before = app.extensions["settings"]
    page = client.get("/administration").text
    assert ("No virus scanner is set" in page, "No mail server is set" in page) == (True, True)
    with clamd(b"PONG\0") as address:
        app.extensions["settings"] = replace(before, clamav=address, smtp_url="smtp://mail.example.com")
        page = client.get("/administration").text
    assert ("is scanned before it is kept" in page, "Mail is sent." in page) == (True, True)
    assert "The virus scanner does not answer" in client.get("/administration").text
    app.extensions["settings"] = before
    sign_in(make.person(None, Role.OFFICE))
    assert client.get("/administration").status_code == 404


@pytest.mark.parametrize("role", [None, *Role])
def test_every_place_of_the_menu_opens_for_whom_it_is_shown(client, make, sign_in, role):
    sign_in(make.person(None, *([role] if role else [])))
    places = {place.href for _, group in navigation.GROUPS for place in group}
    shown = places & set(Links(client.get("/menu").text).found)

    assert {address: client.get(address).status_code for address in shown} == dict.fromkeys(shown, 200)
    hidden = {address: client.get(address).status_code for address in places - shown}
    assert hidden == dict.fromkeys(places - shown, 404)


def test_the_bottom_bar_has_five_places_at_most(app, make):
    with app.test_request_context("/"):
        for roles in ([], [Role.HR], list(Role)):
            tabs = navigation.menu(make.person(None, *roles), {}).tabs
            assert len(tabs) in {4, 5}
            assert (tabs[0]["key"], tabs[-1]["key"]) == ("home", "menu")


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", ["home"]), ("/equity/mine", ["equity"]), ("/equity/plans/x", ["plans"]), ("/notices", [])],
)
def test_one_place_of_the_menu_at_most_is_the_present_one(app, make, path, current):
    with app.test_request_context(path):
        groups = navigation.menu(make.person(None, *Role), {}).groups
        assert [item["key"] for group in groups for item in group["items"] if item["current"]] == current


def test_everything_that_waits_is_asked_in_one_statement(app, make):
    person = make.person(None, *Role)
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))

    assert queries.waiting_for(person) == []
    assert len([text for text in seen if "UNION ALL" in text]) == 1
    assert len([text for text in seen if text.startswith("SELECT")]) <= 3  # and the person with roles, if let go of


@pytest.mark.parametrize("roles", [(), tuple(Role)])
@pytest.mark.parametrize("looks_up", [True, False])
def test_the_statement_of_what_waits_is_kept_and_takes_reader_and_time_when_it_runs(
    app, make, monkeypatch, roles, looks_up
):
    def asked(*_args):
        raise AssertionError("the time is that of the building, not of the reading")

    people = [make.person(None, *roles) for _ in range(2)]
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", asked)
        patched.setattr(clock, "today", asked)
        built = queries._everything.__wrapped__(Reader(frozenset(roles), looks_up=looks_up), "en")
    monkeypatch.setattr(reader, "is_reading", ContextVar("reads", default=looks_up))
    for person in people:
        with nobody_yet():
            begin(person)
            for _ in range(2):  # built, and as it was sent
                assert queries._everything(person, "en") == db.session.execute(built).all()


def test_every_kind_has_an_icon_a_tint_and_words():
    assert all(
        len(entry) == 3 and entry[0] and str(entry[1]) in {"", "info", "warn", "bad", "good"}
        for entry in WORDS.values()
    )
