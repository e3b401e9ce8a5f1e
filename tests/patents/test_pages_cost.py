"""A page's statements do not grow with its rows."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.patents import services
from incubator.patents.models import Award
from incubator.patents.predicates import is_awarded, is_inventor, is_venture_member
from tests.patents.scene import Scene, application_number

SignIn = Callable[..., FlaskClient]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the database gets meanwhile, without those of savepoints and modes."""
    said: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def cost(browser: FlaskClient, address: str) -> int:
    """The statements of one page for a browser that nobody has warmed up."""
    db.session.expunge_all()
    with counted() as said:
        assert browser.get(address).status_code == 200
    return len(said)


def grown(scene: Scene, serial: int) -> Award:
    matter = scene.matter()
    with transaction():
        services.record_filing(
            scene.counsel, matter, happened_on=dt.date(2023, 3, 1), number=application_number(serial=serial)
        )
    return scene.granted(matter=matter)


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_cost_a_fixed_number_of_statements(scene: Scene, sign_in: SignIn, app: Flask, rows: int) -> None:
    awards = [grown(scene, 601862 + n) for n in range(rows)]
    award = scene.in_payroll(awards[0])
    disclosure, matter = award.matter.disclosure.public_id, award.matter.public_id
    pages = {
        "/inventions/": (scene.lead, 5),
        "/patents/": (scene.counsel, 2),
        "/awards/": (scene.hr_a, 2),
        "/rules/": (scene.hr_a, 2),
        f"/inventions/{disclosure}": (scene.counsel, 8),
        f"/patents/{matter}": (scene.counsel, 7),
        f"/patents/decisions/{disclosure}": (scene.counsel, 4),
        f"/awards/{award.public_id}": (scene.hr_a, 8),
        "/exploitation/": (scene.counsel, 3),
        "/secrets/": (scene.counsel, 2),
        "/payroll/": (scene.hr_a, 2),
        "/patents/imports/": (scene.counsel, 2),
    }
    browsers = {address: sign_in(person, app.test_client()) for address, (person, _most) in pages.items()}
    most = {address: number for address, (_person, number) in pages.items()}
    assert {address: cost(browser, address) for address, browser in browsers.items()} == most


def test_predicates_answer_no_without_a_person_or_a_thing(scene: Scene) -> None:
    for predicate in (is_venture_member, is_inventor, is_awarded):
        assert predicate(scene.lead, None) is False
    assert is_inventor(object(), scene.disclose()) is False
