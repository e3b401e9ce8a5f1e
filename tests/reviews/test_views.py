"""The pages of office, reviewers, chair and proposer, in both languages, without JavaScript."""

import re
from typing import Any

import pytest
from flask import Flask

from incubator.calls.models import CallTheme
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.reviews import queries, services
from incubator.reviews.models import Review
from incubator.reviews.states import DecisionState, ReviewState, RoundState
from tests.reviews.conftest import KEYS, Story, content, decision_of

FORM = {f"score_{key}": "4" for key in KEYS} | {"confidence": "high", "recommendation": "fund"}


def page(browser: Any, address: str, status: int = 200) -> str:
    """The text of a page with this status."""
    response = browser.get(address)
    assert response.status_code == status, response.text
    return str(response.text)


def test_the_office_chooses_reviewers_and_sees_why_others_cannot_be_chosen(story: Story, sign_in: Any) -> None:
    lead = story.make.person(story.company, manager=story.third)
    proposal = story.proposal(lead=lead)
    browser = sign_in(story.office)
    address = f"/proposals/{proposal.public_id}/committee"
    text = page(browser, address)
    assert "Line manager of, or managed by, a team member" in text
    assert "Chair: leads and does not score" in text
    assert f'value="{story.third.public_id}" disabled' in text
    refused = browser.post(address, data={"reviewers": [story.first.public_id]})
    assert (refused.status_code, "Choose at least 2 reviewers." in refused.text) == (422, True)
    done = browser.post(address, data={"reviewers": [story.first.public_id, story.second.public_id]})
    assert (done.status_code, done.location) == (303, f"/proposals/{proposal.public_id}")
    text = page(browser, f"/proposals/{proposal.public_id}")
    assert "Gao Min" in text
    assert "Ask another reviewer" in text
    more = browser.post(address, data={"reviewers": [story.first.public_id]})
    assert (more.status_code, "Choose who is to review it." in more.text) == (422, True)


def test_a_reviewer_declares_scores_seals_and_goes_on_to_the_next(story: Story, sign_in: Any) -> None:
    mine, other = story.put(story.proposal())
    following, _ = story.put(story.proposal(title="A second idea"))
    address = f"/reviews/{mine.public_id}"
    browser = sign_in(story.first)
    assert address in page(browser, "/reviews/")
    assert "Reuse the heat." not in page(browser, address)
    assert browser.post(f"{address}/declare", data={}).status_code == 422
    assert browser.post(f"{address}/declare", data={"conflict": "no"}).location == address
    text = page(browser, address)
    assert ("Reuse the heat." in text, "data-rubric" in text, "Level 3" in text) == (True, True, True)
    part = {"score_uniqueness": "5", "note_uniqueness": "Rare", "version": "2"}
    assert browser.post(f"{address}/save", data=part).location == address
    refused = browser.post(f"{address}/seal", data=part | {"version": ""})
    assert (refused.status_code, refused.text.count("Choose a score from 1 to 5.")) == (422, 6)
    assert ("Say how sure you are." in refused.text, "Say what you recommend." in refused.text) == (True, True)
    done = browser.post(f"{address}/seal", data=FORM)
    assert (done.status_code, done.location) == (303, f"/reviews/{following.public_id}")
    assert "The other reviews" not in page(browser, address)
    story.review(db.session.get(Review, other.id), 3)
    text = page(browser, address)
    assert ("The other reviews" in text, "3.00" in text, "He Wen" in text) == (True, True, False)
    assert "4.00" in page(browser, "/reviews/?show=done")
    assert page(sign_in(story.third), address, 404)


def test_a_declared_conflict_closes_the_proposal_to_the_reviewer(story: Story, sign_in: Any) -> None:
    review, _ = story.put(story.proposal())
    address = f"/reviews/{review.public_id}"
    browser = sign_in(story.first)
    empty = browser.post(f"{address}/declare", data={"conflict": "yes"})
    assert (empty.status_code, "Say in a few words what the conflict is." in empty.text) == (422, True)
    done = browser.post(f"{address}/declare", data={"conflict": "yes", "statement": "My cousin leads it."})
    assert done.location == "/reviews/"
    page(browser, address, 404)
    page(browser, f"/proposals/{review.proposal.public_id}", 404)
    assert "Declared a conflict of interest" in page(
        sign_in(story.office), f"/proposals/{review.proposal.public_id}/committee"
    )


def test_autosave_answers_the_version_and_the_slower_of_two_windows_sees_both_texts(story: Story, sign_in: Any) -> None:
    review, _ = story.put(story.proposal())
    with transaction():
        services.declare(story.first, review, has_conflict=False)
    address, version = f"/reviews/{review.public_id}", review.version
    browser = sign_in(story.first)
    first = browser.post(f"{address}/autosave", data={"score_team": "2", "version": version})
    assert (first.status_code, set(first.json)) == (200, {"version", "saved"})
    assert first.json["version"] > version
    late = browser.post(f"{address}/autosave", data={"score_team": "5", "note_team": "Mine", "version": version})
    assert (late.status_code, "Mine" in late.text, "<td>2 </td>" in late.text) == (409, True, True)
    late = browser.post(f"{address}/save", data={"score_team": "5", "note_team": "Mine", "version": version})
    assert (late.status_code, "Typed here" in late.text, "Mine" in late.text) == (409, True, True)
    wrong = browser.post(f"{address}/autosave", data={"score_team": "9", "version": first.json["version"]})
    assert (wrong.status_code, wrong.json) == (422, {"errors": {"score_team": ["Choose a score from 1 to 5."]}})
    assert browser.post(f"{address}/seal", data=FORM | {"version": version}).status_code == 409


def test_the_chair_and_a_second_member_bring_a_round_to_its_release(story: Story, sign_in: Any) -> None:
    good = story.reviewed((5, 5, 4, 4), (4, 4, 4, 4), asked=30_000_000)
    story.reviewed((2, 2, 2, 2), (3, 3, 3, 3), title="Too early", asked=1_000_000)
    chair, app = sign_in(story.chair), sign_in
    address = f"/rounds/{story.round.public_id}"
    assert address in page(chair, "/rounds/")
    text = page(chair, address)
    assert ("Close the round" in text, "Funding line: ¥300,000 of ¥500,000 committed above" in text) == (True, True)
    assert chair.post(f"{address}/close").location == address
    assert "Let the rule decide" in page(chair, address)
    assert chair.post(f"{address}/prepare").location == f"{address}/decision"
    text = page(chair, f"{address}/decision")
    assert ("Sign 2 decisions" in text, "below the minimum of 3.50" in text) == (True, True)
    chair.post(f"{address}/sign")
    assert "Waiting for another member" in page(chair, f"{address}/decision")
    assert chair.post(f"{address}/sign").status_code == 409
    member = app(story.second)
    assert page(member, address, 404)
    assert "Sign 2 decisions" in page(member, f"{address}/decision")
    assert member.post(f"{address}/sign").status_code == 303
    assert member.post(f"{address}/hold").status_code == 403
    chair = app(story.chair)
    assert "Have the letters written" in page(chair, f"{address}/decision")
    chair.post(f"{address}/hold")
    assert "0 of 2 letters are written" in page(chair, f"{address}/decision")
    assert chair.post(f"{address}/release").status_code == 409
    with transaction():
        services.write_letters(story.round)
    assert "Release the decisions" in page(chair, f"{address}/decision")
    assert chair.post(f"{address}/release").status_code == 303
    assert page(chair, f"{address}/decision?replay=1").count(">Equal<") == 2
    assert "Not accepted" in page(chair, address)
    db.session.expire_all()
    assert (story.round.state, decision_of(good).state) == (RoundState.RELEASED, DecisionState.RELEASED)
    author = app(good.lead)
    text = page(author, f"/proposals/{good.public_id}")
    assert ("has accepted your proposal" in text, "Gao Min" in text) == (True, False)


def test_the_proposer_learns_nothing_before_the_release(story: Story, sign_in: Any) -> None:
    proposal = story.reviewed((5, 5, 4, 4), (4, 4, 4, 4))
    story.held()
    text = page(sign_in(proposal.lead), f"/proposals/{proposal.public_id}")
    shown = text[text.index("<main") :]
    assert ("Accepted" in text, "Gao Min" in text, re.search(r"\b4\.\d\d\b", shown)) == (False, False, None)
    page(sign_in(proposal.lead), f"/rounds/{story.round.public_id}", 404)
    page(sign_in(proposal.lead), f"/rounds/{story.round.public_id}/decision", 404)


def test_a_chair_in_conflict_finds_the_proposal_nowhere(story: Story, sign_in: Any) -> None:
    lead = story.make.person(story.company, name="Xu Bei", manager=story.chair)
    hidden = story.reviewed((5, 5, 5, 5), (5, 5, 5, 5), lead=lead, title="Under my own report")
    story.reviewed((4, 4, 4, 4), (4, 4, 4, 4), title="In the open")
    browser = sign_in(story.chair)
    address = f"/rounds/{story.round.public_id}"
    text = page(browser, address)
    assert ("Under my own report" in text, "In the open" in text, "1 proposal<" in text) == (False, True, True)
    page(browser, f"/proposals/{hidden.public_id}", 404)
    story.decided()
    text = page(browser, f"{address}/decision")
    assert ("Under my own report" in text, "Sign 1 decision<" in text) == (False, True)
    decision = decision_of(hidden)
    page(browser, f"/decisions/{decision.public_id}/override", 404)


def test_the_chair_decides_otherwise_with_a_reason(story: Story, sign_in: Any) -> None:
    proposal = story.reviewed((2, 2, 2, 2), (3, 3, 3, 3))
    story.decided()
    address = f"/decisions/{decision_of(proposal).public_id}/override"
    browser = sign_in(story.chair)
    assert "below the minimum" in page(browser, address)
    assert browser.post(address, data={"outcome": "accepted"}).status_code == 422
    assert browser.post(address, data={"outcome": "lucky", "reason": "Luck"}).status_code == 422
    done = browser.post(address, data={"outcome": "accepted", "reason": "The only one of its kind."})
    assert done.location == f"/rounds/{story.round.public_id}/decision"
    text = page(browser, done.location)
    assert ("The only one of its kind." in text, "1 decision departs from the rule." in text) == (True, True)
    assert "Only the chair can decide otherwise" in page(sign_in(story.first), address)
    assert sign_in(story.first).post(address, data={"outcome": "shelved", "reason": "No"}).status_code == 403


@pytest.mark.parametrize("done", ["", "?show=done"])
def test_the_queue_pages_by_key_and_needs_the_same_statements_for_one_and_three(
    story: Story, sign_in: Any, count_statements: Any, done: str
) -> None:
    reviews = [story.put(story.proposal(title=f"Idea {n}"))[0] for n in range(1)]
    browser = sign_in(story.first)
    few = count_statements(lambda: page(browser, f"/reviews/{done}"))
    reviews += [story.put(story.proposal(title=f"Idea {n}"))[0] for n in range(1, 3)]
    many = count_statements(lambda: page(browser, f"/reviews/{done}"))
    assert few == many <= 8
    first = queries.queue(story.first, size=2)
    rest = queries.queue(story.first, after=first.after, size=2)
    assert [[row.title for row in found.rows] for found in (first, rest)] == [["Idea 0", "Idea 1"], ["Idea 2"]]


def test_ranking_decisions_and_review_need_the_same_statements_for_one_and_three(
    app: Flask, story: Story, sign_in: Any, count_statements: Any
) -> None:
    def statements() -> list[int]:
        address = f"/rounds/{story.round.public_id}"
        review = db.session.scalars(queries.visible_to(story.first)).unique().first().public_id
        chair, reviewer = sign_in(story.chair, app.test_client()), sign_in(story.first, app.test_client())
        pages = ((chair, address), (chair, "/rounds/"), (reviewer, f"/reviews/{review}"))
        first.extend(count_statements(lambda b=browser, a=a: page(b, a)) for browser, a in pages)
        return [count_statements(lambda b=browser, a=a: page(b, a)) for browser, a in pages]

    first: list[int] = []  # figures, a rubric and a text are kept once they were read
    story.reviewed((4, 4, 4, 4), (3, 3, 3, 3))
    few = statements()
    story.reviewed((5, 4, 4, 4), (3, 3, 3, 3), title="Second")
    story.reviewed((4, 4, 5, 4), (3, 3, 3, 3), (1, 2, 3, 4), title="Third")
    assert (few, statements()) == (few, few)
    assert max(first) <= 8
    story.decided()
    address = f"/rounds/{story.round.public_id}/decision"
    chair = sign_in(story.chair)
    assert count_statements(lambda: page(chair, address)) <= 8


def test_every_page_reads_in_chinese(story: Story, sign_in: Any) -> None:
    review, _ = story.put(story.proposal())
    story.reviewed((5, 5, 4, 4), (1, 1, 1, 1), title="回收余热")
    round_ = story.round
    browser = sign_in(story.chair)
    browser.set_cookie("language", "zh", domain="localhost")
    assert "创业评审委员会" not in page(browser, "/rounds/")
    for person, address in (
        (story.office, f"/proposals/{review.proposal.public_id}/committee"), (story.first, "/reviews/"),
        (story.first, f"/reviews/{review.public_id}"), (story.chair, f"/rounds/{round_.public_id}"),
    ):  # fmt: skip
        assert 'lang="zh-Hans"' in page(sign_in(person), address)
    with transaction():
        services.declare(story.first, review, has_conflict=False)
        services.save(story.first, review, content=content(4))
    text = page(sign_in(story.first), f"/reviews/{review.public_id}")
    assert ("3 级" in text, ReviewState.DRAFT, review.scored) == (True, review.state, 4)


def test_ranking_and_decisions_show_one_theme_at_a_time_when_there_are_several(story: Story, sign_in: Any) -> None:
    second = story.make.theme(story.company)
    with transaction():
        year = story.call.themes[0].year
        db.session.add(CallTheme(call_id=story.call.id, theme_id=second.id, year=year, budget=1, currency="CNY"))
    story.reviewed((4, 4, 4, 4), (4, 4, 4, 4), title="Of the first theme")
    other = story.proposal(title="Of the second theme")
    with transaction():
        other.theme_id = second.id
    for review in story.put(other):
        story.review(review, 4)
    story.decided()
    browser = sign_in(story.chair)
    address = f"/rounds/{story.round.public_id}"
    shown = [
        [title in page(browser, a) for title in ("Of the first theme", "Of the second theme")]
        for base in (address, f"{address}/decision")
        for a in (base, f"{base}?theme={second.public_id}")
    ]
    assert shown == [[True, False], [False, True]] * 2
    assert "Sign 2 decisions" in page(browser, f"{address}/decision")
