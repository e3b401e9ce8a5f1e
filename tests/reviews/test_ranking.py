"""The ranking: places, ties, intervals, the funding line, pages by key, and what it leaves out."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.core import audit
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.proposals.models import Proposal
from incubator.reviews import queries
from incubator.reviews.engines.ranges import interval, is_split
from incubator.reviews.models import ReviewSummary
from incubator.reviews.queries.explaining import explain, score_text
from incubator.reviews.queries.ranking import SIZE, Ranking
from tests.reviews.conftest import Story

REASONS = (
    ("within_budget", "Place 2 in its theme. It asks for ¥30; the theme had ¥50.20 left at its turn."),
    ("below_minimum", "Its score of 3.40 is below the minimum of 3.50."),
    ("not_flagged", "It did not reach the threshold that this round applied."),
    ("over_budget", "Place 2 in its theme. It asks for ¥30; the theme had ¥50.20 left at its turn, ¥1.05 too little."),
    ("after_the_line", "Place 2 in its theme. A proposal before it no longer fitted the theme's budget."),
    ("below_quorum", "It has 1 counted reviews; the rule asks for 2."),
)


def rank(story: Story, **where: Any) -> Ranking:
    """The chair's ranking of the only theme."""
    (theme,) = queries.themes_of(story.round)
    return queries.ranking(story.round, story.chair, theme, **where)


def summaries(story: Story, totals: list[int], **values: Any) -> list[Proposal]:
    """Proposals in review with these totals, written straight into their summaries."""
    story.put(story.proposal(title="First of all"))
    made = []
    for number, total in enumerate(totals):
        proposal = story.make.proposal(story.call, story.office, title=f"Idea {number}")
        with transaction():
            details = {"asked": 1_000_000, "sealed": 2, "assigned": 2} | values
            db.session.add(
                ReviewSummary(
                    round_id=story.round.id, proposal_id=proposal.id, theme_id=story.theme.id, total_hundredths=total,
                    **details,
                )
            )  # fmt: skip
        made.append(proposal)
    return made


def test_the_highest_mean_comes_first_and_equal_means_share_a_place(story: Story) -> None:
    for scores in ((3, 3), (5, 5), (4, 4), (4, 4)):
        story.reviewed(*((s, s, s, s) for s in scores), title=f"Scored {scores[0]}")
    found = rank(story)
    assert [(e.place, e.is_shared, e.row.total) for e in found.entries] == [
        (1, False, 500), (2, False, 400), (2, True, 400), (4, False, 300),
    ]  # fmt: skip
    assert (found.has_newer, found.has_older, found.figures.count) == (False, False, 4)


def test_the_line_stands_where_the_budget_ends_and_counts_only_what_the_rule_would_take(story: Story) -> None:
    story.reviewed((5, 5, 5, 5), (5, 5, 5, 5), asked=30_000_000)
    last = story.reviewed((4, 4, 4, 4), (5, 4, 4, 4), asked=20_000_000, title="Just fits")
    story.reviewed((4, 4, 4, 4), (4, 4, 4, 4), asked=1, title="Over the line")
    early = story.put(story.proposal(title="Only one review yet", asked=50_000_000))
    story.review(early[0], 5)
    figures = rank(story).figures
    summary = queries.summary_of(story.round, last)
    assert (figures.line, figures.committed, figures.funded, figures.missing) == (
        (summary.total_hundredths, summary.id), 50_000_000, 2, 1,
    )  # fmt: skip


def test_below_the_minimum_nothing_is_above_the_line(story: Story) -> None:
    story.reviewed((3, 3, 3, 3), (3, 3, 3, 3))
    figures = rank(story).figures
    assert (figures.line, figures.committed, figures.clear, figures.close) == (None, 0, 0, 0)


def test_a_rule_that_goes_by_given_places_has_no_line(story: Story) -> None:
    story.reviewed((5, 5, 5, 5), (5, 5, 5, 5))
    given = {"order": "given", "threshold": {"kind": "given_flag"}, "quorum": 0, "budget": "theme", "ties": ["key"],
             "leftovers": "skip", "below_threshold": "rejected", "over_budget": "rejected"}  # fmt: skip
    rule = story.make.rule(given)
    with transaction():
        story.round.rule = rule
    figures = rank(story).figures
    assert (figures.line, figures.committed) == (None, None)


def test_places_that_the_intervals_leave_open_and_what_is_clear_of_the_line(story: Story) -> None:
    bounds = [(480, 500, 490), (440, 485, 470), (300, 445, 400), (200, 290, 250)]
    for low, high, total in bounds:
        summaries(story, [total], low_hundredths=low, high_hundredths=high, asked=20_000_000, ticks=[low, high])
    found = rank(story)
    scored = [entry for entry in found.entries if entry.row.sealed]
    assert [(e.place, e.best, e.worst, e.is_split) for e in scored] == [
        (1, 1, 6, False), (2, 1, 7, False), (3, 2, 7, False), (4, 4, 8, False),
    ]  # fmt: skip
    assert (found.figures.line[0], found.figures.clear, found.figures.close) == (470, 1, 1)


def test_pages_go_down_and_up_by_key_and_all_stand_on_one(story: Story) -> None:
    summaries(story, [490, 480, 470, 460])
    first = rank(story, size=2)
    second = rank(story, size=2, after=first.entries[-1].row.public_id)
    third = rank(story, size=2, after=second.entries[-1].row.public_id)
    back = rank(story, size=2, before=third.entries[0].row.public_id)
    everything = rank(story, size=2, everything=True)
    assert [(p.entries[0].place, len(p.entries), p.has_newer, p.has_older) for p in (first, second, third, back)] == [
        (1, 2, False, True), (3, 2, True, True), (5, 1, True, False), (3, 2, True, True),
    ]  # fmt: skip
    assert [e.row.id for p in (first, second, third) for e in p.entries] == [e.row.id for e in everything.entries]
    assert back == second
    assert (everything.has_newer, everything.has_older) == (False, False)


def test_a_proposal_in_conflict_takes_no_place_and_is_in_no_count(story: Story) -> None:
    hidden, _, _ = summaries(story, [490, 480, 470])
    with story.make.acting():
        audit.record("test.conflict", hidden)
        access.deny(story.chair.id, hidden, "conflict")
    found = rank(story)
    assert [(e.place, e.row.total) for e in found.entries] == [(1, 480), (2, 470), (3, 0)]
    assert (found.figures.count, found.figures.funded) == (3, 2)


def test_an_unknown_theme_is_the_first_one_and_a_page_beyond_is_empty(story: Story, sign_in: Any) -> None:
    story.reviewed((5, 5, 5, 5), (5, 5, 5, 5))
    browser = sign_in(story.chair)
    address = f"/rounds/{story.round.public_id}"
    assert browser.get(f"{address}?theme=nothing").status_code == 200
    last = rank(story).entries[-1].row.public_id
    assert "No proposal of this theme" in browser.get(f"{address}?after={last}").text


def test_a_full_page_links_to_its_neighbours_and_needs_no_more_statements_for_more_proposals(
    story: Story, sign_in: Any, count_statements: Any
) -> None:
    summaries(story, [400 + n for n in range(SIZE)])
    browser = sign_in(story.chair)
    address = f"/rounds/{story.round.public_id}"
    below = f"{address}?after={rank(story).entries[-1].row.public_id}"
    few = [count_statements(lambda a=a: browser.get(a)) for a in (address, below)]
    summaries(story, [300 - n for n in range(5)])
    browser.get(address)  # the figures are computed anew, once
    assert [count_statements(lambda a=a: browser.get(a)) for a in (address, below)] == few
    assert max(few) <= 8
    words = ("All on one page", "Lower", "Higher")
    assert [[word in browser.get(a).text for word in words] for a in (address, below, f"{address}?all=1")] == [
        [True, True, False], [True, False, True], [False, False, False],
    ]  # fmt: skip


def sorted_titles(story: Story, sort: str | None, **where: Any) -> list[str]:
    return [e.row.title for e in rank(story, sort=sort, **where).entries]


def test_the_ranking_sorts_by_every_figure_and_keeps_each_place(story: Story) -> None:
    story.reviewed((5, 1, 4, 4), (5, 1, 4, 4), title="A", asked=3_000_000)
    story.reviewed((4, 4, 4, 4), (4, 4, 4, 4), (4, 4, 4, 4), title="B", asked=1_000_000)
    story.reviewed((3, 5, 5, 5), (1, 3, 3, 3), title="C", asked=2_000_000)
    story.put(story.proposal(title="Nothing yet", asked=4_000_000))
    falling = {
        "total": "BACN", "sealed": "BCAN", "spread": "CBAN", "asked": "NACB",
        "criterion:uniqueness": "ABCN", "criterion:continuity": "CBAN",
    }  # fmt: skip
    for sort, expected in falling.items():
        assert "".join(title[0] for title in sorted_titles(story, f"-{sort}")) == expected, sort
        assert sorted_titles(story, sort) == sorted_titles(story, f"-{sort}")[::-1], sort
    ways = ["-total", None, "", "-nothing", "criterion:nobody", "--total", "total;drop"]
    found = {tuple(sorted_titles(story, sort)) for sort in ways}
    assert found == {("B", "A", "C", "Nothing yet")}
    ranked = {e.row.title: (e.place, e.best, e.worst) for e in rank(story).entries}
    for sort in (*falling, "-asked"):
        assert {e.row.title: (e.place, e.best, e.worst) for e in rank(story, sort=sort).entries} == ranked


@pytest.mark.parametrize("sort", ["-total", "total", "-spread", "-asked", "asked", "-criterion:team"])
def test_every_order_pages_down_and_up_by_key(story: Story, sort: str) -> None:
    summaries(story, [490, 480, 480, 470, 460], spread_hundredths=20, means={"team": 400})
    everything = rank(story, sort=sort, everything=True)
    first = rank(story, sort=sort, size=2)
    second = rank(story, sort=sort, size=2, after=first.entries[-1].row.public_id)
    third = rank(story, sort=sort, size=2, after=second.entries[-1].row.public_id)
    back = rank(story, sort=sort, size=2, before=third.entries[0].row.public_id)
    pages = (first, second, third)
    assert [(e.row.id, *e[1:]) for p in pages for e in p.entries] == [(e.row.id, *e[1:]) for e in everything.entries]
    assert [(p.has_newer, p.has_older) for p in pages] == [(False, True), (True, True), (True, False)]
    assert back == second


def test_a_row_that_shares_its_place_says_so_in_every_order(story: Story) -> None:
    summaries(story, [480, 480, 470])
    by_asked = [(e.place, e.is_shared) for e in rank(story, sort="asked").entries if e.row.sealed]
    assert sorted(by_asked) == [(1, False), (1, True), (3, False)]
    assert [(e.place, e.is_shared) for e in rank(story).entries if e.row.sealed] == [(1, False), (1, True), (3, False)]


def test_the_page_shows_each_criterion_s_mean_and_the_spread_and_sorts_by_address(story: Story, sign_in: Any) -> None:
    story.reviewed((5, 1, 4, 4), (4, 1, 4, 4), title="Uneven")
    story.reviewed((3, 4, 4, 4), (3, 4, 4, 4), title="Even")
    browser, address = sign_in(story.chair), f"/rounds/{story.round.public_id}"
    text = browser.get(f"{address}?sort=-criterion:uniqueness").text
    means = text[text.index("Mean of each criterion") :]
    assert re.findall(r'<td class="num">([0-9.–]+)</td>', means) == [
        "4.50", "1.00", "4.00", "4.00", "0.25", "3.00", "4.00", "4.00", "4.00", "0.00",
    ]  # fmt: skip
    assert text.count('aria-sort="descending"') == 1
    assert ("Funding line" in text, "Funding line" in browser.get(address).text) == (False, True)
    assert text.index(">Uneven<") < text.index(">Even<")
    assert "sort=criterion:uniqueness" in text.replace("%3A", ":")


def test_every_order_needs_the_same_statements_for_few_and_many(
    story: Story, sign_in: Any, count_statements: Any
) -> None:
    summaries(story, [490, 480])
    browser = sign_in(story.chair)
    address = f"/rounds/{story.round.public_id}?sort=-spread"
    few = count_statements(lambda: browser.get(address))
    summaries(story, [300 - n for n in range(5)])
    assert count_statements(lambda: browser.get(address)) == few <= 8


@pytest.mark.parametrize("reason", REASONS, ids=[name for name, _ in REASONS])
def test_every_reason_of_the_rule_has_its_sentence(app: Any, reason: tuple[str, str]) -> None:
    figures = {"rank": 2, "total": 340, "minimum": 350, "reviews": 1, "quorum": 2, "requested": 3000,
               "budget_before": 5020, "short_by": 105, "reason": reason[0]}  # fmt: skip
    assert explain(figures, "CNY") == reason[1]


def test_a_score_reads_with_two_decimals() -> None:
    assert [score_text(n) for n in (388, 400, 5, None)] == ["3.88", "4.00", "0.05", "–"]


def test_the_interval_is_students_t_cut_to_the_scale() -> None:
    assert interval(400, 50, 3, 100, 500) == (316, 484)
    assert interval(400, 50, 2, 100, 500) == (177, 500)
    assert interval(400, 50, 40, 100, 500) == (387, 413)
    assert (interval(400, None, 3, 100, 500), interval(400, 50, 1, 100, 500)) == (None, None)


@given(mean=st.integers(100, 500), spread=st.integers(0, 200), reviews=st.integers(2, 60), more=st.integers(0, 50))
def test_the_interval_holds_the_mean_and_never_grows_with_more_reviews(
    mean: int, spread: int, reviews: int, more: int
) -> None:
    found, wider = interval(mean, spread, reviews + more, 100, 500), interval(mean, spread, reviews, 100, 500)
    assert found is not None
    assert wider is not None
    assert 100 <= wider[0] <= found[0] <= mean <= found[1] <= wider[1] <= 500


def test_reviewers_are_split_beyond_two_fifths_of_the_scale() -> None:
    assert [is_split(ticks, 100, 500) for ticks in ([200, 361], [200, 360], [300], [])] == [True, False, False, False]
