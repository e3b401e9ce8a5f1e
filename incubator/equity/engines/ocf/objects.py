"""What we hold as objects of the format, and what it cannot hold, with the reason."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from incubator.equity.engines.ocf.values import money, number


class Left(StrEnum):
    """Why something stays here: the format has no place for it."""

    INTEREST = "interest"
    """Interests of a limited company: the format knows shares."""
    CASH_AWARD = "cash_award"
    """Phantom units and other rights to money alone."""
    APPRAISAL = "appraisal"
    """Appraisals other than 409A."""
    LOCK = "lock"
    """Lock-ups."""
    FIRST_REFUSAL = "first_refusal"
    """First refusal: notices and answers."""
    CORRECTION = "correction"
    """Counter-entries that are no retraction of a whole issuance."""
    MOVEMENT = "movement"
    """Movements of other kinds."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Something an export leaves out: why, and its own key."""

    why: Left
    key: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds: key, name, whether a person, the number the issuer gave them, a credit code."""

    key: str
    name: str
    is_person: bool
    number: str = ""
    code: str | None = None


@dataclass(frozen=True, slots=True)
class StockClass:
    """A class: key, code, decimals of a unit, authorised smallest units, place in the order of classes."""

    key: str
    code: str
    decimals: int
    total: int
    seniority: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement of the register, in order: its security, and what the format needs to say it.

    kind: as the register names it. balance, resulting: keys of securities that a partial move made.
    """

    key: str
    security: str
    holder: str
    stock_class: str
    kind: str
    instrument: str
    units: int
    on: dt.date
    price_minor: int | None = None
    balance: str | None = None
    resulting: tuple[str, ...] = ()
    reverses_issuance: bool = False
    reason: str = ""
    plan: str | None = None
    award: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """Everything of an issuer that an export looks at. is_limited: its units are interests, not shares."""

    key: str
    name: str
    formed_on: dt.date
    code: str | None
    currency: str
    digits: int
    is_limited: bool
    holders: tuple[Holder, ...] = ()
    classes: tuple[StockClass, ...] = ()
    moves: tuple[Moved, ...] = ()
    appraisals: tuple[str, ...] = ()
    locked: bool = False
    transfers: tuple[str, ...] = ()
    plans: tuple[tuple[str, str, str, int], ...] = field(default=())
    """key, name, key of the class, units of the pool"""


def objects_of(book: Book) -> tuple[dict[str, Any], list[dict[str, Any]], list[Listed]]:
    """The issuer, its objects in order, and what was left out."""
    left: list[Listed] = [Listed(Left.APPRAISAL, key) for key in book.appraisals]
    left += [Listed(Left.LOCK, book.key)] if book.locked else []
    left += [Listed(Left.FIRST_REFUSAL, key) for key in book.transfers]
    items = [_holder(holder) for holder in book.holders]
    if book.is_limited:
        left += [Listed(Left.INTEREST, one.key) for one in book.classes]
        return _issuer(book), items, left
    classes = {one.key: one for one in book.classes}
    items += [_class(one) for one in book.classes]
    items += [_plan(plan, classes) for plan in book.plans]
    for move in book.moves:
        made = list(_moved(move, classes[move.stock_class], book))
        items += made
        if not made and (why := _why(move)):
            left.append(Listed(why, move.key))
    return _issuer(book), items, left


def _issuer(book: Book) -> dict[str, Any]:
    made: dict[str, Any] = {
        "object_type": "ISSUER", "id": book.key, "legal_name": book.name,
        "formation_date": book.formed_on.isoformat(), "country_of_formation": "CN",
    }  # fmt: skip
    return made | ({"tax_ids": [{"tax_id": book.code, "country": "CN"}]} if book.code else {})


def _holder(holder: Holder) -> dict[str, Any]:
    made: dict[str, Any] = {
        "object_type": "STAKEHOLDER", "id": holder.key, "name": {"legal_name": holder.name},
        "stakeholder_type": "INDIVIDUAL" if holder.is_person else "INSTITUTION",
    }  # fmt: skip
    if holder.number:
        made |= {"issuer_assigned_id": holder.number}
    return made | ({"tax_ids": [{"tax_id": holder.code, "country": "CN"}]} if holder.code else {})


def _class(one: StockClass) -> dict[str, Any]:
    return {
        "object_type": "STOCK_CLASS", "id": one.key, "name": one.code,
        "class_type": "COMMON" if one.seniority == 1 else "PREFERRED", "default_id_prefix": f"{one.code[:3].upper()}-",
        "initial_shares_authorized": number(one.total, one.decimals), "votes_per_share": "1",
        "seniority": str(one.seniority),
    }  # fmt: skip


def _plan(plan: tuple[str, str, str, int], classes: dict[str, StockClass]) -> dict[str, Any]:
    key, name, stock_class, pool = plan
    return {
        "object_type": "STOCK_PLAN", "id": key, "plan_name": name,
        "initial_shares_reserved": number(pool, classes[stock_class].decimals),
        "default_cancellation_behavior": "RETURN_TO_POOL", "stock_class_ids": [stock_class],
    }  # fmt: skip


COMES = ("issuance", "transfer", "balance", "exercise", "release")


def _moved(move: Moved, one: StockClass, book: Book) -> Iterator[dict[str, Any]]:
    base = {"id": move.key, "security_id": move.security, "date": move.on.isoformat()}
    if move.instrument == "share":
        yield from _of_share(move, one, book, base)
    elif move.instrument == "award" and move.award:
        yield from _of_award(move, one, book, base)


def _of_share(move: Moved, one: StockClass, book: Book, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    units = {"quantity": number(abs(move.units), one.decimals)}
    balance = {"balance_security_id": move.balance} if move.balance else {}
    if move.units > 0 and move.kind in COMES:
        yield base | _issuance(move) | units | {
            "object_type": "TX_STOCK_ISSUANCE", "stock_class_id": one.key, "stock_legend_ids": [],
            "share_price": money(move.price_minor or 0, book.currency, book.digits),
        }  # fmt: skip
    elif move.units < 0 and move.kind == "transfer":
        yield base | units | balance | {
            "object_type": "TX_STOCK_TRANSFER", "resulting_security_ids": list(move.resulting),
        }  # fmt: skip
    elif move.units < 0 and move.kind == "repurchase":
        price = money(move.price_minor or 0, book.currency, book.digits)
        yield base | units | balance | {"object_type": "TX_STOCK_REPURCHASE", "price": price}
    elif move.units < 0 and move.kind == "cancellation":
        reason = move.reason or "cancelled"
        yield base | units | balance | {"object_type": "TX_STOCK_CANCELLATION", "reason_text": reason}
    elif move.reverses_issuance:
        yield base | {"object_type": "TX_STOCK_RETRACTION", "reason_text": move.reason or "corrected"}


def _of_award(move: Moved, one: StockClass, book: Book, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    units = {"quantity": number(abs(move.units), one.decimals)}
    if move.units > 0 and move.kind in COMES:
        price = money(move.price_minor or 0, book.currency, book.digits)
        priced = {"OPTION": {"exercise_price": price}, "CSAR": {"base_price": price}, "SSAR": {"base_price": price}}
        yield base | _issuance(move) | units | priced.get(move.award, {}) | {
            "object_type": "TX_EQUITY_COMPENSATION_ISSUANCE", "compensation_type": move.award,
            "stock_class_id": one.key, "expiration_date": None, "termination_exercise_windows": [],
        } | ({"stock_plan_id": move.plan} if move.plan else {})  # fmt: skip
    elif move.kind == "acceptance":
        yield base | {"object_type": "TX_EQUITY_COMPENSATION_ACCEPTANCE"}
    elif move.units < 0 and move.kind in ("cancellation", "return"):
        balance = {"balance_security_id": move.balance} if move.balance else {}
        yield base | units | balance | {
            "object_type": "TX_EQUITY_COMPENSATION_CANCELLATION", "reason_text": move.reason or move.kind,
        }  # fmt: skip
    elif move.units < 0 and move.kind == "exercise":
        yield base | units | {
            "object_type": "TX_EQUITY_COMPENSATION_EXERCISE", "resulting_security_ids": list(move.resulting),
        }  # fmt: skip


def _issuance(move: Moved) -> dict[str, Any]:
    return {"stakeholder_id": move.holder, "custom_id": move.security, "security_law_exemptions": []}


def _why(move: Moved) -> Left | None:
    """Why a movement has no object; None for a balance that leaves, which the move it belongs to says."""
    if move.instrument == "cash_award":
        return Left.CASH_AWARD
    if move.kind == "correction":
        return Left.CORRECTION
    return None if move.kind == "balance" else Left.MOVEMENT
