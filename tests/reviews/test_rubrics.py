"""Abstentions, evidence, direction; one more review by one click; lots in the undecided zone."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from incubator.core.db import db
from incubator.core.errors import Invalid, Stale
from incubator.core.transaction import transaction
from incubator.reviews import jobs, queries, services
from incubator.reviews.models import RankingFigure, ReviewSummary
from tests.make import Make
from tests.reviews.conftest import KEYS, RULE, Story, content, decision_of
from tests.reviews.test_meetings import take

FLAGS = {
    "team": {"may_abstain": True}, "fit": {"lower_is_better": True}, "uniqueness": {"note_above": True},
    "continuity": {"note_below": True},
}  # fmt: skip


def test_abstaining_evidence_and_direction(make: Make):
    story = Story(make, rubric=make.rubric(**FLAGS))
    review = story.put(story.proposal())[0]
    take(services.declare, story.first, review, has_conflict=False)
    silent = content(5, 2, None, 1, abstained=frozenset({"team"}))

    def refused(given: services.Content) -> str | None:
        with pytest.raises(Invalid) as why, transaction():
            services.seal(story.first, review, content=given)
        return why.value.field

    assert refused(content(5, 3, None, 1)) == "note_uniqueness"
    assert refused(content(3, 3, None, 1)) == "score_team"
    assert refused(silent) == "note_uniqueness"
    assert refused(content(5, 2, 3, 1, notes={"uniqueness": "Patent"})) == "note_continuity"
    assert refused(content(None, 3, None, None, abstained=frozenset(KEYS))) == "score_uniqueness"
    notes = {"uniqueness": "Patent pending", "continuity": "One customer"}
    take(
        services.seal, story.first, review,
        content=content(5, 2, None, 1, notes=notes, abstained=frozenset({"team", "uniqueness"})),
    )  # fmt: skip
    # z: 35 * 1 + 30 * 1/4 + 15 * (flipped 1) = 57.5 of 80 -> 71.875 -> 1 + 4 * 0.71875 = 3.875 -> 3.88
    assert review.total == 388
    assert [score.criterion.key for score in review.scores if score.abstained] == ["team"]
    assert services.saved(review).abstained == {"team"}


def test_who_abstains_on_too_much_is_asked_for_more(make: Make):
    story = Story(make, rubric=make.rubric(**{key: {"may_abstain": True} for key in KEYS}))
    review = story.put(story.proposal())[0]
    take(services.declare, story.first, review, has_conflict=False)
    with pytest.raises(Invalid, match="half of the weight"), transaction():
        given = content(None, None, 4, 4, abstained=frozenset({"uniqueness", "continuity"}))
        services.seal(story.first, review, content=given)


def test_the_form_offers_to_abstain(make: Make, sign_in: Callable[..., FlaskClient]):
    story = Story(make, rubric=make.rubric(**FLAGS))
    review = story.put(story.proposal())[0]
    take(services.declare, story.first, review, has_conflict=False)
    browser, page = sign_in(story.first), f"/reviews/{review.public_id}"
    text = browser.get(page).text
    assert (text.count("I abstain on this"), "lower score is the better one" in text) == (1, True)
    body = {f"score_{key}": "3" for key in KEYS if key != "team"} | {"confidence": "high", "recommendation": "fund"}
    assert browser.post(f"{page}/seal", data=body).status_code == 422
    missing = browser.post(f"{page}/seal", data=body | {"score_uniqueness": "5", "abstain_team": "y"})
    assert (missing.status_code, "what this score rests on" in missing.text) == (422, True)
    assert browser.post(f"{page}/seal", data=body | {"abstain_team": "y"}).status_code == 303
    assert "abstained" in browser.get(page).text


def test_one_more_review_by_one_click(story: Story, sign_in: Callable[..., FlaskClient]):
    proposal = story.reviewed((5,) * 4, (1,) * 4)
    office, page = sign_in(story.office), f"/proposals/{proposal.public_id}/one-more"
    assert office.post(page, follow_redirects=True).text.count("is asked to review") == 1
    assert queries.live_review(story.round, proposal, story.third) is not None
    assert "No member who may review" in office.post(page, follow_redirects=True).text
    assert sign_in(story.chair).post(page).status_code in {403, 404}


def test_lots_are_drawn_among_the_undecided_and_stand_with_the_decision(make: Make):
    story = Story(make, budget=1_000, rule=make.rule(RULE | {"lottery": "close"}))
    proposals = [story.reviewed((4,) * 4, (5, 4, 4, 4), asked=600, title=f"No {n}") for n in range(4)]
    story.step("close_round")
    with pytest.raises(Stale):
        story.step("prepare")
    jobs.rank_rounds()
    with transaction():
        db.session.execute(update(RankingFigure).values(position="close"))
    drawn = queries.lots(story.round)
    assert sorted(lot or 0 for _zone, lot in drawn.values()) == [1, 2, 3, 4]
    story.step("prepare")
    first = next(one for one in proposals if drawn[one.public_id][1] == 1)
    decision = decision_of(first)
    assert (decision.outcome.value, decision.result["lot"]) == ("accepted", 1)
    assert services.replay(decision).equal
    assert "drawn by lot: 1" in queries.explain(decision.result, "CNY")
    assert len(db.session.scalars(select(ReviewSummary.total_hundredths).distinct()).all()) == 1
