"""Issuers, issued units that two persons sign, cap tables on any day, and their month-end positions."""

import datetime as dt
from collections import Counter
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import attempt, transaction
from incubator.equity import jobs, pages, queries, services
from incubator.equity.engines.capital import ENGINE_VERSION, Entry, positions
from incubator.equity.models import (
    CapitalMonth,
    CapitalPosition,
    CapitalTotal,
    EquitySecurity,
    EquityTransaction,
    Issuer,
)
from incubator.equity.services.issuers import credit_code
from tests.equity.capital import CODE, ISSUER, Capital
from tests.equity.scene import Scene, doing


def refusal(call: Any) -> tuple[str, str | None]:
    """The code and field of a refused step, which changes nothing."""
    with pytest.raises(DomainError) as caught:
        doing(call)
    return caught.value.code, caught.value.field


def declined(call: Any) -> tuple[str, str | None]:
    """The same of what opens its own transaction."""
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code, caught.value.field


def lines(capital: Capital, day: dt.date | None = None) -> list[tuple[str, int]]:
    table = queries.table_of(capital.security, day)
    return [(line.name, line.issued) for line in table.lines]


def test_a_credit_code_is_checked_to_its_last_character(scene: Scene) -> None:
    assert credit_code(" 9111 0000 6000 37341l ") == CODE
    assert credit_code("  ") is None
    for wrong in ("91110000600037342L", "123", "9" * 40, "91110000600037341I"):
        assert refusal(lambda wrong=wrong: credit_code(wrong)) == ("invalid", "credit_code")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "partnership"}, "kind"),
        ({"size": "huge"}, "size"),
        ({"size_evidence": " "}, "size_evidence"),
        ({"size_on": dt.date(2999, 1, 1)}, "size_on"),
        ({"formed_on": dt.date(2999, 1, 1)}, "formed_on"),
        ({"credit_code": "91110000600037342L"}, "credit_code"),
        ({"lock_months": 601}, "lock_months"),
        ({"notice_days": 0}, "notice_days"),
        ({"total_units": 0}, "total"),
        ({"unit": {"en": "x", "zh": ""}}, "unit_zh"),
    ],
)
def test_what_an_issuer_cannot_be_is_refused_at_its_field(scene: Scene, changes: dict[str, Any], field: str) -> None:
    terms = ISSUER | changes
    assert refusal(lambda: services.create_issuer(scene.maker, scene.company, **terms)) == ("invalid", field)
    assert db.session.scalar(db.select(db.func.count()).select_from(Issuer)) == 0


def test_a_code_belongs_to_one_issuer_and_one_holder(capital: Capital) -> None:
    scene = capital.scene
    assert refusal(lambda: services.create_issuer(scene.maker, scene.company, **ISSUER)) == ("invalid", "credit_code")
    details = {name: ISSUER[name] for name in ISSUER if name not in ("kind", "unit", "decimals", "total_units")}
    doing(
        lambda: services.revise_issuer(scene.maker, capital.issuer, **(details | {"name": "Quanta", "lock_months": 36}))
    )
    assert (capital.issuer.name, capital.issuer.articles["lock_months"]) == ("Quanta", 36)


def test_holders_need_a_name_and_a_known_kind(capital: Capital) -> None:
    for kind, name, field in (("trust", "A", "kind"), ("company", " ", "name")):
        call = {"kind": kind, "name": name}
        assert refusal(lambda call=call: services.create_holder(capital.scene.maker, capital.issuer, **call)) == (
            "invalid", field,
        )  # fmt: skip
    doing(lambda: services.create_holder(capital.scene.maker, capital.issuer, kind="company", name="A", code=CODE))
    again = {"kind": "company", "name": "B", "code": CODE}
    assert refusal(lambda: services.create_holder(capital.scene.maker, capital.issuer, **again)) == (
        "invalid", "credit_code",
    )  # fmt: skip


def test_issued_units_are_in_the_register_once_two_have_signed(scene: Scene) -> None:
    capital = Capital(scene)
    entry = capital.submitted((scene.lead, 6_000), (capital.vehicle, 1_000))
    assert (lines(capital), entry.state) == ([], "in_approval")
    assert refusal(lambda: services.approve_entry(scene.maker, entry))[0] == "capital_entry.approve"
    doing(lambda: services.approve_entry(scene.checker, entry))
    db.session.refresh(capital.security)
    assert (lines(capital), capital.security.issued_units) == (
        [("Zhao Min", 6_000), ("Quanta Partners LP", 1_000)], 7_000,
    )  # fmt: skip


def test_no_unit_beyond_what_is_authorised(capital: Capital) -> None:
    assert declined(lambda: capital.drafted((capital.buyer, 1))) == ("over_authorised", "units")
    with pytest.raises(DBAPIError, match="issued_within_authorised"), transaction(), attempt():
        db.session.execute(text("UPDATE security_class SET total_units = 9999"))


def test_entries_that_cannot_be_are_refused(capital: Capital) -> None:
    scene = capital.scene
    good = {"effective_on": clock.today(), "evidence": "x",
            "lines": [{"holder": capital.buyer.public_id, "units": 1, "price_minor": None}]}  # fmt: skip
    for changes, field in (
        ({"evidence": " "}, "evidence"),
        ({"effective_on": clock.today() + dt.timedelta(days=1)}, "effective_on"),
        ({"lines": []}, "units"),
        ({"lines": [{"holder": "nobody", "units": 1}]}, "holder"),
        ({"lines": [{"holder": capital.buyer.public_id, "units": 0}]}, "units"),
    ):
        terms = good | changes
        assert refusal(lambda terms=terms: services.draft_entry(scene.maker, capital.security, **terms))[1] == field


def test_an_entry_is_taken_back_by_counter_entries_and_by_another_person(scene: Scene) -> None:
    capital = Capital(scene)
    entry = capital.issued((scene.lead, 5_000))
    assert refusal(lambda: services.correct_entry(scene.maker, entry, reason="Wrong"))[0] == "capital_entry.correct"
    assert refusal(lambda: services.correct_entry(scene.checker, entry, reason=" ")) == ("invalid", "reason")
    doing(lambda: services.correct_entry(scene.checker, entry, reason="Wrong person"))
    assert (lines(capital), entry.state) == ([], "corrected")
    kinds = [(row.kind, row.quantity) for row in db.session.scalars(db.select(EquityTransaction))]
    assert kinds == [("issuance", 5_000), ("correction", -5_000)]


def test_an_entry_can_be_refused(scene: Scene) -> None:
    capital = Capital(scene)
    entry = capital.submitted((scene.lead, 5))
    doing(lambda: services.refuse_entry(scene.checker, entry, reason="No resolution"))
    assert (entry.state, lines(capital)) == ("refused", [])


def test_the_table_of_any_day_is_that_of_the_log(capital: Capital) -> None:
    """Before and after the ends of months are derived, for days on, before and after one."""
    capital.settled(capital.approved(capital.answered(capital.noticed(), 0, 0)))
    days = [dt.date(2024, 1, 14), dt.date(2024, 1, 15), dt.date(2024, 1, 31), dt.date(2024, 2, 1),
            clock.today() - dt.timedelta(days=1)]  # fmt: skip
    log = [
        Entry(row.effective_on, row.holder_public_id, row.class_public_id, row.quantity)
        for row in db.session.scalars(db.select(EquityTransaction))
    ]
    expected = [{holder: units for (holder, _class), units in positions(log, day).items()} for day in days]

    def read() -> list[dict[str, int]]:
        found = []
        for day in days:
            table = queries.table_of(capital.security, day)
            found.append({line.holder: line.issued for line in table.lines})
        return found

    assert read() == expected
    assert doing(lambda: services.rebuild_months(capital.issuer)) > 20
    assert read() == expected
    assert doing(lambda: services.rebuild_months(capital.issuer)) == 0
    assert set(db.session.scalars(db.select(CapitalMonth.engine))) == {ENGINE_VERSION}


def test_a_late_entry_strikes_out_the_months_it_changes(scene: Scene) -> None:
    capital = Capital(scene)
    capital.issued((scene.lead, 100), on=dt.date(2026, 1, 10))
    doing(lambda: services.rebuild_months(capital.issuer, dt.date(2026, 4, 30)))
    capital.issued((scene.member, 7), on=dt.date(2026, 3, 5))
    standing = db.session.scalars(db.select(CapitalMonth.month_end).order_by(CapitalMonth.month_end)).all()
    assert standing == [dt.date(2026, 1, 31), dt.date(2026, 2, 28)]
    assert lines(capital, dt.date(2026, 4, 15)) == [("Zhao Min", 100), ("Wu Han", 7)]
    assert doing(lambda: services.rebuild_months(capital.issuer, dt.date(2026, 4, 30))) == 2
    stored = db.session.execute(
        db.select(CapitalPosition.month_end, CapitalPosition.units).order_by(
            CapitalPosition.month_end, CapitalPosition.units.desc()
        )
    ).all()
    assert [tuple(row) for row in stored] == [
        (dt.date(2026, 1, 31), 100), (dt.date(2026, 2, 28), 100),
        (dt.date(2026, 3, 31), 100), (dt.date(2026, 3, 31), 7),
        (dt.date(2026, 4, 30), 100), (dt.date(2026, 4, 30), 7),
    ]  # fmt: skip


def test_an_issuer_without_a_movement_has_no_months(scene: Scene) -> None:
    issuer = Capital(scene).issuer
    assert doing(lambda: services.rebuild_months(issuer)) == 0


def test_pages_of_holders_follow_one_another(capital: Capital) -> None:
    first = queries.table_of(capital.security, None, size=2)
    assert ([line.issued for line in first.lines], first.issued) == ([6_000, 3_000], 10_000)
    rest = queries.table_of(capital.security, None, first.after or "", size=2)
    assert ([line.name for line in rest.lines], rest.after) == (["Quanta Partners LP"], None)


def paged(security: Any, day: dt.date | None) -> tuple[list[tuple[str, int, int]], set[tuple[int, int, int]]]:
    """All lines, two at a time, and the totals that the pages said."""
    found, totals, after = [], set(), ""
    while True:
        table = queries.table_of(security, day, after, size=2)
        found += [(line.holder, line.issued, line.promised) for line in table.lines]
        totals.add((table.issued, table.promised))
        if table.after is None:
            return found, totals
        after = table.after


def test_pages_are_the_whole_in_order_with_the_totals_of_all_on_every_page(scene: Scene) -> None:
    """Shares and promises; with no month's end derived, with some, with all."""
    scene.live(scene.plan())
    security = db.session.scalars(db.select(services.plans.SecurityClass)).one()
    capital = Capital(scene)
    capital.security = security
    first, second = dt.date(2026, 1, 10), dt.date(2026, 3, 5)
    capital.issued((scene.lead, 700), (scene.member, 700), (capital.vehicle, 20), on=first)
    capital.issued((capital.buyer, 700), (capital.vehicle, 5), on=second)
    days = [dt.date(2026, 1, 31), dt.date(2026, 3, 4), dt.date(2026, 3, 20), None]
    whole = [(paged(security, day), queries.table_of(security, day, size=0)) for day in days]
    for (lines_, totals), table in whole:
        assert lines_ == [(line.holder, line.issued, line.promised) for line in table.lines]
        assert totals == {(table.issued, table.promised)}
        assert [line.issued for line in table.lines] == sorted((line.issued for line in table.lines), reverse=True)
    assert [(table.issued, table.promised, len(table.lines)) for _paged, table in whole] == [
        (1_420, 0, 3), (1_420, 0, 3), (2_125, 0, 4), (2_125, 48_000, 4),
    ]  # fmt: skip
    for last in (dt.date(2026, 2, 28), None):
        doing(lambda last=last: services.rebuild_months(security.issuer, last))
        assert [paged(security, day) for day in days] == [pages_ for pages_, _table in whole]
    assert queries.table_of(security, days[0], "0-zzz").issued == 1_420


def moved_at_random(capital: Capital, dice: Random, count: int, sells: bool) -> list[tuple[dt.date, str, str, int]]:
    """Movements of shares and promises of ten holders within two months, as they are stored. sells: some go back to
    nothing; otherwise one unit leaves at a time."""
    cause = db.session.scalars(db.select(EquityTransaction.cause_id)).first()
    holders, held, log = [f"holder{n:02}aaaaaaaa" for n in range(10)], Counter[tuple[str, str]](), []
    common = {"issuer_public_id": capital.issuer.public_id, "class_public_id": capital.security.public_id}
    days = sorted(dt.date(2025, 9, 10) + dt.timedelta(days=dice.randrange(60)) for _ in range(count))
    securities = {
        (holder, kind): EquitySecurity(holder_public_id=holder, instrument=kind, **common)
        for holder in holders for kind in ("share", "award")
    }  # fmt: skip
    db.session.add_all(securities.values())
    db.session.flush()
    for day in days:
        key = dice.choice(sorted(securities))
        gone = [-held[key], -dice.randrange(0, held[key] + 1)] if sells else [-min(1, held[key])]
        units = dice.choice([dice.randrange(1, 60), *gone])
        if units:
            held[key] += units
            log.append((day, *key, units))
            row = {"kind": "issuance" if units > 0 else "cancellation", "quantity": units, "effective_on": day,
                   "instrument": key[1], "holder_public_id": key[0], "trigger": "capital_entry.approve",
                   "security_public_id": securities[key].public_id, "cause_id": cause}  # fmt: skip
            db.session.add(EquityTransaction(**common, **row))
            db.session.flush()
    return log


@pytest.mark.parametrize(("seed", "sells"), [(7, True), (10, True), (3, False)])
def test_any_page_of_any_day_is_what_the_log_sums_to(scene: Scene, seed: int, sells: bool) -> None:
    """Whoever came, sold out, was promised units or let them lapse within the month stands where the log says."""
    capital = Capital(scene)
    capital.issued((scene.lead, 40), (scene.member, 15))
    start = {scene.lead.public_id: 40, scene.member.public_id: 15}
    log = doing(lambda: moved_at_random(capital, Random(seed), 90, sells))
    doing(lambda: services.rebuild_months(capital.issuer))
    for day in (dt.date(2025, 9, 30), *(dt.date(2025, 10, n) for n in (1, 8, 15, 22, 30, 31))):
        sums = {kind: Counter(start if kind == "share" else {}) for kind in ("share", "award")}
        for on, holder, kind, units in log:
            sums[kind][holder] += units if on <= day else 0
        rows = [(key, sums["share"][key], sums["award"][key]) for key in {*sums["share"], *sums["award"]}]
        expected = sorted((row for row in rows if row[1] + row[2]), key=lambda row: (row[1], row[0]), reverse=True)
        totals = {tuple(sum(sums[kind].values()) for kind in ("share", "award"))}
        assert paged(capital.security, day) == (expected, totals)
        whole = queries.table_of(capital.security, day, size=0)
        assert [(line.holder, line.issued, line.promised) for line in whole.lines] == expected


def test_the_job_derives_the_months_of_every_issuer_and_closes_notices(scene: Scene) -> None:
    capital = Capital(scene)
    capital.issued((scene.lead, 10_000), on=dt.date(2026, 1, 10))
    written = jobs.derive_months()
    assert (written > 8, jobs.derive_months(), jobs.close_notices()) == (True, 0, 0)
    totals = db.session.execute(db.select(CapitalTotal.issued, CapitalTotal.promised)).all()
    assert {tuple(row) for row in totals} == {(10_000, 0)}
    assert len(totals) == written


def test_grants_and_the_free_pool_dilute(scene: Scene) -> None:
    scene.live(scene.plan())
    grant_class = db.session.scalars(db.select(services.plans.SecurityClass)).one()
    issuer = grant_class.issuer
    table = queries.table_of(grant_class, None)
    assert [(line.name, line.issued, line.promised) for line in table.lines] == [("Zhao Min", 0, 48_000)]
    rows = pages.cap_table_rows(issuer, grant_class, None)
    assert [(row["holder"], row["diluted"]) for row in rows] == [("Zhao Min", 800), ("Free in the pool", 9_200)]
