"""Two worlds, alike but for what a person is kept from: every page answers the same bytes in both."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from incubator.core import clock
from incubator.people.models import Person
from incubator.reviews import jobs
from incubator.web.routes import SAFE_METHODS
from tests.reviews.conftest import Story

HIDDEN = 10
"""Proposals the reader is kept from; each is three facts: the proposal, and two sealed reviews of it."""
ONCE = re.compile(r'(nonce="[^"]*"|"X-CSRF-Token": "[^"]*"|name="csrf_token" value="[^"]*")')
ELSEWHERE = ("/static/", "/ready", "/live", "/log", "/.well-known")
"""Not a reader's pages: the machine's health, and the log of leaves, which tells everybody that something happened."""


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands, so that no page differs by the time alone."""
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)


def addresses(app: Flask, story: Story) -> list[str]:
    """Every page without a key in its address, and those of the call and its round."""
    fixed = [
        rule.rule for rule in app.url_map.iter_rules() if set(rule.methods or ()) & SAFE_METHODS and not rule.arguments
    ]
    of_round = (
        "", "?all=1", "?sort=-spread", "?sort=asked", "?only=close", "?only=missing", "/method", "/decision",
        "/criteria", "/what-if", "/fairness", "/meeting", "/decisions-in-bulk",
    )  # fmt: skip
    of_call = ("", "/reviewers")
    return [
        *(one for one in fixed if not one.startswith(ELSEWHERE)),
        *(f"/rounds/{story.round.public_id}{tail}" for tail in of_round),
        *(f"/calls/{story.call.public_id}{tail}" for tail in of_call),
        "/search?q=Hidden", "/proposals/search?q=Hidden",
    ]  # fmt: skip


def read(browser: FlaskClient, pages: list[str]) -> dict[str, tuple[int, str]]:
    """Status and text of each page, without what every answer has of its own."""
    found = {}
    for page in pages:
        answer = browser.get(page)
        found[page] = answer.status_code, ONCE.sub("", answer.get_data(as_text=True))
    return found


def add_hidden(story: Story, person: Person) -> None:
    """Thirty facts that the person is kept from: proposals of people whom the person manages, and their reviews."""
    for number in range(HIDDEN):
        lead = story.make.person(story.company, manager=person, name=f"Hidden lead {number}")
        reviewers = [one for one in (story.first, story.second, story.third) if one is not person][:2]
        proposal = story.proposal(lead=lead, title=f"Hidden {number}", asked=1_000_000)
        for review, score in zip(story.put(proposal, *reviewers), (5, 4), strict=True):
            story.review(review, score)


@pytest.mark.no_cover
@pytest.mark.parametrize("who", ["chair", "third"])
@pytest.mark.usefixtures("still")
def test_thirty_hidden_facts_change_no_byte_of_any_page(
    app: Flask, story: Story, sign_in: Callable[..., FlaskClient], who: str
) -> None:
    for scores in (((5,) * 4, (4,) * 4), ((3,) * 4, (4,) * 4)):
        story.reviewed(*scores, title=f"Seen {scores[0][0]}")
    jobs.rank_rounds()
    reader: Any = getattr(story, who)
    browser, pages = sign_in(reader), addresses(app, story)
    read(browser, pages)
    before = read(browser, pages)
    add_hidden(story, reader)
    jobs.rank_rounds()
    after = read(browser, pages)

    assert [page for page in pages if before[page] != after[page]] == []
    assert sum(status == 200 for status, _ in before.values()) > 5
    assert not any("Hidden" in text for page, (_, text) in after.items() if "q=Hidden" not in page)
