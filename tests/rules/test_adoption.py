"""A company's own rule is entered with its document, confirmed by two, and comes before the law's default."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.rules import queries, services
from incubator.rules.models import RuleVersion
from tests.make import Make

SignIn = Callable[..., FlaskClient]
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF"
)


def given(of: Any, **changes: Any) -> dict[str, Any]:
    return {
        "company": of.public_id, "title_en": "Own award", "title_zh": "本公司奖励", "source": "Rules 7/2026",
        "article": "3", "staff_heard_on": "2026-01-05", "published_on": "2026-02-02", "valid_from": "2026-03-02",
        "invention": "6,000", "utility_model": "2,000", "design": "2,000", "months": "2",
    } | changes  # fmt: skip


@pytest.fixture
def company(make: Make) -> Any:
    with transaction():
        services.install_packs()
    return make.company()


def test_it_is_entered_with_its_document_and_comes_first(make: Make, sign_in: SignIn, company: Any) -> None:
    browser = sign_in(make.person(company, Role.HR))
    assert browser.get("/rules/new/award").status_code == 200
    sent = given(company, is_abroad="y", file=(io.BytesIO(PDF), "rules.pdf"))
    made = browser.post("/rules/new/award", data=sent, content_type="multipart/form-data")
    assert made.status_code == 303, made.get_data(as_text=True)
    rule = queries.in_force("cn.patent.award", dt.date(2026, 4, 1), company)
    assert (rule.company_id, rule.parameters["minor"]["invention"], rule.confirmed_at) == (company.id, 600_000, None)
    assert rule.parameters["offices"] == ["CNIPA", "EPO", "USPTO"]
    assert rule.parameters["adoption"] == {"staff_heard_on": "2026-01-05", "published_on": "2026-02-02"}
    page = browser.get(made.headers["Location"]).get_data(as_text=True)
    assert ("rules.pdf" in page, browser.get(f"{made.headers['Location']}/document").data) == (True, PDF)
    law = db.session.scalars(select(RuleVersion).where(RuleVersion.company_id.is_(None)).limit(1)).one()
    assert browser.get(f"/rules/{law.public_id}/document").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"staff_heard_on": "2026-02-03"}, "The staff must be heard before the rule is published."),
        ({"valid_from": "2026-02-01"}, "A rule holds from the day it is published, not before."),
        ({"valid_from": "2026-02-30"}, "Not a valid date value"),
        ({"invention": "3,999.99", "is_institute": "y"}, "An institute set up by the state may not go below the law"),
        ({"source": ""}, "Name the document and its number."),
        ({"company": "elsewhere"}, 'id="company-error"'),
    ],
)
def test_what_was_not_adopted_lawfully_is_refused(
    make: Make, sign_in: SignIn, company: Any, changes: dict[str, Any], words: str
) -> None:
    answer = sign_in(make.person(company, Role.HR)).post("/rules/new/award", data=given(company, **changes))
    assert (answer.status_code, words in answer.get_data(as_text=True)) == (422, True)


def test_a_rule_on_remuneration_and_no_other_kind(make: Make, sign_in: SignIn, company: Any) -> None:
    browser = sign_in(make.person(company, Role.IP_COUNSEL))
    sent = given(company, income="30", shares="30", profit="3", years="4", is_institute="")
    assert browser.post("/rules/new/remuneration", data=sent).status_code == 303
    rule = queries.in_force("cn.patent.remuneration", dt.date(2026, 4, 1), company)
    assert (rule.parameters["operating_profit_bps"], rule.parameters["operating_profit_years"]) == (300, [3, 4])
    assert browser.get("/rules/new/bonus").status_code == 404
    assert sign_in(make.person(company)).get("/rules/new/award").status_code == 404
