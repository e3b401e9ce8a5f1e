"""Plans on value growth: set up, granted, settled from approved appraisals, paid in parts, clawed back."""

import datetime as dt
from typing import Any

import pytest

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity import queries, services
from incubator.equity.models import (
    Appraisal,
    EquityGrant,
    EquityPlan,
    GrowthPart,
    GrowthSettlement,
    LineState,
    PartState,
    PayLine,
)
from incubator.equity.services import growing, transfers
from incubator.equity.states import GrowthState
from incubator.people.models import Person
from tests.equity.capital import Capital
from tests.equity.scene import START, Scene, doing
from tests.equity.test_grants import refusal
from tests.equity.test_views import PLAN_FORM, SignIn, newest, page, send

VALUED = START + dt.timedelta(days=200)


class Growth:
    """A plan on value growth with a live grant of 30 points to the lead and of 10 to the second member, all vested.

    10,000 units of capital in all at 1.00 each at the start: 10,000.00 in minor units 1,000,000.
    """

    def __init__(self, scene: Scene, kind: str, total: int = 10_000, **terms: Any) -> None:
        self.scene, self.total = scene, total
        self.finance = scene.finance()
        self.plan: EquityPlan = scene.plan(kind=kind, total_units=total, pool_units=100, growth=terms)
        self.base = scene.appraised(self.plan)
        once: dict[str, Any] = {"months": 1, "every_months": 1, "cliff_months": 0, "price_minor": 0,
                                "granted_on": START, "starts_on": START}  # fmt: skip
        self.grants = [scene.live(self.plan, units=30, **once),
                       scene.live(self.plan, units=10, holder=scene.member, **once)]  # fmt: skip

    def worth(self, value: int, on: dt.date = VALUED) -> Appraisal:
        """An approved appraisal of the whole company."""
        return self.scene.appraised(self.plan, appraised_on=on, value_minor=value, unit_minor=value // self.total)

    def asked(self, value: Appraisal, **details: Any) -> GrowthSettlement:
        day = details.pop("first_due_on", VALUED)
        with transaction():
            return services.settle_growth(self.scene.maker, self.plan, value=value, first_due_on=day, **details)

    def settled(self, value: Appraisal, **details: Any) -> GrowthSettlement:
        made = self.asked(value, **details)
        for signer in (self.scene.checker, self.finance):
            with transaction():
                services.approve_growth(signer, made)
        return made

    def happened(self, kind: str, on: dt.date, **details: Any) -> None:
        with transaction():
            services.record_happening(self.finance, self.plan, kind=kind, happened_on=on, evidence="Resolution",
                                      **details)  # fmt: skip


def parts(settlement: GrowthSettlement) -> list[tuple[int, int, int, str]]:
    """Year, money, units, state, by grant and day."""
    db.session.expire_all()
    rows = sorted(settlement.parts, key=lambda part: (part.grant_id, part.due_on, part.id))
    return [(part.due_on.year, part.amount_minor, part.units, part.state.value) for part in rows]


def test_a_growth_pool_is_stripped_shared_by_points_and_paid_over_three_years(scene: Scene) -> None:
    """10,000.00 grow to 20,000.00; 3,000.00 paid in, 1,000.00 repaid, a dividend of 500.00 not paid yet, hurdle 500.00:
    7,000.00 are growth. 20 % of it are 1,400.00: 3 to 1 are 1,050.00 and 350.00, in three parts."""
    growth = Growth(scene, "value_growth", rate_bps=2_000, hurdle_minor=50_000)
    growth.happened("capital_in", START + dt.timedelta(days=10), amount_minor=300_000)
    growth.happened("capital_in", START, amount_minor=999)
    growth.happened("capital_out", START + dt.timedelta(days=11), amount_minor=100_000)
    growth.happened("dividend", START + dt.timedelta(days=12), amount_minor=50_000)
    growth.happened("dividend", START + dt.timedelta(days=13), amount_minor=70_000, paid_on=VALUED)
    settlement = growth.settled(growth.worth(2_000_000))
    assert settlement.content["growth"] == {
        "base": 1_000_000, "value": 2_000_000, "capital_in": 300_000, "capital_out": 100_000, "dividends": 50_000,
        "hurdle": 50_000, "raw": 700_000, "grown": 700_000,
    }  # fmt: skip
    assert (settlement.state, settlement.content["shared"]) == (GrowthState.DONE, 140_000)
    assert parts(settlement) == [
        (2026, 35_000, 0, "due"), (2027, 35_000, 0, "due"), (2028, 35_000, 0, "due"),
        (2026, 11_667, 0, "due"), (2027, 11_667, 0, "due"), (2028, 11_666, 0, "due"),
    ]  # fmt: skip


def test_only_parts_whose_day_has_come_go_to_payroll(scene: Scene) -> None:
    growth = Growth(scene, "value_growth", rate_bps=1_000)
    growth.settled(growth.worth(2_000_000), first_due_on=clock.today())
    batch = doing(lambda: services.prepare_batch(scene.maker, scene.company, period="2026-11", currency="CNY"))
    assert (batch.line_count, batch.total_minor) == (2, 33_334)
    assert {line.step.kind.value for line in batch.lines} == {"growth"}


def test_growth_that_is_settled_is_not_paid_again(scene: Scene) -> None:
    growth = Growth(scene, "value_growth", rate_bps=1_000)
    first = growth.worth(2_000_000)
    growth.settled(first)
    assert growing.base_of(growth.plan).id == first.id
    again = refusal(lambda: services.settle_growth(scene.maker, growth.plan, value=first, first_due_on=VALUED))
    assert again[1] == "value"
    later = growth.settled(growth.worth(2_500_000, VALUED + dt.timedelta(days=10)),
                           first_due_on=VALUED + dt.timedelta(days=10))  # fmt: skip
    assert later.content["growth"]["grown"] == 500_000


def test_a_cash_settled_right_pays_its_part_of_the_growth_up_to_its_cap(scene: Scene) -> None:
    """10,000.00 of growth over 10,000 units are 1.00 a unit; a cap of 0.40 and a split of 2 for 1 make 60 x 0.40."""
    growth = Growth(scene, "growth_right", years=1)
    found = growing.compute(growth.plan, growth.worth(2_000_000), VALUED, day=VALUED)
    assert [award.minor for award in found.awards] == [3_000, 1_000]
    growth.happened("split", START + dt.timedelta(days=20), ratio_new=2, ratio_old=1)
    with transaction():
        growth.plan.growth = growth.plan.growth | {"cap_minor": 40}
    settlement = growth.settled(growth.worth(2_000_000, VALUED + dt.timedelta(days=1)), first_due_on=clock.today())
    assert parts(settlement) == [(2026, 2_400, 0, "due"), (2026, 800, 0, "due")]


def test_a_share_transfer_hands_units_over_at_the_appraised_value(scene: Scene) -> None:
    """Growth of 10,000.00, 30 % of it at 2.00 a unit are 1,500 units: 1,125 and 375, in three yearly parts."""
    from incubator.equity.models import HolderKind

    first = scene.plan(total_units=10_000, pool_units=100)
    vehicle = doing(lambda: services.create_holder(
        scene.maker, first.security.issuer, kind=HolderKind.VEHICLE, name="Partners LP", representative=scene.auditor
    ))  # fmt: skip
    growth = Growth(scene, "growth_transfer", rate_bps=3_000, milestone_minor=1_000_000, source=vehicle.public_id)
    lines = [{"holder": vehicle.public_id, "units": 5_000, "price_minor": None}]
    entry = doing(lambda: services.draft_entry(
        scene.maker, growth.plan.security, effective_on=START, evidence="Resolution", lines=lines
    ))  # fmt: skip
    doing(lambda: services.submit_entry(scene.maker, entry))
    doing(lambda: services.approve_entry(scene.checker, entry))
    settlement = growth.settled(growth.worth(2_000_000), first_due_on=clock.today())
    assert [part[2] for part in parts(settlement)] == [188, 188, 187, 63, 62, 62]
    due, later = settlement.parts[0], settlement.parts[1]
    transfer = doing(lambda: services.hand_over(scene.maker, settlement, part=due.public_id))
    assert (transfer.seller_public_id, transfer.buyer_public_id, transfer.units, transfer.price_minor) == (
        vehicle.public_id, scene.lead.public_id, 188, 200,
    )  # fmt: skip
    assert refusal(lambda: services.hand_over(scene.maker, settlement, part=due.public_id))[0] == "wrong_state"
    assert refusal(lambda: services.hand_over(scene.maker, settlement, part=later.public_id))[0] == "wrong_state"
    assert refusal(lambda: services.hand_over(scene.maker, settlement, part="nothing"))[1] == "part"
    doing(lambda: transfers.withdraw_transfer(scene.maker, transfer, reason="Another day"))
    assert due.transfer_id is None
    assert doing(lambda: services.hand_over(scene.maker, settlement, part=due.public_id)).state == "lock_check"


def test_what_others_take_of_an_award_comes_to_its_holder_as_money(scene: Scene) -> None:
    """Of 188 units at 2.00 another holder takes 100: the award's holder gets 88 units, and 200.00 through payroll."""
    from incubator.equity.models import HolderKind

    issuer = scene.plan(total_units=10_000, pool_units=100).security.issuer
    vehicle, other = [
        doing(lambda name=name: services.create_holder(scene.maker, issuer, kind=HolderKind.VEHICLE, name=name))
        for name in ("Partners LP", "Other LP")
    ]
    with transaction():
        issuer.articles = {"whole": False}
    growth = Growth(scene, "growth_transfer", rate_bps=3_000, milestone_minor=1_000_000, source=vehicle.public_id)
    lines = [{"holder": one.public_id, "units": 2_500, "price_minor": None} for one in (vehicle, other)]
    entry = doing(lambda: services.draft_entry(
        scene.maker, growth.plan.security, effective_on=START, evidence="Resolution", lines=lines
    ))  # fmt: skip
    doing(lambda: services.submit_entry(scene.maker, entry))
    doing(lambda: services.approve_entry(scene.checker, entry))
    worth = growth.worth(2_000_000)
    settlement = growth.settled(worth, first_due_on=clock.today())
    due = settlement.parts[0]
    transfer = doing(lambda: services.hand_over(scene.maker, settlement, part=due.public_id))
    doing(lambda: transfers.give_notice(scene.maker, transfer))
    doing(lambda: transfers.answer(scene.maker, transfer.answers[0], wanted=100))
    doing(lambda: transfers.price_transfer(scene.maker, transfer, appraisal=worth))
    doing(lambda: transfers.approve_transfer(scene.checker, transfer))
    doing(lambda: transfers.settle_transfer(scene.maker, transfer, settled_on=clock.today(), payment_reference="PAY-1"))
    assert transfer.outcome == {other.public_id: 100, scene.lead.public_id: 88}
    db.session.expire_all()
    money = next(part for part in settlement.parts if part.replaces_id == due.id)
    assert (money.amount_minor, money.units, money.grant_id, money.step.details["taken"]) == (
        20_000, 0, due.grant_id, 100,
    )  # fmt: skip
    told = [row.replaces_id for row in queries.growth_parts_of(scene.lead) if row.amount_minor]
    assert told == [due.id]
    doing(lambda: transfers.reverse_transfer(scene.checker, transfer, reason="The wrong taker"))
    assert (money.state, money.step.state) == (PartState.CANCELLED, "cancelled")


def test_a_transfer_is_not_taken_back_once_payroll_has_its_money(scene: Scene) -> None:
    from incubator.equity.services import replacing

    growth = Growth(scene, "value_growth", rate_bps=1_000)
    settlement = growth.settled(growth.worth(2_000_000), first_due_on=clock.today())
    capital = Capital(scene).founded()
    transfer = capital.settled(capital.approved(capital.answered(capital.noticed(), 600, 0)))
    doing(lambda: replacing.take_back(transfer))
    due, money = settlement.parts[0], settlement.parts[3]
    with transaction():
        due.transfer, money.replaces = transfer, due
    doing(lambda: services.prepare_batch(scene.maker, scene.company, period="2026-11", currency="CNY"))
    code, field, _words = refusal(lambda: transfers.reverse_transfer(scene.checker, transfer, reason="Wrong"))
    assert (code, field, transfer.state) == ("paid", "reason", "settled")


def test_below_the_milestone_nothing_is_settled(scene: Scene) -> None:
    growth = Growth(scene, "value_growth", rate_bps=1_000, hurdle_minor=1_000_000)
    value = growth.worth(2_000_000)
    words = refusal(lambda: services.settle_growth(scene.maker, growth.plan, value=value, first_due_on=VALUED))[2]
    assert words == "There is no growth to settle: nothing would be paid."


def paid(settlement: GrowthSettlement, finance: Person, maker: Person) -> None:
    """The first parts are in payroll and paid."""
    batch = doing(lambda: services.prepare_batch(maker, settlement.company, period="2026-11", currency="CNY"))
    doing(lambda: services.send_batch(finance, batch))
    told = [services.Told(line.public_id, paid=True) for line in batch.lines]
    doing(lambda: services.record_payments(finance, batch, told=told))


def test_a_clawback_takes_unpaid_parts_first_and_then_asks_for_money_back(scene: Scene) -> None:
    """30,000 and 10,000 were awarded and a third of each paid. By the lower value 9,000 and 3,000 stand: all that is
    not paid falls away, and 1,000 and 334 are to be paid back."""
    growth = Growth(scene, "value_growth", rate_bps=400)
    settlement = growth.settled(growth.worth(2_000_000), first_due_on=clock.today())
    paid(settlement, growth.finance, scene.maker)
    lower = growth.worth(1_300_000, VALUED + dt.timedelta(days=1))
    claw = growth.settled(lower, first_due_on=clock.today(), corrects=settlement, reason="The appraisal was withdrawn")
    assert (settlement.state, claw.state) == (GrowthState.CORRECTED, GrowthState.DONE)
    assert [part[3] for part in parts(settlement)] == ["due", "cancelled", "cancelled"] * 2
    assert {line.state for line in db.session.scalars(db.select(PayLine))} == {LineState.PAID}
    assert [(part[1], part[3]) for part in parts(claw)] == [(1_000, "repay"), (334, "repay")]
    first = claw.parts[0]
    for bad, field in (
        ({"settled_on": clock.today() + dt.timedelta(days=1)}, "settled_on"),
        ({"evidence": ""}, "evidence"),
    ):
        details: dict[str, Any] = {"settled_on": clock.today(), "evidence": "Receipt 7"} | bad
        again = refusal(lambda d=details: services.record_repayment(growth.finance, claw, part=first.public_id, **d))
        assert again[1] == field
    doing(lambda: services.record_repayment(
        growth.finance, claw, part=first.public_id, settled_on=clock.today(), evidence="Receipt 7"
    ))  # fmt: skip
    assert db.session.get_one(GrowthPart, first.id).state is PartState.REPAID


def test_a_part_that_is_kept_in_part_is_written_anew(scene: Scene) -> None:
    growth = Growth(scene, "value_growth", rate_bps=400)
    settlement = growth.settled(growth.worth(2_000_000), first_due_on=clock.today())
    lower = growth.worth(1_500_000, VALUED + dt.timedelta(days=1))
    claw = growth.settled(lower, first_due_on=clock.today(), corrects=settlement, reason="Lower")
    assert [part[3] for part in parts(settlement)] == ["due", "cancelled", "cancelled"] * 2
    assert [part[1] for part in parts(claw)] == [5_000, 1_666]
    total = sum(part.amount_minor for one in (settlement, claw) for part in one.parts if part.state is PartState.DUE)
    assert total == 20_000
    higher = growth.worth(3_000_000, VALUED + dt.timedelta(days=2))
    words = refusal(lambda: services.settle_growth(
        scene.maker, growth.plan, value=higher, first_due_on=clock.today(), corrects=claw, reason="x"
    ))  # fmt: skip
    assert words[0] == "wrong_state"


def test_a_clawback_only_takes_back(scene: Scene) -> None:
    growth = Growth(scene, "value_growth", rate_bps=400)
    settlement = growth.settled(growth.worth(2_000_000), first_due_on=clock.today())
    higher = growth.worth(3_000_000, VALUED + dt.timedelta(days=2))
    claw = growth.asked(higher, first_due_on=clock.today(), corrects=settlement, reason="More")
    doing(lambda: services.approve_growth(scene.checker, claw))
    code, field, _words = refusal(lambda: services.approve_growth(growth.finance, claw))
    assert (code, field) == ("not_lower", "value")
    assert (settlement.state, claw.state) == (GrowthState.DONE, GrowthState.IN_APPROVAL)


def test_who_asks_and_who_signs(scene: Scene) -> None:
    growth = Growth(scene, "value_growth", rate_bps=1_000)
    value = growth.worth(2_000_000)
    made = growth.asked(value)
    for signer in (scene.maker, growth.finance, scene.lead):
        assert refusal(lambda signer=signer: services.approve_growth(signer, made))[0] in (
            "not_allowed", "growth_settlement.approve",
        )  # fmt: skip
    again = refusal(lambda: services.settle_growth(scene.maker, growth.plan, value=value, first_due_on=VALUED))
    assert again[2] == "A settlement of this plan waits for its signatures."
    growth.happened("capital_in", START + dt.timedelta(days=5), amount_minor=1)
    assert refusal(lambda: services.approve_growth(scene.checker, made))[0] == "stale"
    doing(lambda: services.refuse_growth(scene.checker, made, reason="Figures changed"))
    assert made.state is GrowthState.REFUSED
    assert growth.settled(value).state is GrowthState.DONE


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": None}, "value"),
        ({"first_due_on": START}, "first_due_on"),
        ({"reason": "x" * 2_001}, "reason"),
    ],
)
def test_settlements_that_cannot_be_are_refused(scene: Scene, changes: dict[str, Any], field: str) -> None:
    growth = Growth(scene, "value_growth", rate_bps=1_000)
    asked = {"value": growth.worth(2_000_000), "first_due_on": VALUED} | changes
    assert refusal(lambda: services.settle_growth(scene.maker, growth.plan, **asked))[1] == field


def test_only_an_approved_appraisal_that_has_not_expired_is_a_value(scene: Scene) -> None:
    growth = Growth(scene, "value_growth", rate_bps=1_000)
    old = scene.appraised(growth.plan, appraised_on=START + dt.timedelta(days=1), value_minor=2_000_000, unit_minor=200,
                          valid_months=1)  # fmt: skip
    asked = {"value": old, "first_due_on": clock.today()}
    assert refusal(lambda: services.settle_growth(scene.maker, growth.plan, **asked))[0] == "expired_appraisal"
    with transaction():
        waiting = services.create_appraisal(
            scene.maker, growth.plan.security, appraised_on=VALUED, value_minor=1, unit_minor=1, method="income",
            firm="A", filing_number="B",
        )  # fmt: skip
    code = refusal(lambda: services.settle_growth(scene.maker, growth.plan, **(asked | {"value": waiting})))[0]
    assert code == "unapproved_appraisal"


@pytest.mark.parametrize(
    ("kind", "terms", "field"),
    [
        ("value_growth", {}, "rate_bps"),
        ("value_growth", {"rate_bps": 10_001}, "rate_bps"),
        ("growth_right", {"hurdle_minor": -1}, "hurdle_minor"),
        ("growth_right", {"years": 11}, "years"),
        ("growth_right", {"years": 0}, "years"),
        ("growth_transfer", {"rate_bps": 1_000}, "source"),
        ("growth_transfer", {"rate_bps": 1_000, "source": "nobody"}, "source"),
    ],
)
def test_terms_that_cannot_be_are_refused(scene: Scene, kind: str, terms: dict[str, Any], field: str) -> None:
    from tests.equity.scene import PLAN

    asked = PLAN | {"kind": kind, "growth": terms}
    assert refusal(lambda: services.create_plan(scene.maker, scene.venture, **asked))[1] == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "gift"}, "kind"),
        ({"evidence": " "}, "evidence"),
        ({"happened_on": dt.date(2099, 1, 1)}, "happened_on"),
        ({"amount_minor": 0}, "amount_minor"),
        ({"kind": "split", "ratio_new": 0, "ratio_old": 1}, "ratio_new"),
        ({"kind": "dividend", "paid_on": dt.date(2026, 1, 1)}, "paid_on"),
    ],
)
def test_happenings_that_cannot_be_are_refused(scene: Scene, changes: dict[str, Any], field: str) -> None:
    plan = scene.plan(kind="growth_right")
    asked = {"kind": "capital_in", "happened_on": START, "amount_minor": 1, "evidence": "A"} | changes
    assert refusal(lambda: services.record_happening(scene.maker, plan, **asked))[1] == field


def test_other_plans_have_no_growth(scene: Scene) -> None:
    plan = scene.plan()
    value = scene.appraised(plan)
    asked = {"value": value, "first_due_on": VALUED}
    assert refusal(lambda: services.settle_growth(scene.maker, plan, **asked))[0] == "wrong_state"


def test_capital_paid_for_units_is_read_from_the_register(scene: Scene) -> None:
    capital = Capital(scene)
    capital.issued((scene.lead, 100), on=dt.date(2025, 1, 2))
    found = growing.happenings_of(capital.security, dt.date(2025, 1, 1), dt.date(2025, 1, 2))
    assert [(one.kind.value, one.amount) for one in found] == [("capital_in", 10_000)]
    assert growing.happenings_of(capital.security, dt.date(2025, 1, 2), dt.date(2026, 1, 2)) == []


def test_a_person_sets_it_up_settles_it_and_is_paid_in_the_browser(scene: Scene, sign_in: SignIn) -> None:
    browser = sign_in(scene.maker)
    form = PLAN_FORM | {"kind": "value_growth", "rate_bps": "", "months": "1", "every_months": "1", "cliff_months": "0"}
    new = f"/equity/plans/new?venture={scene.venture.public_id}"
    assert "Enter a part of the growth" in send(browser, new, 422, **form)
    address = send(browser, new, **(form | {"rate_bps": "10", "hurdle_minor": "100.00"}))
    plan = newest(EquityPlan)
    assert isinstance(plan, EquityPlan)
    send(sign_in(scene.checker), f"{address}/approve")
    scene.appraised(plan)
    scene.live(plan, units=30, months=1, every_months=1, cliff_months=0, granted_on=START, starts_on=START)
    value = scene.appraised(plan, appraised_on=VALUED, value_minor=2_000_000_000, unit_minor=200)
    finance, growth = scene.finance(), f"{address}/growth"
    sign_in(finance)
    send(browser, f"{growth}/happenings", 422, kind="dividend", happened_on="2026-05-01", evidence="Resolution")
    send(browser, f"{growth}/happenings", kind="dividend", happened_on="2026-05-01", evidence="Resolution",
         amount_minor="50.00")  # fmt: skip
    assert browser.post(growth, data={}).status_code == 403
    sign_in(scene.maker)
    ask = {"value": value.public_id, "first_due_on": clock.today().isoformat()}
    assert "Not a valid choice" in send(browser, growth, 422, **(ask | {"value": "nothing"}))
    text = send(browser, growth, 200, **ask)
    assert "Nothing has been done yet" in text
    assert "less dividends declared and not paid" in text
    settled = send(browser, growth, **ask, confirmed="yes")
    sign_in(scene.checker)
    assert "Your signature is needed" in page(browser, settled)
    send(browser, f"{settled}/approve")
    sign_in(finance)
    send(browser, f"{settled}/approve")
    assert "Planned" in page(browser, settled)
    assert "Value growth" in page(sign_in(scene.lead), "/equity/mine")
    page(browser, growth, 404)
    page(browser, settled, 404)
    grant = db.session.scalars(db.select(EquityGrant)).one()
    assert "can be exercised" not in page(browser, f"/equity/grants/{grant.public_id}")
