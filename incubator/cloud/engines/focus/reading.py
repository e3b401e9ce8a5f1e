"""Rows of a FOCUS file, checked and added up by account, day and service.

Rows that agree in what they are for are checked once and then only added: a file of a million rows has few such kinds.
Costs are exact: whole numbers of 10^-18 of the currency, so that no order of the rows changes a sum.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple, cast

from incubator.cloud.engines.focus.columns import COST, HEAD, SPAN, Columns

PLACES = 18
"""Decimals of a cost that are kept; one with more is a fault."""
ONE: int = 10**PLACES
NULLS = frozenset({"", "NULL", "null", "Null"})
CATEGORIES = frozenset({"Usage", "Purchase", "Tax", "Credit", "Adjustment"})
"""ChargeCategory of FOCUS 1.0 to 1.3."""
CLASSES = frozenset({"Correction"})
"""ChargeClass; null in every row that corrects nothing that was invoiced."""
LONGEST = 200
"""Characters of a name that is kept."""
KEPT = ("ProviderName", "BillingAccountId", "SubAccountId")
LARGEST: int = 10**15 * ONE
"""What the costs of a file may come to, whatever their signs."""
YEARS = range(1990, 2200)
DAY = dt.timedelta(hours=25)
"""A day, with the hour that one in autumn has more where clocks are changed."""
PLAIN = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,18}))?")
MOST = 200
"""Faults that are told one by one."""
MOST_LINES = 2_000_000
"""Kinds of rows, and days of them, that are held at a time."""
LOOK = 1 << 18
"""Rows after which it is looked at how many there are."""


class TooLargeError(ValueError):
    """A file of more kinds of rows than are held at a time."""


class Kind(StrEnum):
    """Whether a cost is charged, as usage that goes on or once (a purchase, a tax, an adjustment), or a credit of the
    provider that is kept apart."""

    USAGE = "usage"
    CHARGE = "charge"
    CREDIT = "credit"


class Unit(NamedTuple):
    """The unit of truth: a billing account of a provider in the billing period that begins on a day (UTC)."""

    provider: str
    account: str
    period: dt.date


class Line(NamedTuple):
    """What a cost is for. sub_account: '' where the file has none; is_correction: of a period invoiced before; until:
    the last day of a charge period that is longer than a day."""

    unit: Unit
    sub_account: str
    day: dt.date
    service: str
    currency: str
    kind: Kind
    is_correction: bool
    until: dt.date | None = None


KINDS = {"Usage": Kind.USAGE, "Credit": Kind.CREDIT}
"""By ChargeCategory; any other is charged once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be taken: its number in the file (the header is row 1), the column, why, and what stands there.

    Reasons: missing, number, decimals, time, category, class, currency (one that the ledger has not), order (an end
    before its start), outside (a charge that begins after its billing period), width (other columns than the header),
    long, sign (a name that no table can hold), sum (of rows of a kind, named as row 1: beyond what books hold).
    """

    row: int
    column: str
    reason: str
    given: str = ""


@dataclass(slots=True)
class Reading:
    """A file as it was read: costs by what they are for (whole numbers of 10^-18), rows, and the first faults."""

    costs: dict[Line, int] = field(default_factory=dict)
    counts: dict[Unit, int] = field(default_factory=dict)
    rows: int = 0
    faults: list[Fault] = field(default_factory=list)
    wrong: int = 0
    most: int = MOST

    def total(self, unit: Unit, currency: str) -> int:
        """All that a unit is charged in a currency, credits kept apart."""
        return sum(
            cost for line, cost in self.costs.items()
            if line.unit == unit and line.currency == currency and line.kind is not Kind.CREDIT
        )  # fmt: skip

    def days(self, unit: Unit, currency: str) -> dict[dt.date, int]:
        """The same by day."""
        found: dict[dt.date, int] = {}
        for line, cost in self.costs.items():
            if line.unit == unit and line.currency == currency and line.kind is not Kind.CREDIT:
                found[line.day] = found.get(line.day, 0) + cost
        return found

    def currencies(self, unit: Unit) -> list[str]:
        """The currencies in which a unit is billed, by their codes."""
        return sorted({line.currency for line in self.costs if line.unit == unit})

    def refuse(self, fault: Fault) -> None:
        """Note a fault."""
        self.wrong += 1
        if len(self.faults) < self.most:
            self.faults.append(fault)


class Wrong(NamedTuple):
    """What is wrong with a row: the column, why, and what stands there."""

    column: str
    reason: str
    given: str


class Slot(NamedTuple):
    """Where a cost is added: the day on which its charge period begins, and of a longer one the last day of it."""

    day: dt.date
    until: dt.date | None = None


class Span(NamedTuple):
    """Beginning and end of a period; the end is exclusive and after the beginning."""

    start: dt.datetime
    end: dt.datetime
    slot: Slot


@dataclass(slots=True)
class _Head:
    """What rows that agree in HEAD are for, and what they cost by day."""

    unit: Unit
    until: dt.datetime
    sub_account: str
    service: str
    currency: str
    kind: Kind
    is_correction: bool
    rows: int = 0
    slots: dict[Slot, int] = field(default_factory=dict)

    def lines(self) -> Iterable[tuple[Line, int]]:
        """A line a slot, with its cost."""
        unit, sub_account, service, currency = self.unit, self.sub_account, self.service, self.currency
        kind, is_correction = self.kind, self.is_correction
        for (day, until), cost in self.slots.items():
            yield Line(unit, sub_account, day, service, currency, kind, is_correction, until), cost


def read(rows: Iterable[Sequence[str]], columns: Columns, currencies: Collection[str], *, most: int = MOST) -> Reading:
    """Read the rows after the header. currencies: those that the ledger has; most: how many faults are told one by one.
    A row with a fault is not added; whether the others count is for a person to say. Raises TooLargeError."""
    made, heads, spans = Reading(most=most), _Heads(columns, currencies), _Spans()
    pick_head, pick_span, cost_at, width = heads.pick, itemgetter(*columns.span), columns.cost, columns.width
    for number, row in enumerate(rows, 2):
        made.rows += 1
        if not number % LOOK:
            heads.check()
        if len(row) != width:
            made.refuse(Fault(number, "", "width", str(len(row))))
            continue
        wrong = _add(heads[pick_head(row)], spans[pick_span(row)], row[cost_at])
        if wrong is not None:
            made.refuse(Fault(number, *wrong))
    heads.settle(made)
    return made


def spans(pairs: Iterable[tuple[str, str]]) -> list[Span] | None:
    """The charge periods that are written so, in their order; None where one of them is none."""
    read_ = _Spans()
    found = [read_[pair] for pair in pairs]
    return None if any(isinstance(one, Wrong) for one in found) else cast(list[Span], found)


def gather(groups: Iterable[Sequence[Any]], slots: Sequence[Slot], currencies: Collection[str]) -> Reading:
    """As `read`, of rows that somebody else added up: each group is the texts of HEAD, the number of its slot, when the
    last of its charges begins (seconds since 1970, UTC), its cost as a whole number of 10^-18, and how many rows it is
    of. A group with a fault counts as that many, none named."""
    made, heads = Reading(), _Heads(Columns(tuple(range(len(HEAD))), (0, 0), 0, 0), currencies)
    for *texts, number, begins, cost, count in groups:
        made.rows += count
        head = heads[tuple(texts)]
        if isinstance(head, Wrong) or begins >= head.until.timestamp():
            made.wrong += count
            continue
        slot = slots[number]
        head.slots[slot] = head.slots.get(slot, 0) + cost
        head.rows += count
    heads.settle(made)
    return made


def _add(head: _Head | Wrong, span: Span | Wrong, text: str) -> Wrong | None:
    """Add a cost where it belongs; what is wrong with the row, if anything."""
    if isinstance(head, Wrong):
        return head
    if isinstance(span, Wrong):
        return span
    if span.start >= head.until:
        return Wrong(SPAN[0], "outside", span.start.isoformat())
    units = _units(text)
    if isinstance(units, str):
        return Wrong(COST, units, text)
    head.slots[span.slot] = head.slots.get(span.slot, 0) + units
    head.rows += 1
    return None


class _Heads(dict[tuple[str, ...], "_Head | Wrong"]):
    """Each combination of texts that was seen, read once; texts of a column that is not there count for nothing."""

    def __init__(self, columns: Columns, currencies: Collection[str]) -> None:
        super().__init__()
        self.currencies = currencies
        self.names = [name for name, place in zip(HEAD, columns.head, strict=True) if place is not None]
        self.pick = itemgetter(*(place for place in columns.head if place is not None))

    def __missing__(self, raw: tuple[str, ...]) -> "_Head | Wrong":
        texts = {name: text.strip() for name, text in zip(self.names, raw, strict=True) if text.strip() not in NULLS}
        self[raw] = _head(texts, self.currencies)
        return self[raw]

    def check(self) -> None:
        """Raises TooLargeError when there are more than are held at a time."""
        if len(self) + sum(len(head.slots) for head in self.values() if isinstance(head, _Head)) > MOST_LINES:
            raise TooLargeError

    def settle(self, made: Reading) -> None:
        """Add what was found to a reading."""
        size = 0
        for head in self.values():
            if not isinstance(head, _Head) or not head.rows:
                continue
            size += sum(map(abs, head.slots.values()))
            if size >= LARGEST:
                made.refuse(Fault(1, COST, "sum"))
            else:
                made.counts[head.unit] = made.counts.get(head.unit, 0) + head.rows
                for line, cost in head.lines():
                    made.costs[line] = made.costs.get(line, 0) + cost


class _Spans(dict[tuple[str, str], "Span | Wrong"]):
    """Each charge period that was seen, as its beginning."""

    def __missing__(self, raw: tuple[str, str]) -> "Span | Wrong":
        self[raw] = _span(SPAN, {name: text.strip() for name, text in zip(SPAN, raw, strict=True)})
        return self[raw]


def _head(told: dict[str, str], currencies: Collection[str]) -> "_Head | Wrong":
    wrong = _wrong_word(told, currencies)
    if wrong is not None:
        return wrong
    span = _span(("BillingPeriodStart", "BillingPeriodEnd"), told)
    if isinstance(span, Wrong):
        return span
    unit = Unit(told["ProviderName"], told["BillingAccountId"], span.slot.day)
    kind = KINDS.get(told["ChargeCategory"], Kind.CHARGE)
    return _Head(
        unit, span.end, told.get("SubAccountId", ""), told["ServiceName"], told["BillingCurrency"], kind,
        "ChargeClass" in told,
    )  # fmt: skip


def _wrong_word(told: dict[str, str], currencies: Collection[str]) -> Wrong | None:
    for column in HEAD:
        if column not in told and column not in {"SubAccountId", "ChargeClass"}:
            return Wrong(column, "missing", "")
    for column in KEPT:
        text = told.get(column, "")
        if len(text) > LONGEST or "\x00" in text:
            return Wrong(column, "long" if len(text) > LONGEST else "sign", text[:LONGEST])
    if told["ChargeCategory"] not in CATEGORIES:
        return Wrong("ChargeCategory", "category", told["ChargeCategory"])
    if told.get("ChargeClass", "Correction") not in CLASSES:
        return Wrong("ChargeClass", "class", told["ChargeClass"])
    if told["BillingCurrency"] not in currencies:
        return Wrong("BillingCurrency", "currency", told["BillingCurrency"])
    return None


def _span(columns: tuple[str, str], told: dict[str, str]) -> Span | Wrong:
    found = []
    for column in columns:
        moment = _moment(told[column])
        if moment is None:
            return Wrong(column, "missing" if told[column] in NULLS else "time", told[column])
        found.append(moment)
    if found[1] <= found[0]:
        return Wrong(columns[1], "order", told[columns[1]])
    start, end = found
    until = (end - dt.timedelta(microseconds=1)).date() if end - start > DAY else None
    return Span(start, end, Slot(start.date(), until))


def _moment(text: str) -> dt.datetime | None:
    """A point of time as FOCUS writes it (2024-09-01T00:00:00Z), or as files do; without a zone it is UTC."""
    try:
        read_ = dt.datetime.fromisoformat(text)
        moment = read_.replace(tzinfo=dt.UTC) if read_.tzinfo is None else read_.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in YEARS else None


def _units(text: str) -> int | str:
    """A cost in whole numbers of 10^-18, or why it is none: 'missing', 'number', 'decimals'."""
    found = PLAIN.fullmatch(text)
    if found is not None:
        sign, whole, part = found.groups()
        units: int = int(whole) * ONE + (int(part.ljust(PLACES, "0")) if part else 0)
        return -units if sign else units
    return _odd_units(text.strip())


def _odd_units(text: str) -> int | str:
    """A cost that is not written plainly: with an exponent, a plus, or more decimals."""
    if text in NULLS:
        return "missing"
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "number"
    if not number.is_finite() or number.adjusted() >= 15:
        return "number"
    scaled = number.scaleb(PLACES)
    return int(scaled) if scaled == scaled.to_integral_value() else "decimals"
