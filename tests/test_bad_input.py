"""Odd input: every field of every form, every key of every address and every query parameter, with values that break
programs. The answer is a page that says so (or the step is taken): never a failure."""

import os
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from incubator.core.db import db
from incubator.web.routes import SAFE_METHODS
from tests import world as worlds
from tests.make import Make
from tests.test_rights import EXPECTED, undone
from tests.world import World

ODD: dict[str, Any] = {
    "NUL": "a\x00b",
    "long": "x" * 20_000,
    "huge number": "9" * 40,
    "exponent": "1e999999",
    "superscript": "²",
    "first year": "0001-01-01",
    "last year": "9999-12-31",
    "invalid UTF-8": b"\xff\xfe",
}
NIGHTLY = bool(os.environ.get("NIGHTLY"))
VALUES = tuple(ODD.values())
TURNS = [VALUES] if NIGHTLY else [(VALUES[at:] + VALUES[:at])[::4] for at in range(len(VALUES))]
"""The values that one field after the other is tried with: all of them at night; every fourth in the gate, so that
four fields see them all."""
DESCRIBED = (
    "prior_art", "published_on", "published_how", "planned_on", "planned_how", "sold_on", "sale_planned_on",
    "nothing_shown", "funding", "funding_details", "rights", "no_rights", "made_abroad",
)  # fmt: skip
MORE: dict[str, tuple[str, ...]] = {
    "calls.create_call": ("committee", "rubric", "rule"),
    "calls.update_call": ("committee", "rubric", "rule"),
    "calls.add_question": ("section", "limit", "choices", "columns", "rows", "unit_en", "hint_en"),
    "calls.change_question": ("section", "limit", "choices", "columns", "rows", "unit_en", "hint_en"),
    "calls.arrange": ("up", "out", "section", "section_up"),
    "calls.close": ("reason",),
    "calls.extend": ("closes_on", "screening_due_on", "review_due_on", "meets_on", "release_on", "reason"),
    "cloud.order": (),
    "cloud.create_provider": ("address", "contract", "contract_until", "contacts", "is_open"),
    "cloud.create_offer": ("tags", "most", "conditions_en", "conditions_zh", "exit_en", "is_open"),
    "cloud.add_size": ("most", "connections", "disk_mb", "least_quantity", "most_quantity"),
    "cloud.test_exit": ("note",),
    "cloud.propose_price": ("most",),
    "cloud.propose_policy": ("lift", "stages", "to_on"),
    "cloud.import_rates": ("file",),
    "equity.create_plan": (
        "person",
        "offer_days",
        "net_asset_growth_minor",
        "after_tax_profit_minor",
        "staff",
        "hurdle_minor",
        "cap_minor",
        "rate_bps",
        "milestone_minor",
        "years",
        "source",
    ),
    "equity.revise_facts": ("pay_minor", "unit_value_minor", "bought_units", "joined_on"),
    "equity.revise_vesting": ("conditions", "preview"),
    "equity.record_happening": ("paid_on", "ratio_new", "ratio_old"),
    "notifications.choose": ("proposals", "equity", "other"),
    "notifications.read_all": (),
    "proposals.preview": ("preview", "text"),
    "patents.disclose": (*DESCRIBED, "lang", "shares-²-share", "shares-99999999-share"),
    "patents.change_shares": ("shares-²-share", "shares-99999999-share", "shares--1-share"),
    "patents.revise": (*DESCRIBED, "lang"),
    "patents.set_days": ("published_how", "planned_on", "planned_how", "sold_on", "sale_planned_on"),
    "patents.propose": ("measures", "review_on"),
    "patents.propose_change": ("shares-²-share", "shares-99999999-share"),
    "patents.attach": ("file",),
    "patents.accept_change": (),
    "patents.review_secret": ("review_on",),
    "patents.request_review": ("request_number", "evidence"),
    "patents.record_notice": ("extended", "evidence"),
    "patents.clear_review": ("by_silence", "extended", "evidence"),
    "patents.refuse_review": ("evidence",),
    "patents.record_use": ("costs", "licence"),
    "patents.correct_use": ("costs",),
    "patents.give_licence": ("to_on",),
    "patents.receive_import": ("invention", "file"),
    "reviews.open_panel": ("kind", "subject", "committee", "rubric", "rule", "reviewers", "due_on", "brief"),
    "reviews.decide_panel": ("outcome", "reason", "asks", "until_on"),
    "reviews.answer_gate": ("file",),
    "reviews.try_assignment": ("unknown", "fair"),
    "rules.adopt": (
        "company",
        "title_zh",
        "source",
        "article",
        "staff_heard_on",
        "published_on",
        "valid_from",
        "valid_to",
        "invention",
        "utility_model",
        "design",
        "months",
        "is_abroad",
        "is_institute",
    ),
    "patents.correct": ("evidence",),
    "patents.add_cost": ("is_reduced",),
    "patents.complete_deadline": ("file",),
    "patents.deadlines_in_bulk": ("id", "step", "reason"),
    "patents.differences_in_bulk": ("id",),
    "patents.record_event": ("file",),
    "patents.record_examination": ("evidence",),
    "patents.record_filing": ("evidence",),
    "patents.record_grant": ("evidence",),
    "patents.record_publication": ("evidence",),
    "people.open_session": ("login", "password", "next"),
    "people.set_language": ("language", "next"),
    "people.set_theme": ("theme", "next"),
    "proposals.add_background": ("terms",),
    "proposals.add_member": ("part",),
    "proposals.accept_offer": ("answer",),
    "proposals.answer_likeness": ("remark",),
    "proposals.decline_offer": ("answer",),
    "proposals.offer_to_join": ("message",),
    "proposals.offer_from_outside": ("message",),
    "proposals.ask": ("field_1", "limit_1", "question_2"),
    "proposals.propose_change": ("person", "part", "share"),
    "proposals.set_trigger": ("on_day",),
    "reviews.recall": ("call",),
    "proposals.attach": ("file",),
    "proposals.autosave": ("theme", "asked", "overwrite", "answer_summary"),
    "proposals.return_": ("due_on",),
    "proposals.save": ("theme", "asked", "overwrite", "answer_summary", "check"),
    "proposals.set_team": (),
    "proposals.withdraw": ("reason",),
    "reviews.autosave": ("note_team", "private_note", "version"),
    "reviews.declare": ("statement",),
    "reviews.put_to_committee": ("reviewers",),
    "reviews.save": ("note_team", "private_note", "version"),
    "reviews.seal": ("note_team", "private_note", "version"),
}


@pytest.fixture
def world(make: Make) -> World:
    return worlds.build(make)


def members(world: World) -> dict[str, str]:
    """The fields of a team's form."""
    key = world.things["author_id"]
    return {f"part_{key}": "Lead", f"share_{key}": "100"}


Case = tuple[str, str, str, dict[str, Any]]
"""Who asks, the method, the address, and what is sent."""
QUERIES = (
    {"before": "9" * 40, "after": "", "q": "\x00", "all": "1", "replay": "1"},
    {"after": "9223372036854775808", "q": "V-AAAAAA\x00", "state": "\x00", "theme": "\x00", "company": "\x00"},
    {"before": "9999999999999999-aaaaaaaaaaaaaaaa", "q": '"(!:*', "show": "\x00", "venture": "\x00"},
    {"after": "\x00", "q": b"\xff", "state": "x" * 3_000, "next": "//elsewhere.example.com"},
    {"before": "²", "q": "x" * 3_000},
)  # fmt: skip
"""What is asked of every page."""
KEYS = ("%00", "x" * 3_000, "%ff%fe")
"""Odd keys in an address."""
READERS = ("office", "hr")
"""Between them they may open nearly every page."""


def steps(app: Flask, world: World) -> Iterator[Case]:
    """Every field of every form, one odd value at a time, by somebody who may take the step."""
    odds = cycle(TURNS)
    for rule in app.url_map.iter_rules():
        if not set(rule.methods or ()) - SAFE_METHODS:
            continue
        step = EXPECTED[rule.endpoint]
        body = step.body(world) if rule.endpoint != "proposals.set_team" else members(world)
        address = rule.build({key: world.things[thing] for key, thing in step.things.items()}, append_unknown=False)[1]
        query = {key: world.things[thing] for key, thing in step.query.items()}
        for field in (*body, *MORE.get(rule.endpoint, ())):
            for odd in next(odds):
                yield min(step.allowed), "POST", address, {"data": {**body, field: odd}, "query_string": query}


def addresses(app: Flask, _world: World) -> Iterator[Case]:
    """Every address with a key in it, with odd keys."""
    keys = cycle([KEYS] if NIGHTLY else [KEYS[:2], KEYS[1:], KEYS[::2]])
    for rule in app.url_map.iter_rules():
        if rule.arguments and rule.endpoint != "static":
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            for key in next(keys):
                address = rule.rule
                for argument in rule.arguments:
                    address = address.replace(f"<{argument}>", key)
                yield from ((reader, method, address, {}) for reader in READERS)


def pages(app: Flask, world: World) -> Iterator[Case]:
    """Every page without a key in its address, and the round's, with odd query parameters."""
    fixed = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    rounds = [f"/rounds/{world.things['decided_round']}{page}" for page in ("", "/decision")]
    for address in (*(one for one in fixed if one != "/ready"), *rounds):
        for query in QUERIES:
            yield from ((reader, "GET", address, {"query_string": query}) for reader in READERS)


@pytest.mark.fresh
@pytest.mark.no_cover
@pytest.mark.parametrize("cases", [steps, lambda *made: (*addresses(*made), *pages(*made))], ids=["steps", "pages"])
def test_odd_input_is_answered(app: Flask, client: FlaskClient, world: World, make: Make, cases: Any) -> None:
    tokens = {name: make.session_for(person) for name, person in world.people.items()}
    connection = db.session.connection()
    db.session.remove()
    failed = []
    for who, method, address, sent in list(cases(app, world)):
        browser = app.test_client()
        browser.set_cookie("session", tokens[who], domain="localhost")
        with undone(connection):
            try:
                status = browser.open(address, method=method, **sent).status_code
            except Exception as error:
                failed.append((method, address, str(sent)[:200], repr(error)[:200]))
                continue
        if status >= 500:
            failed.append((method, address, str(sent)[:200], str(status)))
    assert failed == []
