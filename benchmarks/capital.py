"""The cap table of 10,000 holders and 200,000 movements: its page now and on a day, in multiples of the floor."""

import datetime as dt
import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from benchmarks.clients import Browser, Target, alternate, median
from benchmarks.figures import Figure
from benchmarks.pages import WARM_UP, cpu, floor_target
from benchmarks.place import Place, close
from benchmarks.serving import Web
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity.models import Issuer, SecurityClass
from incubator.equity.services import rebuild_months
from incubator.people.models import LoginSession, Person, Role, RoleGrant
from incubator.people.predicates import SYSTEM

HOLDERS, EACH = 10_000, 20
OF_FLOOR, OF_FLOOR_ON_DAY = 5.0, 8.0
SHOWN = 'class="t">'
ON = dt.date(2025, 10, 17)

REGISTER = """
INSERT INTO equity_holder (company_id, kind, name, public_id, created_at)
  SELECT %(company)s, 'individual', 'Holder ' || n, 'h' || translate(lpad(to_hex(n), 15, '0'), '0189', 'wxyz'), now()
    FROM generate_series(1, %(holders)s) AS n;
INSERT INTO equity_security (issuer_public_id, class_public_id, holder_public_id, instrument, public_id, created_at)
  SELECT %(issuer)s, %(class)s, public_id, 'share', 's' || substr(public_id, 2), now() FROM equity_holder;
INSERT INTO equity_transaction (issuer_public_id, class_public_id, holder_public_id, security_public_id, instrument,
    kind, quantity, effective_on, details, trigger, cause_id, public_id, created_at)
  SELECT %(issuer)s, %(class)s, holder_public_id, public_id, 'share', CASE WHEN k %% 2 = 1 THEN 'issuance'
    ELSE 'cancellation' END, CASE WHEN k %% 2 = 1 THEN 100 + id %% 97 ELSE -20 END,
    date '2021-10-01' + (k * 91 + id %% 60)::int, '{}', 'capital_entry.approve', %(cause)s,
    't' || translate(lpad(to_hex(id * 100 + k), 15, '0'), '0189', 'wxyz'), now()
    FROM equity_security, generate_series(1, %(each)s) AS k;
"""


@dataclass(frozen=True)
class Prepared:
    """Where the measured issuer stands, whose session reads it, and how long its months took to derive."""

    issuer: str
    token: str
    months: int
    seconds: float


def prepare(place: Place, database: str) -> Prepared:
    """Fill a loaded database with the register, and derive its months as the job does."""
    app = place.app(database)
    try:
        with app.app_context():
            with transaction():
                issuer, token, values = _issuer()
            with psycopg.connect(place.url(database)) as connection:
                for statement in REGISTER.split(";\n")[:3]:
                    connection.execute(statement, values)
            begun = time.perf_counter()
            with transaction():
                months = rebuild_months(db.session.get_one(Issuer, issuer))
            seconds = time.perf_counter() - begun
            with psycopg.connect(place.url(database), autocommit=True) as connection:
                connection.execute("VACUUM (ANALYZE)")
            return Prepared(str(values["issuer"]), token, months, seconds)
    finally:
        close(app)


def _issuer() -> tuple[int, str, dict[str, object]]:
    """The issuer with its class, and somebody of HR who is signed in."""
    person = db.session.scalars(db.select(Person).order_by(Person.id).limit(1)).one()
    today = clock.today()
    db.session.add(RoleGrant(person=person, company_id=person.company_id, role=Role.HR, from_on=today))
    issuer = Issuer(company_id=person.company_id, name="Measured", kind="joint_stock", size="large")
    security = SecurityClass(issuer=issuer, code="ordinary", unit={"en": "shares", "zh": "股"}, total_units=10**12,
                             issued_units=0)  # fmt: skip
    db.session.add(security)
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(LoginSession(id_hash=hashlib.sha256(token.encode()).digest(), person_id=person.id, seen_at=now,
                                ends_at=now + dt.timedelta(hours=24)))  # fmt: skip
    with audit.because(SYSTEM, "issuer.create"):
        cause = audit.record("issuer.create", issuer)
    return issuer.id, token, {
        "company": person.company_id, "issuer": issuer.public_id, "class": security.public_id, "holders": HOLDERS,
        "each": EACH, "cause": cause.id,
    }  # fmt: skip


def measure(floor: Web, web: Web, prepared: Prepared, *, rounds: int, each: int) -> Sequence[Figure]:
    """The page now and on a day in the past, alternating with the floor's."""
    section = f"Cap table of {HOLDERS:,} holders and {HOLDERS * EACH:,} movements"
    addresses = {
        "cap table, page of 50": f"/equity/issuers/{prepared.issuer}",
        f"cap table on {ON}": f"/equity/issuers/{prepared.issuer}?on={ON}",
    }
    targets = [floor_target(floor)] + [_target(web, prepared, name, path) for name, path in addresses.items()]
    alternate(targets, clients=1, rounds=1, each=WARM_UP)
    found = alternate(targets, clients=1, rounds=rounds, each=each)
    spent = cpu([(floor, targets[0]), *((web, target) for target in targets[1:])], rounds, each)
    least = median(found["floor"])
    said = [Figure(section, "floor: one query, 50 rows", least * 1000, "ms"),
            Figure(section, f"{prepared.months} month-ends derived", prepared.seconds, "s")]  # fmt: skip
    for name, goal, seconds in zip(addresses, (OF_FLOOR, OF_FLOOR_ON_DAY), spent[1:], strict=True):
        value = median(found[name])
        said.append(Figure(section, name, value / least, "×", goal, note=f"{value * 1000:.1f} ms"))
        said.append(Figure(section, f"{name}, of the floor's CPU", seconds / spent[0], "×", goal))
    return said


def _target(web: Web, prepared: Prepared, name: str, path: str) -> Target:
    browser = Browser(web.port, prepared.token)
    text = browser.get(path).body.decode()
    if text.count(SHOWN) < 50:
        raise RuntimeError(f"{name}: {text.count(SHOWN)} holders, not 50")
    return Target(name, [browser], lambda _, one: one.get(path))
