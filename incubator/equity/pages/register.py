"""What the pages of a class and of a holder show, and the register as a table that leaves."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import get_template_attribute
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from incubator.core import clock
from incubator.core.actions import can
from incubator.core.errors import Invalid, NotFound
from incubator.core.money import MINOR_DIGITS
from incubator.equity import words
from incubator.equity.models import Issuer, SecurityClass
from incubator.equity.queries import movements
from incubator.equity.services import arrived
from incubator.people.models import Person
from incubator.web import sheets
from incubator.web.formats import iso, money, units
from incubator.web.language import lines, plain

MOVED = ("day", "issuer", "holder", "name", "security", "units", "price", "grant")


def class_page(reader: Person, issuer: Issuer, key: str, *, year: int | None, after: str) -> dict[str, Any]:
    """A class: what is authorised, its plans, and its register, of a year or all."""
    security = class_of(issuer, key)
    years = movements.years_of(security)
    year = year if year in years else None
    page = movements.page_of(movements.of_class(security, year), after)
    return {
        "issuer": issuer, "security": security, "years": years, "year": year, "after": after, "page": page,
        "rows": _rows(issuer, page.rows, named=True), "plans": movements.plans_on(security),
        "stock_plans": movements.stock_plans_on(security),
        "left": security.total_units - security.issued_units, "may_change": can(reader, "issuer.revise", issuer),
    }  # fmt: skip


def class_of(issuer: Issuer, key: str) -> SecurityClass:
    """A class of an issuer. Raises NotFound."""
    found = movements.class_by_key(issuer, key)
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found


def holder_page(reader: Person, issuer: Issuer, key: str, *, after: str) -> dict[str, Any]:
    """A holder: who it is, what it has of each class, and its movements."""
    party = movements.party(issuer, key)
    if party is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    page = movements.page_of(movements.of_holder(issuer, key), after)
    held = [(row, movements.issued_part(row)) for row in movements.holdings_of(issuer, key)]
    classes = {row.public_id: row for row, _part in held}
    came = arrived.arrived_of(issuer, key, clock.today())
    return {
        "issuer": issuer, "party": party, "held": held, "page": page, "after": after,
        "rows": _rows(issuer, page.rows, named=False), "holder_kinds": words.HOLDER_KINDS,
        "may_change": can(reader, "holder.revise", issuer),
        "instruments": words.INSTRUMENTS, "awards": words.AWARDS,
        "arrived": [(one, classes[one.stock_class]) for one in came if one.stock_class in classes],
    }  # fmt: skip


def _rows(issuer: Issuer, rows: Sequence[Any], *, named: bool) -> Markup:
    found = (
        ((plain(words.MOVEMENTS[row.kind]), plain(words.INSTRUMENTS[row.instrument]), named, row.grant is not None), (
            iso(row.effective_on), issuer.public_id, row.holder_public_id, escape(row.name or row.holder_public_id),
            row.security_public_id, units(row.quantity, row.decimals), money(row.price_minor, row.currency),
            row.grant or "",
        ))
        for row in rows
    )  # fmt: skip
    return lines("equity.moved", get_template_attribute("equity/_rows.html", "moved"), MOVED, found)


REGISTER = (
    sheets.Column("public_id", _l("Movement")),
    sheets.Column("effective_on", _l("Day"), sheets.DAY),
    sheets.Column("kind", _l("What")),
    sheets.Column("instrument", _l("Instrument")),
    sheets.Column("name", _l("Holder of units")),
    sheets.Column("holder", _l("Key")),
    sheets.Column("security", _l("Security")),
    sheets.Column("quantity", _l("Units")),
    sheets.Column("price", _l("Price of one unit")),
    sheets.Column("currency", _l("Currency")),
    sheets.Column("grant", _l("Equity grant")),
    sheets.Column("reverses", _l("Takes back")),
    sheets.Column("because", _l("Because of")),
)


def register_rows(security: SecurityClass, year: int | None) -> list[dict[str, Any]]:
    """The register of a class, of a year or all, as it was written. Raises Invalid where it is too long for a file."""
    rows = movements.whole(movements.of_class(security, year))
    if len(rows) > movements.MOST_EXPORTED:
        most = f"{movements.MOST_EXPORTED:,}"
        raise Invalid(_("These are more than %(most)s movements: choose a year", most=most), code="too_many")
    digits = MINOR_DIGITS[security.currency]
    return [
        {
            "public_id": row.public_id, "effective_on": row.effective_on, "kind": row.kind.value,
            "instrument": row.instrument.value, "name": row.name, "holder": row.holder_public_id,
            "security": row.security_public_id, "quantity": security.quantity(row.quantity),
            "price": None if row.price_minor is None else Decimal(row.price_minor).scaleb(-digits),
            "currency": row.currency, "grant": row.grant, "reverses": row.details.get("reverses"),
            "because": row.trigger,
        }
        for row in rows
    ]  # fmt: skip
