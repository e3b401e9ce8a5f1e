"""Vesting by condition graphs: the samples of the Open Cap Format worked by hand, facts, and what always holds.

Sources: OCF 1.2.0, samples/VestingTerms*.ocf.json and the texts of its schemas (VestingCondition: next conditions in
priority order; VestingConditionPortion: the examples of 1,000 shares); design/incentives.md, "Vesting, exactly". The
samples are written out here in full, so that the tests need no file.
"""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.vesting import (
    DAY_RULES,
    Acceleration,
    Allocation,
    Balance,
    Facts,
    Graph,
    Happened,
    Lapse,
    Leave,
    Move,
    Order,
    Terms,
    Timeline,
    VestingError,
    Way,
    balance_on,
    read,
    schedule,
    timeline,
    vested_on,
)

START = dt.date(2024, 1, 31)
MONTH_END = "VESTING_START_DAY_OR_LAST_DAY_OF_MONTH"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def after(anchor: str, length: int, times: int = 1, *, unit: str = "MONTHS", **more: Any) -> dict[str, Any]:
    period = {"length": length, "type": unit, "occurrences": times} | more
    if unit == "MONTHS":
        period.setdefault("day_of_month", MONTH_END)
    return {"type": "VESTING_SCHEDULE_RELATIVE", "period": period, "relative_to_condition_id": anchor}


EVENT = {"type": "VESTING_EVENT"}
BEGIN = {"type": "VESTING_START_DATE"}


def on(text: str) -> dict[str, Any]:
    return {"type": "VESTING_SCHEDULE_ABSOLUTE", "date": text}


def part(above: str, below: str, *, remainder: bool = False) -> dict[str, Any]:
    return {"portion": {"numerator": above, "denominator": below, "remainder": remainder}}


def units(number: str) -> dict[str, Any]:
    return {"quantity": number}


def knot(name: str, trigger: dict[str, Any], amount: dict[str, Any], *following: str) -> dict[str, Any]:
    return {"id": name, "trigger": trigger, **amount, "next_condition_ids": list(following)}


def terms(*conditions: dict[str, Any], allocation: str = "CUMULATIVE_ROUNDING") -> dict[str, Any]:
    return {"allocation_type": allocation, "vesting_conditions": list(conditions)}


CLIFF = terms(
    knot("start", BEGIN, units("0"), "cliff"),
    knot("cliff", after("start", 12), part("12", "48"), "monthly"),
    knot("monthly", after("cliff", 1, 36), part("1", "48")),
)
"""OCF sample 4yr-1yr-cliff-schedule."""
SALES = terms(
    knot("start", BEGIN, units("0"), "expired", "double", "sale-1"),
    knot("expired", after("start", 48), units("0")),
    knot("double", EVENT, part("1", "1", remainder=True)),
    *[
        knot(f"sale-{n}", EVENT, part("20", "100"), *(("expired", "double", f"sale-{n + 1}") if n < 5 else ()))
        for n in range(1, 6)
    ],
    allocation="CUMULATIVE_ROUND_DOWN",
)
"""OCF sample multi-tranche-event-based: five sales of 20 % each within 48 months, or all at once."""
MILESTONES = terms(
    knot("start", BEGIN, units("0"), "too-late", "accepted"),
    knot("too-late", on("2025-09-30"), units("0")),
    knot("accepted", EVENT, part("60", "100"), "acquired-too-late", "acquired"),
    knot("acquired-too-late", on("2026-03-31"), units("0")),
    knot("acquired", EVENT, part("40", "100")),
)
"""OCF sample path-dependent-milestone-vesting."""
LOADED = terms(
    knot("start", BEGIN, units("0"), "tenth"),
    knot("tenth", after("start", 24), part("1", "10"), "third"),
    knot("third", after("tenth", 1, 12), part("1", "80"), "fourth"),
    knot("fourth", after("third", 1, 12), part("1", "60"), "fifth"),
    knot("fifth", after("fourth", 1, 12), part("1", "48"), "sixth"),
    knot("sixth", after("fifth", 1, 12), part("1", "40")),
    allocation="BACK_LOADED",
)
"""OCF sample 6-yr-option-back-loaded."""


def made(data: dict[str, Any], total: int, *, start: dt.date | None = START, **facts: Any) -> Timeline:
    granted = facts.pop("granted_on", None)
    return timeline(read(data), units=total, starts_on=start, granted_on=granted, facts=Facts(**facts))


def vestings(plan: Timeline) -> list[tuple[str, Any]]:
    return [(vesting.on.isoformat(), vesting.units) for vesting in plan.vestings]


def happened(**days: str) -> tuple[Happened, ...]:
    return tuple(Happened(name.replace("_", "-"), day(text)) for name, text in days.items())


def test_the_sample_with_a_cliff_pays_a_quarter_and_then_months_without_drift() -> None:
    plan = made(CLIFF, 4_801)
    assert vestings(plan)[:4] == [("2025-01-31", 1_200), ("2025-02-28", 100), ("2025-03-31", 100), ("2025-04-30", 100)]
    # half up: 1/48 of 4,801 leaves 1/48 each time, which makes a whole one at the 24th part
    assert [vesting.units for vesting in plan.vestings].index(101) == 24 - 12
    assert (vestings(plan)[-1], plan.vestings[-1].cumulative) == (("2028-01-31", 100), 4_801)
    assert len(plan.vestings) == 37


def test_the_sample_of_sales_waits_for_each_and_gives_up_at_its_end() -> None:
    waiting = made(SALES, 18)
    assert (waiting.instalments, waiting.lapses, waiting.waiting) == ((), (Lapse(day("2028-01-31"), 18),), 0)
    two = made(SALES, 18, events=happened(sale_1="2025-01-01", sale_2="2026-01-01"))
    assert vestings(two) == [("2025-01-01", 3), ("2026-01-01", 4)]
    assert two.lapses == (Lapse(day("2028-01-31"), 11),)
    late = made(SALES, 18, events=happened(sale_1="2028-02-01"))
    assert (vestings(late), late.lapses) == ([], (Lapse(day("2028-01-31"), 18),))


def test_on_the_same_day_the_condition_listed_first_wins() -> None:
    tie = made(SALES, 18, events=happened(sale_1="2028-01-31"))
    assert (vestings(tie), tie.lapses) == ([], (Lapse(day("2028-01-31"), 18),))
    both = made(SALES, 18, events=happened(sale_1="2026-01-01", double="2026-01-01"))
    assert (vestings(both), both.lapses, both.waiting) == ([("2026-01-01", 18)], (), 0)


def test_a_remainder_is_a_part_of_what_has_not_vested() -> None:
    rest = made(SALES, 18, events=happened(sale_1="2025-01-01", double="2026-01-01"))
    assert vestings(rest) == [("2025-01-01", 3), ("2026-01-01", 15)]
    # the schema's own example: 1,000 granted, 400 vested; 1/5 gives 200, and 120 of the remainder
    for remainder, fifth in ((False, 200), (True, 120)):
        data = terms(
            knot("start", BEGIN, units("400"), "fifth"),
            knot("fifth", after("start", 1), part("1", "5", remainder=remainder)),
        )
        plan = made(data, 1_000)
        assert vestings(plan) == [("2024-01-31", 400), ("2024-02-29", fifth)]
        assert plan.lapses == (Lapse(day("2024-02-29"), 600 - fifth),)


def test_the_sample_of_milestones_takes_one_branch_only() -> None:
    first = made(MILESTONES, 1_000, events=happened(accepted="2025-05-05", acquired="2026-04-01"))
    assert (vestings(first), first.lapses) == ([("2025-05-05", 600)], (Lapse(day("2026-03-31"), 400),))
    both = made(MILESTONES, 1_000, events=happened(accepted="2025-05-05", acquired="2026-03-30"))
    assert vestings(both) == [("2025-05-05", 600), ("2026-03-30", 400)]
    # an event that comes before it can count does not count
    early = made(MILESTONES, 1_000, events=happened(acquired="2025-01-01", accepted="2025-05-05"))
    assert vestings(early) == [("2025-05-05", 600)]


def test_the_sample_that_is_loaded_to_the_back_sums_up() -> None:
    plan = made(LOADED, 10_007)
    groups = [sum(row.units for row in plan.instalments if row.condition == name) for name in
              ("tenth", "third", "fourth", "fifth", "sixth")]  # fmt: skip
    # 1/10, then 12/80, 12/60, 12/48, 12/40 of 10,007, what comes together rounded down at each border
    assert groups == [1_000, 1_501, 2_002, 2_501, 3_003]
    third = [row.units for row in plan.instalments if row.condition == "third"]
    assert third == [125] * 11 + [126]
    assert (sum(groups), plan.vestings[-1].on) == (10_007, day("2030-01-31"))


@pytest.mark.parametrize(
    ("allocation", "parts"),
    [
        ("CUMULATIVE_ROUNDING", [25, 2, 2, 2, 2, 2, 3]),
        ("CUMULATIVE_ROUND_DOWN", [25, 2, 2, 2, 2, 2, 2]),
        ("FRONT_LOADED", [25, 3, 3, 3, 2, 2, 2]),
        ("BACK_LOADED", [25, 2, 2, 2, 2, 2, 2]),
        ("FRONT_LOADED_TO_SINGLE_TRANCHE", [25, 5, 2, 2, 2, 2, 2]),
        ("BACK_LOADED_TO_SINGLE_TRANCHE", [25, 2, 2, 2, 2, 2, 2]),
        ("FRACTIONAL", [25, *[Fraction(25, 12)] * 6]),
    ],
)
def test_each_allocation_over_two_conditions(allocation: str, parts: list[Any]) -> None:
    plan = made(CLIFF | {"allocation_type": allocation}, 100)
    assert [row.units for row in plan.instalments][:7] == parts
    assert sum(row.units for row in plan.instalments) == 100


@pytest.mark.parametrize("allocation", list(Allocation))
def test_thirds_that_two_conditions_share_lose_nothing(allocation: Allocation) -> None:
    data = terms(
        knot("start", BEGIN, part("1", "3"), "rest"),
        knot("rest", after("start", 6, 2), part("1", "3")),
        allocation=allocation,
    )
    whole = made(data, 100)
    assert sum(row.units for row in whole.instalments) == 100
    first = {"FRONT_LOADED": 34, "FRONT_LOADED_TO_SINGLE_TRANCHE": 34, "FRACTIONAL": Fraction(100, 3)}
    assert whole.instalments[0].units == first.get(allocation, 33)


def test_a_cliff_inside_a_condition_holds_back_and_pays_the_sum() -> None:
    data = terms(
        knot("start", BEGIN, units("0"), "yearly"),
        knot("yearly", after("start", 12, 4, cliff_installment=2), part("1", "4")),
    )
    assert vestings(made(data, 18)) == [("2026-01-31", 9), ("2027-01-31", 5), ("2028-01-31", 4)]
    assert vestings(made(data, 18, granted_on=day("2026-06-01")))[0] == ("2026-06-01", 9)


def test_days_dates_and_quantities() -> None:
    data = terms(
        knot("start", BEGIN, units("1.5"), "weeks"),
        knot("weeks", after("start", 7, 2, unit="DAYS"), units("2"), "year"),
        knot("year", on("2024-02-01"), part("1", "2")),
    )
    plan = timeline(read(data, decimals=1), units=100, starts_on=START)
    # a date that lies behind counts on the day it is reached; of the half of 100, 45 are left to give
    assert vestings(plan) == [("2024-01-31", 15), ("2024-02-07", 20), ("2024-02-14", 20 + 45)]
    assert (plan.lapses, plan.waiting) == ((), 0)


def test_nothing_is_given_beyond_the_grant() -> None:
    data = terms(
        knot("start", BEGIN, units("8"), "more"),
        knot("more", after("start", 1, 3), units("5")),
    )
    for allocation in Allocation:
        plan = made(data | {"allocation_type": allocation}, 10)
        assert (sum(row.units for row in plan.instalments), plan.lapses) == (10, ())


def test_without_a_start_nothing_that_begins_with_it_is_met() -> None:
    plan = made(CLIFF, 10, start=None)
    assert (plan.instalments, plan.lapses, plan.waiting) == ((), (), 10)
    alone = terms(knot("sale", EVENT, part("1", "1"), "year"), knot("year", after("sale", 1), part("1", "2")))
    assert made(alone, 10, start=None).waiting == 10
    sold = made(alone, 10, start=None, events=happened(sale="2024-08-31"))
    assert vestings(sold) == [("2024-08-31", 10)]


def test_an_acceleration_takes_what_would_come_next_or_last() -> None:
    yearly = Terms(4, 12, Allocation.CUMULATIVE_ROUND_DOWN)
    brought = day("2025-06-01")

    def after_it(**details: Any) -> list[tuple[str, Any]]:
        facts = Facts(accelerations=(Acceleration(brought, **details),))
        return vestings(schedule(yearly, units=18, starts_on=START, facts=facts))

    plain = [("2025-01-31", 4), ("2026-01-31", 5), ("2027-01-31", 4), ("2028-01-31", 5)]
    assert vestings(schedule(yearly, units=18, starts_on=START)) == plain
    assert after_it(units=6) == [("2025-01-31", 4), ("2025-06-01", 6), ("2027-01-31", 3), ("2028-01-31", 5)]
    assert after_it(units=6, order=Order.LAST) == [
        ("2025-01-31", 4), ("2025-06-01", 6), ("2026-01-31", 5), ("2027-01-31", 3),
    ]  # fmt: skip
    assert after_it() == [("2025-01-31", 4), ("2025-06-01", 14)]


@pytest.mark.parametrize("order", list(Order))
def test_an_acceleration_reaches_what_would_lapse_and_what_waits(order: Order) -> None:
    facts = {"accelerations": (Acceleration(day("2024-06-01"), 4, order),)}
    plan = made(MILESTONES, 20, events=happened(accepted="2025-05-05", acquired="2025-06-01"), **facts)
    assert sum(row.units for row in plan.instalments) == 20
    assert vestings(plan)[0] == ("2024-06-01", 4)
    lapsing = made(MILESTONES, 20, **facts)
    assert (vestings(lapsing), lapsing.lapses) == ([("2024-06-01", 4)], (Lapse(day("2025-09-30"), 16),))
    waiting = made(terms(knot("sale", EVENT, part("1", "1"))), 20, **facts)
    assert (vestings(waiting), waiting.waiting) == ([("2024-06-01", 4)], 16)


@pytest.mark.parametrize(("asked", "ended"), [(19, None), (0, None), (1, "2024-05-31")])
def test_no_more_is_brought_forward_than_is_left(asked: int, ended: str | None) -> None:
    facts = Facts(accelerations=(Acceleration(day("2024-06-01"), asked),), stopped_on=day(ended) if ended else None)
    with pytest.raises(VestingError, match="brought forward"):
        schedule(Terms(4, 12), units=18, starts_on=START, facts=facts)


def test_a_leave_moves_what_comes_after_it_by_its_days_and_dates_stay() -> None:
    leave = (Leave(day("2025-06-01"), day("2025-06-30")), Leave(day("2024-05-01"), day("2024-05-10")))
    plan = schedule(Terms(3, 12), units=3, starts_on=START, facts=Facts(leaves=leave))
    assert vestings(plan) == [("2025-02-10", 1), ("2026-03-12", 1), ("2027-03-12", 1)]
    assert [row.due_on for row in plan.instalments] == [day("2025-01-31"), day("2026-01-31"), day("2027-01-31")]
    dated = made(terms(knot("day", on("2026-01-31"), part("1", "1"))), 3, leaves=leave)
    assert vestings(dated) == [("2026-01-31", 3)]
    with pytest.raises(VestingError, match="outside the calendar"):
        schedule(
            Terms(1, 1), units=1, starts_on=day("9999-11-01"), facts=Facts(leaves=(Leave(START, day("2026-01-01")),))
        )


def test_whoever_leaves_on_a_vesting_day_keeps_what_vests_on_it_and_the_rest_lapses() -> None:
    ended = day("2026-01-31")
    plan = schedule(
        Terms(4, 12), units=18, starts_on=START,
        facts=Facts(stopped_on=ended, accelerations=(Acceleration(ended, 2),)),
    )  # fmt: skip
    assert vestings(plan) == [("2025-01-31", 4), ("2026-01-31", 7)]
    assert plan.lapses == (Lapse(ended, 7),)
    lapsed = made(MILESTONES, 20, stopped_on=day("2026-06-01"))
    assert lapsed.lapses == (Lapse(day("2025-09-30"), 20),)
    done = schedule(Terms(4, 12), units=18, starts_on=START, facts=Facts(stopped_on=day("2030-01-01")))
    assert done.lapses == ()


def test_balances_count_what_left_the_grant() -> None:
    plan = schedule(Terms(4, 12), units=18, starts_on=START, facts=Facts(stopped_on=day("2026-02-01")))
    moves = [Move(day("2026-01-31"), Way.EXERCISED, 5), Move(day("2026-05-01"), Way.CANCELLED, 4)]
    assert balance_on(plan, day("2026-01-30"), moves) == Balance(18, 4, 14, 0, 0)
    assert balance_on(plan, day("2026-01-31"), moves) == Balance(18, 4, 9, 0, 5)
    assert balance_on(plan, day("2026-05-01"), moves) == Balance(18, 0, 0, 13, 5)
    with pytest.raises(VestingError, match="10 units left the grant by 2026-01-31, and 9 had vested"):
        balance_on(plan, day("2026-01-31"), [Move(START, Way.EXERCISED, 10)])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "the terms lack something"),
        ({"vesting_conditions": [], "allocation_type": "FRACTIONAL"}, "between 1 and 200"),
        (terms(knot("a", BEGIN, units("1")), allocation="ODD"), "ODD"),
        (terms(knot("a", BEGIN, units("1")), knot("a", BEGIN, units("1"))), "the same id"),
        (terms(knot("a", BEGIN, units("1"), "b")), "leads to b, which is not there"),
        (terms(knot("a", BEGIN, units("1"), "b"), knot("b", EVENT, units("1"), "a")), "run in a circle"),
        (
            terms(knot("r", BEGIN, units("1"), "a"), knot("a", EVENT, units("1"), "b"),
                  knot("b", EVENT, units("1"), "a")),
            "run in a circle",
        ),
        (terms(knot("a", BEGIN, units("1"), "b"), knot("b", after("c", 1), units("1")), knot("c", BEGIN, units("1"))),
         "counts from c, which does not come before it"),
        (terms({"id": "a", "trigger": BEGIN, "next_condition_ids": []}), "either a portion or a quantity"),
        (terms(knot("a", BEGIN, part("1", "0"))), "between 0 and 1"),
        (terms(knot("a", BEGIN, part("3", "2"))), "between 0 and 1"),
        (terms(knot("a", BEGIN, part("x", "2"))), "x is no number"),
        (terms(knot("a", BEGIN, part("NaN", "2"))), "NaN is no number"),
        (terms(knot("a", BEGIN, units("1e999"))), "1e999 is no number"),
        (terms(knot("a", BEGIN, units("1.5"))), "whole units, 0 or more"),
        (terms(knot("a", BEGIN, units("-1"))), "whole units, 0 or more"),
        (terms(knot("a", {"type": "ODD"}, units("1"))), "no such trigger: ODD"),
        (terms(knot("a", on("2024-02-30"), units("1"))), "day"),
        (terms(knot("a", BEGIN, units("0"), "b"), knot("b", after("a", -1), units("1"))), "0 or longer"),
        (terms(knot("a", BEGIN, units("0"), "b"), knot("b", after("a", 1, 0), units("1"))), "once or more"),
        (terms(knot("a", BEGIN, units("0"), "b"), knot("b", after("a", 2, 601), units("1"))), "within 1200 months"),
        (terms(knot("a", BEGIN, units("0"), "b"), knot("b", after("a", 1, 1_201, unit="DAYS"), units("1"))), "1200"),
        (terms(knot("a", BEGIN, units("0"), "b"), knot("b", after("a", 1, 2, cliff_installment=3), units("1"))),
         "one of the 2 instalments"),
        (terms(knot("a", BEGIN, units("0"), "b"), knot("b", after("a", 1, day_of_month="29"), units("1"))),
         "no such day of the month: 29"),
    ],
)  # fmt: skip
def test_terms_that_are_no_graph_are_refused(data: dict[str, Any], words: str) -> None:
    with pytest.raises(VestingError, match=words):
        read(data)


def test_facts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(VestingError, match="there is no condition sale-9"):
        made(SALES, 18, events=happened(sale_9="2025-01-01"))
    far = terms(knot("a", BEGIN, units("0"), "b"), knot("b", after("a", 9_999_999, unit="DAYS"), units("1")))
    with pytest.raises(VestingError, match="instalment 1 is outside the calendar"):
        made(far, 1)


DATES = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))
NAMES = ("a", "b", "c", "d", "e")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph of up to five conditions, each leading to some of those after it."""
    count = draw(st.integers(1, 5))
    conditions = []
    above: dict[str, set[str]] = {name: set() for name in NAMES}
    for at in range(count):
        name = NAMES[at]
        following = draw(st.lists(st.sampled_from(NAMES[at + 1 : count]), unique=True)) if at + 1 < count else []
        for child in following:
            above[child] |= {name, *above[name]}
        triggers = [st.just(BEGIN), st.just(EVENT), DATES.map(lambda one: on(one.isoformat()))]
        if above[name]:
            rules = st.sampled_from(sorted(DAY_RULES))
            triggers.append(
                st.builds(
                    lambda anchor, length, times, cliff, rule: after(
                        anchor, length, times, cliff_installment=min(cliff, times), day_of_month=rule
                    ),
                    st.sampled_from(sorted(above[name])), st.integers(0, 24), st.integers(1, 20), st.integers(0, 20),
                    rules,
                )
            )  # fmt: skip
        amount = draw(
            st.builds(
                lambda above_, below, rest: part(str(min(above_, below)), str(below), remainder=rest),
                st.integers(0, 48), st.integers(1, 48), st.booleans(),
            )
            | st.integers(0, 1_000).map(lambda number: units(str(number)))
        )  # fmt: skip
        conditions.append(knot(name, draw(st.one_of(triggers)), amount, *following))
    return read(terms(*conditions, allocation=draw(st.sampled_from(Allocation))))


@st.composite
def grants(draw: st.DrawFn) -> tuple[Timeline, dt.date]:
    """Any grant by such a graph with facts that fit, and a day to look at it."""
    graph, total = draw(graphs()), draw(st.integers(1, 10**6))
    names = [condition.id for condition in graph.conditions]
    events = draw(st.lists(st.builds(Happened, st.sampled_from(names), DATES), max_size=4))
    away = st.builds(lambda one, days: Leave(one, one + dt.timedelta(days)), DATES, st.integers(0, 400))
    leaves = draw(st.lists(away, max_size=2))
    start, granted = draw(st.none() | DATES), draw(st.none() | DATES)
    facts = Facts(events=tuple(events), leaves=tuple(leaves))
    plain = timeline(graph, units=total, starts_on=start, granted_on=granted, facts=facts)
    brought, stopped = draw(DATES), draw(st.none() | DATES)
    there = total - vested_on(plain, brought) - sum(lapse.units for lapse in plain.lapses if lapse.on <= brought)
    if there >= 1 and (stopped is None or brought <= stopped):
        asked = draw(st.none() | st.integers(1, int(there)))
        facts = Facts(facts.events, (Acceleration(brought, asked, draw(st.sampled_from(Order))),), facts.leaves)
    facts = Facts(facts.events, facts.accelerations, facts.leaves, stopped)
    return timeline(graph, units=total, starts_on=start, granted_on=granted, facts=facts), draw(DATES)


@given(grants())
def test_whatever_the_terms_and_the_facts_every_unit_is_accounted_for(grant: tuple[Timeline, dt.date]) -> None:
    plan, when = grant
    given_ = sum(row.units for row in plan.instalments)
    assert given_ + sum(lapse.units for lapse in plan.lapses) + plan.waiting == plan.total
    assert min([0, plan.waiting, *(row.units for row in plan.instalments)]) == 0
    exercised = int(vested_on(plan, when)) // 2
    balance = balance_on(plan, when, [Move(when, Way.EXERCISED, exercised)] if exercised else [])
    assert balance.vested + balance.unvested + balance.cancelled + balance.exercised == plan.total
    assert min(balance.vested, balance.unvested, balance.cancelled, balance.exercised) >= 0
    assert [vesting.on for vesting in plan.vestings] == sorted({vesting.on for vesting in plan.vestings})


@given(graphs(), st.integers(1, 10**6), DATES, DATES)
def test_what_has_vested_is_never_changed_by_what_happens_later(
    graph: Graph, total: int, start: dt.date, when: dt.date
) -> None:
    plain = timeline(graph, units=total, starts_on=start)
    events = tuple(Happened(condition.id, when + dt.timedelta(days=1)) for condition in graph.conditions)
    later = timeline(graph, units=total, starts_on=start, facts=Facts(events=events))
    assert vested_on(later, when) == vested_on(plain, when)
