"""Objects of the format as ours: what the register can hold, and what is kept as it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from incubator.equity.engines.ocf.families import (
    ISSUANCES,
    SAID_ELSEWHERE,
    Around,
    Came,
    Item,
    Security,
    Unreadable,
    families,
    read_family,
)
from incubator.equity.engines.ocf.values import NUMERIC, plain, units_of


@dataclass(frozen=True)
class Known:
    """What of earlier files is in the register: ids that are applied, decimals of classes, units of securities now."""

    applied: frozenset[str] = frozenset()
    decimals: Mapping[str, int] = field(default_factory=dict)
    standing: Mapping[str, int] = field(default_factory=dict)


NOTHING_KNOWN = Known()


@dataclass(frozen=True)
class Reading:
    """A file read, by the format's ids: what enters the register, and why each other object only stands beside it.

    decimals: of each class. authorised, reserved: the latest units of a class and of a plan, where they were adjusted.
    terms: vesting terms that a security in the register follows. moves: in the order in which they are written.
    """

    stakeholders: dict[str, dict[str, Any]] = field(default_factory=dict)
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    plans: dict[str, dict[str, Any]] = field(default_factory=dict)
    decimals: dict[str, int] = field(default_factory=dict)
    authorised: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    terms: set[str] = field(default_factory=set)
    securities: dict[str, Security] = field(default_factory=dict)
    moves: list[Came] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)


WITH_FAMILY = "it is of a security that does not come in"
ADJUSTS = {
    "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT": ("stock_class_id", "new_shares_authorized"),
    "TX_STOCK_PLAN_POOL_ADJUSTMENT": ("stock_plan_id", "shares_reserved"),
}
"""Objects that set another size: of what, and the size."""


def decimals_of(stock_class: Mapping[str, Any], issuances: Sequence[Mapping[str, Any]]) -> int:
    """The decimals that a class needs: as many as its finest quantity, issued or vesting, at most 6."""
    texts = [stock_class["initial_shares_authorized"]] if _is_number(stock_class["initial_shares_authorized"]) else []
    for item in issuances:
        if item.get("stock_class_id") == stock_class["id"]:
            texts += [item["quantity"], *(one["amount"] for one in item.get("vestings", ()))]
    return min(6, max((len(plain(Decimal(text)).partition(".")[2]) for text in texts), default=0))


def _is_number(text: str) -> bool:
    return NUMERIC.fullmatch(text) is not None


def read(items: Sequence[dict[str, Any]], known: Known = NOTHING_KNOWN) -> Reading:
    """Sort valid objects: what earlier files brought stands among them, named in `known`.

    An id that stands twice, a reference to what is not there, or a family of securities that does not add up keeps
    objects out of the register and says so; nothing is guessed.
    """
    by_type: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        by_type.setdefault(item["object_type"], []).append(item)
    issued = [item for name in ISSUANCES for item in by_type.get(name, ())]
    found = Reading(stakeholders={item["id"]: item for item in by_type.get("STAKEHOLDER", [])})
    _classes(found, by_type.get("STOCK_CLASS", []), issued, known)
    _leave_split(found, by_type.get("TX_STOCK_CLASS_SPLIT", []), known)
    _plans(found, by_type.get("STOCK_PLAN", []))
    _adjust(found, items)
    terms = {item["id"]: item for item in by_type.get("VESTING_TERMS", [])}
    _families(found, items, _around(found, terms, known), known)
    found.moves.sort(key=lambda move: move.on)
    _keep(found, items)
    return found


def _classes(found: Reading, items: Sequence[dict[str, Any]], issued: Sequence[Item], known: Known) -> None:
    for item in items:
        places = known.decimals.get(item["id"], decimals_of(item, issued))
        if units_of(item["initial_shares_authorized"], places) is not None:
            found.classes[item["id"]], found.decimals[item["id"]] = item, places


def _leave_split(found: Reading, splits: Sequence[Item], known: Known) -> None:
    """A class that was split on the way: what was issued before it counts otherwise since, and nothing says how."""
    for item in splits:
        if item["stock_class_id"] in found.classes and item["stock_class_id"] not in known.decimals:
            del found.classes[item["stock_class_id"]], found.decimals[item["stock_class_id"]]
            found.kept[item["stock_class_id"]] = "its units were split: bring in the state after the split"


def _class_of_plan(found: Reading, plan: Item) -> str | None:
    """The first class of a plan that is there."""
    named = [plan.get("stock_class_id"), *plan.get("stock_class_ids", ())]
    return next((key for key in named if key in found.classes), None)


def _plans(found: Reading, items: Sequence[dict[str, Any]]) -> None:
    for item in items:
        stock_class = _class_of_plan(found, item)
        if stock_class and units_of(item["initial_shares_reserved"], found.decimals[stock_class]) is not None:
            found.plans[item["id"]] = item


def plan_classes(found: Reading) -> dict[str, str]:
    """The class of each plan that came in."""
    return {key: str(_class_of_plan(found, item)) for key, item in found.plans.items()}


def _adjust(found: Reading, items: Sequence[dict[str, Any]]) -> None:
    """Sizes as they were set last; one that does not fit is kept with the others."""
    of_plans = plan_classes(found)
    for item in sorted((one for one in items if one["object_type"] in ADJUSTS), key=lambda one: str(one["date"])):
        named, size = ADJUSTS[item["object_type"]]
        key = item[named]
        places = found.decimals.get(of_plans.get(key, key))
        units = None if places is None else units_of(item[size], places)
        if units is None:
            found.kept[item["id"]] = "what it adjusts is not in this file, or its size does not fit"
        elif key in of_plans:
            found.reserved[key] = units
        else:
            found.authorised[key] = units


def _around(found: Reading, terms: Mapping[str, Item], known: Known) -> Around:
    return Around(
        holders=frozenset(found.stakeholders), decimals=found.decimals, plans=plan_classes(found), terms=terms,
        applied=known.applied, standing=known.standing,
    )  # fmt: skip


def _families(found: Reading, items: Sequence[dict[str, Any]], around: Around, known: Known) -> None:
    for family in families(items):
        try:
            made = read_family(family, around)
        except Unreadable as why:
            with_it = str(why) if why.item in known.applied else WITH_FAMILY
            found.kept.update({item["id"]: with_it for item in family if item["id"] not in known.applied})
            found.kept[why.item] = str(why)
            continue
        found.securities.update(made.securities)
        found.moves.extend(made.moves)
        found.kept.update({item["id"]: "the cancellation says it" for item in family
                           if item["object_type"] == SAID_ELSEWHERE})  # fmt: skip
        found.terms.update(
            str(item["vesting_terms_id"]) for item in family if item.get("vesting_terms_id") and "vestings" not in item
        )


def _keep(found: Reading, items: Sequence[dict[str, Any]]) -> None:
    """Everything else stands beside the register."""
    entered = {*found.stakeholders, *found.classes, *found.plans, *found.terms, *(move.item for move in found.moves)}
    for item in items:
        if item["id"] not in entered and item["id"] not in found.kept and item["object_type"] not in ADJUSTS:
            found.kept[item["id"]] = (
                "no security in the register follows it" if item["object_type"] == "VESTING_TERMS"
                else f"the register has no {item['object_type']}"
            )  # fmt: skip


def fresh_moves(found: Reading, known: Known) -> Iterator[Came]:
    """The movements that are not in the register yet, in order."""
    return (move for move in found.moves if move.item not in known.applied)


def canonical(item: Any) -> Any:
    """An object by its meaning: numbers of the format without sign and trailing zeros, empty lists left out, keys in
    order. Two objects are equal in meaning when these are equal."""
    if isinstance(item, Mapping):
        inner = {key: canonical(value) for key, value in sorted(item.items())}
        return {key: value for key, value in inner.items() if value != []}
    if isinstance(item, list):
        return [canonical(value) for value in item]
    if isinstance(item, str) and _is_number(item) and len(item) < 40 and ("." in item or item[0] in "+"):
        return plain(Decimal(item)).removeprefix("+")
    return item
