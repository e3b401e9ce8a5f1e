"""Pages beside a ranking that save nothing: what if, scores by criterion, filters."""

import io
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from openpyxl import load_workbook

from incubator.core import audit
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.people.models import Person
from incubator.reviews import jobs
from tests.reviews.conftest import Story


def test_another_budget_and_other_weights(story: Story, sign_in: Callable[..., FlaskClient], count_statements: Any):
    story.reviewed((5, 5, 3, 3), (5, 5, 3, 3), title="Strong core", asked=20_000_000)
    story.reviewed((3, 3, 5, 5), (3, 3, 5, 5), title="Strong team", asked=40_000_000)
    jobs.rank_rounds()
    browser, page = sign_in(story.chair), f"/rounds/{story.round.public_id}/what-if"
    first = browser.get(page)
    assert (first.status_code, "Nothing here is saved" in first.text) == (200, True)
    assert first.text.count("above</span>") == 1
    assert count_statements(lambda: browser.get(page)) <= 8
    weights = {"weight_uniqueness": "0", "weight_continuity": "0", "weight_team": "50", "weight_fit": "50"}
    more = browser.get(page, query_string={"budget": "600,000.00", **weights})
    assert more.text.index("Strong team</span><small>") < more.text.index("Strong core</span><small>")
    assert "Would come in:" in more.text
    for wrong in ({"budget": "-1"}, {"budget": "x"}, {"budget": "1", **weights, "weight_team": "101"}):
        assert browser.get(page, query_string=weights | wrong).status_code == 422


def test_each_criterion_shows_how_its_scores_lie(
    story: Story, sign_in: Callable[..., FlaskClient], count_statements: Any
):
    story.reviewed((5, 5, 5, 5), (1, 5, 5, 5), title="Disputed")
    browser, page = sign_in(story.office), f"/rounds/{story.round.public_id}/criteria"
    assert "1: 1, 2: 0, 3: 0, 4: 0, 5: 1" in browser.get(page).text
    one = count_statements(lambda: browser.get(page))
    story.reviewed((4,) * 4, (4,) * 4, title="Agreed")
    text = browser.get(page).text
    assert text.index("Disputed") < text.index("Agreed")
    assert count_statements(lambda: browser.get(page)) <= one + 1 <= 9


def test_a_ranking_is_narrowed_and_places_stay(story: Story, sign_in: Callable[..., FlaskClient]):
    story.reviewed((5,) * 4, (5,) * 4, title="Agreed")
    story.reviewed((5,) * 4, (1,) * 4, title="Disputed")
    proposal = story.proposal(title="Waiting")
    story.review(story.put(proposal)[0], 2)
    jobs.rank_rounds()
    browser, page = sign_in(story.chair), f"/rounds/{story.round.public_id}"
    found = {
        only: [title for title in ("Agreed", "Disputed", "Waiting") if title in browser.get(f"{page}?only={only}").text]
        for only in ("split", "missing", "nonsense")
    }
    assert found == {"split": ["Disputed"], "missing": ["Waiting"], "nonsense": ["Agreed", "Disputed", "Waiting"]}
    assert '<td class="pos">2' in browser.get(f"{page}?only=split").text
    assert browser.get(f"{page}?only=close&all=1").status_code == 200


def test_a_ranking_leaves_as_a_workbook_without_what_is_hidden_and_is_noted(
    story: Story, sign_in: Callable[..., FlaskClient], count_statements: Any
) -> None:
    story.reviewed((5,) * 4, (4,) * 4, title="=Strong", asked=20_000_000)
    hidden = story.reviewed((3,) * 4, (3,) * 4, title="Hidden")
    story.put(story.proposal(title="Waiting"))
    jobs.rank_rounds()
    page = f"/rounds/{story.round.public_id}/ranking.xlsx"
    with transaction(), audit.because(story.office, "test.hide"):
        audit.record("test.hide", hidden)
        access.deny(story.chair.id, hidden, "conflict")
    jobs.rank_rounds()

    def lines(person: Person) -> list[dict[str, Any]]:
        sheet = load_workbook(io.BytesIO(sign_in(person).get(page).data)).active
        head, *rows = sheet.iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in rows]

    first, last = lines(story.chair)
    assert [first[name] for name in ("Rank", "Proposal", "Mean", "Reviews missing", "Asks for")] == [
        "1", "=Strong", "4.50", 0, 200_000,
    ]  # fmt: skip
    assert (last["Proposal"], last["Rank"] or "", last["Mean"], last["Reviews missing"]) == ("Waiting", "", "–", 2)
    assert [one["Proposal"] for one in lines(story.office)] == ["=Strong", "Hidden", "Waiting"]
    assert audit.event_of(story.round, "ranking.export").actor_id == story.office.id
    assert sign_in(story.first).get(page).status_code in {403, 404}
    chair = sign_in(story.chair)
    assert count_statements(lambda: chair.get(page)) <= 9
