"""What people get wrong, what goes wrong for them, and how the pages take it: on a telephone and in dark as well."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Reader, save
from tests.browser.story import PARTS, Login, Player, people_of, speaker

SAY = speaker("en")
CALL = "Second venture call"
TEXTS = {
    "title": "Ice from the night",
    "asked": "90,000",
    "answer_summary": "Ice made at night cools the hall by day.",
    "answer_problem": "Cooling takes the dearest hours of the day.",
    "answer_technology": "A slurry that a pump can move.",
    "answer_growth": "One hall a year, then other plants.",
    "answer_months": "9",
    "answer_team": "One day a week, agreed with the manager.",
    "answer_fit": "Every plant has a hall to cool.",
    "answer_cloud_use": "A database for the readings.",
}


@pytest.fixture
def logins(demonstration: tuple[str, Path]) -> dict[str, Login]:
    """Who can sign in, by part."""
    people = people_of(demonstration[1])
    return {part: people[words] for part, words in PARTS.items()}


def _draft(reader: Reader, login: Login) -> Player:
    """The employee at a new draft."""
    lead = Player(reader, SAY, login)
    lead.page.on("dialog", lambda dialog: dialog.accept())
    lead.menu("Calls")
    lead.follow(CALL)
    lead.press("Write a proposal")
    return lead


def _saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text("Saved")


def test_shares_that_miss_a_hundredth_are_refused_with_their_sum_and_kept(visitors, logins):
    lead = _draft(visitors(), logins["employee"])
    lead.follow("Team")
    share = lead.page.locator("[data-part]").first
    share.fill("99.99")
    expect(lead.page.locator("[data-sum-rest]")).to_have_text("0.01 % missing")
    lead.press("Save and check")

    expect(lead.page.locator(".esum")).to_be_focused()
    assert lead.page.title().startswith("Error:")
    lead.sees("0.01 % is missing")
    assert share.input_value() == "99.99"
    lead.picture("shares-wrong")


def test_an_amount_of_two_readings_is_refused_and_never_guessed(visitors, logins):
    lead = _draft(visitors(), logins["employee"])
    lead.fill(asked="1,20")
    refused = "Not saved yet. Cloud credits asked: Enter an amount, such as 1,200.50"
    expect(lead.page.locator("[data-save-state]")).to_contain_text(refused)
    lead.press("Save draft")

    lead.sees("Enter an amount, such as 1,200.50")
    assert lead.page.input_value("[name=asked]") == "1,20"
    lead.page.locator(".esum a").first.click()
    expect(lead.page.locator("[name=asked]")).to_be_focused()
    lead.picture("amount-wrong")


def test_text_typed_after_the_session_ended_is_back_after_sign_in(visitors, logins):
    reader = visitors()
    lead = _draft(reader, logins["employee"])
    address = lead.page.url
    reader.context.clear_cookies(name="session")
    lead.fill(answer_summary="Typed after the end.")
    expect(lead.page.locator("[data-save-state]")).to_contain_text("Your text is kept in this browser; sign in again.")

    lead.page.goto(address)
    lead.page.fill("input[name=login]", logins["employee"].hr_number)
    lead.page.fill("input[name=password]", logins["employee"].password)
    lead.page.click("main button[type=submit]")
    lead.page.wait_for_url(address)
    assert lead.page.input_value("[name=answer_summary]") == ""
    reader.check()
    lead.page.get_by_role("button", name="Put it back").click()
    assert lead.page.input_value("[name=answer_summary]") == "Typed after the end."
    _saved(lead.page)


def test_what_is_typed_while_nothing_can_be_saved_is_kept_and_sent_later(visitors, logins):
    reader = visitors()
    lead = _draft(reader, logins["employee"])
    page, state = lead.page, lead.page.locator("[data-save-state]")
    reader.context.set_offline(True)
    lead.fill(answer_summary="Typed in the tunnel.")
    expect(state).to_have_text("Not saved: no connection. Your text is kept in this browser.")
    reader.context.set_offline(False)
    _saved(page)

    page.route("**/autosave", lambda route: route.fulfill(status=500, body="broken"))
    lead.fill(answer_summary="Typed while it was broken.")
    expect(state).to_contain_text("Not saved: the server could not take it.")
    page.unroute("**/autosave")
    page.reload()
    assert page.input_value("[name=answer_summary]") == "Typed in the tunnel."
    page.get_by_role("button", name="Put it back").click()
    assert page.input_value("[name=answer_summary]") == "Typed while it was broken."
    _saved(page)
    reader.complaints.clear()  # that there was no connection


def test_of_two_tabs_neither_overwrites_the_other_unseen(visitors, logins):
    reader = visitors()
    lead = _draft(reader, logins["employee"])
    other = reader.context.new_page()
    other.goto(lead.page.url)
    other.fill("[name=answer_summary]", "From the other tab.")
    _saved(other)
    lead.fill(answer_summary="From the first tab.")

    conflict = lead.page.locator("[data-conflict]")
    expect(conflict).to_contain_text("From the other tab.")
    expect(conflict).to_contain_text("From the first tab.")
    reader.check()
    lead.press("Keep my text")
    other.on("dialog", lambda dialog: dialog.accept())
    other.reload()
    assert other.input_value("[name=answer_summary]") == "From the first tab."


def test_handing_on_while_the_draft_is_being_saved_is_no_conflict_with_oneself(visitors, logins):
    lead = _draft(visitors(), logins["employee"])

    def slowly(route):
        time.sleep(1)
        route.continue_()

    lead.page.route("**/autosave", slowly)
    with lead.page.expect_request("**/autosave"):
        lead.fill(title="Saved while it was saved")
    lead.press("Check and hand in")

    assert lead.page.locator("[data-conflict]").count() == 0
    lead.sees("Saved while it was saved")


def test_a_link_followed_at_once_leaves_nothing_typed_behind(visitors, logins):
    lead = _draft(visitors(), logins["employee"])

    def slowly(route):
        time.sleep(1)
        route.continue_()

    lead.page.route("**/autosave", slowly)
    lead.fill(title="Typed and gone")
    expect(lead.page.locator("[data-save-state]")).to_have_text("Saving…")
    lead.page.locator(".rail").get_by_role("link", name="My proposals").click()

    expect(lead.page.locator("main").get_by_role("link", name="Typed and gone")).to_be_visible()


def test_without_javascript_a_draft_becomes_a_proposal(visitors, logins):
    reader, lead = visitors(javascript=False), logins["employee"]
    page = reader.page
    page.goto(reader.address + "/sign-in")
    page.fill("input[name=login]", lead.hr_number)
    page.fill("input[name=password]", lead.password)
    page.click("main button[type=submit]")
    page.click(".rail a[href='/calls/']")
    page.click(f"main a:text-is('{CALL}')")
    page.click("main button:text-is('Write a proposal')")
    for name, value in TEXTS.items():
        page.fill(f"[name={name}]", value)
    page.select_option("select[name=theme]", label="Clean energy and storage")
    page.select_option("[name=answer_readiness]", index=1)
    page.click("main button:text-is('Check and hand in')")
    page.click("main button:text-is('Hand in')")

    assert page.url.endswith("/receipt")
    assert TEXTS["title"] in page.inner_text("main")


def test_on_a_telephone_in_dark_a_proposal_is_written_and_scored(visitors, logins):
    lead = _draft(visitors(width=390, dark=True), logins["employee"])
    title = "Written on the way home"
    lead.fill(**{**TEXTS, "title": title})
    lead.choose("theme", "Clean energy and storage")
    lead.page.locator("[name=answer_readiness]").select_option(index=1)
    lead.press("Check and hand in")
    lead.press("Hand in")

    office = Player(visitors(), SAY, logins["office"])
    office.take_up("proposal.screen", title)
    office.press("Begin the check")
    office.follow("Put to the committee")
    office.press("Put to the committee")
    expect(office.page.locator(".esum")).to_be_focused()
    for part in ("reviewer", "second"):
        office.tick(logins[part].name)
    office.press("Put to the committee")

    reviewer = Player(visitors(width=390, dark=True), SAY, logins["reviewer"])
    reviewer.page.on("dialog", lambda dialog: dialog.accept())
    reviewer.take_up("review.write", title)
    reviewer.press("Declare")
    reviewer.sees("Say whether you have a conflict of interest.")
    reviewer.tick("No. I am not involved, and can judge it fairly.")
    reviewer.press("Declare")
    reviewer.press("Seal the review")
    expect(reviewer.page.locator(".esum li")).to_have_count(6)
    save(reviewer.page, "review-incomplete-390-dark")
    for scale in reviewer.page.locator("fieldset[data-crit]").all():
        scale.locator(".scale label").nth(3).click()
    reviewer.tick("Medium")
    reviewer.page.locator("[name=recommendation]").last.check()
    reviewer.press("Seal the review")
    assert reviewer.page.locator("[role=alert]").count() == 0
