"""A cap table of the Open Cap Format on its way into the register: what it would change, and then the change.

Holders, classes, plans with their pools, securities with how they vest, and every movement arrive; what the register
has no place for is kept beside it as written, with the reason (engines/ocf/reading.py). An employee is known by the
HR number that stands as the number the issuer assigned, an institution by its credit code.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import MINOR_DIGITS
from incubator.equity import queries
from incubator.equity.engines import ocf
from incubator.equity.engines.ocf.families import ISSUANCES
from incubator.equity.models import (
    EquityHolder,
    EquitySecurity,
    EquityTransaction,
    HolderKind,
    Instrument,
    Issuer,
    Movement,
    OcfObject,
    SecurityClass,
    SecurityVesting,
    StockPlan,
)
from incubator.equity.services import register
from incubator.equity.services.capital import lock_class
from incubator.people.models import Person

MOST_SHOWN = 200
"""Lines of the difference by holder that are shown and signed one by one; the sums count all."""


@dataclass(frozen=True)
class Read:
    """A file beside what came in before: how it reads, what is known, and which of its objects are new."""

    reading: ocf.Reading
    known: ocf.Known
    fresh: list[dict[str, Any]]
    kept: Sequence[OcfObject]

    @property
    def moves(self) -> list[ocf.Came]:
        """The movements to be written."""
        return list(ocf.fresh_moves(self.reading, self.known))


def read(issuer: Issuer, items: Iterable[dict[str, Any]]) -> Read:
    """Read a file together with what came in for the issuer before; three statements."""
    kept = queries.objects_kept(issuer)
    ids = {found.ocf_id for found in kept}
    fresh = [item for item in items if item["id"] not in ids and item["object_type"] != "ISSUER"]
    known = _known(issuer, kept)
    before = [found.item for found in kept if found.item["object_type"] != "ISSUER"]
    return Read(ocf.read([*before, *fresh], known), known, fresh, kept)


def _known(issuer: Issuer, kept: Sequence[OcfObject]) -> ocf.Known:
    keys = {found.own_key: found for found in kept if found.own_key}
    decimals = {keys[one.public_id].ocf_id: one.decimals for one in queries.classes_of(issuer)
                if one.public_id in keys}  # fmt: skip
    row = EquityTransaction
    sums = select(row.security_public_id, func.sum(row.quantity)).where(row.security_public_id.in_(keys))
    standing = {keys[key].item["security_id"]: int(units)
                for key, units in db.session.execute(sums.group_by(row.security_public_id))}  # fmt: skip
    return ocf.Known(frozenset(found.ocf_id for found in keys.values()), decimals, standing)


def difference(issuer: Issuer, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a file would change, as plain values: counts by kind, holdings by holder, why what is only kept is kept."""
    found = read(issuer, items)
    reading, applied = found.reading, found.known.applied
    known = {one.ocf_id: one.item for one in found.kept}
    changed = [
        item["id"] for item in items if item["id"] in known and ocf.canonical(item) != ocf.canonical(known[item["id"]])
    ]
    moves, ids = found.moves, {item["id"] for item in found.fresh}
    people = people_of(reading.stakeholders.values())
    issued = {item["id"] for item in found.fresh if item["object_type"] in ISSUANCES}
    return {
        "holders": _new(reading.stakeholders, applied), "classes": _new(reading.classes, applied),
        "plans": _new(reading.plans, applied), "terms": len(reading.terms & ids),
        "issuances": sum(move.item in issued for move in moves),
        "movements": sum(move.item not in issued for move in moves),
        "holdings": _holdings(reading, moves), "matched": _matched(reading, people),
        "sizes": _sizes(issuer, found), "pools": _pools(issuer, found),
        "kept": dict(Counter(why for key, why in reading.kept.items() if key in ids)),
        "known": len(items) - len(ids) - sum(item["object_type"] == "ISSUER" for item in items),
        "changed": sorted(changed)[:50],
    }  # fmt: skip


def _new(keys: Iterable[str], applied: frozenset[str]) -> int:
    return sum(key not in applied for key in keys)


def _holdings(reading: ocf.Reading, moves: Sequence[ocf.Came]) -> list[list[str]]:
    """Holder, class, instrument, and by how many whole units a holding changes, the largest first."""
    sums = Counter[tuple[str, str, str]]()
    for move in moves:
        one = reading.securities[move.security]
        sums[one.holder, one.stock_class, one.instrument] += move.units
    ordered = sorted(((key, units) for key, units in sums.items() if units), key=lambda pair: (-abs(pair[1]), pair[0]))
    return [
        [reading.stakeholders[holder]["name"]["legal_name"], reading.classes[stock_class]["name"], instrument,
         ("-" if units < 0 else "") + ocf.number(abs(units), reading.decimals[stock_class])]
        for (holder, stock_class, instrument), units in ordered[:MOST_SHOWN]
    ]  # fmt: skip


def _matched(reading: ocf.Reading, people: dict[str, Person]) -> list[list[str]]:
    """The name in the file, the HR number and the name here of each person that a stakeholder is."""
    pairs = [(item["name"]["legal_name"], _number(item)) for item in reading.stakeholders.values()]
    return sorted([name, number, people[number].name] for name, number in pairs if number in people)


def _sizes(issuer: Issuer, found: Read) -> list[list[str]]:
    """Class, and the whole units it has authorised now ('' of a new one) and then, of each that changes."""
    reading, own = found.reading, _own(found)
    here = {one.public_id: one for one in queries.classes_of(issuer)}
    lines = []
    for key, item in reading.classes.items():
        one = here.get(own.get(key, ""))
        then = _authorised(reading, key, one)
        if one is None or one.total_units != then:
            now = ocf.number(one.total_units, one.decimals) if one else ""
            lines.append([item["name"], now, ocf.number(then, reading.decimals[key])])
    return sorted(lines)


def _pools(issuer: Issuer, found: Read) -> list[list[str]]:
    """Plan, and the whole units in its pool now ('' of a new one) and then, of each that changes."""
    reading, own, classes = found.reading, _own(found), ocf.plan_classes(found.reading)
    here = {one.public_id: one for one in queries.stock_plans_of(issuer)}
    lines = []
    for key, item in reading.plans.items():
        one, places = here.get(own.get(key, "")), reading.decimals[classes[key]]
        then = _pool(reading, key, item, places, one)
        if one is None or one.pool_units != then:
            lines.append([item["plan_name"], ocf.number(one.pool_units, places) if one else "",
                          ocf.number(then, places)])  # fmt: skip
    return sorted(lines)


def _own(found: Read) -> dict[str, str]:
    return {one.ocf_id: one.own_key for one in found.kept if one.own_key}


def _authorised(reading: ocf.Reading, key: str, here: SecurityClass | None) -> int:
    """The smallest units that a class has authorised in the end."""
    first = ocf.units_of(reading.classes[key]["initial_shares_authorized"], reading.decimals[key]) or 1
    return reading.authorised.get(key, here.total_units if here else first)


def _pool(reading: ocf.Reading, key: str, item: dict[str, Any], places: int, here: StockPlan | None) -> int:
    """The smallest units that a plan's pool has in the end."""
    if here:
        return reading.reserved.get(key, here.pool_units)
    return reading.reserved.get(key) or ocf.units_of(item["initial_shares_reserved"], places) or 1


@dataclass
class _Arrival:
    """The rows that objects of a file became, by the file's ids."""

    issuer: Issuer
    event: AuditEvent
    reading: ocf.Reading
    holders: dict[str, str] = field(default_factory=dict)
    classes: dict[str, SecurityClass] = field(default_factory=dict)
    plans: dict[str, StockPlan] = field(default_factory=dict)
    securities: dict[str, EquitySecurity] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def enter(issuer: Issuer, items: Sequence[dict[str, Any]], event: AuditEvent) -> tuple[Read, dict[str, str]]:
    """Write what a file brings into the register; our key of each object that is in it. Invalid where it issues more
    than it authorises."""
    found = read(issuer, items)
    arrival = _Arrival(issuer, event, found.reading)
    _stand(arrival, found)
    people = people_of(found.reading.stakeholders.values())
    for key, item in found.reading.stakeholders.items():
        if key not in arrival.holders:
            arrival.holders[key] = arrival.keys[key] = _holder(issuer, item, people)
    sizes = _enter_classes(arrival)
    db.session.flush()
    _enter_plans(arrival)
    for move in found.moves:
        arrival.keys[move.item] = _write(arrival, move) or arrival.keys[move.item]
    _size(arrival, sizes)
    return found, arrival.keys


def _stand(arrival: _Arrival, found: Read) -> None:
    """What earlier files have brought."""
    own = _own(found)
    classes = {one.public_id: one for one in queries.classes_of(arrival.issuer)}
    plans = {one.public_id: one for one in queries.stock_plans_of(arrival.issuer)}
    arrival.holders |= {key: own[key] for key in found.reading.stakeholders if key in own}
    arrival.classes |= {key: classes[own[key]] for key in found.reading.classes if key in own}
    arrival.plans |= {key: plans[own[key]] for key in found.reading.plans if key in own}
    issued = {one.item: one.key for one in found.reading.securities.values() if one.item in own}
    rows = db.session.scalars(
        select(EquitySecurity).where(EquitySecurity.public_id.in_([own[item] for item in issued]))
    )
    by_key = {row.public_id: row for row in rows}
    arrival.securities |= {key: by_key[own[item]] for item, key in issued.items()}


def people_of(items: Iterable[dict[str, Any]]) -> dict[str, Person]:
    """The people that stakeholders of a file are, by their HR number; one statement."""
    numbers = {_number(item) for item in items} - {""}
    if not numbers:
        return {}
    found = db.session.scalars(select(Person).where(Person.hr_number.in_(numbers)))
    return {person.hr_number: person for person in found}


def gaining(issuer: Issuer, items: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of the people who are in a file or were in one that came in before, or answer for an institution that is:
    none of them signs it."""
    kept = (found.item for found in queries.objects_kept(issuer))
    everything = [item for item in [*kept, *items] if item["object_type"] == "STAKEHOLDER"]
    codes = {code for item in everything for code in _codes(item)}
    answers = select(EquityHolder.representative_id).where(
        EquityHolder.credit_code.in_(codes), EquityHolder.representative_id.is_not(None)
    )
    answering = [one for one in db.session.scalars(answers) if one is not None]
    return sorted({*answering, *(person.id for person in people_of(everything).values())})


def _number(item: dict[str, Any]) -> str:
    """The HR number of a stakeholder who is a person; else nothing."""
    if item["object_type"] != "STAKEHOLDER" or item["stakeholder_type"] != "INDIVIDUAL":
        return ""
    return str(item.get("issuer_assigned_id") or "").strip()


def _codes(item: dict[str, Any]) -> list[str]:
    return [one["tax_id"] for one in item.get("tax_ids", ()) if one["country"] == "CN" and len(one["tax_id"]) == 18]


def _holder(issuer: Issuer, item: dict[str, Any], people: dict[str, Person]) -> str:
    """The register's key of a stakeholder: of an employee or holder known here, else of one recorded now."""
    number = _number(item)
    if number in people:
        return people[number].public_id
    codes = _codes(item)
    known = select(EquityHolder.public_id).where(
        EquityHolder.credit_code.in_(codes), EquityHolder.company_id == issuer.company_id
    )
    if codes and (key := db.session.scalar(known.limit(1))):
        return key
    kind = HolderKind.INDIVIDUAL if item["stakeholder_type"] == "INDIVIDUAL" else HolderKind.COMPANY
    made = EquityHolder(company_id=issuer.company_id, kind=kind, name=item["name"]["legal_name"][:200])
    db.session.add(made)
    db.session.flush()
    return made.public_id


def _enter_classes(arrival: _Arrival) -> dict[str, int]:
    """Classes, as large for now as the file ever makes them; the units each has in the end."""
    reading, sizes = arrival.reading, dict[str, int]()
    most = _most_issued(reading)
    for key, item in reading.classes.items():
        if key in arrival.classes:
            one = lock_class(arrival.classes[key])
            sizes[key] = _authorised(reading, key, one)
            most[key] = one.issued_units + most.get(key, 0)
        else:
            sizes[key] = _authorised(reading, key, None)
            one = arrival.classes[key] = _class(arrival.issuer, item, reading, sizes[key])
            arrival.keys[key] = one.public_id
        one.total_units = max(sizes[key], one.total_units, most.get(key, 0))
    return sizes


def _most_issued(reading: ocf.Reading) -> dict[str, int]:
    """The most units of each class that were ever issued at a time, as the file goes through the days."""
    now, most = Counter[str](), dict[str, int]()
    for move in reading.moves:
        one = reading.securities[move.security]
        if one.instrument == "share":
            now[one.stock_class] += move.units
            most[one.stock_class] = max(most.get(one.stock_class, 0), now[one.stock_class])
    return most


def _size(arrival: _Arrival, sizes: dict[str, int]) -> None:
    """Each class at its size in the end. Raises Invalid for a file that issues more than it authorises."""
    db.session.flush()
    for key, units in sizes.items():
        one = arrival.classes[key]
        db.session.refresh(one)
        if one.issued_units > units:
            raise Invalid(_("The file issues more of class %(name)s than it authorises", name=one.code[:60]),
                          code="over_authorised")  # fmt: skip
        one.total_units = units
    db.session.flush()


def _class(issuer: Issuer, item: dict[str, Any], reading: ocf.Reading, total: int) -> SecurityClass:
    priced = [one.price["currency"] for one in reading.securities.values()
              if one.stock_class == item["id"] and one.price]  # fmt: skip
    currency = priced[0] if priced and priced[0] in MINOR_DIGITS else "CNY"
    made = SecurityClass(
        issuer=issuer, code=f"{item['name'][:27]}-{item['id'][-12:]}", unit={"en": "shares", "zh": "股"},
        decimals=reading.decimals[item["id"]], total_units=total, currency=currency, issued_units=0,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _enter_plans(arrival: _Arrival) -> None:
    reading, classes = arrival.reading, ocf.plan_classes(arrival.reading)
    for key, item in reading.plans.items():
        places = reading.decimals[classes[key]]
        pool = _pool(reading, key, item, places, arrival.plans.get(key))
        if key in arrival.plans:
            arrival.plans[key].pool_units = pool
            continue
        made = StockPlan(security=arrival.classes[classes[key]], name=item["plan_name"][:200], pool_units=pool,
                         returns=item.get("default_cancellation_behavior") != "RETIRE")  # fmt: skip
        db.session.add(made)
        db.session.flush()
        arrival.plans[key], arrival.keys[key] = made, made.public_id


def _write(arrival: _Arrival, move: ocf.Came) -> str | None:
    """One movement; the key of the security that it issues or of itself, None for a balance that leaves."""
    one = arrival.reading.securities[move.security]
    price = _price(move.price or one.price, arrival.classes[one.stock_class])
    details = dict(move.details) | {"ocf": move.item}
    if move.kind == "correction":
        return _take_back(arrival, move, details)
    if move.units > 0:
        return _issue(arrival, move, price, details)
    row = register.enter(
        arrival.securities[move.security], Movement(move.kind), move.units, move.on, arrival.event,
        price_minor=price if move.price else None, details=details,
    )  # fmt: skip
    return None if move.kind == "balance" and move.units < 0 and move.item in arrival.keys else row.public_id


def _issue(arrival: _Arrival, move: ocf.Came, price: int | None, details: dict[str, Any]) -> str:
    one = arrival.reading.securities[move.security]
    security = arrival.classes[one.stock_class]
    made = register.issue(
        security, holder=arrival.holders[one.holder], instrument=Instrument(one.instrument), quantity=move.units,
        effective_on=move.on, event=arrival.event, kind=Movement(move.kind), price_minor=price,
        parent=arrival.securities.get(one.parent or ""), details=details,
    )  # fmt: skip
    arrival.securities[one.key] = made
    if one.award or one.terms or one.plan:
        plan = arrival.plans.get(one.plan or "")
        db.session.add(SecurityVesting(
            security=made, root=made, plan=plan, award=one.award.lower(), units=one.units,
            terms=_terms(one.terms, security) if one.terms else None,
        ))  # fmt: skip
    return made.public_id


def _terms(terms: Any, security: SecurityClass) -> dict[str, Any]:
    kept = {name: terms[name] for name in ("allocation_type", "vesting_conditions")}
    return kept | {"decimals": security.decimals, "name": str(terms.get("name", ""))[:120]}


def _take_back(arrival: _Arrival, move: ocf.Came, details: dict[str, Any]) -> str:
    security = arrival.securities[move.security]
    issued = db.session.scalars(
        select(EquityTransaction)
        .where(EquityTransaction.security_public_id == security.public_id, EquityTransaction.quantity > 0)
        .order_by(EquityTransaction.id)
        .limit(1)
    ).one()
    details |= {"reverses": issued.public_id, "kind": issued.kind.value}
    row = register.enter(security, Movement.CORRECTION, move.units, move.on, arrival.event, details=details,
                         reverses=issued)  # fmt: skip
    return row.public_id


def _price(price: Any, security: SecurityClass) -> int | None:
    """The price in minor units where it is whole in them and in the class's currency; else the object keeps it."""
    if not price or price["currency"] != security.currency:
        return None
    digits = MINOR_DIGITS[security.currency]
    return ocf.units_of(price["amount"], digits)
