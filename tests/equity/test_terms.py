"""Rules on the terms of a grant: at the draft, at submission and at approval, and on the pages of maker and checker."""

import datetime as dt
from typing import Any

import pytest

from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity import services
from incubator.equity.models import EquityPlan
from incubator.equity.pages.limits import limit_rows
from incubator.equity.services import caps, grants, regime
from incubator.equity.states import GrantState
from incubator.rules import queries as rules
from incubator.rules import services as rule_services
from tests.equity.scene import PLAN, START, Scene, doing
from tests.equity.test_grants import refusal
from tests.equity.test_views import SignIn, page, send

SOURCE = "Caizi [2016] No. 4, widened by Caizi [2018] No. 54"
LISTED = "Rules on equity incentives of listed companies controlled by central enterprises"


def confirmed(scene: Scene, *codes: str) -> None:
    """Two persons of HR have confirmed these rules too."""
    for code in codes:
        version = rules.in_force(code, START, scene.company)
        for person in (scene.maker, scene.checker):
            with transaction():
                rule_services.confirm(person, version)


def listed(scene: Scene, **changes: Any) -> EquityPlan:
    scene.install_rules()
    confirmed(scene, *(f"cn.equity.listed.{one}" for one in ("total", "person", "first", "pay", "price")))
    return scene.plan(regime="cn.equity.listed", **({"size": "large"} | changes))


def test_a_price_below_the_appraised_value_is_refused_at_the_price(scene: Scene) -> None:
    scene.install_rules()
    plan = scene.plan(regime="cn.equity")
    terms = scene.terms(price_minor=99)
    code, field, words = refusal(lambda: services.draft_grant(scene.maker, plan, **terms))
    assert (code, field) == ("over_limit", "price_minor")
    assert words == (
        f"Price at least the appraised value of a unit ({SOURCE}, price): at least ¥1.00, and this is ¥0.99"
    )


def test_without_an_appraisal_a_draft_stands_and_submission_is_refused(scene: Scene) -> None:
    scene.install_rules()
    plan = scene.drafted_plan(regime="cn.equity")
    doing(lambda: services.approve_plan(scene.checker, plan))
    grant = scene.draft(plan)
    code, field, words = refusal(lambda: services.submit(scene.maker, grant))
    assert (code, field) == ("missing_input", "price_minor")
    assert words.endswith("there is no approved appraisal that can be used on the grant date")
    assert grant.state is GrantState.DRAFT
    scene.appraised(plan)
    doing(lambda: services.submit(scene.maker, grant))
    assert grant.state is GrantState.IN_APPROVAL


def test_the_lock_of_the_issuer_is_the_rules_at_least(scene: Scene) -> None:
    scene.install_rules()
    plan = scene.plan(regime="cn.equity")
    issuer = plan.security.issuer
    assert issuer.articles == {"lock_months": 60}
    grant = scene.submitted(plan)
    with transaction():
        issuer.articles = {"lock_months": 36}
    _code, _field, words = refusal(lambda: services.approve(scene.checker, grant))
    assert words.endswith("at least 60 months, and this is 36 months")
    assert (grant.state, plan.granted_units) == (GrantState.IN_APPROVAL, 0)


def test_one_person_is_in_one_plan_at_a_time(scene: Scene) -> None:
    scene.install_rules()
    first, second = scene.plan(regime="cn.equity"), scene.plan(regime="cn.equity")
    scene.offered(first, units=10_000)
    code, field, words = refusal(lambda: services.draft_grant(scene.maker, second, **scene.terms(units=10_000)))
    assert (code, field) == ("over_limit", "holder")
    assert words.endswith("at most 1 plan; 0 plans are left, and this comes to 1 plan")
    assert scene.draft(second, holder=scene.member).units == 48_000
    later = scene.terms(units=10_000, granted_on=dt.date(2031, 7, 1), starts_on=dt.date(2031, 7, 1))
    asked = regime.Asked(scene.lead.id, 10_000, 120, later["granted_on"], {"months": 48}, {})
    assert [line.check.ok for line in regime.explain(second, asked) if line.check.rule == "cn.equity.once"] == [True]


def test_options_are_for_small_companies_under_the_state_rules(scene: Scene) -> None:
    scene.install_rules()
    asked = PLAN | {"regime": "cn.equity", "size": "large"}
    code, field, _words = refusal(lambda: services.create_plan(scene.maker, scene.venture, **asked))
    assert (code, field) == ("size_excluded", "size")
    assert scene.drafted_plan(regime="cn.equity", size="large", kind="restricted").kind == "restricted"


def test_the_first_grant_of_a_listed_company_and_the_part_of_pay(scene: Scene) -> None:
    plan = listed(scene)
    facts = {"pay_minor": 100_000_00, "unit_value_minor": 100}
    bare = scene.draft(plan, units=40_000)
    _code, field, words = refusal(lambda: services.submit(scene.maker, bare))
    assert (field, words) == (
        "pay_minor",
        f"Listed company of a central enterprise: value and a year’s pay ({LISTED}, pay): enter the pay of a year",
    )
    beyond = scene.terms(units=40_001, facts=facts)
    _code, field, words = refusal(lambda: services.draft_grant(scene.maker, plan, **beyond))
    assert (field, words.split("): ")[1]) == (
        "units", "at most ¥40,000.00; ¥40,000.00 are left, and this comes to ¥40,001.00"
    )  # fmt: skip
    scene.offered(plan, units=40_000, facts=facts)
    more = scene.terms(units=1, facts=facts)
    _code, _field, words = refusal(lambda: services.draft_grant(scene.maker, plan, **more))
    assert words.split("): ")[1] == "at most ¥40,000.00; ¥0.00 are left, and this comes to ¥1.00"
    rich = {"pay_minor": 10**9, "unit_value_minor": 1}
    third = scene.terms(units=60_001, holder=scene.member, facts=rich)
    _code, field, words = refusal(lambda: services.draft_grant(scene.maker, plan, **third))
    assert (field, words.split("): ")[1]) == (
        "units", "at most 100,000; 60,000 are left, and this comes to 60,001"
    )  # fmt: skip
    late = third | {"granted_on": dt.date(2026, 8, 30), "starts_on": dt.date(2026, 8, 30)}
    assert doing(lambda: services.draft_grant(scene.maker, plan, **late)).units == 60_001


def test_a_share_award_needs_its_purchase_its_years_and_its_sums(scene: Scene) -> None:
    scene.install_rules()
    confirmed(scene, "cn.equity.award")
    plan = scene.plan(regime="cn.equity", kind="share_award", facts={"net_asset_growth_minor": 10_000_000})
    facts = {"bought_units": 10_000, "joined_on": dt.date(2023, 6, 30)}
    ask = scene.terms(units=10_000, facts=facts)
    grant = doing(lambda: services.draft_grant(scene.maker, plan, **ask))
    lines = {line.check.parameter: line.check for line in regime.explain(plan, grants.asked_of(grant))}
    assert {name: (one.limit, one.asked) for name, one in lines.items()} == {
        "plans_at_once": (1, 1), "months": (60, 60), "bought_to_awarded": (10_000, 10_000),
        "technical_staff_years": (36, 36), "person_minor": (300_000_000, 1_000_000),
        "net_asset_growth_bps": (1_500_000, 1_000_000),
    }  # fmt: skip
    doing(lambda: services.submit(scene.maker, grant))
    over = scene.terms(units=5_001, holder=scene.member, facts=facts)
    words = refusal(lambda: services.draft_grant(scene.maker, plan, **over))[2]
    assert words.endswith("at most ¥15,000.00; ¥5,000.00 are left, and this comes to ¥5,001.00")
    for changes, field in (
        ({"bought_units": 9_999}, "bought_units"), ({"joined_on": dt.date(2023, 7, 1)}, "joined_on"),
        ({"joined_on": dt.date(2026, 7, 1)}, "joined_on"), ({"bought_units": -1}, "bought_units"),
    ):  # fmt: skip
        bad = scene.terms(units=1 if "joined_on" in changes else 10_000, facts=facts | changes)
        assert refusal(lambda bad=bad: services.draft_grant(scene.maker, plan, **bad))[1] in (field, "units")


def test_dividends_of_posts_stay_within_the_year_s_profit_and_the_staff(scene: Scene) -> None:
    """15 % of a profit of 1,000,000.00 are 150,000.00, at 2.00 a unit 75,000 units; 30 % of 4 people are one."""
    scene.install_rules()
    confirmed(scene, "cn.equity.post_dividend")
    facts = {"after_tax_profit_minor": 100_000_000, "staff": 4}
    plan = scene.plan(regime="cn.equity", kind="post_dividend", months=36, facts=facts)
    said = {"pay_minor": 90_000_000, "unit_value_minor": 200}
    terms = {"price_minor": 0, "months": 36, "granted_on": START, "facts": said}
    over = scene.terms(units=75_001, **terms)
    code, field, words = refusal(lambda: services.draft_grant(scene.maker, plan, **over))
    assert (code, field) == ("over_limit", "units")
    assert words.endswith("at most ¥150,000.00; ¥150,000.00 are left, and this comes to ¥150,002.00")
    first = scene.offered(plan, units=50_000, **terms)
    other = scene.terms(units=1, holder=scene.member, **terms)
    code, field, words = refusal(lambda: services.draft_grant(scene.maker, plan, **other))
    assert (code, field, words.endswith("at most 1 person; 0 people are left, and this comes to 1 person")) == (
        "over_limit", "holder", True,
    )  # fmt: skip
    assert first.state is GrantState.OFFERED
    bare = scene.plan(regime="cn.equity", kind="post_dividend", months=36)
    draft = scene.draft(bare, holder=scene.member, units=1, **terms)
    code, field, words = refusal(lambda: services.submit(scene.maker, draft))
    assert (code, field, words.endswith("the plan does not say the after-tax profit of the year")) == (
        "missing_input", "units", True,
    )  # fmt: skip
    assert refusal(lambda: services.create_plan(scene.maker, scene.venture, **(PLAN | {"facts": {"staff": -1}})))[
        1
    ] == "staff"  # fmt: skip


def test_the_state_keeps_its_third_in_a_staff_ownership_pilot(scene: Scene) -> None:
    """The state has 34,000 of 90,000 issued units: with 10,000 more it has exactly 34 %, with 10,001 less."""
    scene.install_rules()
    confirmed(scene, *(f"cn.equity.pilot.{one}" for one in ("total", "person", "lock", "price", "state")))
    size = {"total_units": 10_000_000, "pool_units": 100_000}
    plan = scene.plan(regime="cn.equity.pilot", kind="restricted", **size)
    draft = scene.draft(plan, units=10_001, price_minor=100)
    code, field, words = refusal(lambda: services.submit(scene.maker, draft))
    assert (code, field, "no unit of this class is issued yet" in words) == ("missing_input", "units", True)
    issuer = plan.security.issuer
    state, other = [
        doing(lambda name=name: services.create_holder(scene.maker, issuer, kind="company", name=name))
        for name in ("State Capital", "Partner")
    ]
    lines = [{"holder": state.public_id, "units": 34_000, "price_minor": 100},
             {"holder": other.public_id, "units": 56_000, "price_minor": 100}]  # fmt: skip
    entry = doing(
        lambda: services.draft_entry(scene.maker, plan.security, effective_on=START, evidence="R", lines=lines)
    )
    doing(lambda: services.submit_entry(scene.maker, entry))
    doing(lambda: services.approve_entry(scene.checker, entry))
    assert "at least 34,001, and this is 0" in refusal(lambda: services.submit(scene.maker, draft))[2]
    doing(lambda: services.revise_holder(scene.maker, issuer, holder=state, is_state=True))
    code, field, words = refusal(lambda: services.submit(scene.maker, draft))
    assert (code, field, words.endswith("at least 34,001, and this is 34,000")) == ("over_limit", "units", True)
    doing(lambda: services.revise(scene.maker, draft, units=10_000))
    doing(lambda: services.submit(scene.maker, draft))
    (said,) = [rule for rule in draft.rules if rule["code"] == "cn.equity.pilot.state"]
    assert said["state_holders"] == [f"State Capital ({state.public_id})"]
    assert (draft.content or {})["rules"] == draft.rules
    row = next(row for row in limit_rows(grants.all_limits(plan, grants.asked_of(draft)), plan.security)
               if "state_holders" in row.check.inputs)  # fmt: skip
    assert f"State Capital ({state.public_id})" in [text for _name, text in row.inputs]
    doing(lambda: services.revise_holder(scene.maker, issuer, holder=other, is_state=True))
    assert refusal(lambda: services.approve(scene.checker, draft))[0] == "stale"
    doing(lambda: services.revise_holder(scene.maker, issuer, holder=other, is_state=False))
    doing(lambda: services.approve(scene.checker, draft))
    assert draft.state is GrantState.OFFERED
    assert refusal(lambda: services.revise_holder(scene.maker, issuer, holder=None, is_state=True))[1] == "holder"


def test_facts_are_frozen_and_signed(scene: Scene) -> None:
    plan = listed(scene)
    grant = scene.submitted(plan, units=100, facts={"pay_minor": 10_000_000, "unit_value_minor": 100})
    assert (grant.content or {})["facts"] == {"pay_minor": 10_000_000, "unit_value_minor": 100}
    doing(lambda: services.approve(scene.checker, grant))
    assert grant.state is GrantState.OFFERED
    assert [line.check.missing for line in grants.all_limits(plan, grants.asked_of(grant))] == [""] * 6


def test_maker_and_checker_read_rule_source_inputs_limit_and_headroom(scene: Scene, sign_in: SignIn) -> None:
    plan = listed(scene)
    browser = sign_in(scene.maker)
    draft = scene.draft(plan, units=40_000)
    address = f"/equity/grants/{draft.public_id}"
    assert "enter the pay of a year" in page(browser, f"{address}/limits")
    assert "enter the pay of a year" in send(browser, f"{address}/submit", 422)
    text = send(browser, f"{address}/limits", 422, pay_minor="a lot", unit_value_minor="1.00")
    assert 'value="a lot"' in text
    send(browser, f"{address}/limits", pay_minor="100,000.00", unit_value_minor="1.00")
    send(browser, f"{address}/submit")
    for reader, where in ((scene.maker, address), (scene.checker, address)):
        text = page(sign_in(reader), where)
        assert f"{LISTED}, pay" in text
        assert "pay of a year: ¥100,000.00" in text
        assert "at most ¥40,000.00" in text
        assert "appraised on: 2026-03-31" in text
    sign_in(scene.lead)
    page(browser, address, 404)


def test_units_pending_elsewhere_are_counted_in_the_headroom_shown(scene: Scene, sign_in: SignIn) -> None:
    plan = scene.plan()
    scene.submitted(plan, units=500_000, holder=scene.member)
    grant = scene.submitted(plan, units=48_000)
    text = page(sign_in(scene.checker), f"/equity/grants/{grant.public_id}")
    assert "500,000" in text
    assert "52,000" in text
    line = caps.explain(plan, holder_id=scene.lead.id, ask=48_000, on=grant.granted_on, but=grant.id)[0]
    assert (line.held.granted, line.held.pending, line.check.headroom) == (0, 500_000, 100_000)
    assert db.session.get_one(EquityPlan, plan.id).granted_units == 0


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"units": 600_001}, "units", "The pool has 600,000 left, and you asked for 600,001"),
        ({"granted_on": START - dt.timedelta(days=1)}, "granted_on",
         "The plan starts on 2026-03-31; a grant cannot be dated before it"),
    ],
)  # fmt: skip
def test_bad_input_names_its_rule_and_nothing_is_half_done(
    scene: Scene, changes: dict[str, Any], field: str, words: str
) -> None:
    plan = scene.plan()
    grant = scene.draft(plan)
    assert refusal(lambda: services.revise(scene.maker, grant, **changes))[1:] == (field, words)
    db.session.refresh(grant)
    assert (grant.units, grant.granted_on, plan.granted_units) == (48_000, dt.date(2026, 6, 30), 0)
