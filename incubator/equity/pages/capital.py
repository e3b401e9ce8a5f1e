"""What the pages of capital show: cap tables, rounds, entries, and the same as tables that leave."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from operator import attrgetter
from typing import Any

from flask import get_template_attribute
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from incubator.approvals import queries as approvals
from incubator.core import clock
from incubator.core.actions import can
from incubator.core.errors import Invalid
from incubator.core.money import MINOR_DIGITS
from incubator.equity import queries, words
from incubator.equity.engines import capital as engine
from incubator.equity.forms import CapRow, PatentEntryForm, RoundForm, smallest
from incubator.equity.models import Appraisal, CapitalEntry, Issuer, SecurityClass
from incubator.equity.pages.accounting import cost_by_year
from incubator.equity.services import appraisals, contributions
from incubator.people.models import Person
from incubator.web import sheets
from incubator.web.formats import hundredths, units
from incubator.web.language import drawn_before, lines

SHOWN = 8
"""Parts of the chart; all others are one."""


def day_asked(text: str) -> dt.date | None:
    """A day of the address, None for today, nonsense or a day to come."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if dt.date(1900, 1, 1) <= day < clock.today() else None


def issuer_page(reader: Person, issuer: Issuer, *, on: str, code: str, after: str) -> dict[str, Any]:
    """An issuer's cap table of one class on a day, with its classes, entries and appraisals."""
    day = day_asked(on)
    pools = queries.classes_with_pools(issuer)
    security, free = next((pair for pair in pools if pair[0].code == code), pools[0])
    free = 0 if day else free
    table = queries.table_of(security, day, after)
    diluted = table.issued + table.promised + free
    entries, appraisals = queries.papers_of(issuer)
    return {
        "issuer": issuer, "codes": [one.code for one, _free in pools], "security": security, "table": table,
        "rows": _rows(issuer, security, table, diluted), "day": day, "free": free, "today": clock.today(),
        "parts": () if after else tuple(_parts(table, free)), "diluted": diluted, "after": after,
        "entries": entries, "appraisals": appraisals,
        "may_change": can(reader, "issuer.revise", issuer), "may_appraise": can(reader, "appraisal.create", issuer),
        "sizes": words.SIZES, "issuer_kinds": words.ISSUER_KINDS,
    }  # fmt: skip


CAP = ("issuer", "holder", "name", "issued", "part", "promised", "diluted")


def _rows(issuer: Issuer, security: SecurityClass, table: queries.Table, diluted: int) -> Markup:
    """The rows of a page of a cap table, parts rounded to a hundredth of a per cent."""
    places, issued = security.decimals, table.issued
    key = ("equity.cap", issuer.public_id, places, issued, diluted)
    shown = attrgetter("holder", "name", "issued", "promised")
    drawn = drawn_before(key, table.lines, shown, lambda line: (_row(line, issuer.public_id, places, issued, diluted),))
    return Markup("".join(text for (text,) in drawn))  # noqa: S704 - rendered templates


def _row(line: queries.Line, issuer: str, places: int, issued: int, diluted: int) -> str:
    values = (
        issuer, line.holder, escape(line.name), units(line.issued, places), _part(line.issued, issued),
        units(line.promised, places), _part(line.issued + line.promised, diluted),
    )  # fmt: skip
    return lines("equity.cap", get_template_attribute("equity/_rows.html", "cap"), CAP, [((True,), values)])


def _part(some: int, whole: int) -> str:
    """A part in per cent, to a hundredth, rounded half up."""
    points = (some * 20_000 + whole) // (2 * whole) if whole else 0
    return f"{hundredths(points)}%"


def _parts(table: queries.Table, free: int) -> list[tuple[str, int, str]]:
    """The largest holders, the rest together, and the free pool, fully diluted."""
    largest = [(line.name, line.issued + line.promised) for line in table.lines[: SHOWN - 2]]
    rest = table.issued + table.promised - sum(units for _name, units in largest)
    parts = [*largest, (str(_("All others")), rest), (str(_("Free in the pool")), free)]
    shown = [(name, units) for name, units in parts if units > 0]
    return [(name, units, str(n % 6 + 1)) for n, (name, units) in enumerate(shown)]


COLUMNS = (
    sheets.Column("holder", _l("Holder of units")),
    sheets.Column("key", _l("Key")),
    sheets.Column("issued", _l("Units issued")),
    sheets.Column("points", _l("Part of the capital"), sheets.PERCENT),
    sheets.Column("promised", _l("Units promised")),
    sheets.Column("diluted", _l("Part fully diluted"), sheets.PERCENT),
)


def cap_table_rows(issuer: Issuer, security: SecurityClass, day: dt.date | None) -> list[dict[str, Any]]:
    """The whole cap table of a class, parts exact to a hundredth and summing to 100 %."""
    table = queries.table_of(security, day, size=0)
    free = 0 if day else queries.free_in_pools(issuer).get(security.public_id, 0)
    points = engine.basis_points([line.issued for line in table.lines])
    diluted = engine.basis_points([*[line.issued + line.promised for line in table.lines], free])
    rows = [
        {"holder": line.name, "key": line.holder, "issued": security.quantity(line.issued), "points": of_issued,
         "promised": security.quantity(line.promised), "diluted": of_all}
        for line, of_issued, of_all in zip(table.lines, points, diluted[:-1], strict=True)
    ]  # fmt: skip
    pool = {"holder": str(_("Free in the pool")), "key": None, "issued": None, "points": None,
            "promised": security.quantity(free), "diluted": diluted[-1]}  # fmt: skip
    return [*rows, pool] if free else rows


def round_page(issuer: Issuer, form: RoundForm) -> dict[str, Any]:
    """What a round would make of an issuer, in common units; `found` is None until a value before it is given."""
    page: dict[str, Any] = {"issuer": issuer, "form": form, "found": None, "rows": [], "refused": None}
    if form.pre_money.data is None:
        return page
    try:
        found, names, held = _round(issuer, form)
    except Invalid as refusal:
        return page | {"refused": refusal.message}
    everybody = [*names, str(_("Free in the pool")), str(_("New investor"))]
    before = [*held[0], held[1], 0]
    after = [*found.holders, found.pool, found.investor]
    was = engine.basis_points([*held[0], held[1], 0])
    rows = [
        {"name": name, "before": b, "was": w, "after": a, "points": p}
        for name, b, w, a, p in zip(everybody, before, was, after, found.points, strict=True)
    ]
    return page | {"found": found, "rows": rows, "price": _price(found.price), "parts": _round_parts(rows)}


def _round_parts(rows: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    shown = [row for row in rows if row["after"]]
    largest = sorted(shown, key=lambda row: -row["after"])[:SHOWN]
    return [(row["name"], row["after"], str(n % 6 + 1)) for n, row in enumerate(largest)]


def _price(price: Fraction) -> Decimal:
    """Currency units for one common unit, to six decimals, rounded down for showing."""
    return Decimal(price.numerator * 10**4 // price.denominator).scaleb(-6)


def _round(issuer: Issuer, form: RoundForm) -> tuple[engine.Round, list[str], tuple[list[int], int]]:
    """All classes in whole common units; the holders with the most by name, the others as one."""
    common: dict[str, Fraction] = {}
    free, names = Fraction(0), {}
    pools = queries.free_in_pools(issuer)
    for security in queries.classes_of(issuer):
        free += pools.get(security.public_id, 0) * security.weight
        for line in queries.table_of(security, None, size=0).lines:
            names[line.holder] = line.name
            more = (line.issued + line.promised) * security.weight
            common[line.holder] = common.get(line.holder, Fraction(0)) + more
    ordered = sorted(common.items(), key=lambda item: -item[1])
    top, rest = ordered[:20], ordered[20:]
    held = [int(units) for _key, units in top] + ([int(sum(units for _key, units in rest))] if rest else [])
    called = [names[key] for key, _units in top] + ([str(_("All others"))] if rest else [])
    try:
        found = engine.what_if(
            held, free=int(free), pre_money=form.pre_money.data or 0, new_money=form.new_money.data or 0,
            pool_points=_points(form.pool.data), pool_from=engine.PoolFrom(form.pool_from.data or "before"),
        )  # fmt: skip
    except engine.CapitalError as error:
        raise Invalid(_("The value, the new money and the pool together leave nothing for the holders")) from error
    return found, called, (held, int(free))


def _points(text: str | None) -> int:
    try:
        points = int((Decimal((text or "0").rstrip("%％ ")) * 100).to_integral_value())
    except (InvalidOperation, OverflowError, ValueError) as error:
        raise Invalid(_("Enter a percentage between 0 and 100 with at most two decimals, such as 33.34")) from error
    if not 0 <= points < 10_000:
        raise Invalid(_("Enter a percentage between 0 and 100 with at most two decimals, such as 33.34"))
    return points


ROUND_COLUMNS = (
    sheets.Column("name", _l("Holder of units")),
    sheets.Column("before", _l("Units before"), sheets.INT),
    sheets.Column("was", _l("Part before"), sheets.PERCENT),
    sheets.Column("after", _l("Units after"), sheets.INT),
    sheets.Column("points", _l("Part after"), sheets.PERCENT),
)


def contributed(issuer: Issuer, form: PatentEntryForm | None = None) -> dict[str, Any]:
    """The patents contributed to an issuer: what each inventor would get or why not, and the form to draft an entry."""
    rows: list[dict[str, Any]] = []
    for found in queries.contributions_of(issuer):
        units, why = None, None
        try:
            units = sum(line["units"] for line in contributions.lines_of(found.record))
        except Invalid as refusal:
            why = refusal.message
        rows.append({"record": found.record, "entry": found.entry, "units": units, "why": why})
    open_ = {row["record"].number: row["record"] for row in rows if row["entry"] is None and row["units"]}
    shown = form or PatentEntryForm(formdata=None).for_issuer(issuer, open_)
    return {"contributed": rows, "patent_form": shown if open_ or form else None, "open_records": open_}


def entry_page(reader: Person, entry: CapitalEntry) -> dict[str, Any]:
    """An entry of issued units: its lines, what each holds besides, its signatures."""
    security = entry.security
    held = {line.holder: line.issued for line in queries.table_of(security, None, size=0).lines}
    rows = [line | {"has": held.get(line["holder"], 0)} for line in entry.lines[:200]]
    return {
        "entry": entry, "security": security, "issuer": security.issuer, "rows": rows,
        "more": max(0, len(entry.lines) - 200), "total": sum(line["units"] for line in entry.lines),
        "left": security.total_units - security.issued_units, "approval": approvals.latest_of(entry),
        "is_hr": can(reader, "capital_entry.create", entry), "record": entry.exploitation,
    }  # fmt: skip


def lines_of_file(issuer: Issuer, security: SecurityClass, stream: Any) -> tuple[list[dict[str, Any]], list[Any]]:
    """The lines of a table that comes in, and what is wrong with the others, by line."""
    sheet = sheets.read(stream.read(), stream.filename or "", CapRow)
    lines, errors = [], list(sheet.errors)
    for number, row in sheet.rows:
        try:
            lines.append(_line(issuer, security, row))
        except Invalid as refusal:
            errors.append(sheets.RowError(number, "", str(refusal.message)))
    return lines, sorted(errors, key=lambda error: error.line)


def _line(issuer: Issuer, security: SecurityClass, row: CapRow) -> dict[str, Any]:
    key = queries.holder_called(row.holder, issuer.company_id)
    if key is None:
        raise Invalid(_("Nobody known has this HR number, name or code: %(text)s", text=row.holder))
    units = smallest(row.units, security.decimals, "units")
    if not units or units < 1:
        raise Invalid(_("Enter at least 1"))
    price = None
    if row.price is not None:
        minor = row.price.scaleb(MINOR_DIGITS[security.currency])
        if minor != minor.to_integral_value() or not 0 <= minor < 10**15:
            raise Invalid(_("Enter an amount, such as 1.20"))
        price = int(minor)
    return {"holder": key, "units": units, "price_minor": price}


def appraisal_page(appraisal: Appraisal) -> dict[str, Any]:
    """An appraisal with its signatures and until when it may be used."""
    return {
        "appraisal": appraisal, "security": appraisal.security, "issuer": appraisal.security.issuer,
        "approval": approvals.latest_of(appraisal), "methods": words.METHODS,
        "last_day": appraisals.last_day(appraisal), "expired": clock.today() > appraisals.last_day(appraisal),
    }  # fmt: skip


def board_page(reader: Person) -> dict[str, Any]:
    """Pool use and dilution of every plan, and what grants cost by year."""
    lines = queries.board_lines(reader)
    return {"lines": lines, "costs": cost_by_year(reader)}
