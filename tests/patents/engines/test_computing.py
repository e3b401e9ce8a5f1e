"""Deadlines of applications: from the law's own words and worked examples, and what holds for every day."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.patents.engines.deadlines import (
    CALENDARS,
    Book,
    Case,
    DeadlineRule,
    Due,
    GraceStep,
    Happening,
    RuleError,
    ServiceMode,
    compute,
    epo,
)
from incubator.rules.deadlines import DEADLINES
from incubator.rules.engines.periods import add_months

BOOK = Book([DeadlineRule.from_data(r.code, r.number, r.valid_from, r.valid_to, r.parameters) for r in DEADLINES])


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def case(office: str, *events: str, kind: str = "invention") -> Case:
    """Events as 'kind 2024-05-06', 'notice 2024-05-06 post', 'pay 2024-05-06 - 4' (mode, about)."""
    made = []
    for number, text in enumerate(events):
        what, on, mode, about, *_rest = [*text.split(), "-", "-"]
        served = None if mode == "-" else ServiceMode(mode)
        made.append(Happening(f"e{number}", what, day(on), served, "" if about == "-" else about))
    return Case(office, kind, tuple(made))


def found(of: Case, code: str, year: int | None = None) -> Due:
    return next(due for due in compute(of, BOOK) if due.code.endswith(code) and due.year == year)


def codes(of: Case) -> set[str]:
    return {due.code.rsplit(".", 1)[-1] for due in compute(of, BOOK)}


@pytest.mark.parametrize(
    ("of", "code", "year", "due"),
    [
        # Patent Law, Art. 29, 34, 35, 42
        (case("CNIPA", "file 2023-02-28"), ".priority", None, "2024-02-28"),
        (case("CNIPA", "file 2023-08-31", kind="design"), ".priority_design", None, "2024-02-29"),
        (case("CNIPA", "file 2023-08-31"), ".publication", None, "2025-02-28"),
        # a Saturday on which people work (State Council's notice for 2026): not moved
        (case("CNIPA", "priority 2023-02-28", "file 2024-02-20"), ".examination", None, "2026-02-28"),
        # the National Day's week of 2026: the first working day after it
        (case("CNIPA", "file 2023-10-01"), ".examination", None, "2026-10-08"),
        (case("CNIPA", "file 2005-01-10", "grant 2008-05-07"), ".term_invention", None, "2025-01-10"),
        (case("CNIPA", "file 2015-01-10", "grant 2016-05-07", kind="utility_model"), ".term_utility_model", None,
         "2025-01-10"),
        (case("CNIPA", "file 2021-06-01", "grant 2021-12-07", kind="design"), ".term_design", None, "2036-06-01"),
        (case("CNIPA", "file 2021-05-31", "grant 2021-12-07", kind="design"), ".term_old_design", None, "2031-05-31"),
        # Implementing Rules 2023, Rule 60; Rule 4: by post 15 days after issue
        (case("CNIPA", "file 2022-01-04", "grant_notice 2024-03-01 post"), ".registration", None, "2024-05-16"),
        (case("CNIPA", "file 2022-01-04", "grant_notice 2024-03-01 electronic"), ".registration", None, "2024-05-06"),
        # before 20 January 2024 an electronic document too counted as received after 15 days
        (case("CNIPA", "file 2022-01-04", "grant_notice 2024-01-19 electronic"), ".registration", None, "2024-04-03"),
        # Art. 41
        (case("CNIPA", "file 2022-01-04", "refuse 2024-06-03 hand"), ".reexamination", None, "2024-09-03"),
        (case("CNIPA", "file 2022-01-04", "refuse 2024-06-03", "reexamine 2024-11-29 hand"), ".court", None,
         "2025-02-28"),
        # Guidelines for Examination, Part V, Chapter 9, 2.2.1.2 (filed 3 June 1997, granted 1 August 2001, the fifth
        # year paid at registration: the sixth is due by 3 June 2002), thirteen years on
        (case("CNIPA", "file 2010-06-03", "grant 2014-08-01"), ".annual_fee", 6, "2015-06-03"),
        # PCT: China 30 months, the EPO 31, the United States 30 from the priority
        (case("WIPO", "priority 2022-08-31", "file 2023-02-10"), "pct.patent.deadline.cn", None, "2025-02-28"),
        (case("WIPO", "priority 2022-08-31", "file 2023-02-10"), "pct.patent.deadline.ep", None, "2025-03-31"),
        (case("WIPO", "priority 2022-08-31", "file 2023-02-10"), "pct.patent.deadline.us", None, "2025-02-28"),
        # EPC Rule 134(1): 29 March 2024 was Good Friday, and then Easter until Monday
        (case("WIPO", "priority 2021-08-29", "file 2022-02-10"), "pct.patent.deadline.ep", None, "2024-04-02"),
        # EPC Rule 51: the month's end, from year 3; on a closing day it is in time on the next day open
        (case("EPO", "file 2020-02-10"), ".renewal", 3, "2022-02-28"),
        (case("EPO", "file 2021-12-10"), ".renewal", 3, "2024-01-02"),
        (case("EPO", "file 2021-03-10"), ".renewal", 4, "2024-04-02"),
        (case("EPO", "file 2020-02-10"), ".renewal", 5, "2024-02-29"),
        # 37 CFR 1.362; 29 May 2034 is Memorial Day
        (case("USPTO", "file 2020-02-10", "grant 2022-11-29"), ".maintenance_1", None, "2026-05-29"),
        (case("USPTO", "file 2020-02-10", "grant 2022-11-29"), ".maintenance_3", None, "2034-05-30"),
        # 4 July 2026 is a Saturday, so that the 3rd is off; Inauguration Day of 2033
        (case("USPTO", "file 2020-02-10", "grant 2023-01-03"), ".maintenance_1", None, "2026-07-06"),
        (case("USPTO", "file 2020-02-10", "grant 2021-07-20"), ".maintenance_3", None, "2033-01-21"),
        # security review: notice after two months, decision after four
        (case("EPO", "request_clearance 2025-01-31"), ".security_notice", None, "2025-03-31"),
        (case("EPO", "request_clearance 2025-01-31"), ".security_decision", None, "2025-05-31"),
    ],
)  # fmt: skip
def test_the_last_day(of: Case, code: str, year: int | None, due: str) -> None:
    assert found(of, code, year).due_on == day(due)


def test_the_first_annual_fee_is_that_of_the_year_after_the_grant_and_the_last_that_of_the_term() -> None:
    years = [due.year for due in compute(case("CNIPA", "file 2010-06-03", "grant 2014-08-01"), BOOK) if due.year]
    assert years == list(range(6, 21))
    same_day = [due.year for due in compute(case("CNIPA", "file 2010-06-03", "grant 2014-06-03"), BOOK) if due.year]
    assert same_day[0] == 6
    day_before = [due.year for due in compute(case("CNIPA", "file 2010-06-03", "grant 2014-06-02"), BOOK) if due.year]
    assert day_before[0] == 5


def test_years_to_come_are_cut_after_the_first_beyond_the_horizon() -> None:
    of = case("CNIPA", "file 2010-06-03", "grant 2014-08-01")
    assert [due.year for due in compute(of, BOOK, day("2017-01-01")) if due.year] == [6, 7, 8]


def test_the_annual_fee_costs_five_per_cent_more_a_month_after_the_first() -> None:
    """Rule 115: no surcharge within the first month, then 5, 10, 15, 20, 25 %; each step ends on a working day."""
    due = found(case("CNIPA", "file 2010-06-03", "grant 2014-08-01"), ".annual_fee", 6)
    assert due.grace == (
        GraceStep(day("2015-07-03"), 0),
        GraceStep(day("2015-08-03"), 500),
        GraceStep(day("2015-09-06"), 1000),  # 3 and 4 September were days off in 2015, the 6th a make-up Sunday
        GraceStep(day("2015-10-08"), 1500),
        GraceStep(day("2015-11-03"), 2000),
        GraceStep(day("2015-12-03"), 2500),
    )
    assert due.grace_until == day("2015-12-03")
    assert [due.surcharge(day(text)) for text in ("2015-06-03", "2015-06-04", "2015-12-04")] == [
        None, GraceStep(day("2015-07-03"), 0), None,
    ]  # fmt: skip


def test_grace_at_the_epo_goes_from_month_end_to_month_end() -> None:
    """J 4/91: a fee due on 28 February can be paid until 31 August."""
    assert found(case("EPO", "file 2020-02-10"), ".renewal", 3).grace == (GraceStep(day("2022-08-31"), 5000),)


def test_maintenance_in_the_united_states_opens_six_months_before() -> None:
    due = found(case("USPTO", "file 2020-02-10", "grant 2022-11-29"), ".maintenance_1")
    assert (due.opens_on, due.grace_until) == (day("2025-11-29"), day("2026-11-30"))


def test_china_lets_in_two_months_late_with_a_surcharge() -> None:
    due = found(case("WIPO", "priority 2022-08-31", "file 2023-02-10"), "pct.patent.deadline.cn")
    assert due.grace == (GraceStep(day("2025-04-28"), None),)


def test_a_priority_can_be_asked_back_for_two_months() -> None:
    assert found(case("CNIPA", "file 2024-02-28"), ".priority").restore_until == day("2025-04-28")


def test_an_application_that_claims_a_priority_gives_none() -> None:
    assert "priority" not in codes(case("CNIPA", "priority 2023-02-28", "file 2024-02-20"))


def test_the_trace_tells_every_step() -> None:
    due = found(case("CNIPA", "file 2025-01-06", "notice 2026-01-27 post"), ".first_action")
    assert [step.as_data() for step in due.trace] == [
        {"step": "base", "on": "2026-01-27", "what": "notice"},
        {"step": "service", "on": "2026-02-11", "mode": "post", "days": 15},
        {"step": "period", "on": "2026-06-11", "months": 4, "days": 0},
        {"step": "due", "on": "2026-06-11", "calendar": "CN"},
    ]
    assert (due.base_on, due.unrolled_on) == (day("2026-02-11"), day("2026-06-11"))


def test_each_day_off_passed_over_is_a_step_with_its_reason() -> None:
    due = found(case("CNIPA", "file 2023-10-04"), ".examination")
    rolls = [(step.on.isoformat(), dict(step.values)["why"]["en"]) for step in due.trace if step.name == "roll"]
    assert [on for on, _why in rolls] == ["2026-10-04", "2026-10-05", "2026-10-06", "2026-10-07"]
    assert all(why for _on, why in rolls)
    assert due.due_on == day("2026-10-08")


def test_a_year_without_a_published_calendar_is_provisional_and_says_so() -> None:
    due = found(case("CNIPA", "file 2040-01-10"), ".examination")
    assert due.provisional
    assert (due.trace[-1].name, due.trace[-1].on) == ("provisional", due.due_on)
    assert not found(case("CNIPA", "file 2020-01-10"), ".examination").provisional
    assert not found(case("USPTO", "file 2040-01-01", "grant 2041-01-01"), ".maintenance_1").provisional
    renewals = [found(case("EPO", "file 2020-02-10"), ".renewal", year) for year in (5, 6)]
    assert [(one.due_on.year, one.provisional) for one in renewals] == [(2024, False), (2025, True)]


def test_the_first_notice_has_four_months_and_a_later_one_two() -> None:
    of = case("CNIPA", "file 2022-01-04", "notice 2024-06-03 hand", "answer 2024-09-30", "notice 2025-02-03 hand")
    first, later = found(of, ".first_action"), found(of, ".later_action")
    assert (first.due_on, first.met_by) == (day("2024-10-08"), "e2")
    assert (later.due_on, later.met_by) == (day("2025-04-03"), None)


def test_an_answer_belongs_to_the_notice_it_names() -> None:
    of = case("CNIPA", "file 2022-01-04", "notice 2024-06-03", "notice 2024-07-03", "answer 2024-08-05 - e1")
    assert (found(of, ".first_action").met_by, found(of, ".later_action").met_by) == ("e3", None)


@pytest.mark.parametrize(
    ("events", "code", "year", "met"),
    [
        (["file 2022-01-04", "request_examination 2023-01-04"], ".examination", None, "e1"),
        (["file 2022-01-04", "publish 2023-06-01"], ".publication", None, "e1"),
        (["file 2010-06-03", "grant 2014-08-01", "pay 2015-05-04 - 6"], ".annual_fee", 6, "e2"),
        (["file 2010-06-03", "grant 2014-08-01", "pay 2015-05-04 - 6"], ".annual_fee", 7, None),
    ],
)
def test_what_fulfils_it(events: list[str], code: str, year: int | None, met: str | None) -> None:
    assert found(case("CNIPA", *events), code, year).met_by == met


def test_a_national_phase_is_entered_at_its_own_office() -> None:
    of = case("WIPO", "file 2023-02-10", "enter_national 2025-01-10 - EPO")
    assert {due.code[-2:]: due.met_by for due in compute(of, BOOK)} == {"cn": None, "ep": "e1", "us": None}


def test_after_its_end_nothing_more_is_asked_and_what_was_missed_stays() -> None:
    of = case("CNIPA", "file 2010-06-03", "grant 2014-08-01", "lapse 2017-01-10 hand")
    assert [due.year for due in compute(of, BOOK) if due.year] == [6, 7]
    assert "restoration" in codes(of)
    back = case("CNIPA", "file 2010-06-03", "grant 2014-08-01", "lapse 2017-01-10", "restore 2017-03-01")
    assert len([due for due in compute(back, BOOK) if due.year]) == 15


def test_an_end_that_is_followed_by_another_counts_from_the_first() -> None:
    of = case("CNIPA", "file 2010-06-03", "grant 2014-08-01", "lapse 2017-01-10", "expire 2030-06-03")
    assert [due.year for due in compute(of, BOOK) if due.year] == [6, 7]


def test_renewals_at_the_epo_end_with_the_grant() -> None:
    of = case("EPO", "file 2020-02-10", "grant 2023-05-10")
    assert [due.year for due in compute(of, BOOK) if due.year] == [3, 4]


def test_nothing_follows_where_nothing_is_known() -> None:
    assert compute(case("CNIPA"), BOOK) == ()
    assert compute(case("JPO", "file 2020-02-10"), BOOK) == ()
    assert compute(case("USPTO", "file 2020-02-10", "grant 2021-01-05", kind="design"), BOOK) == ()
    assert compute(case("CNIPA", "grant 2014-08-01"), BOOK) == ()
    assert compute(case("CNIPA", "grant 2014-08-01", kind="design"), BOOK) == ()


SIMPLE: dict[str, Any] = {
    "offices": ["*"], "kinds": ["invention"], "trigger": "file", "base": "event", "months": 1, "roll": "previous",
    "calendar": "CN",
}  # fmt: skip


def rule(**changes: Any) -> DeadlineRule:
    return DeadlineRule.from_data("test.rule", 1, day("2000-01-01"), None, SIMPLE | changes)


def test_a_rule_may_move_back_to_the_working_day_before() -> None:
    due = compute(case("CNIPA", "file 2026-09-04"), Book([rule()]))[0]
    assert due.due_on == day("2026-09-30")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base": "nothing"}, "its parameters are not those of a deadline"),
        ({"roll": "sideways"}, "a roll is to the next or previous working day of a known calendar"),
        ({"calendar": "JP"}, "a roll is to the next or previous working day of a known calendar"),
        ({"which": "second"}, "it is about the first or the later notices"),
        ({"months": 0}, "it has no period"),
    ],
)
def test_a_rule_of_another_shape_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        rule(**changes)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2015, "0101 0102 0106 0403 0406 0427 0501 0505 0514 0525 0604 1224 1225 1228 1229 1230 1231"),
        (2020, "0101 0106 0410 0413 0427 0501 0505 0521 0601 0611 1224 1225 1228 1229 1230 1231"),
        (2023, "0106 0308 0407 0410 0427 0501 0505 0518 0529 0608 0815 1003 1101 1225 1226 1227 1228 1229"),
        (2024, "0101 0308 0329 0401 0501 0509 0520 0530 0815 1003 1101 1224 1225 1226 1227 1230 1231"),
    ],
)
def test_the_closing_days_of_the_epo_are_those_of_its_notices(year: int, days: str) -> None:
    assert " ".join(f"{one:%m%d}" for one in sorted(epo.closing_days(year))) == days


DAYS = st.dates(dt.date(1995, 1, 1), dt.date(2045, 12, 31))
KINDS = st.sampled_from(["invention", "utility_model", "design"])
EVENTS = ("priority", "notice", "grant_notice", "refuse", "reexamine", "lapse", "grant", "request_clearance")


@st.composite
def cases(draw: Any) -> Case:
    filed = draw(DAYS)
    office = draw(st.sampled_from(["CNIPA", "WIPO", "EPO", "USPTO"]))
    events = [Happening("file", "file", filed)]
    for number, what in enumerate(draw(st.lists(st.sampled_from(EVENTS), max_size=4))):
        after = draw(st.integers(0, 3_000))
        sign = -1 if what == "priority" else 1
        mode = draw(st.none() | st.sampled_from(ServiceMode))
        events.append(Happening(f"e{number}", what, filed + sign * dt.timedelta(days=after % 360 * 8 + 1), mode))
    return Case(office, draw(KINDS), tuple(sorted(events, key=lambda event: event.on)))


@given(cases())
def test_no_deadline_lies_before_its_base_and_rolls_land_on_working_days(of: Case) -> None:
    rules = {(one.code, one.number): one for one in BOOK.rules}
    for due in compute(of, BOOK):
        applied = rules[due.code, due.number]
        assert due.base_on <= due.unrolled_on <= due.due_on
        assert all(due.due_on <= step.until for step in due.grace[1:])
        assert [step.until for step in due.grace] == sorted(step.until for step in due.grace)
        if applied.roll:
            calendar = CALENDARS[applied.calendar]
            assert calendar.is_working(due.due_on)
            assert all(calendar.is_working(step.until) for step in due.grace)
            between = (due.unrolled_on + dt.timedelta(days=n) for n in range((due.due_on - due.unrolled_on).days))
            assert not any(calendar.is_working(one) for one in between)
        assert next(step.on for step in due.trace if step.name == "due") == due.due_on


@given(cases())
def test_keys_are_unique_and_the_order_is_that_of_the_days(of: Case) -> None:
    dues = compute(of, BOOK)
    assert len({due.key for due in dues}) == len(dues)
    assert [due.due_on for due in dues] == sorted(due.due_on for due in dues)


@given(DAYS, st.integers(1, 20))
def test_months_never_drift(base: dt.date, year: int) -> None:
    """Each year's fee falls on the filing's own day, or the month's last where it has none; never on one before."""
    on = add_months(base, 12 * year)
    assert (on.year, on.month) == (base.year + year, base.month)
    assert on.day == base.day or (base.month, base.day, on.day) == (2, 29, 28)
