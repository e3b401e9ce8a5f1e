"""What a showing does to an application, by the words of the three laws."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.patents.engines.novelty import GRACES, Finding, Showing, Shown, Standing, findings, worst

S, T = Showing, Standing
ON = dt.date(2026, 3, 1)


def standing(how: Showing, filing_on: dt.date) -> dict[str, Standing]:
    return {one.office: one.standing for one in findings([Shown(ON, how)], filing_on)}


@pytest.mark.parametrize(
    ("how", "filing_on", "cn", "ep", "us"),
    [
        # an article on 1 March: China and Europe have no grace for it (Art. 24; Art. 55), America a year (102(b)(1))
        (S.ARTICLE, dt.date(2026, 3, 1), T.SAFE, T.SAFE, T.SAFE),
        (S.ARTICLE, dt.date(2026, 3, 2), T.LOST, T.LOST, T.GRACE),
        (S.ARTICLE, dt.date(2027, 3, 1), T.LOST, T.LOST, T.GRACE),
        (S.ARTICLE, dt.date(2027, 3, 2), T.LOST, T.LOST, T.LOST),
        # a listed conference: six months in China, none in Europe
        (S.CONFERENCE, dt.date(2026, 9, 1), T.GRACE, T.LOST, T.GRACE),
        (S.CONFERENCE, dt.date(2026, 9, 2), T.LOST, T.LOST, T.GRACE),
        # a recognised exhibition and a disclosure without consent: six months in both
        (S.EXHIBITION, dt.date(2026, 9, 1), T.GRACE, T.GRACE, T.GRACE),
        (S.LEAK, dt.date(2026, 9, 2), T.LOST, T.LOST, T.GRACE),
        # an emergency: China alone knows it (Art. 24 (1), since 2021)
        (S.EMERGENCY, dt.date(2026, 8, 1), T.GRACE, T.LOST, T.GRACE),
        # a sale: no grace but in America
        (S.SALE, dt.date(2026, 4, 1), T.LOST, T.LOST, T.GRACE),
    ],
)
def test_each_office_has_its_own_grace(
    how: Showing, filing_on: dt.date, cn: Standing, ep: Standing, us: Standing
) -> None:
    assert standing(how, filing_on) == {"CN": cn, "EP": ep, "US": us}


def test_a_finding_says_by_when_and_by_which_article() -> None:
    assert findings([Shown(ON, S.CONFERENCE, planned=True)], dt.date(2026, 2, 1))[0] == Finding(
        "CN", Shown(ON, S.CONFERENCE, planned=True), dt.date(2026, 2, 1), T.SAFE, dt.date(2026, 9, 1),
        "Patent Law, Art. 24",
    )  # fmt: skip
    article = findings([Shown(ON, S.ARTICLE)], dt.date(2026, 2, 1))[0]
    assert (article.last_on, article.source) == (ON, "")
    assert findings([Shown(ON, S.ARTICLE)], dt.date(2026, 4, 1))[0].last_on is None


def test_the_worst_of_several_counts() -> None:
    found = findings([Shown(ON, S.CONFERENCE), Shown(ON, S.ARTICLE)], dt.date(2026, 4, 1))
    assert [worst(found, office) for office in GRACES] == [T.LOST, T.LOST, T.GRACE]
    assert worst((), "CN") is T.SAFE


DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1))


@given(DAYS, DAYS, st.sampled_from(Showing))
def test_filing_earlier_is_never_worse(on: dt.date, filing_on: dt.date, how: Showing) -> None:
    order = list(Standing)
    later = findings([Shown(on, how)], filing_on)
    earlier = findings([Shown(on, how)], filing_on - dt.timedelta(days=1))
    pairs = zip(earlier, later, strict=True)
    assert all(order.index(before.standing) <= order.index(after.standing) for before, after in pairs)


@given(DAYS, st.sampled_from(Showing))
def test_what_is_filed_on_the_very_day_is_new(on: dt.date, how: Showing) -> None:
    assert {one.standing for one in findings([Shown(on, how)], on)} == {T.SAFE}
