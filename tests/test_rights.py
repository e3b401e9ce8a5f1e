"""Role × step: every unsafe route, tried by every role and every party, on things that exist.

Who may take a step stands in EXPECTED, written by hand. Whoever is not named there gets 403 or 404, and the database
is left as it was. A new unsafe route without a row here fails.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from incubator.core.db import Model, db
from incubator.web.routes import SAFE_METHODS
from tests import world as worlds
from tests.make import Make
from tests.world import World

DAY = dt.date(2026, 11, 1).isoformat()
TAKEN = {200, 303, 409, 422}
"""Taken, or refused for a reason that only who may take it is told."""
Body = Callable[[World], dict[str, Any]]


def nothing(_world: World) -> dict[str, Any]:
    return {}


def given(**values: Any) -> Body:
    """A body of fixed values; one that begins with '@' is the public id (or word) of a thing."""
    return lambda world: {
        name: world.things[value[1:]] if isinstance(value, str) and value.startswith("@") else value
        for name, value in values.items()
    }


@dataclass(frozen=True)
class Step:
    """An unsafe route: the things its address names, who may take it, and a body that its form takes."""

    things: dict[str, str]
    allowed: set[str]
    body: Body = nothing
    query: dict[str, str] = field(default_factory=dict)
    refused: frozenset[int] = frozenset({403, 404})


def on(thing: str, *allowed: str, body: Body = nothing, **details: Any) -> Step:
    return Step({"public_id": thing}, set(allowed), body, **details)


CALL = given(
    title_en="A", title_zh="甲", summary_en="B", summary_zh="乙", opens_on="2027-01-01", closes_on="2027-02-01",
    review_due_on="2027-03-01", meets_on="2027-04-01", release_on="2027-05-01", template="idea", committee="@committee",
    rubric="@rubric", rule="@decision_rule",
)  # fmt: skip
TERMS = {
    "months": "48", "every_months": "12", "cliff_months": "12", "allocation": "CUMULATIVE_ROUND_DOWN",
    "starts_on": "2026-03-31",
}  # fmt: skip
PLAN = given(
    title_en="A", title_zh="甲", kind="option", regime="plan", issuer_kind="limited", size="small", unit_en="share",
    unit_zh="股", decimals="0", total="10,000,000", pool="1,000", **TERMS,
)  # fmt: skip
GRANT = given(holder="@member_id", units="10", price_minor="1.20", granted_on="2026-06-30", **TERMS)
REVIEW = given(
    score_uniqueness="4", score_continuity="4", score_team="4", score_fit="4", confidence="high",
    recommendation="fund",
)  # fmt: skip
INVENTION = given(
    title="A", problem="B", solution="C", secrecy="ordinary", **{"shares-0-hr_number": "1", "shares-0-share": "100"}
)  # fmt: skip
SHARES = given(**{
    "shares-0-hr_number": "@inventor_number", "shares-0-share": "50",
    "shares-1-hr_number": "@co_inventor_number", "shares-1-share": "50",
})  # fmt: skip
EVENT = given(happened_on=DAY, number="202310601862.1")
REASON = given(reason="Because.")
CASE = given(number="@grant_number", reason="A", days="3")
FILING = given(kind="invention", reason="It carries it.")
DRAFT = given(title="A", version="1")
PEOPLE = (
    "its_office", "its_chair", "author", "mate", "reviewer_1", "reviewer_2", "member", "decided_author",
    "decided_chair", "decided_member", "its_operator", "inventor", "co_inventor", "its_counsel", "ip_office",
    "award_maker", "award_checker", "grant_maker", "grant_checker", "holder", "venture_member", "case_auditor",
    "office", "reviewer", "chair", "hr", "ip_counsel", "cloud_operator", "finance", "auditor", "administrator",
    "employee", "stranger",
)  # fmt: skip
"""Everybody of the world: parties of its things, then a holder of each role over all companies here."""
EVERYBODY = set(PEOPLE)
ADDRESSED = {
    "its_office", "its_chair", "author", "mate", "reviewer_1", "reviewer_2", "member", "office", "reviewer", "chair",
    "hr", "ip_counsel", "cloud_operator", "finance", "auditor", "administrator", "employee",
}  # fmt: skip
"""The employees of the company whose call it is."""
EXPECTED: dict[str, Step] = {
    "transparency.open_case": Step({}, {"auditor", "case_auditor"}, CASE, refused=frozenset({403, 422})),
    "transparency.close_case": on("case", "case_auditor"),
    "patents.approve": on("calculated_award", "award_checker", "award_maker", "hr"),
    "patents.calculate": on("award", "award_checker", "award_maker", "hr"),
    "patents.send_back": on("calculated_award", "award_checker", "hr", body=REASON),
    "calls.close": on("call", "its_office", "office"),
    "calls.copy_call": on("call", "its_office", "office"),
    "calls.extend": on("call", "its_office", "office"),
    "proposals.copy_on": on("withdrawn_proposal", "author", body=given(call="@call")),
    "proposals.create_draft": on("call", *ADDRESSED),
    "calls.publish": on("draft_call", "its_office", "office"),
    "calls.update_call": on("draft_call", "its_office", "office", body=CALL),
    "calls.create_call": Step({}, {"ip_office", "its_office", "office", "stranger"}, CALL, {"company": "company"}),
    "cloud.order": on(
        "offer",
        "inventor",
        body=given(venture="@venture", plan="@plan", limit="20", days="3"),
        refused=frozenset({422}),
    ),
    "reviews.decide_otherwise": on("decision", "decided_chair", body=given(outcome="rejected", reason="Because.")),
    "equity.accept_grant": on("offered_grant", "holder", body=given(letter_hash="@letter_hash")),
    "equity.approve_grant": on("submitted_grant", "grant_checker", "hr"),
    "equity.cancel_grant": on("submitted_grant", "grant_maker", body=REASON),
    "equity.decline_grant": on("offered_grant", "holder", body=REASON),
    "equity.revise_grant": on("draft_grant", "grant_maker", body=GRANT),
    "equity.send_back_grant": on("submitted_grant", "grant_checker", "hr", body=REASON),
    "equity.submit_grant": on("draft_grant", "grant_maker"),
    "equity.approve_plan": on("waiting_plan", "grant_checker", "hr"),
    "equity.create_grant": on("equity_plan", "grant_checker", "grant_maker", "hr", body=GRANT),
    "equity.refuse_plan": on("waiting_plan", "grant_checker", "hr", body=REASON),
    "equity.create_plan": Step({}, {"grant_checker", "grant_maker", "hr"}, PLAN, {"venture": "equity_venture"}),
    "patents.accept_share": on("disclosure", "co_inventor"),
    "patents.assess": on("disclosure", "ip_counsel", "its_counsel", body=given(assessment="New.")),
    "patents.decline_share": on("disclosure", "co_inventor", body=REASON),
    "patents.propose_filing": on(
        "assessed_disclosure", "ip_counsel", "its_counsel", body=given(kind="invention", reason="It carries it.")
    ),
    "patents.change_shares": on("disclosure", "inventor", body=SHARES),
    "patents.disclose": Step({}, {"co_inventor", "inventor"}, INVENTION, {"venture": "venture"}),
    "notifications.read_all": Step({}, EVERYBODY),
    "notifications.choose": Step({}, EVERYBODY),
    "notifications.make_calendar": Step({}, EVERYBODY),
    "notifications.end_calendar": Step({}, EVERYBODY),
    "patents.correct": Step(
        {"public_id": "filed_matter", "event_id": "matter_event"}, {"ip_counsel", "its_counsel"}, EVENT
    ),
    "patents.record_examination": on("filed_matter", "ip_counsel", "its_counsel", body=EVENT),
    "patents.record_filing": on("matter", "ip_counsel", "its_counsel", body=EVENT),
    "patents.record_grant": on("filed_matter", "ip_counsel", "its_counsel", body=EVENT),
    "patents.record_publication": on("filed_matter", "ip_counsel", "its_counsel", body=EVENT),
    "patents.approve_filing": on("proposed_disclosure", "ip_office", "office"),
    "patents.refuse_filing": on("proposed_disclosure", "ip_office", "office", body=REASON),
    "people.set_language": Step({}, EVERYBODY),
    "people.set_theme": Step({}, EVERYBODY),
    "proposals.restore": Step({"public_id": "draft_proposal", "version_id": "version"}, {"author"}),
    "proposals.attach": on("draft_proposal", "author"),
    "proposals.detach": Step({"public_id": "draft_proposal", "attachment_id": "attachment"}, {"author"}),
    "proposals.ask_team": on("draft_proposal", "author"),
    "proposals.autosave": on("draft_proposal", "author", body=DRAFT),
    "reviews.put_to_committee": on("screening_proposal", "its_office", "office"),
    "proposals.accept_share": on("waiting_proposal", "mate"),
    "proposals.decline_share": on("waiting_proposal", "mate", body=REASON),
    "proposals.save": on("draft_proposal", "author", body=DRAFT),
    "proposals.return_": on("screening_proposal", "its_office", "office", body=REASON),
    "proposals.rule_out": on("screening_proposal", "its_office", "office", body=REASON),
    "proposals.screen": on("submitted_proposal", "its_office", "office"),
    "proposals.submit": on("returned_proposal", "author"),
    "proposals.take_back": on("waiting_proposal", "author"),
    "proposals.set_team": on("draft_proposal", "author"),
    "proposals.add_member": on("draft_proposal", "author", body=given(person="1")),
    "proposals.withdraw": on("proposal_in_review", "author"),
    "reviews.autosave": on("draft_review", "reviewer_2", body=REVIEW),
    "reviews.declare": on("review", "reviewer_1", body=given(conflict="no")),
    "reviews.save": on("draft_review", "reviewer_2", body=REVIEW),
    "reviews.seal": on("draft_review", "reviewer_2", body=REVIEW),
    "reviews.close_round": on("round", "its_chair"),
    "reviews.hold": on("decided_round", "decided_chair"),
    "reviews.prepare": on("round", "its_chair"),
    "reviews.release": on("decided_round", "decided_chair"),
    "reviews.sign": on("decided_round", "decided_chair", "decided_member"),
    "rules.confirm": on(
        "rule",
        "award_checker",
        "award_maker",
        "grant_checker",
        "grant_maker",
        "hr",
        "ip_counsel",
        "its_counsel",
        "stranger",
    ),
    "cloud.renew_access": on("sandbox", "inventor"),
    "cloud.close": on("sandbox", "cloud_operator", "inventor", "its_operator"),
    "cloud.raise_limit": on("sandbox", "inventor", body=given(amount="1")),
    "cloud.reveal": on("sandbox", "inventor"),
    "cloud.unfreeze": on("sandbox", "cloud_operator", "its_operator"),
    "cloud.retry": on("operation", "cloud_operator", "its_operator"),
    "people.open_session": Step({}, EVERYBODY),
    "people.sign_out": Step({}, EVERYBODY),
}


@pytest.fixture
def world(make: Make) -> World:
    return worlds.build(make)


def unsafe(app: Flask) -> Iterator[Any]:
    """Every rule that takes an unsafe method."""
    for rule in app.url_map.iter_rules():
        if set(rule.methods or ()) - SAFE_METHODS:
            yield rule


def test_every_unsafe_route_has_its_row(app: Flask) -> None:
    assert {rule.endpoint for rule in unsafe(app)} == set(EXPECTED)


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """What happens within is as if it had not."""
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        db.session.remove()
        savepoint.rollback()


def fingerprint(connection: Connection) -> dict[str, str]:
    """What stands in every table, by table."""
    parts = [
        f"SELECT '{name}', coalesce(md5(string_agg(t::text, '|' ORDER BY t.id)), '') FROM {table.name} t"
        for name, table in Model.metadata.tables.items()
    ]
    return dict(connection.execute(text(" UNION ALL ".join(parts))).all())


@pytest.mark.fresh
def test_nobody_takes_a_step_that_is_somebody_else_s(app: Flask, client: FlaskClient, world: World, make: Make) -> None:
    assert tuple(world.people) == PEOPLE
    tokens = {name: make.session_for(person) for name, person in world.people.items()}
    bodies = {endpoint: step.body(world) for endpoint, step in EXPECTED.items()}
    connection = db.session.connection()
    db.session.remove()
    before, wrong = fingerprint(connection), []
    for rule in unsafe(app):
        step = EXPECTED[rule.endpoint]
        for name, token in tokens.items():
            if name in step.allowed:
                with undone(connection):
                    status = attempt(app, token, rule, step, world, bodies[rule.endpoint])
                wrong += [(rule.endpoint, name, status)] if status not in TAKEN else []
            else:
                status = attempt(app, token, rule, step, world, bodies[rule.endpoint])
                wrong += [(rule.endpoint, name, status)] if status not in step.refused else []
        after = fingerprint(connection)
        wrong += [(rule.endpoint, table, "changed") for table in before if before[table] != after[table]]
        before = after
    assert wrong == []


def attempt(app: Flask, token: str, rule: Any, step: Step, world: World, body: dict[str, Any]) -> int:
    """Send a step with a browser of its own, since signing out and choosing a language change it."""
    browser = app.test_client()
    browser.set_cookie("session", token, domain="localhost")
    values = {name: world.things[thing] for name, thing in step.things.items()}
    query = {name: world.things[thing] for name, thing in step.query.items()}
    address = rule.build(values, append_unknown=False)[1]
    return browser.post(address, data=body, query_string=query).status_code
