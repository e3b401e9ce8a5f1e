"""From signing in to the receipt with Tab, Enter, arrows and letters alone."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from incubator.calls.templates import IDEA
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people import services
from incubator.proposals.models import Proposal
from tests.browser.conftest import Reader
from tests.make import Make

SAVED = re.compile("Saved|已于")
PASSWORD = "a long enough password"
TITLES = {"en": "Ice from the night", "zh": "夜间制冰"}
TEXTS = {
    "en": {
        "answer_summary": "Ice made at night cools the hall by day.",
        "answer_problem": "Cooling takes the dearest hours of the day.",
        "answer_fit": "Every plant has a hall to cool.",
        "answer_cloud_use": "A database for the readings.",
    },
    "zh": {
        "answer_summary": "夜间制冰，白天给厂房降温。",
        "answer_problem": "降温用电集中在电价最高的时段。",
        "answer_fit": "各厂都有需要降温的厂房。",
        "answer_cloud_use": "存放读数的数据库。",
    },
}
IS_SEEN = """() => { const look = getComputedStyle(document.activeElement);
    return look.outlineStyle !== 'none' || look.boxShadow !== 'none'; }"""
"""That the eye finds what has the focus."""


def reach(page: Page, css: str, most: int = 40, *, backwards: bool = False) -> None:
    """Tab until what is meant has the focus."""
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if page.evaluate("css => document.activeElement.matches(css)", css):
            assert page.evaluate(IS_SEEN), f"the focus is not seen on {css}"
            return
    raise AssertionError(f"{css} is not reached at {page.url}")


def enter(reader: Reader, css: str, most: int = 40) -> None:
    """Reach a link or button, and press it."""
    reach(reader.page, css, most)
    with reader.page.expect_event("load"):
        reader.page.keyboard.press("Enter")
    reader.check()


def test_a_pitch_by_keyboard_alone_in_both_languages(make: Make, readers: Callable[..., Reader]) -> None:
    call = make.call(form=IDEA.as_data())
    leads = {language: make.person(call.company, name="Zhao Min", language=language) for language in TEXTS}
    with transaction():
        for lead in leads.values():
            services.set_password(lead, PASSWORD)
    numbers, theme = {language: lead.hr_number for language, lead in leads.items()}, call.themes[0].theme.public_id
    db.session.rollback()  # no transaction waits for the browser

    for language, number in numbers.items():
        _pitch(readers(language), number, theme, TITLES[language], TEXTS[language])
    with transaction():
        handed_in = db.session.scalars(select(Proposal).order_by(Proposal.id)).all()
        assert [(one.title, one.asked, one.state, one.lang) for one in handed_in] == [
            (TITLES[language], 9_000_000, "submitted", language) for language in TEXTS
        ]


def _pitch(reader: Reader, number: str, theme: str, title: str, texts: dict[str, str]) -> None:
    page = reader.open("/sign-in")
    if page.evaluate("() => document.activeElement.name") != "login":
        reach(page, "[name=login]")
    page.keyboard.type(number)
    reach(page, "[name=password]", 3)
    page.keyboard.type(PASSWORD)
    with page.expect_event("load"):
        page.keyboard.press("Enter")
    reader.check()

    enter(reader, ".rail a[href='/calls/']")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.matches('.skip')")
    page.keyboard.press("Enter")  # past the menu
    enter(reader, "main h2 a", 6)
    enter(reader, "main form[action$='/propose'] button")

    reach(page, "[name=title]")
    page.keyboard.type(title)
    reach(page, "main select[name=theme]", 3)
    page.keyboard.press("ArrowDown")
    assert page.input_value("main select[name=theme]") == theme
    reach(page, "[name=asked]", 3)
    page.keyboard.type("90,000")
    for name, words in texts.items():
        reach(page, f"[name={name}]", 30)
        page.keyboard.type(words)
    reach(page, "button[value=answer_cloud_use]", 30, backwards=True)
    page.keyboard.press("Enter")
    expect(page.locator("#answer_cloud_use-preview p")).to_have_text(texts["answer_cloud_use"])
    expect(page.locator("[data-save-state]")).to_contain_text(SAVED)
    enter(reader, "main button[name=check]", 30)
    enter(reader, "main form[action$='/ask-team'] button", 30)
    assert page.url.endswith("/receipt")
