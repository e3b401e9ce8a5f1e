"""Securities of an Open Cap Format file as the register's: what adds up comes in, what does not says why.

The movements are worked out by hand from OCF 1.2.0: a transfer, a cancellation or a buy-back of a part names the
security with the rest; an exercise or a release leaves the rest where it is.
"""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.equity.engines.ocf import Known, fresh_moves, read
from incubator.equity.engines.ocf.reading import WITH_FAMILY

HOLDERS = [{"object_type": "STAKEHOLDER", "id": key} for key in ("a", "b")]
CLASS = {"object_type": "STOCK_CLASS", "id": "c", "initial_shares_authorized": "1000.00"}
PLAN = {"object_type": "STOCK_PLAN", "id": "p", "stock_class_ids": ["other", "c"], "initial_shares_reserved": "500"}
AROUND: list[dict[str, Any]] = [*HOLDERS, CLASS, PLAN]
START = {"id": "start", "trigger": {"type": "VESTING_START_DATE"}, "quantity": "0", "next_condition_ids": ["sale"]}
SALE = {"id": "sale", "trigger": {"type": "VESTING_EVENT"}, "next_condition_ids": [],
        "portion": {"numerator": "1", "denominator": "1"}}  # fmt: skip
TERMS = {"object_type": "VESTING_TERMS", "id": "v", "name": "On a sale", "allocation_type": "CUMULATIVE_ROUND_DOWN",
         "vesting_conditions": [START, SALE]}  # fmt: skip


def stock(key: str, units: str, holder: str = "a", on: str = "2026-01-10", **more: Any) -> dict[str, Any]:
    return {"object_type": "TX_STOCK_ISSUANCE", "id": f"i-{key}", "security_id": key, "date": on, "quantity": units,
            "stakeholder_id": holder, "stock_class_id": "c",
            "share_price": {"amount": "1", "currency": "CNY"}} | more  # fmt: skip


def award(key: str, units: str, kind: str = "OPTION", **more: Any) -> dict[str, Any]:
    return {"object_type": "TX_EQUITY_COMPENSATION_ISSUANCE", "id": f"i-{key}", "security_id": key,
            "date": "2026-01-10", "quantity": units, "stakeholder_id": "a", "stock_plan_id": "p",
            "compensation_type": kind, "exercise_price": {"amount": "2", "currency": "CNY"}} | more  # fmt: skip


def moved(kind: str, key: str, units: str | None = None, on: str = "2026-02-10", **more: Any) -> dict[str, Any]:
    quantity = {} if units is None else {"quantity": units}
    return {"object_type": f"TX_{kind}", "id": f"m-{key}", "security_id": key, "date": on} | quantity | more


def lines(*items: dict[str, Any], known: Known | None = None) -> list[tuple[str, str, int]]:
    """Security, kind and units of every movement, in order; nothing may be kept."""
    found = read([*AROUND, TERMS, *items], known or Known())
    assert {key: why for key, why in found.kept.items() if key != "v"} == {}
    return [(move.security, move.kind, move.units) for move in found.moves]


def refused(*items: dict[str, Any], known: Known | None = None) -> dict[str, str]:
    """Why objects are kept, without those that only go with their family."""
    found = read([*AROUND, TERMS, *items], known or Known())
    assert not found.moves
    return {key: why for key, why in found.kept.items() if why != WITH_FAMILY and key != "v"}


def test_a_transfer_ends_a_security_and_makes_two() -> None:
    items = [
        stock("r", "60", "b", "2026-02-10"), stock("rest", "40", on="2026-02-10"), stock("s", "100"),
        moved("STOCK_TRANSFER", "s", "60", resulting_security_ids=["r"], balance_security_id="rest"),
        moved("STOCK_ACCEPTANCE", "r"),
    ]  # fmt: skip
    assert lines(*items) == [
        ("s", "issuance", 100), ("s", "transfer", -60), ("s", "balance", -40), ("r", "transfer", 60),
        ("rest", "balance", 40), ("r", "acceptance", 0),
    ]  # fmt: skip


def test_what_is_bought_back_cancelled_reissued_and_retracted_leaves() -> None:
    price = {"amount": "3.00", "currency": "CNY"}
    assert lines(stock("s", "5"), moved("STOCK_REPURCHASE", "s", "5", price=price))[1:] == [("s", "repurchase", -5)]
    assert lines(stock("s", "5"), stock("t", "2", on="2026-02-10"),
                 moved("STOCK_CANCELLATION", "s", "3", balance_security_id="t")) == [
        ("s", "issuance", 5), ("s", "cancellation", -3), ("s", "balance", -2), ("t", "balance", 2),
    ]  # fmt: skip
    assert lines(stock("s", "5"), stock("t", "2", on="2026-02-10"), stock("u", "3", on="2026-02-10"),
                 moved("STOCK_REISSUANCE", "s", resulting_security_ids=["t", "u"])) == [
        ("s", "issuance", 5), ("s", "balance", -5), ("t", "balance", 2), ("u", "balance", 3),
    ]  # fmt: skip
    assert lines(stock("s", "5"), moved("STOCK_RETRACTION", "s")) == [("s", "issuance", 5), ("s", "correction", -5)]


def test_an_exercise_leaves_the_rest_where_it_is_and_its_pool_object_is_said_elsewhere() -> None:
    items = [
        award("o", "100"), stock("x", "30", on="2026-02-10"),
        moved("EQUITY_COMPENSATION_EXERCISE", "o", "30", resulting_security_ids=["x"]),
        moved("PLAN_SECURITY_CANCELLATION", "o", "70", "2026-03-10") | {"id": "m2"},
        moved("STOCK_PLAN_RETURN_TO_POOL", "o", "70", "2026-03-10", stock_plan_id="p") | {"id": "m3"},
    ]  # fmt: skip
    found = read([*AROUND, *items])
    assert [(m.security, m.kind, m.units) for m in found.moves] == [
        ("o", "issuance", 100), ("o", "exercise", -30), ("x", "issuance", 30), ("o", "cancellation", -70),
    ]  # fmt: skip
    assert found.kept == {"m3": "the cancellation says it"}
    assert (found.securities["o"].instrument, found.securities["o"].plan, found.securities["x"].parent) == (
        "award", "p", "o",
    )  # fmt: skip
    assert read([*AROUND, award("o", "5", "CSAR")]).securities["o"].instrument == "cash_award"


def test_vesting_comes_with_its_terms_its_start_its_events_and_accelerations() -> None:
    items = [
        award("o", "100", vesting_terms_id="v"),
        moved("VESTING_START", "o", on="2026-01-10", vesting_condition_id="start"),
        moved("VESTING_ACCELERATION", "o", "10", "2026-01-20", reason_text="x") | {"id": "m2"},
        moved("VESTING_EVENT", "o", on="2026-02-20", vesting_condition_id="sale") | {"id": "m3"},
    ]  # fmt: skip
    assert lines(*items)[1:] == [("o", "start", 0), ("o", "acceleration", 0), ("o", "event", 0)]
    found = read([*AROUND, TERMS, *items])
    assert (found.terms, found.securities["o"].terms) == ({"v"}, TERMS)
    days = [{"date": "2027-01-10", "amount": "3"}, {"date": "2026-07-10", "amount": "2"}]
    listed = read([*AROUND, stock("s", "5", vestings=days)]).securities["s"].terms
    assert listed is not None
    assert [one["quantity"] for one in listed["vesting_conditions"]] == ["2", "3"]


def test_sizes_are_those_that_were_set_last() -> None:
    def size(kind: str, name: str, of: str, units: str, key: str, on: str = "2026-03-01") -> dict[str, Any]:
        named = "stock_class_id" if kind.startswith("STOCK_CLASS") else "stock_plan_id"
        return {"object_type": f"TX_{kind}", "id": key, "date": on, named: of, name: units}

    of_class, of_plan = ("STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT", "new_shares_authorized"), (
        "STOCK_PLAN_POOL_ADJUSTMENT", "shares_reserved",
    )  # fmt: skip
    found = read([
        *AROUND, size(*of_class, "c", "2000", "1", "2026-04-01"), size(*of_class, "c", "1500", "2"),
        size(*of_plan, "p", "700", "3"), size(*of_class, "nobody", "5", "4"), size(*of_plan, "p", "0.5", "5"),
    ])  # fmt: skip
    assert (found.authorised, found.reserved) == ({"c": 2000}, {"p": 700})
    assert set(found.kept) == {"4", "5"}


def test_a_class_that_was_split_stays_outside_unless_it_is_here() -> None:
    split = {"object_type": "TX_STOCK_CLASS_SPLIT", "id": "x", "stock_class_id": "c"}
    found = read([CLASS, PLAN, split, {"object_type": "TX_STOCK_CLASS_SPLIT", "id": "y", "stock_class_id": "other"}])
    assert (found.classes, found.plans) == ({}, {})
    assert found.kept["c"].startswith("its units were split")
    assert set(read([CLASS, split], Known(decimals={"c": 2})).classes) == {"c"}


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ([stock("s", "5"), moved("WARRANT_EXERCISE", "s")], {"m-s": "the register has no TX_WARRANT_EXERCISE"}),
        ([stock("s", "5"), moved("STOCK_CONVERSION", "s")], {"m-s": "the register has no TX_STOCK_CONVERSION"}),
        ([stock("s", "5"), stock("s", "5") | {"id": "2"}], {"2": "a security is issued twice"}),
        ([moved("STOCK_ACCEPTANCE", "s")], {"m-s": "a security of it is not issued in this file"}),
        ([stock("s", "5", "nobody")], {"i-s": "its stakeholder is not in this file"}),
        ([stock("s", "5", stock_class_id="x")], {"i-s": "its stock class is not in this file"}),
        ([stock("s", "5", stock_plan_id="x")], {"i-s": "its plan is not in this file"}),
        ([award("o", "5", stock_plan_id=None)], {"i-o": "its stock class is not in this file"}),
        ([stock("s", "0.0000001")], {"i-s": "its quantity does not fit the class's smallest unit"}),
        ([stock("s", "5", vesting_terms_id="x")], {"i-s": "its vesting terms are not in this file"}),
        ([stock("s", "5"), moved("STOCK_CANCELLATION", "s", "6")], {"m-s": "more units leave than are there"}),
        ([stock("s", "5"), moved("STOCK_CANCELLATION", "s", "0")], {"m-s": "more units leave than are there"}),
        ([stock("s", "5"), moved("STOCK_CANCELLATION", "s", "3")],
         {"m-s": "what is left has no security of its own"}),
        ([stock("s", "5"), stock("t", "1"), moved("STOCK_CANCELLATION", "s", "5", balance_security_id="t")],
         {"i-t": "it is dated before its security was issued"}),
        ([stock("s", "5"), stock("t", "1", on="2026-02-10"),
          moved("STOCK_CANCELLATION", "s", "3", balance_security_id="t")],
         {"m-s": "the security with the balance does not hold the rest"}),
        ([stock("s", "5"), stock("t", "2", "b", "2026-02-10"),
          moved("STOCK_CANCELLATION", "s", "3", balance_security_id="t")],
         {"m-s": "the security with the balance does not hold the rest"}),
        ([stock("s", "5"), stock("t", "4", "b", "2026-02-10"),
          moved("STOCK_TRANSFER", "s", "5", resulting_security_ids=["t"])],
         {"m-s": "what it results in is not what moved"}),
        ([stock("s", "5"), stock("t", "5", "b", "2026-02-10"),
          moved("STOCK_REISSUANCE", "s", resulting_security_ids=["t"])],
         {"m-s": "what it results in is not what moved"}),
        ([stock("s", "5", on="2026-03-01"), moved("STOCK_CANCELLATION", "s", "5")],
         {"m-s": "it is dated before its security was issued"}),
        ([award("o", "5"), stock("x", "2", on="2026-02-10"),
          moved("EQUITY_COMPENSATION_EXERCISE", "o", "2", resulting_security_ids=["x"]),
          moved("EQUITY_COMPENSATION_RETRACTION", "o", on="2026-03-10") | {"id": "m2"}],
         {"m2": "what is taken back has moved on"}),
        ([stock("s", "5"), stock("u", "5"), stock("t", "5", "b", "2026-02-10"),
          moved("STOCK_TRANSFER", "s", "5", resulting_security_ids=["t"]),
          moved("STOCK_TRANSFER", "u", "5", resulting_security_ids=["t"])],
         {"m-u": "a security comes of two others"}),
        ([stock("s", "5"), stock("t", "5"), moved("STOCK_TRANSFER", "s", "5", resulting_security_ids=["t"]),
          moved("STOCK_TRANSFER", "t", "5", resulting_security_ids=["s"])],
         {"m-t": "securities come of one another in a circle"}),
        ([stock("s", "5"), moved("VESTING_START", "s", vesting_condition_id="start")],
         {"m-s": "a vesting is told of a security without vesting terms"}),
        ([award("o", "5", vesting_terms_id="v"), moved("VESTING_START", "o", vesting_condition_id="start"),
          moved("VESTING_START", "o", on="2026-03-10", vesting_condition_id="start") | {"id": "m2"}],
         {"i-o": "its vesting starts on several days"}),
        ([award("o", "5", vesting_terms_id="v"), moved("VESTING_EVENT", "o", vesting_condition_id="start")],
         {"i-o": "its vesting cannot be computed: no event start"}),
        ([stock("s", "5", vestings=[{"date": "2026-07-10", "amount": "2.0000001"}])],
         {"i-s": "its vesting cannot be computed: condition day-1: the quantity must be whole units, 0 or more"}),
    ],
)  # fmt: skip
def test_what_does_not_add_up_stays_outside_whole(items: list[dict[str, Any]], why: dict[str, str]) -> None:
    assert refused(*items) == why


def test_a_later_file_goes_on_where_the_register_stands_and_nowhere_else() -> None:
    items = [stock("s", "100"), moved("STOCK_CANCELLATION", "s", "100")]
    known = Known(frozenset({"a", "b", "c", "p", "i-s"}), {"c": 0}, {"s": 100})
    found = read([*AROUND, *items], known)
    assert [(move.item, move.units) for move in fresh_moves(found, known)] == [("m-s", -100)]
    elsewhere = Known(known.applied, known.decimals, {"s": 60})
    assert refused(*items, known=elsewhere) == dict.fromkeys(
        ("i-s", "m-s"), "the register has moved on since it came in"
    )
    done = Known(known.applied | {"m-s"}, known.decimals, {"s": 7})
    assert list(fresh_moves(read([*AROUND, *items], done), done)) == []


@given(st.lists(st.integers(1, 100), min_size=1, max_size=6), st.integers(0, 50))
def test_every_unit_that_is_issued_is_somewhere_in_the_end(parts: list[int], rest: int) -> None:
    """A chain of transfers: the sum of what is in all securities is what was issued."""
    items, key, left = [stock("s0", str(sum(parts) + rest))], "s0", sum(parts) + rest
    for number, units in enumerate(parts, start=1):
        on, left = (dt.date(2026, 2, 1) + dt.timedelta(days=number)).isoformat(), left - units
        items.append(stock(f"t{number}", str(units), "b", on))
        more = {"balance_security_id": f"s{number}"} if left else {}
        items.append(moved("STOCK_TRANSFER", key, str(units), on, resulting_security_ids=[f"t{number}"], **more))
        if left:
            key = f"s{number}"
            items.append(stock(key, str(left), on=on))
    big = [*HOLDERS, CLASS | {"initial_shares_authorized": "1000000"}]
    found = read([*big, *items])
    assert sum(move.units for move in found.moves) == sum(parts) + rest
    assert min(_running(found.moves)) >= 0


def _running(moves: Any) -> list[int]:
    sums: dict[str, int] = {}
    seen = []
    for move in moves:
        sums[move.security] = sums.get(move.security, 0) + move.units
        seen.append(sums[move.security])
    return seen
