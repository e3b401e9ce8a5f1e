"""Lists, search, the status page and what is offered while one types, with 100,000 proposals, a million versions and
200,000 people: as multiples of the floor and of their own time with 2,000 proposals, and how PostgreSQL answers them.

One of ten proposals has its reviews; of ten versions the second to the ninth are copies of the first.
"""

import math
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import psycopg
import redis
from flask import Flask
from psycopg import sql

from benchmarks.bare import bare
from benchmarks.clients import Browser, Target, alternate, median
from benchmarks.copying import Copier
from benchmarks.counting import count_page
from benchmarks.figures import Figure
from benchmarks.floor.app import MAKE
from benchmarks.loading import CHUNK, Loaded, load
from benchmarks.pages import OF_FLOOR, WARM_UP, floor_target
from benchmarks.place import Place, close
from benchmarks.proposals import Volume
from benchmarks.sandboxes import WORKER
from benchmarks.serving import FLOOR, PRODUCT, Web, serve
from benchmarks.words import COMMON, RARE
from incubator.config import CHECKOUT
from incubator.core.answers import PRESENT
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.embedded import processes
from incubator.proposals import jobs, services
from incubator.proposals.engines import likeness
from incubator.proposals.models import ProposalLikeness

SECTION = "A large group"
VERSIONS, PEOPLE, REVIEWED_OF = 10, 2, 10
"""Versions and people for each proposal, and of how many one has its three reviews."""
MOST_GROWTH = 1.3
READ, AT_ONCE = 200, 50
"""Texts that the model reads; what the others mean lies between two of these each: it would read them for half an hour.
"""
SUBMITTED = """
SELECT p.id, v.id, v.title, v.answers FROM proposal p JOIN proposal_version v ON v.id = p.submitted_version_id
"""
SENTENCE = re.compile(r"(?<=[.。])")
OTHERS = """
WITH read AS (
  SELECT row_number() OVER (ORDER BY id) - 1 AS place, meaning FROM proposal_likeness WHERE meaning IS NOT NULL
)
UPDATE proposal_likeness l SET meaning = l2_normalize(one.meaning + two.meaning)
  FROM read one, read two
 WHERE l.meaning IS NULL AND one.place = l.id %% %s AND two.place = (l.id * 7919 + l.id / 1000) %% %s
"""
LARGE = 50_000
"""Rows from which on a table must not be read from end to end for a page."""
TYPED = urlencode({"title": "Heat from waste water", "answer_summary": "Heat is won back from a mill's waste water."})
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
TOLD = re.compile(r"actual|Index Cond|Time:")
SCANNED = re.compile(r"Seq Scan on (\w+)")


@dataclass(frozen=True)
class Page:
    """A page to measure; who: whose session; goal: as a multiple of the floor, None where it is only told; is_part: a
    script asks for it, to show it within another page."""

    name: str
    who: str
    address: Callable[[Loaded], str]
    goal: float | None = OF_FLOOR
    is_part: bool = False


PAGES = (
    Page("list of proposals (50), office", "office", lambda _: "/screening/"),
    Page("my proposals", "author", lambda _: "/proposals/"),
    Page("search, 50 hits", "office", lambda _: f"/search?q={RARE}"),
    Page("search, 50 of all", "office", lambda _: f"/search?q={COMMON}"),
    Page("status page of a proposal", "author", lambda at: f"/proposals/{at.proposal_id}"),
    Page("typing hint: colleagues", "author", lambda _: "/people/search?q=li"),
    Page(
        "typing hint: similar proposals",
        "author",
        lambda at: f"/proposals/{at.proposal_id}/similar?{TYPED}",
        is_part=True,
    ),
)


def measure(place: Place, few: int, many: int, *, rounds: int, each: int) -> tuple[list[Figure], list[str]]:
    """The figures, and the plans of the large installation's statements."""
    small, large = (fill(place, name, size) for name, size in (("scale_few", few), ("scale_many", many)))
    with psycopg.connect(place.url("scale_many")) as connection:
        connection.execute(MAKE)
    with ExitStack() as stack:
        floor = stack.enter_context(serve(place, "floor", FLOOR, "scale_many"))
        webs = []
        for name, loaded, number in (("scale_few", small, 4), ("scale_many", large, 5)):
            stack.enter_context(_worker(place, name, number))
            webs.append((stack.enter_context(serve(place, name, PRODUCT, name, redis=number)), loaded))
        figures = [*_sizes(place, large), *_times(floor, webs, rounds, each)]
        plans, scans = _plans(place, large)  # while a worker says what typed words mean
    return [*figures, Figure(SECTION, "Large tables read from end to end for a page", scans, "", 0)], plans


def fill(place: Place, name: str, size: int) -> Loaded:
    """A database with so many proposals in review and what belongs to them; likenesses as the jobs write them."""
    place.create(name)
    app = place.app(name)
    try:
        loaded = load(app, Volume(size, VERSIONS, size * PEOPLE, REVIEWED_OF))
        with app.app_context(), bare(place.url(name), (ProposalLikeness,)):
            _index(place.url(name))
            for _ in range(READ // AT_ONCE):
                with transaction():
                    services.index_meanings(AT_ONCE)
            with psycopg.connect(place.url(name)) as connection:
                connection.execute("ANALYZE proposal_likeness")
                connection.execute(OTHERS, (READ, READ))
            jobs.fit_likeness()
            db.session.remove()
        with psycopg.connect(place.url(name), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
        return loaded
    finally:
        close(app)


def _index(url: str) -> None:
    """The index of terms as the job writes it (services.index_new), which takes the texts one by one."""
    with psycopg.connect(url) as reading, psycopg.connect(url) as writing:
        copier = Copier(writing, first=(), order=(ProposalLikeness,), seed=0)
        for number, (key, version, title, answers) in enumerate(reading.cursor("texts").execute(SUBMITTED), 1):
            terms = terms_of(" ".join([title, *(text for text in answers.values() if isinstance(text, str))]))
            norm = math.sqrt(len(terms))
            copier.add(ProposalLikeness, proposal_id=key, version_id=version, terms=terms, norm=norm)
            if number % CHUNK == 0:
                copier.flush()
        copier.finish()


def terms_of(text: str) -> list[str]:
    """The terms of a loaded text: those of its sentences, of which there are few."""
    return list(dict.fromkeys(term for sentence in SENTENCE.split(text) for term in _terms(sentence)))


@lru_cache(maxsize=10_000)
def _terms(sentence: str) -> list[str]:
    return likeness.terms(sentence)


@contextmanager
def _worker(place: Place, name: str, number: int) -> Iterator[None]:
    """A worker that says what typed words mean, until the block ends."""
    environ, log = place.environment(name, redis=number), place.logs / f"{name}-worker.log"
    child = processes.spawn(WORKER, folder=CHECKOUT, env=environ, log=log)
    try:
        with redis.Redis.from_url(environ["REDIS_URL"]) as queue:
            until = time.monotonic() + 60
            while not queue.exists(PRESENT) and time.monotonic() < until:
                time.sleep(0.2)
        yield
    finally:
        processes.stop([child.pid], [signal.SIGTERM], 15.0)


def _sizes(place: Place, loaded: Loaded) -> list[Figure]:
    wanted = (("proposal", loaded.size), ("proposal_version", loaded.size * VERSIONS), ("person", loaded.size * PEOPLE))
    with psycopg.connect(place.url("scale_many")) as connection:
        told = []
        for table, least in wanted:
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            row = connection.execute(query).fetchone()
            told.append(Figure(SECTION, f"rows of {table}", row[0] if row else 0, "", least, at_least=True))
        return told


def _times(floor: Web, webs: list[tuple[Web, Loaded]], rounds: int, each: int) -> list[Figure]:
    """Alternating: the floor, and every page of the small and of the large installation."""
    targets = [floor_target(floor)]
    for page in PAGES:
        targets += [_target(page, web, loaded) for web, loaded in webs]
    alternate(targets, clients=1, rounds=1, each=WARM_UP)
    found = alternate(targets, clients=1, rounds=rounds, each=each)
    least, told = median(found["floor"]), []
    told.append(Figure(SECTION, "floor: one query, 50 rows", least * 1000, "ms"))
    (small, _), (large, _) = webs
    for page in PAGES:
        before, now = (median(found[f"{page.name} {web.name}"]) for web in (small, large))
        note = f"{before * 1000:.1f} ms → {now * 1000:.1f} ms"
        told.append(Figure(SECTION, page.name, now / least, "×", page.goal, note=note))
        told.append(Figure(SECTION, f"{page.name}: against itself", now / before, "×", MOST_GROWTH))
    return told


def _target(page: Page, web: Web, loaded: Loaded) -> Target:
    address, browser = page.address(loaded), Browser(web.port, loaded.tokens[page.who])
    browser.headers |= {"HX-Request": "true"} if page.is_part else {}
    return Target(f"{page.name} {web.name}", [browser], lambda _, one: one.get(address))


# ---- How PostgreSQL answers


def _plans(place: Place, loaded: Loaded) -> tuple[list[str], int]:
    """Every statement of every page with its generic plan, as the product's sessions have it; and how many large
    tables are read from end to end."""
    app = place.app("scale_many", redis=5)
    told, scans = [], 0
    try:
        with psycopg.connect(place.url("scale_many")) as connection:
            connection.execute("SET plan_cache_mode = force_generic_plan")
            large = _large(connection)
            for page in PAGES:
                for number, (statement, values) in enumerate(_statements(app, page, loaded), 1):
                    plan = explained(connection, statement, values)
                    scans += sum(n for table, n in Counter(SCANNED.findall(plan)).items() if table in large)
                    told += [f"{page.name}, statement {number}", *(f"    {line}" for line in plan.splitlines())]
    finally:
        close(app)
    return told, scans


def _large(connection: psycopg.Connection[Any]) -> set[str]:
    rows = connection.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= %s", (LARGE,))
    return {row[0] for row in rows}


def _statements(app: Flask, page: Page, loaded: Loaded) -> list[tuple[str, Any]]:
    """What a page asks of the database, with its values."""
    count, _text = count_page(app, loaded.tokens[page.who], page.address(loaded))
    asked = zip(count.texts, count.values, strict=True)
    return [(text, values) for text, values in asked if text.lstrip().upper().startswith(("SELECT", "WITH"))]


def explained(connection: psycopg.Connection[Any], statement: str, values: Any) -> str:
    """The plan of a prepared statement that is run with these values, and what each part of it took."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(statement)))
    numbered = PLACEHOLDER.sub(lambda found: f"${names.index(found[1]) + 1}", statement).replace("%%", "%")
    given = sql.SQL(", ").join(sql.Literal(values[name]) for name in names)
    types = f"({', '.join(_type(values[name]) for name in names)}) " if names else ""
    connection.execute(f"PREPARE asked {types}AS {numbered}".encode())
    try:
        call = sql.SQL("EXECUTE asked ({})").format(given) if names else sql.SQL("EXECUTE asked")
        rows = connection.execute(sql.SQL("EXPLAIN (ANALYZE, BUFFERS OFF) ") + call).fetchall()
    finally:
        connection.execute("DEALLOCATE asked")
    return "\n".join(row[0] for row in rows if TOLD.search(row[0]) and "never executed" not in row[0])


def _type(value: Any) -> str:
    """What the driver says of a value's type; of most, nothing."""
    return "double precision" if isinstance(value, float) else "unknown"
