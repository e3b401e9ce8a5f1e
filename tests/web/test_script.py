"""What the script does beyond links and forms, in headless Chromium under the product's CSP."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, expect

from incubator.proposals.engines.lengths import words
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 390, 768, 1024, 1280, 1440, 1920)


@pytest.fixture
def tab(chromium: Browser, site: Site) -> Iterator[Page]:
    """A fresh tab on the sample page; a console error fails the test (refused saves and a missing favicon aside)."""
    site.saved.clear()
    site.answer, site.why, site.token = 200, "", "token"
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        of_page = not any(path in str(message.location) for path in ("/save", "/tell", "/favicon", "/static/favicon"))
        if message.type in {"error", "warning"} and of_page:
            complaints.append(f"{message.text} {message.location}")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site.address}/sample")
    yield page
    # text left unsaved on purpose must not ask on the way out: nobody would answer
    page.evaluate("addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), true)")
    context.close()
    assert complaints == []


def state(tab: Page) -> str:
    return tab.inner_text("[data-save-state]").strip()


def test_digits_score_and_move_on_and_the_total_follows(tab: Page) -> None:
    assert (tab.inner_text("[data-total]"), tab.inner_text("[data-scored]")) == ("3.00 / 5", "1 of 2 scored")
    tab.keyboard.press("5")
    tab.keyboard.press("2")
    assert (tab.inner_text("[data-total]"), tab.inner_text("[data-scored]")) == ("3.80 / 5", "2 of 2 scored")
    expect(tab.locator("#growth-a5")).to_be_visible()
    expect(tab.locator("#growth-a3")).to_be_hidden()


def test_j_and_k_move_and_n_opens_the_note_where_keys_are_letters(tab: Page) -> None:
    tab.keyboard.press("j")
    assert tab.evaluate("document.activeElement.id") == "growth-3"
    tab.keyboard.press("j")
    assert tab.evaluate("document.activeElement.name") == "reason"
    tab.keyboard.press("n")
    tab.keyboard.press("End")
    tab.keyboard.type("?/j1")
    assert "?/j1" in tab.input_value("#remark")
    assert tab.inner_text("[data-total]") == "3.00 / 5"


def test_slash_searches_and_question_mark_lists_the_keys(tab: Page) -> None:
    tab.keyboard.press("?")
    expect(tab.locator("#shortcuts")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator("#shortcuts")).to_be_hidden()
    tab.keyboard.press("/")
    assert tab.evaluate("document.activeElement.id") == "q"


def test_g_and_h_go_home(tab: Page, site: Site) -> None:
    with tab.expect_navigation(url=f"{site.address}/"):
        tab.keyboard.press("g")
        tab.keyboard.press("h")


def test_keys_rest_when_switched_off(tab: Page) -> None:
    tab.evaluate("document.body.dataset.noShortcuts = ''")
    tab.keyboard.press("5")
    assert tab.inner_text("[data-total]") == "3.00 / 5"


def test_control_and_enter_submit_even_while_typing(tab: Page, site: Site) -> None:
    tab.focus("#remark")
    with tab.expect_navigation():
        tab.keyboard.press("Control+Enter")
    assert site.saved[0]["growth"] == "3"


def test_a_draft_saves_itself_with_its_version(tab: Page, site: Site) -> None:
    tab.fill("#remark", "first")
    expect(tab.locator("[data-save-state]")).to_have_text("Saved 14:32")
    tab.fill("#remark", "second")
    expect(tab.locator("[name=version]")).to_have_value("3")
    assert [(form["version"], form["remark"]) for form in site.saved] == [("1", "first"), ("2", "second")]


def test_without_a_connection_the_text_is_kept_and_saved_later(tab: Page, site: Site) -> None:
    tab.context.set_offline(True)
    tab.fill("#remark", "on the train")
    expect(tab.locator("[data-save-state]")).to_contain_text("no connection")
    tab.context.set_offline(False)
    expect(tab.locator("[data-save-state]")).to_have_text("Saved 14:32")
    assert [form["remark"] for form in site.saved] == ["on the train"]
    assert tab.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize(("button", "text"), [("Put it back", "after the session"), ("Discard it", "one\ntwo")])
def test_text_of_an_ended_session_is_offered_back(tab: Page, site: Site, button: str, text: str) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    tab.on("dialog", leave)
    site.answer = 401
    tab.fill("#remark", "after the session")
    expect(tab.locator("[data-save-state]")).to_contain_text("session has ended")
    way = tab.locator("[data-save-state] a")
    expect(way).to_have_attribute("href", "/sign-in?next=%2Fsample")
    tab.reload()
    assert asked == ["beforeunload"]
    site.answer = 200
    tab.click(f"text={button}")
    expect(tab.locator("[data-kept]")).to_have_count(0)
    assert tab.input_value("#remark") == text
    assert tab.evaluate("sessionStorage.length") == 0


def test_a_stale_version_shows_both_texts_and_saves_no_more(tab: Page, site: Site) -> None:
    site.answer = 409
    tab.fill("#remark", "mine")
    expect(tab.locator("[data-conflict]")).to_have_text("Somebody saved another text.")
    assert tab.input_value("#remark") == "mine"
    site.answer = 200
    tab.fill("#remark", "mine still")
    tab.evaluate("new Promise((done) => setTimeout(done, 900))")
    assert site.saved == []


def test_a_value_that_cannot_be_read_is_said(tab: Page, site: Site) -> None:
    site.answer = 422
    tab.fill("#remark", "x")
    expect(tab.locator("[data-save-state]")).to_contain_text("cannot be read")
    site.why = "Not saved yet. Remark: shorten it."
    tab.fill("#remark", "longer")
    expect(tab.locator("[data-save-state]")).to_have_text(site.why)


def test_words_and_characters_are_counted_as_the_server_counts_them(tab: Page) -> None:
    said = {name: tab.locator(f"[data-of={name}]") for name in ("story", "tale")}
    assert [one.inner_text() for one in said.values()] == ["0 of 5 words", "0 of 1,000 characters"]
    for text in ("two-three, don’t 4.5", "热泵 and __it__", "x_y é 。—", "一二三四五六 七\n eight"):
        tab.fill("#story", text)
        assert int(said["story"].inner_text().split()[0]) == words(text)
    assert said["story"].inner_text() == "8 of 5 words: shorten it by 3"
    tab.fill("#tale", "  热𠀀 b\n" + "x" * 1000)
    assert said["tale"].inner_text() == "1005 of 1,000 characters: shorten it by 5"
    assert len(tab.input_value("#tale").strip()) == 1005


def test_text_that_was_refused_is_kept_until_the_page_shows_it(tab: Page, site: Site) -> None:
    site.answer = 422
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.fill("#remark", "beside a number that nobody can read")
    expect(tab.locator("[data-save-state]")).to_contain_text("cannot be read")
    tab.reload()
    expect(tab.locator("[data-kept]")).to_have_count(1)
    tab.evaluate("""() => {
      const key = Object.keys(sessionStorage)[0];
      const kept = JSON.parse(sessionStorage[key]);
      const shown = document.querySelector("#remark").value;
      kept.fields = kept.fields.map(([name, value]) => [name, name === "remark" ? shown : value]);
      sessionStorage[key] = JSON.stringify(kept);
    }""")
    tab.reload()
    expect(tab.locator("[data-kept]")).to_have_count(0)
    assert tab.evaluate("sessionStorage.length") == 0


def test_what_is_typed_is_kept_until_a_page_shows_that_it_was_taken(tab: Page, site: Site) -> None:
    tab.on("dialog", lambda dialog: dialog.accept())
    for answer, token, is_kept in ((500, "token", 1), (200, "somebody else's", 1), (200, "token", 0)):
        site.answer, site.token = answer, token
        tab.fill("#story", f"Once {answer} {token}")
        tab.click("text=Tell it")
        tab.wait_for_url("**/tell")
        tab.goto(f"{site.address}/sample")
        expect(tab.locator("[data-kept]")).to_have_count(is_kept)
        if is_kept:
            tab.click("text=Put it back")
            assert tab.input_value("#story") == f"Once {answer} {token}"
    tab.fill("#story", "Never sent")
    tab.evaluate("new Promise((done) => setTimeout(done, 700))")
    tab.reload()
    tab.click("text=Put it back")
    assert tab.input_value("#story") == "Never sent"


def test_shares_add_up_in_hundredths(tab: Page) -> None:
    assert (tab.inner_text("[data-sum-now]"), tab.inner_text("[data-sum-rest]")) == ("66.66", "33.34 missing")
    tab.fill("[name=b]", "66.67")
    assert (tab.inner_text("[data-sum-now]"), tab.inner_text("[data-sum-rest]")) == ("100.00", "even")
    tab.fill("[name=b]", "66.68")
    assert tab.inner_text("[data-sum-rest]") == "0.01 too much"


def test_a_person_is_chosen_from_the_list(tab: Page) -> None:
    tab.focus("#holder")
    tab.keyboard.type("zh")
    expect(tab.locator("#holder-list")).to_have_text("Zhao Min (zh)")
    tab.keyboard.press("ArrowDown")
    assert tab.get_attribute("#holder", "aria-activedescendant") == "holder-list-0"
    tab.keyboard.press("Enter")
    assert (tab.input_value("[name=holder]"), tab.input_value("#holder")) == ("abc", "Zhao Min")
    expect(tab.locator("#holder-list")).to_be_hidden()
    tab.keyboard.type("x")
    assert tab.input_value("[name=holder]") == ""


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(tab: Page) -> None:
    tab.set_input_files("#paper", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * (1024 * 1024 + 1)})
    expect(tab.locator("#paper-size")).to_contain_text("larger than 1 MB")
    assert tab.input_value("#paper") == ""
    tab.set_input_files("#paper", {"name": "b.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    expect(tab.locator("#paper-size")).to_have_count(0)


def test_a_dialog_opens_and_closes(tab: Page) -> None:
    tab.click("main .acts >> text=Stop")
    expect(tab.locator("#stop")).to_be_visible()
    tab.click("#stop >> text=Cancel")
    expect(tab.locator("#stop")).to_be_hidden()


def test_a_dialog_whose_form_was_refused_comes_back_open(tab: Page, site: Site) -> None:
    tab.goto(f"{site.address}/sample?refused=1")
    expect(tab.locator("#stop:modal")).to_be_visible()
    tab.click("#stop >> text=Cancel")
    expect(tab.locator("#stop")).to_be_hidden()


def test_a_menu_opens_below_its_button(tab: Page) -> None:
    tab.click("text=Export")
    menu, button = tab.locator("#export-menu").bounding_box(), tab.locator("[popovertarget]").bounding_box()
    assert menu
    assert button
    assert menu["y"] >= button["y"] + button["height"]
    assert tab.inner_text("#export-menu a") == "CSV"


def test_a_secret_is_copied(tab: Page, site: Site) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    tab.click("[data-copy]")
    expect(tab.locator("[data-copy]")).to_have_text("Copied")
    assert tab.evaluate("navigator.clipboard.readText()") == "s3cr3t"


def test_a_toast_goes_by_itself(tab: Page) -> None:
    expect(tab.locator("[data-toast]")).to_be_visible()
    expect(tab.locator("[data-toast]")).to_have_count(0, timeout=15_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing(chromium: Browser, site: Site, theme: str, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site.address}/sample?lang=zh")
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE.read_text()})
    found = page.evaluate("async (rules) => (await axe.run({runOnly: rules})).violations.map((v) => v.id)", RULES)
    context.close()
    assert found == []


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_width_scrolls_sideways(chromium: Browser, site: Site, lang: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{site.address}/sample?lang={lang}")
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = overflow(page)
    context.close()
    assert found == dict.fromkeys(WIDTHS, 0)


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens a page without JavaScript."""
    context = chromium.new_context(java_script_enabled=False)

    def visit(address: str) -> Page:
        page = context.new_page()
        page.goto(address)
        return page

    yield visit
    context.close()


def test_without_a_script_a_dialog_opens_by_its_link_and_a_form_is_sent(
    plain: Callable[[str], Page], site: Site
) -> None:
    site.saved.clear()
    site.answer = 200
    page = plain(f"{site.address}/sample")
    page.click("main .acts >> text=Stop")
    expect(page.locator("#stop")).to_be_visible()
    page.goto(f"{site.address}/sample?refused=1")
    expect(page.locator("#stop")).to_be_visible()
    page.click("#stop >> text=Cancel")
    expect(page.locator("#stop")).to_be_hidden()
    page.goto(f"{site.address}/sample")
    page.click("#score >> text=Submit")
    assert [form["growth"] for form in site.saved] == ["3"]
