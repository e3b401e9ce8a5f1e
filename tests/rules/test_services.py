"""Installing, adopting, confirming and finding rules."""

import datetime as dt
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from incubator.core import audit
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.people.models import Company, Person, Role
from incubator.rules import queries, services
from incubator.rules.models import RuleConfirmation, RuleVersion
from incubator.rules.packs import PACK
from incubator.rules.predicates import may_adopt, may_confirm
from tests.make import Make

AWARD = "cn.patent.award"
DAY = dt.date(2026, 11, 22)
PARAMETERS: dict[str, Any] = {
    "currency": "CNY", "months": 3, "minor": {"invention": 800_000, "utility_model": 300_000, "design": 300_000},
}  # fmt: skip


@pytest.fixture
def pack(make: Make) -> int:
    with transaction():
        return services.install_packs()


def refusal(call: Any) -> tuple[type, str, str | None]:
    with pytest.raises(DomainError) as caught, transaction():
        call()
    return type(caught.value), str(caught.value.message), caught.value.field


def adopt(actor: Person, company: Company, **changes: Any) -> RuleVersion:
    details: dict[str, Any] = {
        "code": AWARD, "title": {"en": "Own rule", "zh": "本公司办法"}, "source": "Company rule 12/2025",
        "article": "Art. 4", "valid_from": dt.date(2026, 1, 1), "staff_heard_on": dt.date(2025, 11, 1),
        "published_on": dt.date(2025, 12, 1), "parameters": PARAMETERS,
    }  # fmt: skip
    with transaction():
        return services.adopt_company_rule(actor, company, **(details | changes))


def test_the_pack_is_installed_once_and_unconfirmed(make: Make, pack: int) -> None:
    assert pack == len(PACK)
    with transaction():
        assert services.install_packs() == 0
    assert db.session.scalar(select(func.count(RuleVersion.id))) == len(PACK)
    assert db.session.scalars(select(RuleVersion.confirmed_at).distinct()).all() == [None]


def test_each_installed_rule_has_its_event(make: Make, pack: int) -> None:
    rule = queries.in_force(AWARD, DAY, make.company())
    event = audit.event_of(rule, "rule.install")
    assert (event.actor_id, event.subject_id) == (None, rule.id)


@pytest.mark.parametrize(
    ("day", "number"), [(dt.date(2010, 2, 1), 1), (dt.date(2024, 1, 19), 1), (dt.date(2024, 1, 20), 2), (DAY, 2)]
)
def test_the_version_valid_that_day_is_in_force(make: Make, pack: int, day: dt.date, number: int) -> None:
    assert queries.in_force(AWARD, day, make.company()).number == number


def test_no_version_that_day_is_said_plainly(make: Make, pack: int) -> None:
    company = make.company()
    assert refusal(lambda: queries.in_force(AWARD, dt.date(2010, 1, 31), company)) == (
        Invalid, "No rule cn.patent.award was in force on 2010-01-31.", None,
    )  # fmt: skip


def test_a_company_rule_displaces_law_in_the_company_and_below_it_only(make: Make, pack: int) -> None:
    group = make.company()
    company = make.company(group)
    below = make.company(company)
    hr = make.person(company, Role.HR)
    own = adopt(hr, company)
    law = queries.in_force(AWARD, DAY, group)
    assert [queries.in_force(AWARD, DAY, one).id for one in (group, company, below, make.company(group))] == [
        law.id, own.id, own.id, law.id,
    ]  # fmt: skip
    assert queries.in_force(AWARD, dt.date(2025, 12, 31), company).id == law.id


def test_the_nearest_company_rule_comes_first_and_of_two_the_newer(make: Make, pack: int) -> None:
    group = make.company()
    company = make.company(group)
    adopt(make.person(group, Role.HR), group)
    hr = make.person(company, Role.IP_COUNSEL)
    first = adopt(hr, company, valid_to=dt.date(2026, 6, 30))
    second = adopt(hr, company, valid_from=dt.date(2026, 6, 1))
    assert (first.number, second.number, first.sure, first.confirmed_at) == (1, 2, "T", None)
    assert queries.in_force(AWARD, dt.date(2026, 5, 31), company).id == first.id
    assert queries.in_force(AWARD, dt.date(2026, 6, 1), company).id == second.id


def test_an_adopted_rule_keeps_how_it_was_adopted(make: Make, pack: int) -> None:
    company = make.company()
    rule = adopt(make.person(company, Role.HR), company)
    assert rule.parameters == PARAMETERS | {"adoption": {"staff_heard_on": "2025-11-01", "published_on": "2025-12-01"}}
    later = adopt(make.person(company, Role.HR), company, valid_from=dt.date(2026, 2, 1))
    assert later.number == 2


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"valid_to": dt.date(2025, 1, 1)}, "valid_to", "The last day lies before the first."),
        (
            {"staff_heard_on": dt.date(2025, 12, 2)}, "staff_heard_on",
            "The staff must be heard before the rule is published.",
        ),
        (
            {"published_on": dt.date(2026, 1, 2)}, "valid_from",
            "A rule holds from the day it is published, not before.",
        ),
        (
            {"parameters": {"currency": "CNY", "months": 3, "minor": {"invention": 1}}}, "parameters",
            "The parameters must be those of the rule it replaces: currency, minor, months.",
        ),
        (
            {"parameters": PARAMETERS | {"months": "3"}}, "parameters",
            "The parameters must be those of the rule it replaces: currency, minor, months.",
        ),
        (
            {"parameters": PARAMETERS | {"months": True}}, "parameters",
            "The parameters must be those of the rule it replaces: currency, minor, months.",
        ),
    ],
)  # fmt: skip
def test_an_unlawful_or_ill_fitting_rule_is_refused(
    make: Make, pack: int, changes: dict[str, Any], field: str, words: str
) -> None:
    company = make.company()
    hr = make.person(company, Role.HR)
    with pytest.raises(Invalid) as caught:
        adopt(hr, company, **changes)
    assert (str(caught.value.message), caught.value.field) == (words, field)


def test_who_may_not_confirm_a_family_may_not_enter_its_rules(make: Make, pack: int) -> None:
    company = make.company()
    counsel = make.person(company, Role.IP_COUNSEL)
    with pytest.raises(NotAllowed, match="entered by those who may confirm it"):
        adopt(counsel, company, code="cn.equity.person", parameters={})
    with pytest.raises(NotAllowed):
        adopt(make.person(make.company(), Role.HR), company)
    assert may_adopt(object(), company) is False


def test_two_different_persons_confirm(make: Make, pack: int) -> None:
    company = make.company()
    hr, counsel = make.person(company, Role.HR), make.person(company, Role.IP_COUNSEL)
    rule = queries.in_force(AWARD, DAY, company)
    with transaction():
        said = services.confirm(hr, rule)
    assert (queries.is_confirmed(rule), db.session.get_one(AuditEvent, said.cause_id).name) == (False, "rule.confirm")
    assert refusal(lambda: services.confirm(hr, rule))[:2] == (
        NotAllowed, "You have confirmed this rule already; a second person must confirm it too.",
    )  # fmt: skip
    with transaction():
        services.confirm(counsel, rule)
    assert queries.is_confirmed(rule) is True
    third = make.person(company, Role.HR)
    assert refusal(lambda: services.confirm(third, rule))[:2] == (
        WrongState, "Two persons have confirmed this rule already.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "code", "may"),
    [
        (Role.HR, AWARD, True),
        (Role.IP_COUNSEL, AWARD, True),
        (Role.HR, "cn.equity.person", True),
        (Role.IP_COUNSEL, "cn.equity.person", False),
        (Role.OFFICE, AWARD, False),
        (Role.ADMINISTRATOR, "cn.equity.person", False),
        (None, AWARD, False),
    ],
)
def test_the_family_of_a_rule_says_who_confirms_it(
    make: Make, pack: int, role: Role | None, code: str, may: bool
) -> None:
    person = make.person(None, *([role] if role else []))
    rule = queries.in_force(code, DAY, person.company)
    assert may_confirm(person, rule) is may


def test_a_company_rule_is_confirmed_in_its_own_company(make: Make, pack: int) -> None:
    company = make.company()
    hr = make.person(company, Role.HR)
    rule = adopt(hr, company)
    stranger = make.person(make.company(), Role.HR)
    assert (may_confirm(hr, rule), may_confirm(stranger, rule), may_confirm(stranger, None)) == (True, False, True)
    assert refusal(lambda: services.confirm(stranger, rule))[0] is NotAllowed


def waiting(person: Person) -> list[tuple[Any, ...]]:
    return [tuple(row[:4]) for one in queries.waiting_for(person) for row in db.session.execute(one)]


def test_a_rule_waits_for_its_second_person(make: Make, pack: int) -> None:
    company = make.company()
    first, second = make.person(company, Role.HR), make.person(company, Role.HR)
    counsel, employee = make.person(company, Role.IP_COUNSEL), make.person(company)
    award = queries.in_force(AWARD, DAY, company)
    equity = queries.in_force("cn.equity.person", DAY, company)
    assert waiting(second) == []
    with transaction():
        services.confirm(first, award)
        services.confirm(first, equity)
    entries = {
        rule.id: ("rule.confirm", rule.title["en"], f"/rules/{rule.public_id}", None) for rule in (award, equity)
    }
    assert sorted(waiting(second)) == sorted(entries.values())
    assert waiting(counsel) == [entries[award.id]]
    assert (waiting(first), waiting(employee)) == ([], [])
    with transaction():
        services.confirm(second, award)
    assert waiting(counsel) == []


def test_a_reader_sees_law_the_rules_that_bind_them_and_those_in_their_care(make: Make, pack: int) -> None:
    group = make.company()
    company, beside = make.company(group), make.company(group)
    own = adopt(make.person(company, Role.HR), company)
    law = {rule.id for rule in db.session.scalars(select(RuleVersion).where(RuleVersion.company_id.is_(None)))}

    def seen(person: Person) -> set[int]:
        return {rule.id for rule in db.session.scalars(queries.visible_to(person))}

    assert seen(make.person(company)) == law | {own.id}
    assert seen(make.person(beside)) == law
    assert seen(make.person(group, Role.AUDITOR)) == law | {own.id}
    assert seen(make.person(group)) == law


@pytest.mark.committed
def test_two_who_confirm_at_once_make_it_confirmed(app: Flask, make: Make) -> None:
    company = make.company()
    people = [make.person(company, Role.HR).id for _ in range(2)]
    with transaction():
        services.install_packs()
    rule_id = queries.in_force(AWARD, DAY, company).id
    db.session.rollback()
    barrier = threading.Barrier(2)

    def confirm(person_id: int) -> None:
        with app.app_context(), transaction():
            person, rule = db.session.get_one(Person, person_id), db.session.get_one(RuleVersion, rule_id)
            barrier.wait()
            services.confirm(person, rule)

    threads = [threading.Thread(target=confirm, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    assert db.session.scalar(select(func.count(RuleConfirmation.id))) == 2
    assert queries.is_confirmed(db.session.get_one(RuleVersion, rule_id)) is True
