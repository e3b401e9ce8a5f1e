"""What a disclosure must say."""

from dataclasses import replace

import pytest

from incubator.patents.engines.completeness import Facts, Funding, Item, check, missing

WHOLE = Facts(
    problem="P", solution="S", prior_art="A", dates_given=False, nothing_shown=True, funding=Funding.OWN,
    funding_details="", rights="", no_rights=True, shares_agreed=True, files=1,
)  # fmt: skip


def test_a_whole_one_lacks_nothing() -> None:
    assert missing(check(WHOLE)) == ()
    assert all(one.there for one in check(WHOLE))


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"problem": " "}, (Item.PROBLEM,)),
        ({"solution": ""}, (Item.SOLUTION,)),
        ({"prior_art": ""}, (Item.PRIOR_ART,)),
        ({"nothing_shown": False}, (Item.DATES,)),
        ({"nothing_shown": False, "dates_given": True}, ()),
        ({"funding": None}, (Item.FUNDING,)),
        ({"funding": Funding.PUBLIC}, (Item.FUNDING,)),
        ({"funding": Funding.JOINT, "funding_details": "Project 7"}, ()),
        ({"no_rights": False}, (Item.RIGHTS,)),
        ({"no_rights": False, "rights": "A library of others"}, ()),
        ({"shares_agreed": False}, (Item.SHARES,)),
        ({"files": 0}, ()),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, object], lacks: tuple[Item, ...]) -> None:
    assert missing(check(replace(WHOLE, **changes))) == lacks  # type: ignore[arg-type]
