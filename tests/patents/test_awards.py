"""An inventors' award from the grant to the payroll."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from incubator.core import audit, clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, Stale, WrongState
from incubator.core.transaction import transaction
from incubator.ledger.models import Account
from incubator.notifications.models import Notice
from incubator.patents import queries, services
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import Award, Matter, Office, PayrollLine
from incubator.patents.services.awards import owe
from incubator.patents.states import AwardState
from incubator.people.models import Role
from incubator.rules import services as rule_services
from tests.patents.scene import Scene


def refusal(call: Any) -> tuple[type, str]:
    with pytest.raises(DomainError) as caught, transaction():
        call()
    return type(caught.value), str(caught.value.message)


@pytest.mark.parametrize(
    ("announced_on", "kind", "amount", "version", "due_on"),
    [
        (dt.date(2024, 1, 19), PatentKind.INVENTION, 300_000, 1, dt.date(2024, 4, 19)),
        (dt.date(2024, 1, 20), PatentKind.INVENTION, 400_000, 2, dt.date(2024, 4, 22)),
        (dt.date(2024, 1, 19), PatentKind.UTILITY_MODEL, 100_000, 1, dt.date(2024, 4, 19)),
        (dt.date(2024, 1, 20), PatentKind.DESIGN, 150_000, 2, dt.date(2024, 4, 22)),
    ],
)
def test_the_rule_of_the_day_of_the_announcement_decides(
    scene: Scene, announced_on: dt.date, kind: PatentKind, amount: int, version: int, due_on: dt.date
) -> None:
    award = scene.granted(announced_on, scene.filed(matter=scene.matter(kind=kind)))
    assert (award.state, award.amount, award.currency, award.rule.code, award.rule.number, award.due_on) == (
        AwardState.DUE, amount, "CNY", "cn.patent.award", version, due_on,
    )  # fmt: skip
    assert award.is_overdue is True


def test_the_award_follows_from_the_grant_in_the_chain(scene: Scene) -> None:
    award = scene.granted()
    cause = db.session.get_one(AuditEvent, award.cause_id)
    assert (cause.name, cause.subject_type, cause.subject_id) == ("matter.grant", "matter", award.matter_id)
    born = audit.event_of(award, "award.create")
    assert born.parent_id == cause.id


@pytest.mark.parametrize(
    ("points", "parts"),
    [
        ((6000, 4000), (240_000, 160_000)),
        ((3334, 3333, 3333), (133_360, 133_320, 133_320)),
        ((9999, 1), (399_960, 40)),
    ],
)
def test_the_parts_sum_to_the_fen(scene: Scene, points: tuple[int, ...], parts: tuple[int, ...]) -> None:
    third = scene.make.person(scene.company)
    people = [scene.lead, scene.mate, third]
    shares = list(zip(people, points, strict=False))
    award = scene.granted(matter=scene.filed(matter=scene.matter(scene.assessed(shares))))
    assert tuple(share.amount for share in award.shares) == parts
    assert sum(parts) == award.amount


def test_odd_fen_go_to_the_largest_remainders(scene: Scene) -> None:
    with transaction():
        rule_services.adopt_company_rule(
            scene.hr_a, scene.company, code="cn.patent.award", title={"en": "Own", "zh": "本公司"},
            source="Rule 7/2023", article="3", valid_from=dt.date(2023, 1, 1), staff_heard_on=dt.date(2022, 11, 1),
            published_on=dt.date(2022, 12, 1),
            parameters={
                "currency": "CNY", "months": 3,
                "minor": {"invention": 1_000_001, "utility_model": 200_000, "design": 200_000},
            },
        )  # fmt: skip
    third = scene.make.person(scene.company)
    shares = [(scene.lead, 3334), (scene.mate, 3333), (third, 3333)]
    award = scene.granted(matter=scene.filed(matter=scene.matter(scene.assessed(shares))))
    assert (award.amount, [share.amount for share in award.shares]) == (1_000_001, [333_401, 333_300, 333_300])
    assert award.rule.company_id == scene.company.id


def test_parts_that_do_not_sum_are_refused_by_the_database(scene: Scene) -> None:
    award = scene.granted()
    with pytest.raises(IntegrityError, match="do not sum to its amount"), transaction():
        award.shares[0].amount += 1


def test_one_person_calculates_another_approves_and_the_payroll_line_stands(scene: Scene) -> None:
    award = scene.calculated()
    assert award.state == AwardState.CALCULATED
    scene.confirm_rule(award)
    with transaction():
        services.approve(scene.hr_b, award)
    assert award.state == AwardState.IN_PAYROLL
    lines = queries.payroll_lines(award)
    period = f"{clock.today():%Y-%m}"
    assert [(one.hr_number, one.amount, one.currency, one.period, one.in_wages_total) for one in lines] == [
        (scene.lead.hr_number, 240_000, "CNY", period, True),
        (scene.mate.hr_number, 160_000, "CNY", period, True),
    ]
    balances = db.session.execute(
        select(Account.kind, Account.balance).where(Account.kind.in_(["external", "payable"])).order_by(Account.id)
    ).all()
    assert [tuple(row) for row in balances] == [("external", -400_000), ("payable", 240_000), ("payable", 160_000)]
    cause = db.session.get_one(AuditEvent, db.session.scalars(select(PayrollLine.cause_id)).first())
    assert (cause.name, cause.actor_id) == ("award.enter_payroll", scene.hr_b.id)
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "award.in_payroll")).all()
    assert list(told) == [scene.lead.id, scene.mate.id]


def test_final_approval_waits_until_two_persons_have_confirmed_the_rule(scene: Scene) -> None:
    award = scene.calculated()
    words = (
        "The rule this award rests on (cn.patent.award, version 2) is not confirmed by two persons yet. "
        "Confirm it first."
    )
    assert refusal(lambda: services.approve(scene.hr_b, award)) == (WrongState, words)
    with transaction():
        rule_services.confirm(scene.hr_a, award.rule)
    assert refusal(lambda: services.approve(scene.hr_b, award)) == (WrongState, words)
    with transaction():
        rule_services.confirm(scene.hr_b, award.rule)
        services.approve(scene.hr_b, award)
    assert award.state == AwardState.IN_PAYROLL


def test_who_calculated_cannot_approve(scene: Scene) -> None:
    award = scene.calculated()
    scene.confirm_rule(award)
    assert refusal(lambda: services.approve(scene.hr_a, award)) == (
        NotAllowed,
        "You made this request, so somebody else must sign it.",
    )


def test_an_inventor_of_hr_neither_calculates_nor_approves(scene: Scene) -> None:
    inventor = scene.make.person(scene.company, Role.HR)
    award = scene.granted(
        matter=scene.filed(matter=scene.matter(scene.assessed([(scene.lead, 5000), (inventor, 5000)])))
    )
    assert refusal(lambda: services.calculate(inventor, award))[0] is NotAllowed
    scene.calculated(award)
    scene.confirm_rule(award)
    assert refusal(lambda: services.approve(inventor, award)) == (
        NotAllowed,
        "You gain from this, so somebody else must sign it.",
    )


@pytest.mark.parametrize("of", ["inventor", "maker"])
def test_who_reports_to_an_inventor_or_the_maker_cannot_approve(scene: Scene, of: str) -> None:
    award = scene.calculated()
    scene.confirm_rule(award)
    manager = scene.lead if of == "inventor" else scene.hr_a
    report = scene.make.person(scene.company, Role.HR, manager=manager)
    kind, words = refusal(lambda: services.approve(report, award))
    assert kind is NotAllowed
    assert words.startswith("You report to ")


def test_hr_of_another_company_neither_calculates_nor_approves(scene: Scene) -> None:
    stranger = scene.make.person(scene.make.company(), Role.HR)
    award = scene.granted()
    assert refusal(lambda: services.calculate(stranger, award))[0] is NotAllowed
    scene.calculated(award)
    assert refusal(lambda: services.approve(stranger, award))[0] is NotAllowed


def test_what_changed_after_it_was_put_to_approval_is_not_signed(scene: Scene) -> None:
    award = scene.calculated()
    scene.confirm_rule(award)
    with transaction():
        first, second = award.shares
        first.amount, second.amount = first.amount - 1, second.amount + 1
    assert refusal(lambda: services.approve(scene.hr_b, award))[0] is Stale


def test_an_award_sent_back_is_due_again_and_can_be_calculated_anew(scene: Scene) -> None:
    award = scene.calculated()
    assert refusal(lambda: services.send_back(scene.hr_b, award, reason=" ")) == (Invalid, "Give a reason.")
    with transaction():
        services.send_back(scene.hr_b, award, reason="The shares are disputed.")
    assert award.state == AwardState.DUE
    assert refusal(lambda: services.approve(scene.hr_b, award)) == (
        WrongState,
        "This award does not wait for a signature.",
    )
    scene.calculated(award)
    assert award.state == AwardState.CALCULATED


def test_an_award_is_calculated_once(scene: Scene) -> None:
    award = scene.calculated()
    assert refusal(lambda: services.calculate(scene.hr_a, award))[0] is WrongState


def test_a_company_rule_adopted_later_for_the_day_takes_the_place_of_the_default(scene: Scene) -> None:
    award = scene.granted()
    with transaction():
        own = rule_services.adopt_company_rule(
            scene.hr_a, scene.company, code="cn.patent.award", title={"en": "Own", "zh": "本公司"}, source="Rule 7",
            article="3", valid_from=clock.today(), staff_heard_on=clock.today(), published_on=clock.today(),
            parameters={
                "currency": "CNY", "months": 2,
                "minor": {"invention": 600_000, "utility_model": 200_000, "design": 200_000},
            },
        )  # fmt: skip
    scene.calculated(award)
    assert (award.rule_version_id, award.amount, [share.amount for share in award.shares]) == (
        own.id, 600_000, [360_000, 240_000],
    )  # fmt: skip


def abroad(scene: Scene) -> Matter:
    """The same invention at the European Patent Office, filed; made outside China, so that nothing keeps it back."""
    matter = scene.filed(matter=scene.matter(scene.assessed_abroad()))
    with transaction():
        european = services.add_matter(scene.counsel, matter.family, office=Office.EPO, kind=PatentKind.INVENTION)
        services.record_filing(scene.counsel, european, happened_on=dt.date(2023, 8, 1), number="EP16839078.9")
    return european


def test_a_patent_granted_abroad_owes_no_award_by_law_and_one_where_the_company_gives_it(
    scene: Scene, sign_in: Callable[..., FlaskClient]
) -> None:
    european = abroad(scene)
    with transaction():
        assert services.record_grant(scene.counsel, european, happened_on=clock.today()) is None
    assert db.session.scalar(select(Award.id)) is None
    page = sign_in(scene.counsel).get(f"/patents/{european.public_id}").get_data(as_text=True)
    assert "By law an award is owed for a patent granted in China" in page
    assert not services.earns_award(european)
    with transaction():
        rule_services.adopt_company_rule(
            scene.hr_a, scene.company, code="cn.patent.award", title={"en": "Own", "zh": "本公司"}, source="Rule 7",
            article="3", valid_from=clock.today(), staff_heard_on=clock.today(), published_on=clock.today(),
            parameters={
                "currency": "CNY", "months": 2, "offices": ["CNIPA", "EPO"],
                "minor": {"invention": 600_000, "utility_model": 200_000, "design": 200_000},
            },
        )  # fmt: skip
    assert services.earns_award(european)
    with transaction():
        american = services.add_matter(scene.counsel, european.family, office=Office.USPTO, kind=PatentKind.INVENTION)
        services.record_filing(scene.counsel, american, happened_on=dt.date(2023, 9, 1), number="16/123,456")
        second = services.add_matter(scene.counsel, european.family, office=Office.EPO, kind=PatentKind.INVENTION)
        services.record_filing(scene.counsel, second, happened_on=dt.date(2023, 9, 1), number="EP99403122.7")
    with transaction():
        assert services.record_grant(scene.counsel, american, happened_on=clock.today()) is None
        award = services.record_grant(scene.counsel, second, happened_on=clock.today())
    assert award is not None
    assert (award.amount, [share.amount for share in award.shares]) == (600_000, [360_000, 240_000])


def test_a_rule_without_the_kind_is_named_and_nothing_is_recorded(scene: Scene) -> None:
    with transaction():
        rule = rule_services.queries.in_force("cn.patent.award", clock.today(), scene.company)
        db.session.execute(text("ALTER TABLE rule_version DISABLE TRIGGER USER"))  # as its owner can
        rule.parameters = {"currency": "CNY", "months": 3, "minor": {"design": 1}}
    matter = scene.filed()
    kind, words = refusal(lambda: services.record_grant(scene.counsel, matter, happened_on=clock.today()))
    assert kind is Invalid
    assert words.startswith("The award cannot be computed: one award rule must be in force")
    db.session.refresh(matter)
    assert (matter.state, db.session.scalar(select(Award.id))) == ("filed", None)


def test_a_day_before_any_rule_is_refused_at_the_day(scene: Scene) -> None:
    matter = scene.filed(dt.date(2009, 1, 5))
    with pytest.raises(Invalid) as caught, transaction():
        services.record_grant(scene.counsel, matter, happened_on=dt.date(2009, 6, 1))
    assert (caught.value.field, caught.value.code, str(caught.value.message)) == (
        "happened_on", "no_rule", "No rule cn.patent.award was in force on 2009-06-01.",
    )  # fmt: skip


def test_a_share_has_one_line_and_a_reversal_is_another_line(scene: Scene) -> None:
    award = scene.in_payroll()
    line = db.session.scalars(select(PayrollLine).order_by(PayrollLine.id)).first()
    assert line is not None
    again = {
        "award_share_id": line.award_share_id, "company_id": line.company_id, "period": line.period,
        "currency": line.currency, "in_wages_total": True, "entry_id": line.entry_id, "cause_id": line.cause_id,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="uq_payroll_line_share"), transaction():
        db.session.add(PayrollLine(amount=line.amount, **again))
    with pytest.raises(IntegrityError, match="reversal_is_negative"), transaction():
        db.session.add(PayrollLine(amount=line.amount, reverses_id=line.id, **again))
    with transaction():
        db.session.add(PayrollLine(amount=-line.amount, reverses_id=line.id, **again))
    assert [(one.amount, one.reverses) for one in queries.payroll_lines(award)] == [
        (240_000, ""),
        (160_000, ""),
        (-240_000, line.public_id),
    ]
    with pytest.raises(IntegrityError, match="never changed"), transaction():
        line.amount = 1


def test_a_rule_that_awards_nothing_makes_no_payroll_line(scene: Scene) -> None:
    with transaction():
        rule = rule_services.queries.in_force("cn.patent.award", clock.today(), scene.company)
        db.session.execute(text("ALTER TABLE rule_version DISABLE TRIGGER USER"))  # as its owner can
        rule.parameters = rule.parameters | {"minor": {"invention": 0, "utility_model": 0, "design": 0}}
    award = scene.in_payroll()
    assert (award.state, award.amount, queries.payroll_lines(award)) == (AwardState.IN_PAYROLL, 0, [])


def test_an_award_without_a_grant_is_a_programming_error(scene: Scene) -> None:
    matter = scene.filed()
    with scene.make.acting() as cause, pytest.raises(ValueError, match="follows from a grant"):
        owe(matter, cause_id=cause.parent_id or 0)
