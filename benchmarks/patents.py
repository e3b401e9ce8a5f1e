"""Deadlines of many applications: computed by two processes, and the docket as a multiple of the floor."""

import datetime as dt
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import psycopg
from flask import Flask
from sqlalchemy import func, select

from benchmarks import ordering, pages
from benchmarks.clients import alternate, median
from benchmarks.copying import Copier
from benchmarks.counting import count_page
from benchmarks.figures import Figure
from benchmarks.loading import Loaded
from benchmarks.place import Place, close
from benchmarks.serving import FLOOR, PRODUCT, cpu_of, serve
from benchmarks.world import build
from incubator import config
from incubator.app import create_app
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.patents.jobs import recompute_parts
from incubator.patents.models import Disclosure, Family, InventorShare, Matter, MatterEvent, RunReason
from incubator.patents.services import deadlines
from incubator.patents.states import DisclosureState, MatterState
from incubator.people.models import Person
from incubator.proposals.models import Consent
from incubator.rules import services as rules

NAME = "patents"
ORDER = (Disclosure, InventorShare, Family, Matter, MatterEvent)
WITHIN = 60.0
"""Seconds that 100,000 applications may take on two cores."""
PROCESSES = 2
CHUNK = 5_000
GRANTED, NOTIFIED = 4, 3
"""Every fourth application is granted, every third has a notice of the office by post."""
_app: Flask | None = None


def measure(place: Place, *, size: int, rounds: int, each: int) -> list[Figure]:
    """Load applications with their events, compute all deadlines twice by the job, and show both dockets."""
    place.create(NAME)
    app = place.app(NAME)
    try:
        with app.app_context():
            loaded = _load(app, size)
        said = _computed(app, place, size)
        counts = {page.name: count_page(app, loaded.tokens["counsel"], page.address(loaded))[0] for page in DOCKETS}
        statements = {name: count.statements for name, count in counts.items()}
        return [*said, *_dockets(place, loaded, statements, rounds, each)]
    finally:
        close(app)


def _computed(app: Flask, place: Place, size: int) -> list[Figure]:
    section = f"Deadlines of {size:,} applications, {PROCESSES} processes"
    first = _seconds(app, place)
    with psycopg.connect(place.url(NAME), autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM deadline").fetchone()
        connection.execute("VACUUM (ANALYZE)")
    again = _seconds(app, place)
    goal = WITHIN * size / 100_000
    return [
        Figure(section, "computed for the first time", first[0], "s", note=f"{row[0] if row else 0:,} deadlines"),
        Figure(section, "CPU of it by processes and database, a core", first[1] / PROCESSES, "s"),
        Figure(section, "computed anew, nothing has changed", again[0], "s", goal),
        Figure(section, "CPU of it by processes and database, a core", again[1] / PROCESSES, "s", goal),
    ]


def _seconds(app: Flask, place: Place) -> tuple[float, float]:
    """Wall seconds of the job, and seconds of CPU of its processes and of their database sessions, which a busy machine
    moves less."""
    with app.app_context(), transaction():
        deadlines.plan_all(RunReason.DAILY)
    environ = place.environment(NAME, level="WARNING")
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), _begin, (environ,)) as pool:
        list(pool.map(_warm, range(PROCESSES)))
        started = time.perf_counter()
        spent = sum(pool.map(_compute, range(PROCESSES)))
        return time.perf_counter() - started, spent


def _begin(environ: dict[str, str]) -> None:
    globals()["_app"] = create_app(config.load(environ))


def _warm(_number: int) -> None:
    time.sleep(0.5)


def _compute(_number: int) -> float:
    """What a worker does: part after part, until none is left."""
    if _app is None:
        raise RuntimeError("the process has not begun")
    started = time.process_time()
    with _app.app_context():
        recompute_parts()
        spent = time.process_time() - started
        return spent + cpu_of(db.session.scalar(select(func.pg_backend_pid())) or 0)


FLOOR_ITEMS = """
CREATE TABLE floor_item AS
SELECT d.public_id, m.number, i.title, d.state, c.name ->> 'en' AS company, p.name AS lead, m.id AS asked,
       d.due_on::timestamptz AS submitted_at
  FROM deadline d JOIN matter m ON m.id = d.matter_id JOIN disclosure i ON i.id = m.disclosure_id
  JOIN company c ON c.id = m.company_id JOIN person p ON p.id = i.author_id;
CREATE INDEX ON floor_item (submitted_at);
ANALYZE floor_item
"""
"""What the floor reads here: as many rows as there are deadlines, so that its page has fifty as well."""
DOCKETS = (
    pages.Page("docket of deadlines (50)", "counsel", lambda _: "/patents/deadlines/", ("<tr>", 51)),
    pages.Page("docket of applications (50)", "counsel", lambda _: "/patents/", ("<tr>", 51)),
)


def _dockets(place: Place, loaded: Loaded, statements: dict[str, int], rounds: int, each: int) -> list[Figure]:
    with psycopg.connect(place.url(NAME)) as connection:
        connection.execute(FLOOR_ITEMS)
    section = f"Docket with {loaded.size:,} applications, in multiples of the floor"
    with _served(place) as (floor, web):
        targets = [pages.floor_target(floor), *(pages.target(page, web, loaded, page.name) for page in DOCKETS)]
        alternate(targets, clients=pages.CLIENTS, rounds=1, each=pages.WARM_UP)
        found = alternate(targets, clients=1, rounds=rounds, each=each)
        spent = pages.cpu([(floor, targets[0]), *((web, target) for target in targets[1:])], rounds, each)
    least = median(found["floor"])
    said = [Figure(section, "floor: one query, 50 rows", least * 1000, "ms")]
    for page, seconds in zip(DOCKETS, spent[1:], strict=True):
        value, note = median(found[page.name]), f"{median(found[page.name]) * 1000:.1f} ms"
        said.append(Figure(section, page.name, value / least, "×", pages.OF_FLOOR, note=note))
        said.append(Figure(section, f"{page.name}, of the floor's CPU", seconds / spent[0], "×", pages.OF_FLOOR))
        said.append(Figure(section, f"{page.name}: statements", statements[page.name], "", pages.MOST_STATEMENTS))
    return said


@contextmanager
def _served(place: Place) -> Iterator[tuple[pages.Web, pages.Web]]:
    with serve(place, "floor", FLOOR, NAME) as floor, serve(place, "many", PRODUCT, NAME, redis=3) as web:
        yield floor, web


def _load(app: Flask, size: int) -> Loaded:
    with transaction():
        world = build(1)
        venture = ordering.venture_of(world)
        world.sign_in("counsel", world.everybody)
        rules.install_packs()
        known = {"group": world.group.id, "counsel": world.everybody.id, "venture": venture.id,
                 "proposal": venture.proposal_id, "cause": audit.event_of(venture, "venture.create").id}  # fmt: skip
    url = db.engine.url.render_as_string(hide_password=False)
    db.session.remove()  # copying takes longer than a transaction may stand idle
    with psycopg.connect(url) as connection:
        copier = Copier(connection, first=(Person,), order=ORDER, seed=20_261_127)
        _copy(copier, known, size)
        copier.finish()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
    return Loaded(size, world.tokens, "", "", "", [], dict(copier.written))


def _copy(copier: Copier, known: dict[str, int], size: int) -> None:
    """known: row ids of the group, the counsel, the venture with its proposal, and the event that led to it."""
    dice, counsel_id = random.Random(11), known["counsel"]
    author_id = copier.add(
        Person, hr_number="900001", name="Lin Yue", name_latin="lin yue", email="lin@example.com",
        company_id=known["group"],
    )  # fmt: skip
    today = clock.today()
    for number in range(size):
        filed_on = today - dt.timedelta(days=dice.randrange(30, 3_600))
        common = {"company_id": known["group"], "cause_id": known["cause"]}
        disclosure_id = copier.add(
            Disclosure, number=f"I-{number:07}", title=f"Invention {number}", problem="P", solution="S", lang="en",
            state=DisclosureState.FILE, venture_id=known["venture"], proposal_id=known["proposal"], author_id=author_id,
            **common,
        )  # fmt: skip
        copier.add(
            InventorShare, disclosure_id=disclosure_id, person_id=author_id, company_id=known["group"],
            share_bp=10_000, consent=Consent.ACCEPTED,
        )  # fmt: skip
        family_id = copier.add(Family, number=f"F-{number:07}", disclosure_id=disclosure_id, **common)
        granted = number % GRANTED == 0
        matter_id = copier.add(
            Matter, number=f"P-{number:07}", disclosure_id=disclosure_id, family_id=family_id, counsel_id=counsel_id,
            office="CNIPA", kind="invention", state=MatterState.GRANTED if granted else MatterState.FILED,
            filed_on=filed_on, granted_on=filed_on + dt.timedelta(days=700) if granted else None, **common,
        )  # fmt: skip
        _happen(copier, matter_id, counsel_id, number, filed_on)
        if number % CHUNK == CHUNK - 1:
            copier.flush()


def _happen(copier: Copier, matter_id: int, counsel_id: int, number: int, filed_on: dt.date) -> None:
    """The filing, and of some a notice of the office and the grant."""
    events = [("file", filed_on, None)]
    if number % NOTIFIED == 0:
        events.append(("notice", filed_on + dt.timedelta(days=400), "post"))
    if number % GRANTED == 0:
        events.append(("grant", filed_on + dt.timedelta(days=700), None))
    for kind, on, mode in events:
        copier.add(
            MatterEvent, matter_id=matter_id, kind=kind, happened_on=on, service_mode=mode, recorded_by_id=counsel_id,
        )  # fmt: skip
