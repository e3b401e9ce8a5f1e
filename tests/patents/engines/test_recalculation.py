"""Why an amount differs."""

from typing import Any

from incubator.patents.engines.recalculation import Difference, differences

STANDS: dict[str, Any] = {
    "rule": {"code": "cn.patent.award", "number": 1},
    "amount": 400_000,
    "currency": "CNY",
    "calculation": {"kind": "invention", "engine": "awards/1", "due_on": "2026-03-02"},
    "parts": [["lead", 6_000, 240_000], ["mate", 4_000, 160_000]],
}


def test_the_same_differs_in_nothing_not_even_by_another_engine() -> None:
    assert differences(STANDS, STANDS | {"calculation": STANDS["calculation"] | {"engine": "awards/2"}}) == ()


def test_causes_come_before_their_effects() -> None:
    after = STANDS | {
        "rule": {"code": "cn.patent.award", "number": 2},
        "amount": 500_000,
        "calculation": STANDS["calculation"] | {"months": 2},
        "parts": [["lead", 5_000, 250_000], ["third", 5_000, 250_000]],
    }
    assert differences(STANDS, after) == (
        Difference("rule", STANDS["rule"], after["rule"]),
        Difference("months", None, 2),
        Difference("share", 6_000, 5_000, "lead"),
        Difference("share", 4_000, 0, "mate"),
        Difference("share", 0, 5_000, "third"),
        Difference("amount", 400_000, 500_000),
        Difference("part", 240_000, 250_000, "lead"),
        Difference("part", 160_000, 0, "mate"),
        Difference("part", 0, 250_000, "third"),
    )
