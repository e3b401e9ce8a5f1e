"""Many at once: grants and leavers from a table, each line in a savepoint, all shown before anything is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid
from incubator.core.money import MINOR_DIGITS
from incubator.core.transaction import attempt
from incubator.equity.models import EquityGrant, EquityPlan
from incubator.equity.services import grants, leaving
from incubator.equity.tables import GrantRow, LeaverRow
from incubator.people.access import within
from incubator.people.models import Company, Person, Role
from incubator.web.forms import read_decimal

MOST_LINES = 500


@dataclass(frozen=True)
class Fault:
    """Why a line cannot be taken."""

    line: int
    field: str
    message: str


@dataclass(frozen=True)
class Shown:
    """What a line of a table of leavers comes to: who, the kind of step, the outcomes of their grants, plain."""

    name: str
    hr_number: str
    kind: str
    currency: str
    lines: list[dict[str, Any]]


class Undone(Exception):
    """Takes back what a preview has done."""


@action("equity_grant.create_many")
def grant_many(actor: Person, plan: EquityPlan, *, rows: Sequence[tuple[int, GrantRow]], dry: bool) -> list[Fault]:
    """Draft and submit a grant a line, all or none; dry: only say what would be refused, with the limits counted.

    Lines are taken one after the other, so that what they break together is found; the faults are all named.
    """
    people = _people([row.hr_number for _line, row in rows])

    def one(row: GrantRow) -> None:
        holder = people.get(row.hr_number)
        if holder is None:
            raise Invalid(_("Nobody has this HR number"), field="hr_number")
        made = grants.draft_grant(actor, plan, holder=holder, **_terms(plan, row))
        grants.submit(actor, made)

    return _each(rows, one, dry=dry)


def _terms(plan: EquityPlan, row: GrantRow) -> dict[str, Any]:
    security, usual = plan.security, plan.terms
    months, every, cliff = row.months, row.every_months, row.cliff_months
    return {
        "units": _scaled(row.units, security.decimals, "units"),
        "price_minor": _scaled(row.price, MINOR_DIGITS[security.currency], "price"),
        "granted_on": row.granted_on,
        "starts_on": row.starts_on,
        "months": usual["months"] if months is None else months,
        "every_months": usual["months_between"] if every is None else every,
        "cliff_months": usual["cliff_months"] if cliff is None else cliff,
        "allocation": usual["allocation"],
        "facts": _facts(plan, row),
    }


def _facts(plan: EquityPlan, row: GrantRow) -> dict[str, Any]:
    """What the rules ask beside the terms, where the table says it."""
    security, money = plan.security, MINOR_DIGITS[plan.security.currency]
    said = {"pay_minor": (row.pay, money, "pay"), "unit_value_minor": (row.unit_value, money, "unit_value"),
            "bought_units": (row.bought_units, security.decimals, "bought_units")}  # fmt: skip
    found = {name: _scaled(text, digits, field) for name, (text, digits, field) in said.items() if text.strip()}
    return found | {"joined_on": row.joined_on}


def _scaled(text: str, digits: int, field: str) -> int:
    try:
        number: Decimal = read_decimal(text, _("Enter a number, such as 48,000")).scaleb(digits)
    except ValueError as error:
        raise Invalid(str(error), field=field) from error
    if number != number.to_integral_value() or abs(number) >= 10**15:
        raise Invalid(_("Enter a number with at most %(n)s decimals", n=digits), field=field)
    return int(number)


def _each(rows: Sequence[tuple[int, Any]], one: Callable[[Any], None], *, dry: bool) -> list[Fault]:
    """Every line in a savepoint within one that is taken back when it is a preview or a line has failed."""
    if not rows:
        raise Invalid(_("The table has no lines"), field="file")
    if len(rows) > MOST_LINES:
        raise Invalid(_("Take at most %(n)s lines at a time", n=MOST_LINES), field="file")
    faults: list[Fault] = []
    try:
        with attempt():
            for line, row in rows:
                try:
                    with attempt():
                        one(row)
                except DomainError as refusal:
                    faults.append(Fault(line, refusal.field or "", str(refusal.message)))
            _undo(when=bool(faults) or dry)
    except Undone:
        db.session.expire_all()
    return faults


def _undo(*, when: bool) -> None:
    if when:
        raise Undone


def _people(hr_numbers: Sequence[str]) -> dict[str, Person]:
    found = db.session.scalars(
        select(Person).where(Person.hr_number.in_(hr_numbers)).options(joinedload(Person.company))
    )
    return {person.hr_number: person for person in found}


@action("equity_step.import_leavers")
def import_leavers(
    actor: Person, company: Company, *, rows: Sequence[tuple[int, LeaverRow]], dry: bool
) -> tuple[list[Fault], list[Shown]]:  # fmt: skip
    """Ask for the departure or move of each line, all or none; dry: only say what it comes to, and what is refused."""
    people, shown = leavers_by_number(actor, [row.hr_number for _line, row in rows]), list[Shown]()

    def one(row: LeaverRow) -> None:
        person = people.get(row.hr_number)
        if person is None:
            raise Invalid(_("Nobody with this HR number holds grants in your care"), field="hr_number")
        value = _scaled(row.value, 2, "value") if row.value.strip() else None
        step = leaving.depart(actor, person, reason=row.reason, last_day=row.last_day, value_minor=value, note=row.note)
        shown.append(Shown(person.name, person.hr_number, step.kind.value, step.currency, step.details["lines"]))

    return _each(rows, one, dry=dry), shown


def leavers_by_number(actor: Person, hr_numbers: Sequence[str]) -> dict[str, Person]:
    """People with these HR numbers who hold grants in the actor's scope as HR."""
    found = db.session.scalars(
        select(Person)
        .join(EquityGrant, EquityGrant.holder_id == Person.id)
        .where(Person.hr_number.in_(hr_numbers), within(EquityGrant.company_id, actor, Role.HR))
        .distinct()
    )
    return {person.hr_number: person for person in found}
