"""Making plans, and the limits on what comes out of them."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incubator.core.db import db
from incubator.core.transaction import attempt, transaction
from incubator.equity import services
from incubator.equity.models import SecurityClass
from incubator.equity.services import caps
from incubator.equity.states import GRANT, PLAN, TRANSFER, GrantState, PlanState
from incubator.permissions import PERMISSIONS
from incubator.web.words import WORDS
from tests.equity.scene import PLAN as TERMS
from tests.equity.scene import Scene, doing, names_of
from tests.equity.test_grants import notices, refusal


def test_a_plan_takes_a_second_hr_person(scene: Scene) -> None:
    plan = scene.drafted_plan()
    assert plan.state is PlanState.IN_APPROVAL
    assert refusal(lambda: services.approve_plan(scene.maker, plan))[0] == "equity_plan.approve"
    assert refusal(lambda: services.approve_plan(scene.lead, plan))[0] == "equity_plan.approve"
    doing(lambda: services.approve_plan(scene.checker, plan))
    assert (plan.state, names_of(plan)) == (
        PlanState.ACTIVE,
        ["equity_plan.create", "equity_plan.submit", "equity_plan.approve"],
    )
    assert refusal(lambda: services.approve_plan(scene.checker, plan))[0] == "wrong_state"


def test_a_plan_can_be_refused_with_a_reason(scene: Scene) -> None:
    plan = scene.drafted_plan()
    doing(lambda: services.refuse_plan(scene.checker, plan, reason="The pool is too large"))
    assert (plan.state, notices(scene.maker)) == (PlanState.REFUSED, ["equity_plan.refused"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": {"en": "Plan", "zh": " "}}, "title_zh"),
        ({"unit": {"en": "", "zh": "股"}}, "unit_en"),
        ({"kind": "lottery"}, "kind"),
        ({"regime": "none"}, "regime"),
        ({"issuer_kind": "club"}, "issuer_kind"),
        ({"size": "huge"}, "size"),
        ({"decimals": 7}, "decimals"),
        ({"total_units": 0}, "total"),
        ({"pool_units": 10_000_001}, "pool"),
        ({"pool_units": 0}, "pool"),
        ({"person_units": 600_001}, "person"),
        ({"person_units": 0}, "person"),
        ({"months": 0}, "months"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_its_field(scene: Scene, changes: dict[str, Any], field: str) -> None:
    terms = TERMS | changes
    assert refusal(lambda: services.create_plan(scene.maker, scene.venture, **terms))[1] == field


def test_a_second_plan_shares_the_class_and_cannot_tell_another_total(scene: Scene) -> None:
    first = scene.plan()
    terms = TERMS | {"total_units": 20_000_000}
    assert refusal(lambda: services.create_plan(scene.maker, scene.venture, **terms))[1] == "total"
    second = scene.plan(pool_units=1_000)
    assert second.security_class_id == first.security_class_id
    assert db.session.scalar(db.select(db.func.count(SecurityClass.id))) == 1


def test_the_pool_counts_what_is_granted_and_what_is_pending(scene: Scene) -> None:
    plan = scene.plan()
    scene.offered(plan, units=338_000)
    scene.submitted(plan, units=200_000, holder=scene.member)
    words = refusal(lambda: services.draft_grant(scene.maker, plan, **scene.terms(units=80_000)))
    assert words == ("over_limit", "units", "The pool has 62,000 left, and you asked for 80,000")


def test_two_drafts_that_do_not_fit_together_are_caught_at_submission(scene: Scene) -> None:
    plan = scene.plan()
    first, second = (scene.draft(plan, units=400_000, holder=who) for who in (scene.lead, scene.member))
    doing(lambda: services.submit(scene.maker, first))
    words = refusal(lambda: services.submit(scene.maker, second))
    assert words == ("over_limit", "units", "The pool has 200,000 left, and you asked for 400,000")
    assert second.state is GrantState.DRAFT


def test_the_plan_limits_one_person(scene: Scene) -> None:
    plan = scene.plan(person_units=50_000)
    scene.submitted(plan, units=48_000)
    words = refusal(lambda: services.draft_grant(scene.maker, plan, **scene.terms(units=3_000)))[2]
    assert words == "The plan gives one person at most 50,000: 2,000 are left, and you asked for 3,000"
    assert scene.submitted(plan, units=3_000, holder=scene.member).state is GrantState.IN_APPROVAL


def test_the_law_limits_one_person_and_all_together(scene: Scene) -> None:
    scene.install_rules()
    plan = scene.plan(regime="cn.equity", total_units=1_000_000, pool_units=600_000)
    words = refusal(lambda: services.draft_grant(scene.maker, plan, **scene.terms(units=30_001)))[2]
    source = "Caizi [2016] No. 4, widened by Caizi [2018] No. 54"
    assert words == (
        f"One person may have at most 30,000 ({source}, person): 30,000 are left, and you asked for 30,001"
    )
    words = refusal(lambda: services.draft_grant(scene.maker, plan, **scene.terms(units=300_001)))[2]
    assert words == (
        f"All grants together may be at most 300,000 ({source}, total): 300,000 are left, and you asked for 300,001"
    )


def test_the_explanation_names_rule_source_limit_used_pending_asked_and_headroom(scene: Scene) -> None:
    scene.install_rules()
    plan = scene.plan(regime="cn.equity", person_units=100_000)
    scene.offered(plan, units=50_000)
    scene.submitted(plan, units=20_000, holder=scene.member)
    lines = caps.explain(plan, holder_id=scene.lead.id, ask=10_000, on=plan.starts_on)
    assert [
        (line.check.rule, line.check.limit, line.held.granted, line.held.pending, line.check.asked,
         line.check.headroom, line.check.ok, line.check.confirmed)
        for line in lines
    ] == [
        ("plan.pool", 600_000, 50_000, 20_000, 10_000, 530_000, True, True),
        ("plan.person", 100_000, 50_000, 0, 10_000, 50_000, True, True),
        ("cn.equity.total", 3_000_000, 50_000, 20_000, 10_000, 2_930_000, True, True),
        ("cn.equity.person", 300_000, 50_000, 0, 10_000, 250_000, True, True),
    ]  # fmt: skip
    assert [str(line.words) for line in lines[:2]] == ["The plan's pool", "The plan's limit for one person"]
    assert lines[2].words["en"].startswith("Equity incentives in all")  # type: ignore[index]


def test_grants_of_two_plans_count_together_against_the_law_and_apart_against_the_pools(scene: Scene) -> None:
    scene.install_rules()
    first = scene.plan(regime="cn.equity", total_units=1_000_000, pool_units=300_000)
    second = scene.plan(regime="cn.equity", total_units=1_000_000, pool_units=300_000)
    scene.offered(first, units=20_000)
    words = refusal(lambda: services.draft_grant(scene.maker, second, **scene.terms(units=10_001)))[2]
    assert words.endswith("10,000 are left, and you asked for 10,001")


def test_an_unconfirmed_rule_warns_and_final_approval_waits_for_it(scene: Scene) -> None:
    scene.install_rules(confirmed=False)
    plan = scene.plan(regime="cn.equity")
    grant = scene.submitted(plan)
    code, _field, words = refusal(lambda: services.approve(scene.checker, grant))
    assert (code, words) == (
        "unconfirmed_rule",
        "This cannot be approved yet. Two people confirm under Rules first: cn.equity.lock, cn.equity.once,"
        " cn.equity.person, cn.equity.price, cn.equity.total",
    )
    assert (grant.state, plan.granted_units) == (GrantState.IN_APPROVAL, 0)
    scene.install_rules()
    doing(lambda: services.approve(scene.checker, grant))
    assert grant.state is GrantState.OFFERED
    assert [(rule["code"], rule["number"]) for rule in grant.rules] == [
        ("cn.equity.total", 1), ("cn.equity.person", 1), ("cn.equity.once", 1), ("cn.equity.lock", 1),
        ("cn.equity.price", 1),
    ]  # fmt: skip


def test_a_rule_that_changed_since_the_check_sends_it_back(scene: Scene) -> None:
    scene.install_rules()
    grant = scene.submitted(scene.plan(regime="cn.equity"))
    with transaction():
        grant.rules = []
    assert refusal(lambda: services.approve(scene.checker, grant))[0] == "stale"


def test_without_a_rule_in_force_no_grant_is_made(scene: Scene) -> None:
    plan = scene.plan(regime="cn.equity")
    assert refusal(lambda: services.draft_grant(scene.maker, plan, **scene.terms()))[0] == "no_rule"


def test_the_database_has_the_last_word_on_the_pool(scene: Scene) -> None:
    plan = scene.plan()
    for value in (600_001, -1):
        with pytest.raises(DBAPIError, match="ck_equity_plan_pool_holds"), transaction(), attempt():
            db.session.execute(text(f"UPDATE equity_plan SET granted_units = {value} WHERE id = {plan.id}"))


def test_every_state_has_words_and_every_step_a_permission_row() -> None:
    for machine in (PLAN, GRANT, TRANSFER):
        for step, (sources, targets) in machine.steps.items():
            assert f"{machine.name}.{step}" in PERMISSIONS
            assert {f"{machine.name}.{state}" for state in (*sources, *targets)} <= WORDS.keys()
