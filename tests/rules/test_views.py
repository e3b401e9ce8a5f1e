"""The pages of rules, in both languages."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from incubator.core.transaction import transaction
from incubator.people.models import Person, Role
from incubator.rules import queries, services
from tests.make import Make

SignIn = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def _pack(make: Make) -> None:
    with transaction():
        services.install_packs()


def text(answer: object) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", [Role.HR, Role.IP_COUNSEL, Role.AUDITOR, Role.OFFICE])
def test_those_who_work_with_rules_open_the_list(make: Make, sign_in: SignIn, role: Role) -> None:
    page = text(sign_in(make.person(None, role)).get("/rules/"))
    assert "Default award to the inventors of a patent (grant announced from 20 January 2024)" in page
    assert "0 of 2 confirmed" in page


@pytest.mark.parametrize("role", [None, Role.REVIEWER, Role.CHAIR, Role.CLOUD_OPERATOR, Role.ADMINISTRATOR])
def test_for_everybody_else_there_is_no_such_page(make: Make, sign_in: SignIn, role: Role | None) -> None:
    person = make.person(None, *([role] if role else []))
    assert sign_in(person).get("/rules/").status_code == 404


def test_the_list_reads_in_chinese(make: Make, sign_in: SignIn) -> None:
    page = text(sign_in(make.person(None, Role.HR, language="zh")).get("/rules/"))
    assert "发明人法定奖金（2024年1月20日起公告授权）" in page


def rule_address(person: Person) -> str:
    rule = queries.in_force("cn.patent.award", dt.date(2026, 1, 1), person.company)
    return f"/rules/{rule.public_id}"


def test_a_rule_says_where_it_stands_and_two_persons_confirm_it(make: Make, sign_in: SignIn) -> None:
    company = make.company()
    first, second = make.person(company, Role.HR, name="Sun Wei"), make.person(company, Role.IP_COUNSEL)
    address = rule_address(first)
    page = text(sign_in(first).get(address))
    for words in ("Rule 93", "Implementing Rules of the Patent Law of the PRC (2023)", "¥4,000.00", "2024-01-20",
                  "Nobody yet.", "Confirm this rule", "human resources, IP counsel", "Not confirmed yet"):  # fmt: skip
        assert words in page
    browser = sign_in(first)
    assert browser.post(f"{address}/confirm").status_code == 303
    page = text(browser.get(address))
    assert ("Sun Wei" in page, "1 of 2" in page, "Confirm this rule" in page) == (True, True, False)
    assert browser.post(f"{address}/confirm").status_code == 403
    browser = sign_in(second)
    assert browser.post(f"{address}/confirm").status_code == 303
    page = text(browser.get(address))
    assert ("Confirm this rule" in page, "Not confirmed yet" in page) == (False, False)
    assert browser.post(f"{address}/confirm").status_code == 409


def test_who_only_reads_finds_no_button_and_is_refused(make: Make, sign_in: SignIn) -> None:
    office = make.person(None, Role.OFFICE)
    address = rule_address(office)
    browser = sign_in(office)
    assert "Confirm this rule" not in text(browser.get(address))
    assert browser.post(f"{address}/confirm").status_code == 403


def test_a_rule_that_is_not_there_is_a_404(make: Make, sign_in: SignIn) -> None:
    assert sign_in(make.person(None, Role.HR)).get("/rules/aaaaaaaaaaaaaaaa").status_code == 404


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("cn.equity.person", "person_bps · large</dt><dd>3%"),
        ("cn.equity.award", "person_minor</dt><dd>¥3,000,000.00"),
        ("cn.patent.payroll", "limited_by_payroll_total</dt><dd>no"),
        ("cn.patent.remuneration", "operating_profit_years</dt><dd>3, 5"),
    ],
)
def test_parameters_read_as_people_write_them(make: Make, sign_in: SignIn, code: str, words: str) -> None:
    hr = make.person(None, Role.HR)
    rule = queries.in_force(code, dt.date(2026, 1, 1), hr.company)
    assert words in text(sign_in(hr).get(f"/rules/{rule.public_id}"))
