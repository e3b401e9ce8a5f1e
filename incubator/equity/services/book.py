"""An issuer as the Open Cap Format looks at it: its classes, holders, plans, vesting terms and movements."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

import rfc8785

from incubator.core.money import MINOR_DIGITS
from incubator.equity import queries
from incubator.equity.engines import ocf
from incubator.equity.engines.vesting import Start, timeline
from incubator.equity.models import Issuer, IssuerKind, Movement, OnCancellation, SecurityClass
from incubator.equity.services import vesting

AWARDS = {"option": "OPTION", "rsu": "RSU", "sar_cash": "CSAR", "sar_stock": "SSAR"}
"""The format's compensation types of our plan kinds; others have none."""
FACTS = (Movement.EVENT, Movement.ACCELERATION, Movement.START, Movement.LEAVE)


def book_of(issuer: Issuer) -> ocf.Book:
    """Everything of an issuer that an export looks at."""
    classes = queries.classes_of(issuer)
    rows = _standing([row for row in queries.register_of(issuer) if "ocf" not in row.EquityTransaction.details])
    terms: dict[str, dict[str, Any]] = {}
    promises = _promises(rows, {one.public_id: one for one in classes}, terms)
    children = queries.children_of(issuer)
    return ocf.Book(
        key=issuer.public_id, name=issuer.name, formed_on=issuer.formed_on or issuer.created_at.date(),
        code=issuer.credit_code, currency=classes[0].currency, digits=MINOR_DIGITS[classes[0].currency],
        is_limited=issuer.kind is IssuerKind.LIMITED,
        holders=tuple(ocf.Holder(*party) for party in queries.parties_of(issuer)),
        classes=tuple(
            ocf.StockClass(one.public_id, one.code, one.decimals, one.total_units, n)
            for n, one in enumerate(classes, start=1)
        ),
        moves=tuple(_moved(row, children, promises.get(row.EquityTransaction.id)) for row in rows),
        terms=tuple(terms.values()), appraisals=tuple(found.public_id for found in queries.appraisals_of(issuer)),
        locked=bool(issuer.articles.get("lock_months")), transfers=tuple(queries.transfers_of(issuer)),
        plans=tuple(
            ocf.Plan(key, title["en"], one, pool, lapsed is OnCancellation.RETURN)
            for key, title, one, pool, lapsed in queries.plans_of_issuer(issuer)
        ),
    )  # fmt: skip


def _moved(row: Any, children: dict[str, list[str]], promise: ocf.Promise | None) -> ocf.Moved:
    entry = row.EquityTransaction
    balance = entry.details.get("balance_security")
    resulting = tuple(key for key in children.get(entry.security_public_id, []) if key != balance)
    return ocf.Moved(
        key=entry.public_id, security=entry.security_public_id, holder=entry.holder_public_id,
        stock_class=entry.class_public_id, kind=str(entry.kind), instrument=str(entry.instrument),
        units=_units(entry), on=entry.effective_on, promise=promise, condition=str(entry.details.get("condition", "")),
        price_minor=entry.price_minor if entry.price_minor is not None else row.price, balance=balance,
        resulting=resulting if entry.quantity < 0 else (), reason=str(entry.details.get("reason", "")),
        reverses_issuance=entry.kind is Movement.CORRECTION and entry.quantity < 0, plan=row.plan,
        award=AWARDS.get(str(row.plan_kind), ""),
    )  # fmt: skip


def _units(entry: Any) -> int:
    """What moved; of an acceleration what it brings forward, 0 for all that is left."""
    return int(entry.details.get("units") or 0) if entry.kind is Movement.ACCELERATION else int(entry.quantity)


def _standing(rows: Sequence[Any]) -> list[Any]:
    """Without facts that were taken back, and without what took them back: the format has no such entries."""
    taken = {row.EquityTransaction.reverses_id for row in rows}
    gone = {
        row.EquityTransaction.id
        for row in rows
        if row.EquityTransaction.kind in FACTS and row.EquityTransaction.id in taken
    }
    return [row for row in rows if not gone & {row.EquityTransaction.id, row.EquityTransaction.reverses_id}]


def _promises(
    rows: Sequence[Any], classes: dict[str, SecurityClass], terms: dict[str, dict[str, Any]]
) -> dict[int, ocf.Promise]:
    """How each grant vests, by its first movement; its terms are put beside those of the others."""
    started = {
        row.EquityTransaction.grant_id: row.EquityTransaction.effective_on
        for row in rows
        if row.EquityTransaction.kind is Movement.START
    }
    found: dict[int, ocf.Promise] = {}
    seen: set[int] = set()
    for row in rows:
        entry = row.EquityTransaction
        if entry.grant_id is not None and entry.grant_id not in seen:
            seen.add(entry.grant_id)
            security = classes[entry.class_public_id]
            starts_on = started.get(entry.grant_id, row.starts_on)
            found[entry.id] = _promise(row, security, starts_on, terms)
    return found


def _promise(row: Any, security: SecurityClass, starts_on: dt.date, terms: dict[str, dict[str, Any]]) -> ocf.Promise:
    graph = vesting.graph_of(row.terms)
    key = "vt-" + hashlib.sha256(rfc8785.dumps([row.terms, security.decimals])).hexdigest()[:20]
    made = ocf.terms_of(key, row.terms.get("name") or key, graph, security.decimals)
    if made is None:
        planned = timeline(graph, units=row.granted, starts_on=starts_on, granted_on=row.granted_on)
        return ocf.Promise(starts_on, vestings=tuple((line.vests_on, line.units) for line in vesting.lines_of(planned)))
    terms[key] = made
    starts = tuple(one.id for one in graph.conditions if isinstance(one.trigger, Start))
    return ocf.Promise(starts_on, key, starts)
