"""A committee by clicking: a reviewer's evening of forty dossiers by keyboard and on a telephone, the chair's day, the
auditor's replay; in both languages, every page axe clean."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.reviews import services
from tests.browser.conftest import Reader, save
from tests.browser.story import PATIENCE, speaker
from tests.make import Make
from tests.reviews.conftest import Story

DOSSIERS = 40
ON_PHONE = 2
KEYS = 8
"""The most keys that a review of four criteria may take, its seal included."""


class Committee:
    """Forty proposals under review: all of the first reviewer's are open, most of the second's are sealed."""

    def __init__(self, make: Make, readers: Callable[..., Reader]) -> None:
        self.story, self.readers = Story(make, budget=1_000_000 * DOSSIERS // 2), readers
        auditor = make.person(self.story.company, Role.AUDITOR)
        for n in range(DOSSIERS):
            reviews = self.story.put(self.story.proposal(title=f"Idea {n:02}"))
            if n >= ON_PHONE:
                self.story.review(reviews[1], 2 + n % 4)
            with transaction():
                services.clear(self.story.first, reviews[0])
        people = {"first": self.story.first, "second": self.story.second, "chair": self.story.chair, "auditor": auditor}
        self.tokens = {name: make.session_for(person) for name, person in people.items()}
        self.round = f"/rounds/{self.story.round.public_id}"
        db.session.rollback()  # no transaction waits for the browsers

    def reader(self, name: str, language: str, **look: Any) -> Reader:
        """One of them at a browser."""
        found = self.readers(language, **look)
        found.context.add_cookies([{"name": "session", "value": self.tokens[name], "url": found.address}])
        return found


def send(at: Reader, target: str, **fields: str) -> None:
    """Press a button by where it sends to, with radio buttons of its form chosen."""
    form = at.page.locator(f"form[action='{target}']").first
    for name, value in fields.items():
        form.locator(f"[name={name}][value={value}]").check(force=True)
    main = form.locator("button.pri[type=submit]")
    with at.page.expect_event("load"):
        (main if main.count() else form.locator("button[type=submit]")).first.click()
    at.check()


def until(page: Page, found: str) -> None:
    """Look again each second until the page holds it."""
    for _ in range(PATIENCE // 1000):
        if page.locator(found).count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    pytest.fail(f"waited in vain for {found} at {page.url}")


def by_keyboard(committee: Committee) -> None:
    """All forty, from the first to the last, without a mouse: scores, how sure, what is recommended, sealed."""
    at = committee.reader("first", "en")
    at.open("/reviews/")
    save(at.page, "queue-en-1440")
    at.page.locator("main tbody a").first.click()
    at.check()
    save(at.page, "review-en-1440")
    for n in range(DOSSIERS):
        pressed = [*("5443" if n % 2 else "3454"), "3", "3", "Control+Enter"]
        assert len(pressed) <= KEYS
        for key in pressed[:-1]:
            at.page.keyboard.press(key)
        with at.page.expect_event("load"):
            at.page.keyboard.press(pressed[-1])
        assert at.page.locator("[role=alert]").count() == 0, at.page.locator("main").inner_text()
    at.check()
    expect(at.page.locator("main")).to_contain_text("Nothing to review")


def on_a_telephone(committee: Committee) -> None:
    """The second reviewer declares and scores the last two with a thumb, in Chinese."""
    at, say = committee.reader("second", "zh", width=390), speaker("zh")
    at.open("/reviews/")
    save(at.page, "queue-zh-390")
    for n in range(ON_PHONE):
        if n:
            at.open("/reviews/")
        with at.page.expect_event("load"):
            at.page.locator("main tbody a").first.click()
        at.check()
        address = at.page.url.removeprefix(at.address)
        send(at, f"{address}/declare", conflict="no")
        for group in at.page.locator("form[data-rubric] .scale").all():
            group.locator("label").nth(3).click()
        for group in at.page.locator("form[data-rubric] .opts").all():
            group.locator("label").last.click()
        expect(at.page.locator("[data-scored]")).to_have_text(say("%(done)s of %(all)s scored", done=4, all=4))
        expect(at.page.locator("[data-save-state]").first).to_contain_text(":")
        save(at.page, "review-zh-390")
        send(at, f"{address}/seal")
        assert at.page.locator("[role=alert]").count() == 0, at.page.locator("main").inner_text()


def the_chairs_day(committee: Committee) -> None:
    """Where the ranking is unsure, the close, the table, the rule, two signatures, letters, the release; in Chinese."""
    at, second, here = committee.reader("chair", "zh"), committee.reader("first", "zh"), committee.round
    at.open(here)
    until(at.page, f"main a[href$='{here}/method'], main [href*='/method']")
    save(at.page, "ranking-zh-1440")
    at.open(f"{here}/method")
    until(at.page, "#more")
    at.check()
    at.page.locator("[name=proposals]").first.check()
    send(at, f"{here}/ask-more")
    until(at.page, "main tbody tr")
    at.check()
    at.open(here)
    send(at, f"{here}/close")
    at.open(f"{here}/meeting")
    send(at, f"{here}/meeting")
    with at.page.expect_event("load"):
        at.page.locator("main [formaction$='/open']").first.click()
    at.check()
    for box in at.page.locator("[name=here]").all():
        box.check()
    send(at, f"{here}/meeting/presence")
    at.page.locator("form[action$='/vote'] label").first.click()
    with at.page.expect_event("load"):
        at.page.locator("form[action$='/vote'] button[type=submit]").click()
    at.check()
    save(at.page, "meeting-zh-1440")
    send(at, f"{here}/meeting/end")
    at.open(here)
    send(at, f"{here}/prepare")
    send(at, f"{here}/sign")
    second.open(f"{here}/decision")
    send(second, f"{here}/sign")
    at.open(f"{here}/decision")
    send(at, f"{here}/hold")
    until(at.page, f"form[action='{here}/release']")
    send(at, f"{here}/release")
    assert at.page.locator("main tbody tr").count() == DOSSIERS


def the_auditors_replay(committee: Committee) -> None:
    """Every decision and the ranking are worked out again from what was stored: equal."""
    at, here = committee.reader("auditor", "en", dark=True), committee.round
    page = at.open(f"{here}/decision?replay=1")
    expect(page.locator("main tbody .st.good", has_text="Equal")).to_have_count(DOSSIERS)
    save(page, "replay-en-dark")
    at.open(f"{here}/replay")
    send(at, f"{here}/replay")
    until(page, "main .st.good:has-text('Equal')")
    at.check()


def test_a_committee_from_the_dossiers_to_the_replay(make: Make, readers: Callable[..., Reader]) -> None:
    committee = Committee(make, readers)
    by_keyboard(committee)
    on_a_telephone(committee)
    the_chairs_day(committee)
    the_auditors_replay(committee)
