"""Objects of the format as ours: what the register can hold, and what is kept as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from incubator.equity.engines.ocf.values import NUMERIC, plain, units_of


@dataclass(frozen=True)
class Reading:
    """A file read: stakeholders, classes and issuances for the register, by the format's ids; all else is kept.

    issuances: those whose stakeholder and class are there and that are whole in the class's smallest unit, and that
    nothing in the file moves afterwards. kept: why each other object only stands beside the register.
    """

    stakeholders: dict[str, dict[str, Any]] = field(default_factory=dict)
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    issuances: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


MOVES = "the security moves on in this file"


def decimals_of(stock_class: Mapping[str, Any], issuances: Sequence[Mapping[str, Any]]) -> int:
    """The decimals that a class needs: as many as its finest quantity, at most 6."""
    texts = [stock_class["initial_shares_authorized"]] if _is_number(stock_class["initial_shares_authorized"]) else []
    texts += [item["quantity"] for item in issuances if item["stock_class_id"] == stock_class["id"]]
    return min(6, max((len(plain(Decimal(text)).partition(".")[2]) for text in texts), default=0))


def _is_number(text: str) -> bool:
    return NUMERIC.fullmatch(text) is not None


def read(items: Sequence[dict[str, Any]]) -> Reading:
    """Sort valid objects. An id that stands twice, or a reference to what is not there, keeps an object out of the
    register and says so; nothing is guessed."""
    by_type: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        by_type.setdefault(item["object_type"], []).append(item)
    issued = by_type.get("TX_STOCK_ISSUANCE", [])
    found = Reading(
        stakeholders={item["id"]: item for item in by_type.get("STAKEHOLDER", [])},
        classes={item["id"]: item for item in by_type.get("STOCK_CLASS", []) if _is_authorised(item, issued)},
    )
    moved = {item.get("security_id") for item in items if item["object_type"] != "TX_STOCK_ISSUANCE"}
    for item in items:
        if item["id"] in found.stakeholders or item["id"] in found.classes:
            continue
        why = _why_kept(item, found, moved, issued)
        if why:
            found.kept[item["id"]] = why
        else:
            found.issuances[item["id"]] = item
    return found


def _is_authorised(item: Mapping[str, Any], issued: Sequence[Mapping[str, Any]]) -> bool:
    return units_of(item["initial_shares_authorized"], decimals_of(item, issued)) is not None


def _why_kept(item: Mapping[str, Any], found: Reading, moved: set[Any], issued: Sequence[Mapping[str, Any]]) -> str:
    if item["object_type"] != "TX_STOCK_ISSUANCE":
        return f"the register has no {item['object_type']}"
    if item["stakeholder_id"] not in found.stakeholders:
        return "its stakeholder is not in this file"
    if item["stock_class_id"] not in found.classes:
        return "its stock class is not in this file"
    if item["security_id"] in moved:
        return MOVES
    of_class = found.classes[item["stock_class_id"]]
    if units_of(item["quantity"], decimals_of(of_class, issued)) is None:
        return "its quantity does not fit the class's smallest unit"
    return ""


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
