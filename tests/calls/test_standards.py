"""New versions of rubrics and decision rules, made by the office in the browser."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.calls import services
from incubator.calls.models import DecisionRuleVersion, RubricVersion
from incubator.calls.standard_forms import rubric_form
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.people.predicates import SYSTEM


@pytest.fixture
def installed(make):
    company = make.company()
    with transaction():
        rubric, rule = services.install_templates(SYSTEM, company)
    return make.person(company, Role.OFFICE), rubric, rule


def body_of(page: Any, rubric: RubricVersion) -> dict[str, str]:
    """What the form of the next version sends unchanged."""
    with page.application.test_request_context():
        form = rubric_form(rubric)
        return {
            field.name: "y" if field.data is True else field._value()
            for field in form
            if hasattr(field, "_value") and field.data not in (None, False)
        }


def test_a_new_version_of_a_rubric(installed, sign_in: Callable[..., FlaskClient]):
    office, rubric, _rule = installed
    browser, page = sign_in(office), f"/calls/rubrics/{rubric.public_id}/next"
    assert "New version" in browser.get("/calls/standards").text
    assert browser.get(page).status_code == 200
    assert browser.get("/calls/rubrics/nothing/next").status_code == 404
    body = body_of(browser, rubric)
    flags = {"c0_may_abstain": "y", "c1_note_above": "y", "c1_note_below": "y"}
    assert browser.post(page, data=body | {"c0_weight": "99"}).status_code == 422
    kept = browser.post(page, data=body | {"c0_key": "Not A Key", "c0_hint_en": "Kept text"})
    assert (kept.status_code, "Kept text" in kept.text) == (422, True)
    assert browser.post(page, data=body | {"name_zh": ""}).status_code == 422
    assert browser.post(page, data=body | flags).status_code == 303
    newest = db.session.scalars(select(RubricVersion).order_by(RubricVersion.number.desc())).first()
    assert newest is not None
    assert (newest.code, newest.number) == (rubric.code, rubric.number + 1)
    first, second = newest.criteria[:2]
    assert (first.may_abstain, first.lower_is_better, second.may_abstain) == (True, False, False)
    assert [second.needs_note(value) for value in (1, 3, 5)] == [True, False, True]
    assert "lower is better" not in browser.get("/calls/standards").text


def test_a_new_version_of_a_rule_with_a_lottery(installed, sign_in: Callable[..., FlaskClient]):
    office, _rubric, rule = installed
    browser, page = sign_in(office), f"/calls/rules/{rule.public_id}/next"
    assert browser.get(page).status_code == 200
    body = {
        "name_en": "With lots", "name_zh": "抽签", "minimum": "300", "quorum": "3", "leftovers": "stop",
        "over_budget": "shelved", "lottery": "y",
    }  # fmt: skip
    assert browser.post(page, data=body | {"minimum": "x"}).status_code == 422
    assert browser.post(page, data=body).status_code == 303
    newest = db.session.scalars(select(DecisionRuleVersion).order_by(DecisionRuleVersion.number.desc())).first()
    assert newest is not None
    assert (newest.number, newest.data["lottery"], newest.data["quorum"]) == (rule.number + 1, "close", 3)
    assert "With lots" in browser.get("/calls/standards").text
