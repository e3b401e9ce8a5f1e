"""Securities that come of one another, and their movements as the register has them: a family comes in whole or not.

A transfer, a cancellation or a buy-back of a part ends a security and names the one that holds the rest; an exercise or
a release leaves the rest where it is (OCF 1.2.0, Exercise and Release have no balance). Nothing is guessed: what does
not add up keeps the whole family out of the register, with the reason.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incubator.equity.engines.ocf.values import units_of
from incubator.equity.engines.vesting import (
    Acceleration,
    Event,
    Facts,
    Happened,
    VestingError,
    timeline,
)
from incubator.equity.engines.vesting import read as read_graph

Item = Mapping[str, Any]
ISSUANCES = ("TX_STOCK_ISSUANCE", "TX_EQUITY_COMPENSATION_ISSUANCE", "TX_PLAN_SECURITY_ISSUANCE")
INSTRUMENTS = {"CSAR": "cash_award"}
KINDS = {
    "TRANSFER": "transfer", "CANCELLATION": "cancellation", "REPURCHASE": "repurchase", "EXERCISE": "exercise",
    "RELEASE": "release", "REISSUANCE": "balance", "RETRACTION": "correction", "ACCEPTANCE": "acceptance",
}  # fmt: skip
"""The last word of an object's type, of stock and of equity compensation, and the register's movement."""
FACTS = {"TX_VESTING_START": "start", "TX_VESTING_EVENT": "event", "TX_VESTING_ACCELERATION": "acceleration"}
OWNERS = ("TX_STOCK_", "TX_EQUITY_COMPENSATION_", "TX_PLAN_SECURITY_")
LEAVES_REST = ("exercise", "release")
SAID_ELSEWHERE = "TX_STOCK_PLAN_RETURN_TO_POOL"


class Unreadable(ValueError):
    """Why a family cannot stand in the register, and by which object."""

    def __init__(self, item: str, why: str) -> None:
        super().__init__(why)
        self.item = item


@dataclass(frozen=True, slots=True)
class Came:
    """A movement of the register: the object it is, the file's security, what moves, signed smallest units."""

    item: str
    security: str
    kind: str
    units: int
    on: dt.date
    price: Mapping[str, str] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Security:
    """A security of a file: whose, of which class, what it came of, under which plan, and how it vests.

    award: the format's compensation type, '' for shares. terms: vesting terms, the format's; None where all is vested.
    """

    key: str
    item: str
    holder: str
    stock_class: str
    instrument: str
    units: int
    parent: str | None = None
    plan: str | None = None
    award: str = ""
    terms: Mapping[str, Any] | None = None
    price: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Around:
    """What stands around a family: ids of stakeholders; decimals of classes; plans with their class; vesting terms.

    applied: ids of objects that are in the register already. standing: what is in a security of the register now.
    """

    holders: frozenset[str]
    decimals: Mapping[str, int]
    plans: Mapping[str, str]
    terms: Mapping[str, Item]
    applied: frozenset[str] = frozenset()
    standing: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """A family that came in whole: its securities and its movements in order."""

    securities: dict[str, Security]
    moves: list[Came]


def kind_of(object_type: str) -> str | None:
    """The register's movement of an object's type; None for what the register has no place for."""
    if object_type in FACTS:
        return FACTS[object_type]
    if object_type in ISSUANCES:
        return "issuance"
    owner = next((one for one in OWNERS if object_type.startswith(one)), None)
    return KINDS.get(object_type[len(owner) :]) if owner else None


def class_of(item: Item, plans: Mapping[str, str]) -> str | None:
    """The class that an issuance is of: its own, else its plan's."""
    return item.get("stock_class_id") or plans.get(str(item.get("stock_plan_id")))


def families(items: Iterable[Item]) -> list[list[Item]]:
    """Objects about securities, by the securities that come of one another, in the order of the file."""
    root: dict[str, str] = {}

    def find(key: str) -> str:
        root.setdefault(key, key)
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    about = [item for item in items if "security_id" in item]
    for item in about:
        for child in _children(item):
            root[find(child)] = find(item["security_id"])
    found: dict[str, list[Item]] = {}
    for item in about:
        found.setdefault(find(item["security_id"]), []).append(item)
    return list(found.values())


def _children(item: Item) -> list[str]:
    balance = item.get("balance_security_id")
    return [*item.get("resulting_security_ids", ()), *([balance] if balance else [])]


def read_family(items: Sequence[Item], around: Around) -> Family:
    """The securities and movements of a family. Raises Unreadable, naming the object and why."""
    for item in items:
        kind = kind_of(item["object_type"])
        if kind is None and item["object_type"] != SAID_ELSEWHERE:
            raise Unreadable(item["id"], f"the register has no {item['object_type']}")
    parents = _parents(items)
    securities = _securities(items, parents, around)
    ordered = sorted(
        (item for item in items if item["object_type"] != SAID_ELSEWHERE),
        key=lambda item: (item["date"], _depth(item["security_id"], parents), _stage(item)),
    )
    moves = _Walk(securities, parents, around).through(ordered)
    _check_vesting(securities, moves, around)
    _check_standing(securities, moves, around)
    return Family(securities, moves)


def _parents(items: Sequence[Item]) -> dict[str, Item]:
    """The object that each security came of."""
    parents: dict[str, Item] = {}
    for item in items:
        for child in _children(item):
            if child in parents:
                raise Unreadable(item["id"], "a security comes of two others")
            parents[child] = item
    return parents


def _depth(key: str, parents: Mapping[str, Item]) -> int:
    depth, seen = 0, {key}
    while key in parents:
        key = parents[key]["security_id"]
        if key in seen:
            raise Unreadable(parents[key]["id"], "securities come of one another in a circle")
        seen.add(key)
        depth += 1
    return depth


def _stage(item: Item) -> int:
    """On one day a security is issued, then told of, then moved."""
    kind = kind_of(item["object_type"])
    return 0 if kind == "issuance" else (1 if kind in ("acceptance", *FACTS.values()) else 2)


def _securities(items: Sequence[Item], parents: Mapping[str, Item], around: Around) -> dict[str, Security]:
    found: dict[str, Security] = {}
    for item in items:
        if item["object_type"] in ISSUANCES:
            if item["security_id"] in found:
                raise Unreadable(item["id"], "a security is issued twice")
            found[item["security_id"]] = _security(item, parents, around)
    for item in items:
        for key in (item["security_id"], *_children(item)):
            if key not in found:
                raise Unreadable(item["id"], "a security of it is not issued in this file")
    return found


def _security(item: Item, parents: Mapping[str, Item], around: Around) -> Security:
    if item["stakeholder_id"] not in around.holders:
        raise Unreadable(item["id"], "its stakeholder is not in this file")
    stock_class, plan = class_of(item, around.plans) or "", item.get("stock_plan_id")
    if stock_class not in around.decimals:
        raise Unreadable(item["id"], "its stock class is not in this file")
    if plan is not None and plan not in around.plans:
        raise Unreadable(item["id"], "its plan is not in this file")
    units = units_of(item["quantity"], around.decimals[stock_class])
    if units is None:
        raise Unreadable(item["id"], "its quantity does not fit the class's smallest unit")
    award = str(item.get("compensation_type", ""))
    key = item["security_id"]
    return Security(
        key=key, item=item["id"], holder=item["stakeholder_id"], stock_class=stock_class,
        instrument=INSTRUMENTS.get(award, "award" if award else "share"), units=units,
        parent=parents[key]["security_id"] if key in parents else None, plan=plan, award=award,
        terms=_terms(item, around),
        price=item.get("share_price") or item.get("exercise_price") or item.get("base_price"),
    )  # fmt: skip


def _terms(item: Item, around: Around) -> Mapping[str, Any] | None:
    """How an issuance vests: by listed days, which come first, or by terms of the file."""
    if days := item.get("vestings"):
        return _of_days(days)
    name = item.get("vesting_terms_id")
    if name is None:
        return None
    if name not in around.terms:
        raise Unreadable(item["id"], "its vesting terms are not in this file")
    return around.terms[name]


def _of_days(days: Sequence[Item]) -> dict[str, Any]:
    """Days with amounts as terms: one condition after the other."""
    listed = sorted(days, key=lambda one: str(one["date"]))
    names = [f"day-{n}" for n in range(1, len(listed) + 1)]
    conditions = [
        {"id": name, "quantity": one["amount"], "next_condition_ids": following,
         "trigger": {"type": "VESTING_SCHEDULE_ABSOLUTE", "date": one["date"]}}
        for name, one, following in zip(names, listed, [*[[name] for name in names[1:]], []], strict=True)
    ]  # fmt: skip
    return {"name": "", "allocation_type": "CUMULATIVE_ROUND_DOWN", "vesting_conditions": conditions}


class _Walk:
    """Goes through the objects of a family in order, with what is in each security."""

    def __init__(self, securities: dict[str, Security], parents: Mapping[str, Item], around: Around) -> None:
        self.securities, self.parents, self.around = securities, parents, around
        self.there: dict[str, int] = {}
        self.made = list[Came]()

    def through(self, ordered: Sequence[Item]) -> list[Came]:
        for item in ordered:
            security = self.securities[item["security_id"]]
            kind = str(kind_of(item["object_type"]))
            if kind == "issuance":
                self._issue(item, security)
            elif security.key not in self.there:
                raise Unreadable(item["id"], "it is dated before its security was issued")
            elif kind in ("acceptance", *FACTS.values()):
                self.made.append(Came(item["id"], security.key, kind, 0, _day(item), details=_told(item, self, kind)))
            else:
                self._move(item, security, kind)
        return self.made

    def _issue(self, item: Item, security: Security) -> None:
        kind, parent = "issuance", self.parents.get(security.key)
        if parent is not None:
            if parent["date"] > item["date"]:
                raise Unreadable(item["id"], "it is dated before its security was issued")
            moved = kind_of(parent["object_type"])
            is_balance = security.key == parent.get("balance_security_id") or moved == "balance"
            kind = "balance" if is_balance else ("transfer" if moved == "transfer" else "issuance")
        self.there[security.key] = security.units
        self.made.append(Came(item["id"], security.key, kind, security.units, _day(item), security.price))

    def _move(self, item: Item, security: Security, kind: str) -> None:
        there = self.there[security.key]
        units = there if kind in ("balance", "correction") else self._quantity(item, security)
        if units is None or units > there:
            raise Unreadable(item["id"], "more units leave than are there")
        if kind == "correction" and there != security.units:
            raise Unreadable(item["id"], "what is taken back has moved on")
        self._check_children(item, security, kind, units)
        left = there - units
        self.made.append(Came(item["id"], security.key, kind, -units, _day(item), item.get("price")))
        self.there[security.key] = left
        if kind not in LEAVES_REST and left:
            self.made.append(Came(item["id"], security.key, "balance", -left, _day(item)))
            self.there[security.key] = 0

    def _quantity(self, item: Item, security: Security) -> int | None:
        return units_of(item["quantity"], self.around.decimals[security.stock_class])

    def _check_children(self, item: Item, security: Security, kind: str, units: int) -> None:
        """What a move says it made adds up: what moved, and the rest in the same hand."""
        left, balance = self.there[security.key] - units, item.get("balance_security_id")
        if kind not in LEAVES_REST and bool(left) != bool(balance):
            raise Unreadable(item["id"], "what is left has no security of its own")
        if balance:
            rest = self.securities[balance]
            if rest.units != left or not _is_alike(rest, security, holder=True):
                raise Unreadable(item["id"], "the security with the balance does not hold the rest")
        results = [self.securities[key] for key in item.get("resulting_security_ids", ())]
        if kind in ("transfer", "balance"):
            same = all(_is_alike(one, security, holder=kind == "balance") for one in results)
            if not same or sum(one.units for one in results) != units:
                raise Unreadable(item["id"], "what it results in is not what moved")


def _is_alike(one: Security, other: Security, *, holder: bool) -> bool:
    of_one, of_other = (one.stock_class, one.instrument), (other.stock_class, other.instrument)
    return of_one == of_other and (not holder or one.holder == other.holder)


def _day(item: Item) -> dt.date:
    return dt.date.fromisoformat(item["date"])


def _told(item: Item, walk: _Walk, kind: str) -> dict[str, Any]:
    """What the register keeps of a fact."""
    if kind == "event":
        return {"condition": item["vesting_condition_id"]}
    if kind == "acceleration":
        security = walk.securities[item["security_id"]]
        return {"units": units_of(item["quantity"], walk.around.decimals[security.stock_class]), "order": "next"}
    return {}


def _check_vesting(securities: Mapping[str, Security], moves: Sequence[Came], around: Around) -> None:
    """Terms and what was told of them make a schedule; they are the file's, and ours computes them."""
    for security in securities.values():
        told = [move for move in moves if move.security == security.key and move.kind in FACTS.values()]
        if security.terms is None:
            if told:
                raise Unreadable(told[0].item, "a vesting is told of a security without vesting terms")
            continue
        starts = {move.on for move in told if move.kind == "start"}
        if len(starts) > 1:
            raise Unreadable(security.item, "its vesting starts on several days")
        try:
            _try(security, told, starts, (moves, around.decimals[security.stock_class]))
        except VestingError as error:
            raise Unreadable(security.item, f"its vesting cannot be computed: {error}") from error


def _try(
    security: Security, told: Sequence[Came], starts: set[dt.date], context: tuple[Sequence[Came], int]
) -> None:  # fmt: skip
    moves, decimals = context
    graph = read_graph(security.terms or {}, decimals=decimals)
    known = {one.id for one in graph.conditions if isinstance(one.trigger, Event)}
    if strange := [move for move in told if move.kind == "event" and move.details["condition"] not in known]:
        raise VestingError(f"no event {strange[0].details['condition']}")
    issued = next(move.on for move in moves if move.item == security.item)
    facts = Facts(
        events=tuple(Happened(move.details["condition"], move.on) for move in told if move.kind == "event"),
        accelerations=tuple(
            Acceleration(move.on, move.details["units"]) for move in told if move.kind == "acceleration"
        ),
    )
    timeline(graph, units=security.units, starts_on=next(iter(starts), None), granted_on=issued, facts=facts)


def _check_standing(securities: Mapping[str, Security], moves: Sequence[Came], around: Around) -> None:
    """A file that goes on where an earlier one ended fits only a register that has not moved since."""
    if all(move.item in around.applied for move in moves):
        return
    for security in securities.values():
        if security.item in around.applied:
            entered = sum(m.units for m in moves if m.security == security.key and m.item in around.applied)
            if around.standing.get(security.key, 0) != entered:
                raise Unreadable(security.item, "the register has moved on since it came in")
