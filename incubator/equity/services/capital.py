"""Issued units enter the register: one person enters them, a second signs."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import services as approvals
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.models import CapitalEntry, EquityHolder, EquityTransaction, Instrument, SecurityClass
from incubator.equity.queries.contributions import contributions_of
from incubator.equity.services import caps, contributions, register
from incubator.equity.services.plans import open_approval
from incubator.equity.states import ENTRY
from incubator.notifications.services import notify
from incubator.patents.models import Exploitation
from incubator.people.models import Person, Role

LONGEST = 20_000
"""Lines of one entry."""


def holders_by_key(keys: Sequence[str]) -> dict[str, tuple[str, int | None]]:
    """The names of register keys, and the person who answers for each: an employee, or a representative."""
    people = db.session.execute(select(Person.public_id, Person.name, Person.id).where(Person.public_id.in_(keys)))
    others = db.session.execute(
        select(EquityHolder.public_id, EquityHolder.name, EquityHolder.representative_id).where(
            EquityHolder.public_id.in_(keys)
        )
    )
    return {key: (name, person) for key, name, person in [*people, *others]}


@action("capital_entry.create")
def draft_entry(
    actor: Person, security: SecurityClass, *, effective_on: dt.date, evidence: str, lines: Sequence[dict[str, Any]]
) -> CapitalEntry:
    """Draft an entry of issued units. lines: [{holder, units, price_minor}], holder a key of the register.

    Raises Invalid at the field; nothing is in the register before a second person has signed.
    """
    if not evidence.strip():
        raise Invalid(_("Name the resolution or contract this rests on"), field="evidence")
    if effective_on > clock.today():
        raise Invalid(_("This day has not come yet"), field="effective_on")
    entry = CapitalEntry(
        security=security, company_id=security.issuer.company_id, maker=actor, effective_on=effective_on,
        evidence=evidence.strip(), lines=_checked(security, lines),
    )  # fmt: skip
    origin = audit.record("capital_entry.create", security, {"lines": len(lines), "by": actor.public_id})
    entry.cause_id = origin.id
    db.session.add(entry)
    db.session.flush()
    return entry


@action("capital_entry.from_patent")
def draft_patent_entry(actor: Person, security: SecurityClass, *, record: Exploitation | None) -> CapitalEntry:
    """Draft the entry of the inventors' part of what contributing a patent formed; the record is its cause.

    Raises Invalid at `record` for one of another issuer, one that is entered already or that cannot be computed.
    """
    open_ = {found.record.id for found in contributions_of(security.issuer) if found.entry is None}
    if record is None or record.id not in open_:
        raise Invalid(_("Choose a contribution to this issuer that is not entered yet"), field="record")
    lines = contributions.lines_of(record)
    cause = audit.event_of(record, "exploitation.create")
    entry = CapitalEntry(
        security=security, company_id=security.issuer.company_id, maker=actor, effective_on=record.to_on,
        evidence=contributions.evidence_of(record), lines=_checked(security, lines), exploitation=record,
    )  # fmt: skip
    audit.created(entry, cause_id=cause.id, payload={"record": record.number, "lines": entry.lines})
    return entry


def _checked(security: SecurityClass, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    if not 0 < len(lines) <= LONGEST:
        raise Invalid(_("Enter between 1 and %(most)s lines", most=f"{LONGEST:,}"), field="units")
    known = holders_by_key([line["holder"] for line in lines])
    for line in lines:
        if line["holder"] not in known:
            raise Invalid(_("Choose a known holder"), field="holder")
        if not 0 < line["units"] < 10**15:
            raise Invalid(_("Enter at least 1"), field="units")
    asked = sum(line["units"] for line in lines)
    _refuse_over_authorised(security, asked)
    return [line | {"name": known[line["holder"]][0]} for line in lines]


def _refuse_over_authorised(security: SecurityClass, asked: int) -> None:
    left = security.total_units - security.issued_units
    if asked > left:
        figures = {"left": caps.units_text(left, security), "asked": caps.units_text(asked, security)}
        raise Invalid(
            _("The class has %(left)s authorised and not issued, and you asked for %(asked)s", **figures),
            field="units", code="over_authorised",
        )  # fmt: skip


@action("capital_entry.submit")
def submit_entry(actor: Person, entry: CapitalEntry) -> None:
    """Freeze an entry and ask a second HR person to sign it."""
    ENTRY.move(entry, "submit", payload=content_of(entry))
    holders = holders_by_key([line["holder"] for line in entry.lines])
    issuer = entry.security.issuer
    approvals.request(
        actor,
        entry,
        title={"en": f"Issued units of {issuer.name}", "zh": f"{issuer.name} 资本登记"},
        address=f"/equity/entries/{entry.public_id}",
        company=entry.company,
        content=content_of(entry),
        steps=[Role.HR],
        beneficiaries=[person for _name, person in holders.values() if person is not None],
    )


def content_of(entry: CapitalEntry) -> dict[str, Any]:
    """What is signed, from the rows as they are now."""
    return {
        "class": entry.security.public_id, "effective_on": entry.effective_on.isoformat(), "evidence": entry.evidence,
        "lines": entry.lines,
    } | ({"record": entry.exploitation.number} if entry.exploitation else {})  # fmt: skip


@action("capital_entry.approve")
def approve_entry(actor: Person, entry: CapitalEntry) -> None:
    """Sign an entry: its units are issued, all or none."""
    security = lock_class(entry.security)
    _refuse_over_authorised(security, sum(line["units"] for line in entry.lines))
    contributions.recheck(entry)
    if not approvals.sign(actor, open_approval(entry), content=content_of(entry)):
        return
    event = ENTRY.move(entry, "approve")
    details = {"entry": entry.public_id} | ({"patent": entry.exploitation.number} if entry.exploitation else {})
    for line in entry.lines:
        register.issue(
            security, holder=line["holder"], instrument=Instrument.SHARE, quantity=line["units"],
            effective_on=entry.effective_on, event=event, price_minor=line.get("price_minor"),
            details=details,
        )  # fmt: skip
    notify(entry.maker_id, "capital_entry.approved", f"/equity/entries/{entry.public_id}", issuer=security.issuer.name)


def lock_class(security: SecurityClass) -> SecurityClass:
    """Hold a class for this transaction, and read it afresh."""
    statement = select(SecurityClass).where(SecurityClass.id == security.id).with_for_update(of=SecurityClass)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


@action("capital_entry.refuse")
def refuse_entry(actor: Person, entry: CapitalEntry, *, reason: str) -> None:
    """Refuse an entry with a reason."""
    approvals.refuse(actor, open_approval(entry), reason=reason)
    ENTRY.move(entry, "refuse", reason=reason)
    notify(entry.maker_id, "capital_entry.refused", f"/equity/entries/{entry.public_id}",
           issuer=entry.security.issuer.name)  # fmt: skip


@action("capital_entry.correct")
def correct_entry(actor: Person, entry: CapitalEntry, *, reason: str) -> None:
    """Take an entry back by counter-entries, as another person than its maker; refused once its units have moved on."""
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    lock_class(entry.security)
    event = ENTRY.move(entry, "correct", reason=reason)
    rows = db.session.scalars(
        select(EquityTransaction)
        .where(
            EquityTransaction.class_public_id == entry.security.public_id,
            EquityTransaction.details["entry"].astext == entry.public_id,
        )
        .order_by(EquityTransaction.id)
    ).all()
    for row in rows:
        if register.units_in(register.of_transaction(row)) < row.quantity:
            raise Invalid(_("Units of this entry have moved on; correct those movements first"), field="reason")
        register.reverse(row, entry.effective_on, event, reason)
