"""What we hold as objects of the format, and what it cannot hold, with the reason."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
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

    kind: as the register names it. balance, resulting: keys of securities that a partial move made. promise: how the
    units of a grant vest, on its issuance alone. condition: the vesting event that happened.
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
    promise: "Promise | None" = None
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """How the units of a grant vest: the key of its terms and the day they start from, or the days themselves.

    starts: the conditions that are met on that day. vestings: days and smallest units, where the format has no terms.
    """

    starts_on: dt.date
    terms: str = ""
    starts: tuple[str, ...] = ()
    vestings: tuple[tuple[dt.date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: key, name, the key of its class, smallest units of its pool, and whether what lapses comes back."""

    key: str
    name: str
    stock_class: str
    pool: int
    returns: bool = True


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
    plans: tuple[Plan, ...] = ()
    terms: tuple[dict[str, Any], ...] = ()


def objects_of(book: Book) -> tuple[dict[str, Any], list[dict[str, Any]], list[Listed]]:
    """The issuer, its objects in order, and what was left out."""
    left: list[Listed] = [Listed(Left.APPRAISAL, key) for key in book.appraisals]
    left += [Listed(Left.LOCK, book.key)] if book.locked else []
    left += [Listed(Left.FIRST_REFUSAL, key) for key in book.transfers]
    items = [_holder(holder) for holder in book.holders]
    if book.is_limited:
        left += [Listed(Left.INTEREST, one.key) for one in book.classes]
        return _issuer(book), items, left
    book = replace(book, moves=tuple(_folded(book.moves)))
    classes = {one.key: one for one in book.classes}
    items += [_class(one) for one in book.classes]
    items += [_plan(plan, classes) for plan in book.plans]
    items += book.terms
    for move in book.moves:
        made = list(_moved(move, classes[move.stock_class], book))
        items += made
        if not made and (why := _why(move)):
            left.append(Listed(why, move.key))
    return _issuer(book), items, left


def _folded(moves: Iterable[Moved]) -> Iterator[Moved]:
    """The format leaves the rest of an exercise or a release in its security: so does what we say of them."""
    same: dict[str, str] = {}
    for move in moves:
        if move.kind == "balance" and move.units > 0 and move.security in same:
            continue
        key = same.get(move.security, move.security)
        if move.instrument == "award" and move.kind in ("exercise", "release") and move.balance:
            same[move.balance] = key
        yield replace(move, security=key)


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


def _plan(plan: Plan, classes: dict[str, StockClass]) -> dict[str, Any]:
    return {
        "object_type": "STOCK_PLAN", "id": plan.key, "plan_name": plan.name,
        "initial_shares_reserved": number(plan.pool, classes[plan.stock_class].decimals),
        "default_cancellation_behavior": "RETURN_TO_POOL" if plan.returns else "RETIRE",
        "stock_class_ids": [plan.stock_class],
    }  # fmt: skip


COMES = ("issuance", "transfer", "balance", "exercise", "release")


def _moved(move: Moved, one: StockClass, book: Book) -> Iterator[dict[str, Any]]:
    base = {"id": move.key, "security_id": move.security, "date": move.on.isoformat()}
    if move.instrument != "cash_award" and (made := _of_vesting(move, one, base)):
        yield made
    elif move.instrument == "share":
        yield from _of_share(move, one, book, base)
    elif move.instrument == "award" and move.award:
        yield from _of_award(move, one, book, base)


def _of_vesting(move: Moved, one: StockClass, base: dict[str, Any]) -> dict[str, Any] | None:
    """A fact that changes when units vest. The start is said with the issuance; a pause the format has no object for,
    nor that all which is left is brought forward."""
    if move.kind == "event":
        return base | {"object_type": "TX_VESTING_EVENT", "vesting_condition_id": move.condition}
    if move.kind == "acceleration" and move.units:
        reason = move.reason or "brought forward"
        quantity = number(move.units, one.decimals)
        return base | {"object_type": "TX_VESTING_ACCELERATION", "quantity": quantity, "reason_text": reason}
    return None


def _promised(move: Moved, one: StockClass) -> dict[str, Any]:
    """How an issuance vests."""
    promise = move.promise
    if promise is None:
        return {}
    if promise.terms:
        return {"vesting_terms_id": promise.terms}
    return {"vestings": [{"date": day.isoformat(), "amount": number(units, one.decimals)}
                         for day, units in promise.vestings]}  # fmt: skip


def _starts(move: Moved, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """That the vesting of a security starts, a condition each."""
    if move.promise is not None and move.promise.terms:
        for number_, name in enumerate(move.promise.starts, start=1):
            yield base | {
                "object_type": "TX_VESTING_START", "id": f"{move.key}-start-{number_}",
                "date": move.promise.starts_on.isoformat(), "vesting_condition_id": name,
            }  # fmt: skip


def _of_share(move: Moved, one: StockClass, book: Book, base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    units = {"quantity": number(abs(move.units), one.decimals)}
    balance = {"balance_security_id": move.balance} if move.balance else {}
    if move.units > 0 and move.kind in COMES:
        yield base | _issuance(move) | units | {
            "object_type": "TX_STOCK_ISSUANCE", "stock_class_id": one.key, "stock_legend_ids": [],
            "share_price": money(move.price_minor or 0, book.currency, book.digits),
        } | _promised(move, one) | ({"stock_plan_id": move.plan} if move.promise and move.plan else {})  # fmt: skip
        yield from _starts(move, base)
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
        } | _promised(move, one) | ({"stock_plan_id": move.plan} if move.plan else {})  # fmt: skip
        yield from _starts(move, base)
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
    elif move.units < 0 and move.kind == "release":
        yield base | units | {
            "object_type": "TX_EQUITY_COMPENSATION_RELEASE", "settlement_date": move.on.isoformat(),
            "release_price": money(0, book.currency, book.digits), "resulting_security_ids": list(move.resulting),
        }  # fmt: skip


def _issuance(move: Moved) -> dict[str, Any]:
    return {"stakeholder_id": move.holder, "custom_id": move.security, "security_law_exemptions": []}


def _why(move: Moved) -> Left | None:
    """Why a movement has no object; None for a balance that leaves, which the move it belongs to says, and for another
    start, which the issuance says."""
    if move.instrument == "cash_award":
        return Left.CASH_AWARD
    if move.kind == "correction":
        return Left.CORRECTION
    return None if move.kind in ("balance", "start") else Left.MOVEMENT
