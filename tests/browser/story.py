"""What the people of the story do with a page: follow, press, fill, by the words they read there."""

import gettext
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error, Locator, Page, expect

from incubator.home.words import WORDS
from tests.browser.conftest import Reader, save

PATIENCE = 90_000
"""Milliseconds that a background job may take; the test goes on as soon as it is done."""

Say = Callable[..., str]
PARTS = {
    "employee": "Employee: lead, inventor, holder",
    "office": "Innovation office",
    "reviewer": "Reviewer",
    "second": "Reviewer, second signer",
    "chair": "Chair of the committee",
    "counsel": "IP counsel",
    "hr": "HR, maker",
    "checker": "HR, checker",
    "operator": "Cloud operator",
    "auditor": "Auditor",
}
"""The ten, by the word demo-people.txt has for their part."""


def speaker(language: str) -> Say:
    """What turns the words of the templates into those a reader of the language sees."""
    known = ["zh_Hans_CN"] if language == "zh" else []
    catalogue = gettext.translation("messages", "incubator/translations", known, fallback=not known)

    def say(words: str, plural: str = "", **values: object) -> str:
        text = catalogue.ngettext(words, plural, values["num"]) if plural else catalogue.gettext(words)
        return text % values if values else text

    return say


@dataclass(frozen=True)
class Login:
    """A line of demo-people.txt."""

    name: str
    part: str
    hr_number: str
    password: str


def people_of(file: Path) -> dict[str, Login]:
    """The people of the demonstration, by the part they play."""
    lines = file.read_text("utf-8").splitlines()[1:]
    logins = [Login(*re.split(r"\s{2,}", line.strip())) for line in lines if line.strip()]
    return {login.part: login for login in logins}


class Player:
    """One person at their browser. Every page that opens is checked; `pictures` names the pages that are kept."""

    def __init__(self, reader: Reader, say: Say, login: Login) -> None:
        self.reader, self.say, self.name = reader, say, login.name
        self.page: Page = reader.page
        reader.sign_in(login.hr_number, login.password)

    # ---- Ways

    def home(self) -> None:
        """To the home page, by the menu (on a telephone: the bar below)."""
        if self.page.url == self.reader.address + "/":
            self.page.reload()
        else:
            self._go("Home")

    def menu(self, words: str) -> None:
        """From the home page to a place of its menu."""
        self.home()
        self._go(words)

    def _go(self, words: str) -> None:
        places = self.page.locator(".rail .places, .tabbar")
        self._click(places.get_by_role("link", name=re.compile(f"^{re.escape(self.say(words))}")).first)

    def waiting(self, kind: str, title: str = "") -> Locator:
        """What of a kind waits on the home page."""
        lines = self.page.locator("main ul.todo li").filter(has_text=self.say(str(WORDS[kind][2])))
        return lines.filter(has_text=title) if title else lines

    def take_up(self, kind: str, title: str = "") -> None:
        """From the home page to what waits there."""
        self.home()
        found = self.waiting(kind, title)
        expect(found.first).to_be_visible()
        self._click(found.first.get_by_role("link").first)

    def takes_up_in_time(self, kind: str, title: str = "") -> None:
        """Like take_up, where a job must do its part first."""
        self.until(self.home, self.waiting(kind, title))
        self.take_up(kind, title)

    def until(self, again: Callable[[], None], found: Locator) -> None:
        """Look again each second until something is there."""
        for _ in range(PATIENCE // 1000):
            again()
            if found.count():
                return
            self.page.wait_for_timeout(1000)
        raise AssertionError(f"{self.name} waited in vain at {self.page.url}: {self.text()[:600]}")

    def follow(self, words: str, **values: object) -> None:
        """A link of the page by its words (of the catalogue, or as they stand)."""
        name = self.say(words, **values)
        self._click(self.page.locator("main").get_by_role("link", name=name, exact=True).first)

    def press(self, words: str, plural: str = "", **values: object) -> None:
        """A button of the page, which sends a form."""
        name = self.say(words, plural, **values)
        self._click(self.page.locator("main").get_by_role("button", name=name, exact=True).first)

    def _click(self, target: Locator) -> None:
        try:
            with self.page.expect_event("load"):  # of another document: htmx writes this one into the history again
                target.click()
        except Error as error:
            raise AssertionError(f"{self.name} at {self.page.url}: {error}\n{self.text()}") from error
        self.reader.check()

    # ---- Forms

    def fill(self, **fields: str) -> None:
        """Fields by their names."""
        for name, value in fields.items():
            self.page.locator(f'main [name="{name}"]').fill(value)

    def choose(self, name: str, label: str) -> None:
        """One of a list, by what the reader sees."""
        self.page.locator(f'main select[name="{name}"]').select_option(label=label)

    def tick(self, label: str) -> None:
        """A check box or radio button by the start of its words."""
        self.page.locator("main label").filter(has_text=label).locator("input").check()

    # ---- Looking

    def text(self) -> str:
        """What stands on the page."""
        return self.page.locator("main").inner_text()

    def sees(self, *words: str) -> None:
        """All of these stand on the page (words of the catalogue, or as they are)."""
        for each in words:
            expect(self.page.locator("main")).to_contain_text(self.say(each))

    def figure_of(self, words: str) -> Locator:
        """The place of a value beside its name in a list of pairs."""
        name = re.compile(f"^{re.escape(self.say(words))}$")
        return self.page.locator("dl.kv dt", has_text=name).locator("+ dd")

    def figure(self, words: str) -> str:
        """A value beside its name."""
        return self.figure_of(words).inner_text()

    def picture(self, name: str) -> None:
        """Keep the page as it stands; check it on a telephone and in dark, and keep that too."""
        language = self.page.locator("html").get_attribute("lang")
        look = f"{name}-{'zh' if language == 'zh-Hans' else 'en'}"
        save(self.page, f"{look}-1440")
        wide = self.page.viewport_size
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.reader.check()
        save(self.page, f"{look}-390")
        self.page.set_viewport_size(wide)
        self._colours("dark")
        self.reader.check()
        save(self.page, f"{look}-dark")
        self._colours("light")

    def _colours(self, theme: str) -> None:
        self.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


class Cast:
    """The ten people, each signed in at the first thing they do; `words` is what they write."""

    def __init__(self, language: str, people: Path, readers: Callable[..., Reader], words: dict[str, str]) -> None:
        self.language, self.say, self.words = language, speaker(language), words
        self.logins, self.readers = people_of(people), readers
        self.players: dict[str, Player] = {}

    def __getattr__(self, part: str) -> Player:
        if part not in self.players:
            self.players[part] = Player(self.readers(self.language), self.say, self.logins[PARTS[part]])
        return self.players[part]


def yuan(text: str) -> float:
    """The amount in a text such as ¥1,234.50, in yuan."""
    return float(re.search(r"[\d,]+\.\d\d", text).group().replace(",", ""))
