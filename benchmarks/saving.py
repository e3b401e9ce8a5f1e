"""Saving and sealing a review over HTTP, against inserting one row, committing and redirecting."""

import json
import re
from collections.abc import Iterator

from benchmarks.clients import Answer, Browser, Target, alternate, median
from benchmarks.figures import Figure
from benchmarks.loading import Loaded
from benchmarks.pages import CLIENTS, floor_target
from benchmarks.serving import Web

OF_FLOOR = 3.0
TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')
KEYS = ("uniqueness", "continuity", "team", "fit")
FIRST = 10
"""How many drafts of each measuring reviewer are for one client; the others are for eight."""


class Writer:
    """A reviewer at work: a browser, the token of his forms, and drafts that wait to be sealed."""

    def __init__(self, web: Web, loaded: Loaded, number: int) -> None:
        self.browser = Browser(web.port, loaded.tokens[f"reviewer{number}"])
        self.drafts = loaded.open_reviews[number]
        page = self.browser.get(f"/reviews/{self.drafts[-1]}").body.decode()
        found = TOKEN.search(page)
        if found is None:
            raise RuntimeError("the review's form has no token")
        self.token = found[1]
        self.version = 1

    def fields(self, version: int) -> dict[str, str]:
        """A complete review."""
        said = {"csrf_token": self.token, "version": str(version), "confidence": "high", "recommendation": "fund"}
        notes = {f"note_{key}": "Shown on two lines, and the figures hold." for key in KEYS}
        return said | {f"score_{key}": "4" for key in KEYS} | notes | {"private_note": "Ask for the second quotation."}

    def save(self, browser: Browser) -> Answer:
        """Keep the last draft once more, as the page does while it is written."""
        answer = browser.post(f"/reviews/{self.drafts[-1]}/autosave", self.fields(self.version))
        if answer.status == 200:
            self.version = json.loads(answer.body)["version"]
        return answer

    def seal(self, browser: Browser, drafts: Iterator[str]) -> Answer:
        """Hand the next draft in: scores, event, and the proposal's totals in one transaction."""
        return browser.post(f"/reviews/{next(drafts)}/seal", self.fields(1))


def saving(floor: Web, web: Web, loaded: Loaded, *, rounds: int) -> list[Figure]:
    """Medians as multiples of the floor's POST; with the reading floor for comparison."""
    writers = [Writer(web, loaded, number) for number in range(CLIENTS)]
    last = [writer.drafts[:-1] for writer in writers]
    single = iter([draft for writer in writers[:1] for draft in last[0][:FIRST]])
    several = [iter(drafts[FIRST:]) for drafts in last]
    return [
        *_measure(floor, writers, [single], 1, min(rounds, FIRST)),
        *_measure(floor, writers, several, CLIENTS, rounds),
    ]


def _measure(floor: Web, writers: list[Writer], drafts: list[Iterator[str]], clients: int, rounds: int) -> list[Figure]:
    note = {"words": "Shown on two lines, and the figures hold. " * 4}
    browsers = [writer.browser for writer in writers]
    targets = [
        floor_target(floor),
        Target("insert", [Browser(floor.port) for _ in writers], lambda _, at: at.post("/notes", note), 303),
        Target("seal", browsers, lambda n, at: writers[n].seal(at, drafts[n]), 303),
        Target("save", browsers, lambda n, at: writers[n].save(at)),
    ]
    alternate([targets[0], targets[1], targets[3]], clients=clients, rounds=1, each=2)
    found = {name: median(times) for name, times in _rounds(targets, clients, rounds).items()}
    section = f"Saving a review over HTTP, {clients} client{'s' if clients > 1 else ''}"
    insert, read = found["insert"], found["floor"]
    return [
        Figure(section, "floor: insert, commit, redirect", insert * 1000, "ms"),
        Figure(section, "seal, with event and stored totals", found["seal"] / insert, "×", OF_FLOOR,
               note=f"{found['seal'] * 1000:.1f} ms"),
        Figure(section, "save a draft", found["save"] / insert, "×", OF_FLOOR, note=f"{found['save'] * 1000:.1f} ms"),
        Figure(section, "seal, of the reading floor", found["seal"] / read, "×", note="HotCRP: 5.5"),
        Figure(section, "save a draft, of the reading floor", found["save"] / read, "×", note="HotCRP: 5.5"),
    ]  # fmt: skip


def _rounds(targets: list[Target], clients: int, rounds: int) -> dict[str, list[float]]:
    """One seal a round: each uses a draft up."""
    return alternate(targets, clients=clients, rounds=rounds, each=1)
