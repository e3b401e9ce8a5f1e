"""Transfers out of one pool by many writers at once: how many a second, and does every unit stay accounted for?"""

import threading
import time

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


def measure(place: Place, *, each: int) -> list[Figure]:
    """Each writer makes so many transfers, each in a transaction of its own."""
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
        ]
    finally:
        close(app)
