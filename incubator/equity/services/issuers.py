"""Issuers, their classes, and the holders who are no employees."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.engines.transfers import Articles, TransferError
from incubator.equity.models import EquityHolder, HolderKind, Issuer, IssuerKind, SecurityClass, Size
from incubator.people.models import Company, Person

MOST = 10**15
FIRST_CLASS = "ordinary"
"""The code of the one class that an issuer starts with."""


def credit_code(text: str | None) -> str | None:
    """A unified social credit code in its canonical form (GB 32100-2015, with its check character); None for none."""
    if not text or not text.strip():
        return None
    try:
        return str(uscc.validate(text))
    except ValidationError as error:
        raise Invalid(
            _("Enter the 18 characters of the unified social credit code, such as 91110000600037341L"),
            field="credit_code",
        ) from error


def read_articles(lock_months: int, notice_days: int, whole: bool, first_refusal: bool) -> dict[str, Any]:
    """What the articles say of transfers, as stored. Raises Invalid at the field."""
    for field, value, low, high in (("lock_months", lock_months, 0, 600), ("notice_days", notice_days, 1, 365)):
        if not low <= value <= high:
            raise Invalid(_("Enter a number between %(low)s and %(high)s", low=low, high=high), field=field)
    return {"lock_months": lock_months, "notice_days": notice_days, "whole": whole, "first_refusal": first_refusal}


def articles_of(stored: dict[str, Any]) -> Articles:
    """Stored articles as the engine's; the law's where nothing is stored."""
    try:
        return Articles(**stored)
    except TransferError as error:  # pragma: no cover - read_articles holds it
        raise ValueError(str(error)) from error


@action("issuer.create")
def create_issuer(
    actor: Person, company: Company, /, *, name: str, kind: str, unit: dict[str, str], decimals: int, total_units: int,
    currency: str = "CNY", **details: Any
) -> Issuer:  # fmt: skip
    """Register a company of the group as an issuer, with its first class. total_units: smallest units authorised."""
    _known_choice("kind", kind, IssuerKind)
    issuer = Issuer(company_id=company.id, name=name.strip(), kind=IssuerKind(kind), **_details(details))
    _refuse_code_twice(issuer)
    security = SecurityClass(
        issuer=issuer, code=FIRST_CLASS, unit=_words(unit), decimals=decimals,
        total_units=_authorised(total_units), currency=currency, issued_units=0,
    )  # fmt: skip
    db.session.add(security)
    audit.created(issuer, payload=content_of(issuer) | {"class": class_content(security), "by": actor.public_id})
    return issuer


@action("issuer.revise")
def revise_issuer(actor: Person, issuer: Issuer, /, *, name: str, **details: Any) -> None:
    """Change what is recorded of an issuer: its name, code, size class with evidence, articles."""
    before = content_of(issuer)
    for field, value in ({"name": name.strip()} | _details(details)).items():
        setattr(issuer, field, value)
    with db.session.no_autoflush:
        _refuse_code_twice(issuer)
    audit.record("issuer.revise", issuer, {"before": before, "after": content_of(issuer), "by": actor.public_id})


def _details(given: dict[str, Any]) -> dict[str, Any]:
    """The checked columns of the given details."""
    _known_choice("size", given["size"], Size)
    if not (given.get("size_evidence") or "").strip():
        raise Invalid(
            _("Say what the size class rests on, such as the audited figures of a year"), field="size_evidence"
        )
    for field in ("size_on", "formed_on"):
        day = given.get(field)
        if day is not None and day > clock.today():
            raise Invalid(_("This day has not come yet"), field=field)
    names = ("lock_months", "notice_days", "whole", "first_refusal")
    return {
        "size": Size(given["size"]), "size_evidence": given["size_evidence"].strip(), "size_on": given.get("size_on"),
        "formed_on": given.get("formed_on"), "credit_code": credit_code(given.get("credit_code")),
        "articles": read_articles(*[given[name] for name in names]),
    }  # fmt: skip


def _refuse_code_twice(issuer: Issuer) -> None:
    twin = select(Issuer.id).where(Issuer.credit_code == issuer.credit_code, Issuer.id != (issuer.id or 0))
    if issuer.credit_code and db.session.scalar(twin):
        raise Invalid(_("Another issuer has this code"), field="credit_code")


def _known_choice(field: str, value: str, known: Any) -> None:
    if value not in list(known):
        raise Invalid(_("Choose one of the list"), field=field)


def _words(unit: dict[str, str]) -> dict[str, str]:
    for language in ("en", "zh"):
        if not unit.get(language, "").strip():
            raise Invalid(_("Write it in English and in Chinese"), field=f"unit_{language}")
    return {language: unit[language].strip() for language in ("en", "zh")}


def _authorised(total: int) -> int:
    if not 0 < total < MOST:
        raise Invalid(_("Enter how many units there are in all, at least 1"), field="total")
    return total


def content_of(issuer: Issuer) -> dict[str, Any]:
    """An issuer as plain values."""
    return {
        "name": issuer.name, "kind": str(issuer.kind), "size": str(issuer.size), "size_evidence": issuer.size_evidence,
        "size_on": _iso(issuer.size_on), "formed_on": _iso(issuer.formed_on), "credit_code": issuer.credit_code,
        "articles": issuer.articles,
    }  # fmt: skip


def class_content(security: SecurityClass) -> dict[str, Any]:
    """A class as plain values."""
    return {
        "code": security.code, "unit": security.unit, "decimals": security.decimals,
        "total_units": security.total_units, "currency": security.currency,
    }  # fmt: skip


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


@action("security_class.create")
def create_class(
    actor: Person, issuer: Issuer, *, code: str, unit: dict[str, str], decimals: int, total_units: int,
    ratio_numerator: int = 1, ratio_denominator: int = 1,
) -> SecurityClass:  # fmt: skip
    """Add a class to an issuer. The ratio says how many common units one of it counts as."""
    code = code.strip()
    if not code or db.session.scalar(
        select(SecurityClass.id).where(SecurityClass.issuer_id == issuer.id, SecurityClass.code == code)
    ):
        raise Invalid(_("Enter a code that no other class of this issuer has"), field="code")
    if not (0 < ratio_numerator < MOST and 0 < ratio_denominator < MOST):
        raise Invalid(_("Enter at least 1"), field="ratio_numerator")
    currency = db.session.scalar(select(SecurityClass.currency).where(SecurityClass.issuer_id == issuer.id).limit(1))
    made = SecurityClass(
        issuer=issuer, code=code, unit=_words(unit), decimals=decimals, total_units=_authorised(total_units),
        currency=currency or "CNY", ratio_numerator=ratio_numerator, ratio_denominator=ratio_denominator,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("security_class.create", issuer, class_content(made) | {"by": actor.public_id})
    return made


@action("holder.create")
def create_holder(
    actor: Person,
    issuer: Issuer,
    *,
    kind: str,
    name: str,
    code: str | None = None,
    representative: Person | None = None,
    is_state: bool = False,
) -> EquityHolder:
    """Record a company, a vehicle or an outsider that may hold units."""
    _known_choice("kind", kind, HolderKind)
    if not name.strip():
        raise Invalid(_("Enter the name"), field="name")
    checked = credit_code(code)
    if checked and db.session.scalar(select(EquityHolder.id).where(EquityHolder.credit_code == checked)):
        raise Invalid(_("Another holder has this code"), field="credit_code")
    holder = EquityHolder(
        company_id=issuer.company_id, kind=HolderKind(kind), name=name.strip(), credit_code=checked,
        representative=representative, is_state=is_state,
    )  # fmt: skip
    audit.created(holder, payload={"name": holder.name, "kind": kind, "code": checked, "state": is_state,
                                   "by": actor.public_id})  # fmt: skip
    return holder


@action("holder.revise")
def revise_holder(actor: Person, issuer: Issuer, *, holder: EquityHolder | None, is_state: bool) -> None:
    """Say whether a holder holds capital for the state; rules on the state's part count it from now on."""
    if holder is None or holder.company_id != issuer.company_id:
        raise Invalid(_("Choose a known holder"), field="holder")
    before, holder.is_state = holder.is_state, is_state
    audit.record("holder.revise", holder, {"state": [before, is_state], "by": actor.public_id})
