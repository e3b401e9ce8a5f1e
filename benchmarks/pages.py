"""The pages of the product that are measured, and what must stand on them."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.clients import Answer, Browser, Target, alternate, median
from benchmarks.counting import Count, count_page
from benchmarks.figures import Figure
from benchmarks.loading import Loaded
from benchmarks.place import Place, close
from benchmarks.serving import Web
from benchmarks.words import COMMON, RARE

CLIENTS = 8
OF_FLOOR, OF_FLOOR_WHOLE = 5.0, 30.0
WARM_UP = 16
"""Pages a client asks for first: until every connection's statements are prepared and planned for good."""
MOST_STATEMENTS, MOST_GROWTH, MOST_MEGABYTES = 8, 1.15, 120
PLACES = (
    "/", "/menu", "/notices", "/me", "/calls/", "/calls/manage", "/proposals/", "/reviews/", "/reviews/?show=done",
    "/inventions/", "/equity/mine", "/screening/", "/rounds/", "/portfolio/", "/ventures/", "/sandboxes/",
    "/catalogue/", "/patents/", "/awards/", "/equity/", "/rules/", "/audit/", "/search",
)  # fmt: skip
"""Every place of the menu, for the memory of a worker that has shown everything."""


@dataclass(frozen=True)
class Page:
    """A page to measure. who: whose session; marks: what must stand there how often; goal: as a multiple of the floor,
    None for a page that the issue does not name."""

    name: str
    who: str
    address: Callable[[Loaded], str]
    marks: tuple[str, int]
    goal: float | None = OF_FLOOR


PLACE = '<td class="pos">'
PAGES = (
    Page("list of proposals (50)", "office", lambda _: "/screening/", ("<tr>", 51)),
    Page("one proposal with reviews", "office", lambda at: f"/proposals/{at.proposal_id}", ("<tr>", 4)),
    Page("reviewer's queue (50)", "reviewer0", lambda _: "/reviews/", ("<tr>", 51)),
    Page("reviewer's form", "reviewer0", lambda at: f"/reviews/{at.open_reviews[0][0]}", ("<fieldset", 6)),
    Page("ranking (50, four criteria, spread)", "chair", lambda at: f"/rounds/{at.round_id}", (PLACE, 50)),
    Page("search, 50 hits", "office", lambda _: f"/search?q={RARE}", ("<tr>", 51)),
    Page("search, 50 of all", "office", lambda _: f"/search?q={COMMON}", ("<tr>", 51), None),
    Page("home", "reviewer0", lambda _: "/", ("<main", 1), None),
)  # fmt: skip
WHOLE = Page(
    "all proposals on one page", "chair", lambda at: f"/rounds/{at.round_id}?all=1", (PLACE, 0), OF_FLOOR_WHOLE
)


def check(page: Page, loaded: Loaded, text: str) -> None:
    """Raise RuntimeError unless the page shows what it is measured for."""
    mark, times = page.marks
    if text.count(mark) < (times or loaded.size):
        raise RuntimeError(f"{page.name}: {text.count(mark)} × {mark}, not {times or loaded.size}")


def target(page: Page, web: Web, loaded: Loaded, name: str) -> Target:
    """A page of a running server."""
    address = page.address(loaded)
    browsers = [Browser(web.port, loaded.tokens[page.who]) for _ in range(CLIENTS)]
    check(page, loaded, browsers[0].get(address).body.decode())
    return Target(name, browsers, lambda _, browser: browser.get(address))


def floor_target(web: Web) -> Target:
    """The floor's page."""
    return Target("floor", [Browser(web.port) for _ in range(CLIENTS)], lambda _, browser: browser.get("/"))


def times(floor: Web, web: Web, loaded: Loaded, *, clients: int, rounds: int, each: int) -> list[Figure]:
    """Every page's median as a multiple of the floor's, alternating."""
    targets = [floor_target(floor)] + [target(page, web, loaded, page.name) for page in (*PAGES, WHOLE)]
    alternate(targets[:-1], clients=CLIENTS, rounds=1, each=WARM_UP)
    found = alternate(targets, clients=clients, rounds=rounds, each=each)
    least = median(found["floor"])
    section = f"Pages with {loaded.size:,} proposals, {clients} client{'s' if clients > 1 else ''}"
    said = [Figure(section, "floor: one query, 50 rows", least * 1000, "ms")]
    for page in (*PAGES, WHOLE):
        value = median(found[page.name])
        said.append(Figure(section, page.name, value / least, "×", page.goal, note=f"{value * 1000:.1f} ms"))
    return said


def counts(place: Place, small: tuple[str, Loaded], large: tuple[str, Loaded]) -> list[Figure]:
    """Statements and rows a page, with few and with many proposals."""
    few, many = (_counts(place, database, loaded) for database, loaded in (small, large))
    said = []
    for page in PAGES:
        a, b = few[page.name], many[page.name]
        section = "Statements and rows a page"
        said.append(
            Figure(section, f"{page.name}: statements", b.statements, "", MOST_STATEMENTS, note=f"few: {a.statements}")
        )
        said.append(Figure(section, f"{page.name}: rows", b.rows, "", a.rows, note=f"few: {a.rows}"))
    whole = many[WHOLE.name]
    said.append(Figure(section, f"{WHOLE.name}: statements", whole.statements, "", MOST_STATEMENTS))
    return said


def _counts(place: Place, database: str, loaded: Loaded) -> dict[str, Count]:
    app = place.app(database)
    try:
        found = {}
        for page in (*PAGES, WHOLE):
            found[page.name], text = count_page(app, loaded.tokens[page.who], page.address(loaded))
            check(page, loaded, text)
        return found
    finally:
        close(app)


def growth(floor: Web, few: tuple[Web, Loaded], many: tuple[Web, Loaded], *, rounds: int, each: int) -> list[Figure]:
    """CPU of web workers and their database sessions a page, with many proposals against few, alternating; and as a
    multiple of the floor's, which a busy machine moves less than it moves times."""
    section = f"CPU a page, {many[1].size:,} proposals against {few[1].size:,}"
    said, of_floor = [], []
    for page in PAGES:
        targets = [(floor, floor_target(floor))]
        targets += [(web, target(page, web, loaded, web.name)) for web, loaded in (few, many)]
        alternate([one for _, one in targets[1:]], clients=CLIENTS, rounds=1, each=WARM_UP)
        least, small, large = cpu(targets, rounds, each)
        goal = MOST_GROWTH if page.goal else None
        note = f"{small * 1000:.1f} ms → {large * 1000:.1f} ms"
        said.append(Figure(section, page.name, large / small, "×", goal, note=note))
        of_floor.append(Figure(section, f"{page.name}, of the floor's CPU", large / least, "×"))
    return said + of_floor


def cpu(targets: list[tuple[Web, Target]], rounds: int, each: int) -> list[float]:
    """Seconds of CPU a request of web and database, by target."""
    spent = [0.0] * len(targets)
    for _ in range(rounds):
        for place, (web, one) in enumerate(targets):
            before = web.cpu()
            alternate([one], clients=1, rounds=1, each=each)
            spent[place] += web.cpu() - before
    return [max(seconds, 0.001) / (rounds * each) for seconds in spent]


def memory(floor: Web, web: Web, loaded: Loaded) -> list[Figure]:
    """Memory of a web worker that has shown every page: its share of what the workers have in common (they are forked
    of one loaded process) and what is its own."""
    answers: list[Answer] = []
    for _ in range(CLIENTS):  # each worker gets its share
        browser = Browser(web.port, loaded.tokens["everybody"])
        for path in PLACES:
            browser.connect()
            answers.append(browser.get(path))
    wrong = [answer.status for answer in answers if answer.status >= 500]
    if wrong:
        raise RuntimeError(f"pages that failed: {len(wrong)}")
    section = "Memory of a web worker"
    return [
        Figure(section, "after all pages, the largest worker", web.megabytes(), "MB", MOST_MEGABYTES),
        Figure(section, "the same, what is shared counted whole", web.megabytes("Rss"), "MB"),
        Figure(section, "the floor's", floor.megabytes(), "MB"),
    ]
