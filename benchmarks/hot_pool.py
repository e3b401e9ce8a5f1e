"""Transfers out of one pool by many writers at once: how many a second, and does every unit stay accounted for? And how
long is the proof of books with a million postings?"""

import threading
import time

import psycopg
from flask import Flask

from benchmarks.figures import Figure
from benchmarks.place import Place, close
from benchmarks.world import build
from incubator.core import audit
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.ledger import services as ledger
from incubator.ledger.models import Account
from incubator.ledger.queries import prove
from incubator.ledger.services import Leg
from incubator.people.predicates import SYSTEM

SECTION = "Transfers out of one pool"
WRITERS = 16
FUNDED = 10**9
SPREAD, CHUNK = 1_000, 5_000
"""Accounts over which the many postings are spread; entries a transaction."""
ACCOUNTS = """
INSERT INTO ledger_account (public_id, created_at, kind, owner_type, owner_id, currency)
SELECT lpad('books' || n, 16, '0'), now(), 'books', 'company', n, 'CNY' FROM generate_series(1, %s) AS n
"""
ENTRIES = """
WITH made AS (
  INSERT INTO ledger_entry (public_id, at, key, memo, cause_id)
  SELECT lpad('b' || n, 16, '0'), now(), 'books-' || n, 'books', %(cause)s
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
  RETURNING id
)
INSERT INTO ledger_posting (entry_id, account_id, amount, currency)
SELECT made.id, account.id, side.amount, 'CNY'
  FROM made
  CROSS JOIN (VALUES (0, -1), (1, 1)) AS side (turn, amount)
  JOIN ledger_account account ON account.kind = 'books' AND account.owner_id = (made.id + side.turn) %% %(spread)s + 1
"""


def measure(place: Place, *, each: int, postings: int) -> list[Figure]:
    """Each writer makes so many transfers, each in a transaction of its own; then there are so many postings."""
    place.create("hot_pool")
    app = place.app("hot_pool", redis=8)
    try:
        with app.app_context():
            with transaction(), audit.because(SYSTEM, "benchmark.fund"):
                company = build(1).group
                cause = audit.record("benchmark.fund", company).id
                outside = ledger.account_of("external", company, "CNY", min_balance=None)
                pool, grant = (ledger.account_of(kind, company, "CNY") for kind in ("pool", "grant"))
                ledger.post("fund", [Leg(outside, -FUNDED), Leg(pool, FUNDED)], memo="fund", cause_id=cause)
            ids = (pool.id, grant.id)

        def write(writer: int) -> None:
            with app.app_context():
                for number in range(each):
                    with transaction(), audit.because(SYSTEM, "benchmark.move"):
                        source, target = (db.session.get_one(Account, key) for key in ids)
                        legs = [Leg(source, -1), Leg(target, 1)]
                        ledger.post(f"move-{writer}-{number}", legs, memo="move", cause_id=cause)

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - begun
        with app.app_context(), transaction():
            moved = db.session.get_one(Account, ids[1]).balance
            drift = abs(moved - WRITERS * each) + (0 if prove().holds else 1)
        return [
            Figure(
                SECTION, f"{WRITERS} writers: transfers a second", WRITERS * each / seconds, "/s", 150, at_least=True
            ),
            Figure(SECTION, "Drift", drift, "", 0),
            *_proof(place, app, cause, postings),
        ]
    finally:
        close(app)


def _proof(place: Place, app: Flask, cause: int, postings: int) -> list[Figure]:
    """The nightly proof over large books, whose balances the database has kept by itself."""
    with psycopg.connect(place.url("hot_pool"), autocommit=True) as connection:
        connection.execute(ACCOUNTS, (SPREAD,))
        for first in range(1, postings // 2 + 1, CHUNK):
            last = min(first + CHUNK - 1, postings // 2)
            connection.execute(ENTRIES, {"cause": cause, "first": first, "last": last, "spread": SPREAD})
        connection.execute("VACUUM (ANALYZE)")
    with app.app_context(), transaction():
        begun = time.monotonic()
        proof = prove()
        seconds = time.monotonic() - begun
    wrong = len(proof.drifted) + len(proof.unbalanced)
    return [
        Figure(SECTION, f"Proof over {postings:,} postings", seconds, "s", 30),
        Figure(SECTION, "Drift over them", wrong, "", 0),
    ]
