"""The life of a grant in force: each step asked for by one, signed by another, written to the register."""

import datetime as dt
from typing import Any

import pytest

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.equity import jobs, queries, services
from incubator.equity.models import EquityGrant, EquityPlan, EquityStep, EquityTransaction, Instrument, Movement
from incubator.equity.queries import transactions_of
from incubator.equity.services import register
from incubator.equity.services.effects import price_of
from incubator.equity.services.steps import exercisable, is_exercisable
from incubator.equity.states import GrantState
from incubator.people.models import Person, Role, RoleGrant
from incubator.ventures.states import VentureState
from tests.equity.scene import Scene

DAY = dt.date(2028, 6, 1)
"""Two of four yearly instalments have vested."""


@pytest.fixture(autouse=True)
def later() -> Any:
    """All of this happens in June 2028."""
    with clock.travelled(dt.datetime(2028, 6, 1, 4, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def grant(scene: Scene) -> EquityGrant:
    return scene.live(scene.plan())


def asked(scene: Scene, grant: EquityGrant, kind: str, **details: Any) -> EquityStep:
    with transaction():
        return services.propose_step(
            scene.maker, grant, kind=kind, reason="As agreed", **({"effective_on": DAY} | details)
        )


def done(scene: Scene, grant: EquityGrant, kind: str, **details: Any) -> EquityStep:
    step = asked(scene, grant, kind, **details)
    sign(scene, step)
    return step


def sign(scene: Scene, step: EquityStep) -> None:
    with transaction():
        services.approve_step(scene.checker, step)


def exercised(scene: Scene, grant: EquityGrant, units: int, value: int | None = None) -> EquityStep:
    with transaction():
        step = services.exercise(grant.holder, grant, units=units, value_minor=value)
    sign(scene, step)
    return step


def rows(grant: EquityGrant) -> list[tuple[str, int, str]]:
    return [(row.kind, row.quantity, row.instrument) for row in transactions_of(grant)][2:]


def vests(grant: EquityGrant) -> list[tuple[str, int]]:
    assert services.stored(grant) == services.rebuild(grant)
    return [(line.vests_on.isoformat(), line.units) for line in services.stored(grant)]


def test_an_exercise_takes_vested_units_and_makes_shares(scene: Scene, grant: EquityGrant) -> None:
    assert (exercisable(grant, DAY), is_exercisable(grant)) == (24_000, True)
    with transaction():
        step = services.exercise(scene.lead, grant, units=10_000)
    assert rows(grant) == []
    with pytest.raises(NotAllowed), transaction():
        services.approve_step(scene.lead, step)
    sign(scene, step)
    assert rows(grant) == [
        ("exercise", -10_000, "award"),
        ("balance", -38_000, "award"),
        ("balance", 38_000, "award"),
        ("issuance", 10_000, "share"),
    ]
    shares = [one for one in register.of_grant(grant) if one.instrument is Instrument.SHARE]
    assert [(one.price_minor, register.units_in(one)) for one in shares] == [(120, 10_000)]
    assert (exercisable(grant, DAY), step.state, grant.state) == (14_000, "done", "live")


def test_no_more_is_exercised_than_has_vested(scene: Scene, grant: EquityGrant) -> None:
    for units, words in ((24_001, "only 24,000 have vested"), (0, "at least 1"), (None, "how many units")):
        with pytest.raises(Invalid, match=words), transaction():
            services.exercise(scene.lead, grant, units=units)
    assert db.session.scalar(db.select(db.func.count(EquityStep.id))) == 0


def test_one_step_waits_at_a_time_and_its_maker_can_take_it_back(scene: Scene, grant: EquityGrant) -> None:
    step = asked(scene, grant, "repricing", price_minor=100)
    with pytest.raises(WrongState, match="Another step"):
        asked(scene, grant, "repricing", price_minor=90)
    with pytest.raises(NotAllowed), transaction():
        services.cancel_step(scene.checker, step)
    with transaction():
        services.cancel_step(scene.maker, step)
    again = asked(scene, grant, "repricing", price_minor=90)
    with pytest.raises(NotAllowed, match="You made this request"), transaction():
        services.approve_step(scene.maker, again)
    with transaction():
        services.refuse_step(scene.checker, again, reason="Too low")
    assert (step.state, again.state, price_of(grant)) == ("cancelled", "refused", 120)


def test_a_repricing_counts_for_what_is_exercised_later(scene: Scene, grant: EquityGrant) -> None:
    done(scene, grant, "repricing", price_minor=90)
    assert price_of(grant) == 90
    exercised(scene, grant, 24_000)
    shares = [one for one in register.of_grant(grant) if one.instrument is Instrument.SHARE]
    assert [one.price_minor for one in shares] == [90]


def test_an_acceleration_a_leave_and_a_new_start_change_what_vests_when(scene: Scene, grant: EquityGrant) -> None:
    done(scene, grant, "acceleration", units=5_000)
    assert vests(grant)[2:] == [("2028-06-01", 5_000), ("2029-03-31", 7_000), ("2030-03-31", 12_000)]
    done(scene, grant, "leave", to_on=dt.date(2028, 6, 10))
    assert vests(grant)[3:] == [("2029-04-10", 7_000), ("2030-04-10", 12_000)]
    done(scene, grant, "start", effective_on=dt.date(2026, 4, 30))
    assert vests(grant)[:2] == [("2027-04-30", 12_000), ("2028-04-30", 12_000)]


def test_a_stop_takes_what_has_not_vested_and_gives_it_back_to_the_pool(scene: Scene, grant: EquityGrant) -> None:
    plan = grant.plan
    done(scene, grant, "cancellation", stops=True)
    assert (plan.granted_units, grant.returned_units, grant.state) == (24_000, 24_000, "live")
    assert vests(grant) == [("2027-03-31", 12_000), ("2028-03-31", 12_000)]
    assert exercisable(grant, DAY) == 24_000
    with pytest.raises(WrongState, match="has ended already"):
        asked(scene, grant, "cancellation", stops=True)


def test_a_plan_that_retires_units_keeps_them_counted(scene: Scene) -> None:
    grant = scene.live(scene.plan(on_cancellation="retire"))
    done(scene, grant, "cancellation", units=4_000)
    assert (grant.plan.granted_units, grant.returned_units, exercisable(grant, DAY)) == (48_000, 0, 20_000)


def test_a_grant_of_which_nothing_is_left_is_closed_and_a_correction_opens_it_again(
    scene: Scene, grant: EquityGrant
) -> None:
    done(scene, grant, "cancellation", stops=True)
    exercised(scene, grant, 24_000)
    assert grant.state is GrantState.CLOSED
    with pytest.raises(WrongState, match="in force"):
        asked(scene, grant, "repricing", price_minor=1)
    exercise = next(row for row in transactions_of(grant) if row.kind == "exercise")
    done(scene, grant, "correction", transaction=exercise.public_id)
    assert (grant.state, exercisable(grant, DAY)) == ("live", 24_000)
    assert rows(grant)[-2:] == [("correction", -24_000, "share"), ("correction", 24_000, "award")]
    stop = next(row for row in transactions_of(grant) if row.kind == "cancellation")
    done(scene, grant, "correction", transaction=stop.public_id)
    assert (grant.plan.granted_units, grant.returned_units, len(vests(grant))) == (48_000, 0, 4)
    issued = transactions_of(grant)[0]
    for wrong in (issued.public_id, stop.public_id, "x", None):
        with pytest.raises(Invalid, match="can be taken back"):
            asked(scene, grant, "correction", transaction=wrong)


def test_units_of_an_rsu_are_released_as_shares(scene: Scene) -> None:
    grant = scene.live(scene.plan(kind="rsu"))
    assert not is_exercisable(grant)
    done(scene, grant, "release", units=24_000)
    assert rows(grant)[0] == ("release", -24_000, "award")
    assert rows(grant)[-1] == ("issuance", 24_000, "share")
    with pytest.raises(Invalid, match="no such step"), transaction():
        services.exercise(scene.lead, grant, units=1)


def test_a_right_in_money_is_paid_its_rise_and_finance_signs_too(scene: Scene) -> None:
    finance = scene.make.person(scene.company, Role.FINANCE)
    grant = scene.live(scene.plan(kind="phantom"))
    with pytest.raises(Invalid, match="Enter an amount"), transaction():
        services.exercise(scene.lead, grant, units=1_000)
    with transaction():
        step = services.exercise(scene.lead, grant, units=1_000, value_minor=480)
    assert step.amount_minor == 360_000
    sign(scene, step)
    assert step.state == "in_approval"
    with transaction():
        services.approve_step(finance, step)
    assert (step.state, rows(grant)[0]) == ("done", ("exercise", -1_000, "cash_award"))
    assert {row.instrument for row in transactions_of(grant)} == {Instrument.CASH_AWARD}


def appraised(scene: Scene, grant: EquityGrant, unit: int, **changes: Any) -> Any:
    """An approved appraisal of a grant's class."""
    values = {"appraised_on": dt.date(2028, 5, 1), "value_minor": 10**9, "unit_minor": unit, "method": "income",
              "firm": "Zhonghe Appraisal", "filing_number": "F-1"} | changes  # fmt: skip
    finance = scene.make.person(scene.company, Role.FINANCE)
    with transaction():
        made = services.create_appraisal(scene.maker, grant.plan.security, **values)
    for signer in (scene.checker, finance):
        with transaction():
            services.approve_appraisal(signer, made)
    return made


def test_a_right_settled_in_shares_gives_its_rise_in_shares_and_the_rest_in_money(scene: Scene) -> None:
    """1,001 units, base 1.20, appraised at 3.50: a rise of 2,302.30 is 657 shares (2,299.50) and 2.80."""
    grant = scene.live(scene.plan(kind="sar_stock", issuer_kind="joint_stock"))
    for changes, code in (
        ({}, "unapproved_appraisal"),
        ({"unit": 350, "appraised_on": dt.date(2027, 5, 1)}, "expired_appraisal"),
        ({"unit": 120}, "under_water"),
    ):
        if changes:
            appraised(scene, grant, **{"unit": 350, **changes})
        with pytest.raises(Invalid) as refusal, transaction():
            services.exercise(scene.lead, grant, units=1_001)
        assert (refusal.value.code, refusal.value.field) == (code, "units")
    appraised(scene, grant, 350, appraised_on=dt.date(2028, 5, 20))
    with pytest.raises(Invalid, match=r"appraisal says ¥3\.50"), transaction():
        services.exercise(scene.lead, grant, units=1_001, value_minor=400)
    step = exercised(scene, grant, 1_001)
    assert (step.state, step.price_minor, step.amount_minor, step.details["net"]) == ("in_approval", 350, 280, 657)
    with transaction():
        services.approve_step(of_finance(), step)
    found = [(row.kind, row.quantity, row.instrument.value) for row in transactions_of(grant)]
    assert [row for row in found if row[0] in ("exercise", "issuance")] == [
        ("issuance", 48_000, "award"), ("exercise", -1_001, "award"), ("issuance", 657, "share"),
    ]  # fmt: skip
    exercise = next(row for row in transactions_of(grant) if row.kind == "exercise")
    done(scene, grant, "correction", transaction=exercise.public_id)
    assert sum(row.quantity for row in transactions_of(grant) if row.instrument is Instrument.SHARE) == 0


def of_finance() -> Person:
    """Somebody of finance, who signs too where money moves."""
    holders = db.select(RoleGrant.person_id).where(RoleGrant.role == Role.FINANCE)
    return db.session.scalars(db.select(Person).where(Person.id.in_(holders)).limit(1)).one()


def test_a_right_settled_in_money_is_paid_its_rise_at_the_appraised_value(scene: Scene) -> None:
    grant = scene.live(scene.plan(kind="sar_cash"))
    appraised(scene, grant, 480)
    with transaction():
        step = services.exercise(scene.lead, grant, units=1_000)
    assert (step.price_minor, step.amount_minor, step.details["net"]) == (480, 360_000, 0)


def test_no_move_is_dated_on_a_day_to_come(scene: Scene, grant: EquityGrant) -> None:
    with pytest.raises(Invalid) as refusal:
        asked(scene, grant, "cancellation", units=1, effective_on=DAY + dt.timedelta(days=400))
    assert (refusal.value.code, refusal.value.field) == ("future", "effective_on")


def test_shares_that_came_of_a_right_move_on_and_the_right_still_balances(scene: Scene, grant: EquityGrant) -> None:
    exercised(scene, grant, 24_000)
    share = next(one for one in register.of_grant(grant) if one.instrument is Instrument.SHARE)
    with transaction(), audit.because(scene.maker, "test"):
        register.take(share, Movement.TRANSFER, 5_000, DAY, audit.record("test.transfer", grant))
    assert exercisable(grant, DAY) == 0


def test_restricted_shares_are_bought_back_at_a_price(scene: Scene) -> None:
    finance = scene.make.person(scene.company, Role.FINANCE)
    grant = scene.live(scene.plan(kind="restricted"))
    step = asked(scene, grant, "repurchase", units=12_000, price_minor=150)
    assert step.amount_minor == 1_800_000
    sign(scene, step)
    with transaction():
        services.approve_step(finance, step)
    assert rows(grant)[0] == ("repurchase", -12_000, "share")
    assert grant.plan.granted_units == 36_000


def test_a_vesting_event_is_recorded_and_vests(scene: Scene) -> None:
    conditions = """{"allocation_type": "CUMULATIVE_ROUNDING", "vesting_conditions": [
      {"id": "sale", "trigger": {"type": "VESTING_EVENT"}, "portion": {"numerator": "1", "denominator": "2"},
       "next_condition_ids": ["rest"]},
      {"id": "rest", "trigger": {"type": "VESTING_SCHEDULE_RELATIVE", "relative_to_condition_id": "sale",
        "period": {"length": 6, "type": "MONTHS", "occurrences": 1,
                   "day_of_month": "VESTING_START_DAY_OR_LAST_DAY_OF_MONTH"}},
       "portion": {"numerator": "1", "denominator": "2"}, "next_condition_ids": []}]}"""
    grant = scene.live(scene.plan(), conditions=conditions)
    assert vests(grant) == []
    with pytest.raises(Invalid, match="Choose one of the list"):
        asked(scene, grant, "event", condition="rest")
    done(scene, grant, "event", condition="sale")
    assert vests(grant) == [("2028-06-01", 24_000), ("2028-12-31", 24_000)]


@pytest.mark.parametrize(
    ("kind", "details", "field"),
    [
        ("odd", {}, "kind"),
        ("exercise", {}, "kind"),
        ("repricing", {}, "price_minor"),
        ("repricing", {"price_minor": 1, "effective_on": None}, "effective_on"),
        ("repricing", {"price_minor": 1, "effective_on": dt.date(2026, 6, 29)}, "effective_on"),
        ("repricing", {"price_minor": 1, "reason": " "}, "reason"),
        ("repricing", {"price_minor": 1, "reason": "x" * 2_001}, "reason"),
        ("acceleration", {"units": 24_001}, "units"),
        ("acceleration", {"units": 0}, "units"),
        ("leave", {"to_on": dt.date(2028, 5, 31)}, "to_on"),
        ("leave", {}, "to_on"),
        ("release", {"units": 1}, "kind"),
        ("repurchase", {"units": 1, "price_minor": 1}, "kind"),
        ("cancellation", {"units": 24_001}, "units"),
        ("cancellation", {}, "units"),
        ("correction", {}, "transaction"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    scene: Scene, grant: EquityGrant, kind: str, details: dict[str, Any], field: str
) -> None:
    values = {"effective_on": DAY, "reason": "As agreed", **details}
    with pytest.raises(Invalid) as refusal, transaction():
        services.propose_step(scene.maker, grant, kind=kind, **values)
    assert refusal.value.field == field
    assert rows(grant) == []


def test_options_under_the_state_rules_are_exercised_in_their_window(scene: Scene) -> None:
    scene.install_rules()
    plan = scene.plan(regime="cn.equity", starts_on=dt.date(2026, 3, 31))
    grant = scene.live(plan, granted_on=dt.date(2027, 6, 30), starts_on=dt.date(2026, 7, 1), units=48_000)
    with pytest.raises(Invalid, match="between 2028-06-30 and 2033-06-30"), transaction():
        services.exercise(scene.lead, grant, units=1)


def departure(scene: Scene, grant: EquityGrant, reason: str, **details: Any) -> EquityStep:
    with transaction():
        return services.depart(
            scene.maker, grant.holder, **({"reason": reason, "last_day": DAY, "note": "Letter of 1 May"} | details)
        )


def outcome(step: EquityStep) -> dict[str, Any]:
    (line,) = step.details["lines"]
    return {name: value for name, value in line.items() if value and name not in ("grant", "decimals")}


def test_whoever_resigns_keeps_what_vested_for_90_days(scene: Scene, grant: EquityGrant) -> None:
    step = departure(scene, grant, "resignation")
    assert outcome(step) == {"lapses": 24_000, "keeps": 24_000, "until": "2028-08-30"}
    assert rows(grant) == []
    sign(scene, step)
    assert (rows(grant)[0], grant.returned_units) == (("cancellation", -24_000, "award"), 24_000)
    with transaction():
        assert services.leaving.close_window(step, dt.date(2028, 8, 30)) == 0
    with transaction():
        assert services.leaving.close_window(step, dt.date(2028, 8, 31)) == 1
    assert (grant.state, grant.plan.granted_units) == (GrantState.CLOSED, 0)
    with transaction():
        assert services.leaving.close_window(step, dt.date(2028, 9, 30)) == 0
    assert grant.plan.granted_units == 0
    assert jobs.close_windows() == 0


def test_restricted_shares_of_a_leaver_are_bought_back_at_the_lower_price(scene: Scene) -> None:
    finance = scene.make.person(scene.company, Role.FINANCE)
    grant = scene.live(scene.plan(kind="restricted"))
    with pytest.raises(Invalid, match="there is no appraised value"):
        departure(scene, grant, "cause")
    step = departure(scene, grant, "cause", value_minor=100)
    assert outcome(step) == {"bought": 48_000, "price_minor": 100, "amount_minor": 4_800_000}
    sign(scene, step)
    with transaction():
        services.approve_step(finance, step)
    assert [row[:2] for row in rows(grant)] == [
        ("cancellation", -24_000), ("balance", -24_000), ("balance", 24_000), ("repurchase", -24_000),
    ]  # fmt: skip
    assert (grant.state, grant.plan.granted_units) == (GrantState.CLOSED, 0)


def test_death_brings_all_forward_and_a_move_changes_nothing(scene: Scene, grant: EquityGrant) -> None:
    moving = departure(scene, grant, "move")
    assert outcome(moving) == {"goes_on": 24_000, "keeps": 24_000}
    sign(scene, moving)
    assert rows(grant) == []
    step = departure(scene, grant, "death")
    assert outcome(step) == {"vests": 24_000, "keeps": 48_000}
    sign(scene, step)
    assert vests(grant)[2:] == [("2028-06-01", 24_000)]


def test_a_departure_that_no_longer_fits_is_stale_and_waits_alone(scene: Scene, grant: EquityGrant) -> None:
    step = departure(scene, grant, "resignation")
    with pytest.raises(WrongState, match="waits for its signature already"):
        departure(scene, grant, "retirement")
    exercised(scene, grant, 1_000)
    with pytest.raises(DomainError, match="have changed since"):
        sign(scene, step)
    assert step.state == "in_approval" or db.session.refresh(step) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": "venture_ended"}, "Choose one of the list"),
        ({"note": " "}, "Say why"),
        ({"last_day": dt.date(1980, 1, 1)}, "last day of work"),
    ],
)
def test_a_departure_says_what_to_put_right(
    scene: Scene, grant: EquityGrant, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        departure(scene, grant, **({"reason": "resignation"} | changes))


def test_who_holds_nothing_needs_no_departure(scene: Scene) -> None:
    with pytest.raises(WrongState, match="holds no grant in force"), transaction():
        services.depart(scene.maker, scene.member, reason="resignation", last_day=DAY, note="x")


def test_a_stopped_venture_stops_vesting_by_rule(scene: Scene, grant: EquityGrant) -> None:
    from incubator.core import audit
    from incubator.people.predicates import SYSTEM
    from incubator.ventures.states import LIFE

    assert list(services.leaving.ended_ventures()) == []
    with transaction(), audit.because(SYSTEM, "venture.stop"):
        LIFE.move(scene.venture, "stop", reason="Killed at the gate")
    assert (scene.venture.state, list(services.leaving.ended_ventures())) == (VentureState.STOPPED, [scene.venture])
    with transaction():
        assert services.end_venture(scene.venture) == 1
    with transaction():
        assert services.end_venture(scene.venture) == 0
    assert vests(grant) == [("2027-03-31", 12_000), ("2028-03-31", 12_000)]
    caused = db.session.scalars(
        db.select(EquityTransaction.trigger).where(EquityTransaction.kind == "cancellation")
    ).one()
    assert caused == "equity_grant.venture_ended"
    terms = scene.terms()
    with pytest.raises(WrongState, match="was stopped: nothing more is granted"), transaction():
        services.draft_grant(scene.maker, grant.plan, **terms)


def test_a_grant_whose_rule_cannot_be_applied_does_not_hold_up_the_others(scene: Scene, grant: EquityGrant) -> None:
    from incubator.core import audit
    from incubator.people.predicates import SYSTEM
    from incubator.ventures.states import LIFE

    at_value = {"venture_ended": {"unvested": "lapse", "vested": "buy_back", "window_days": 0, "price": "value"}}
    odd = scene.live(scene.plan(kind="restricted", leaving=at_value), holder=scene.member)
    with transaction(), audit.because(SYSTEM, "venture.stop"):
        LIFE.move(scene.venture, "stop", reason="Killed at the gate")
    with transaction():
        assert services.end_venture(scene.venture) == 1
    assert len(vests(grant)) < len(vests(odd))
    assert [row.number for row in queries.grants_due(scene.checker)["stopped"]] == [odd.number]
    scene.appraised(odd.plan, appraised_on=dt.date(2028, 5, 1), unit_minor=300)
    with transaction():
        assert services.end_venture(scene.venture) == 1
    owed = db.session.scalars(db.select(EquityStep).where(EquityStep.kind == "end")).one()
    assert (owed.person_id, owed.amount_minor, owed.state) == (scene.member.id, 48_000 * 300, "done")
    assert queries.to_pay(scene.checker) == [("CNY", 1, 48_000 * 300)]
    assert queries.grants_due(scene.checker)["stopped"] == []


def test_a_plan_s_own_rule_comes_first(scene: Scene) -> None:
    rule = {"unvested": "accelerate", "vested": "keep", "window_days": 0, "price": "cost"}
    plan = scene.plan(leaving={"resignation": rule})
    assert isinstance(plan, EquityPlan)
    assert outcome(departure(scene, scene.live(plan), "resignation")) == {"vests": 24_000, "keeps": 48_000}
