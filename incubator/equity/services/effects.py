"""What a step does to the register: checked when it is asked for, and again, under lock, when it is carried out."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.equity.engines.vesting import balance_on
from incubator.equity.models import (
    EquityGrant,
    EquityStep,
    EquityTransaction,
    Instrument,
    Movement,
    OnCancellation,
    PlanKind,
    StepKind,
)
from incubator.equity.services import register, rights, vesting
from incubator.equity.states import GRANT, GrantState
from incubator.equity.words import CASH_KINDS, GROWTH_KINDS, instrument_of
from incubator.rules import queries as rules
from incubator.rules.engines.periods import add_months

OF_KIND = {
    StepKind.START: Movement.START, StepKind.EVENT: Movement.EVENT, StepKind.ACCELERATION: Movement.ACCELERATION,
    StepKind.LEAVE: Movement.LEAVE,
}  # fmt: skip
UNCORRECTABLE = (Movement.ISSUANCE, Movement.ACCEPTANCE, Movement.BALANCE, Movement.CORRECTION, Movement.RETURN)


@dataclass(frozen=True)
class Asked:
    """What is asked for, checked: the columns of a step."""

    units: int | None
    price_minor: int | None
    amount_minor: int
    details: dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """A movement that is not written yet, for the vesting engine to look at."""

    kind: Movement
    effective_on: dt.date
    details: dict[str, Any]
    quantity: int = 0
    id: int | None = None
    reverses_id: int | None = field(default=None)


def check(grant: EquityGrant, kind: StepKind, asked: Asked, on: dt.date) -> Asked:
    """What is asked for, with its amount and details complete. Raises Invalid at the field."""
    if kind in OF_KIND:
        return _check_fact(grant, kind, asked, on)
    if kind is StepKind.REPRICING:
        if asked.price_minor is None:
            raise Invalid(_("Enter an amount, such as 1.20"), field="price_minor")
        return replace(asked, units=None)
    if kind is StepKind.CORRECTION:
        return replace(asked, units=None, price_minor=None, details=_check_correction(grant, asked.details))
    if kind is StepKind.CANCELLATION and asked.details["stops"]:
        refuse_ended(grant)
        return replace(asked, units=None, price_minor=None)
    return _check_move(grant, kind, asked, on)


def _check_fact(grant: EquityGrant, kind: StepKind, asked: Asked, on: dt.date) -> Asked:
    if kind is StepKind.EVENT and asked.details["condition"] not in vesting.events_of(grant.terms):
        raise Invalid(_("Choose one of the list"), field="condition")
    if kind is StepKind.LEAVE and (asked.details["to_on"] or "") < on.isoformat():
        raise Invalid(_("The last day lies before the first."), field="to_on")
    where = {StepKind.EVENT: "condition", StepKind.ACCELERATION: "units", StepKind.LEAVE: "to_on"}
    log = [*vesting.log_of(grant), Fact(OF_KIND[kind], on, asked.details)]
    vesting.check_facts(grant, log, where.get(kind, "effective_on"))
    return replace(asked, price_minor=None)


def _check_correction(grant: EquityGrant, details: dict[str, Any]) -> dict[str, Any]:
    row = next((one for one in vesting.log_of(grant) if one.public_id == details["transaction"]), None)
    if row is None or row.kind in UNCORRECTABLE:
        raise Invalid(_("Choose a movement that can be taken back"), field="transaction")
    return details


def _check_move(grant: EquityGrant, kind: StepKind, asked: Asked, on: dt.date) -> Asked:
    """A move of vested units."""
    if asked.units is None:
        raise Invalid(_("Enter how many units, such as 48,000"), field="units")
    if on > clock.today():
        raise Invalid(_("This day has not come yet"), field="effective_on", code="future")
    _check_kind(grant, kind, on)
    log = vesting.log_of(grant)
    there = int(balance_on(vesting.timeline_of(grant, log), on, vesting.moves_of(log)).vested // 1)
    if asked.units > there:
        security = grant.plan.security
        raise Invalid(
            _("On %(day)s only %(n)s have vested and are still there", day=on.isoformat(),
              n=f"{security.quantity(there):,f}"),
            field="units", code="over_vested",
        )  # fmt: skip
    if kind is StepKind.EXERCISE and grant.plan.kind in rights.RISES:
        return _check_rise(grant, asked, asked.units, on)
    paid = kind is StepKind.REPURCHASE or (kind is StepKind.EXERCISE and grant.plan.kind in CASH_KINDS)
    if not paid:
        return replace(asked, price_minor=None)
    if asked.price_minor is None:
        raise Invalid(_("Enter an amount, such as 1.20"), field="price_minor")
    return replace(asked, amount_minor=_amount(grant, kind, asked.units, asked.price_minor))


def _check_rise(grant: EquityGrant, asked: Asked, units: int, on: dt.date) -> Asked:
    """An appreciation right: its rise at the value of an approved appraisal, in shares or in money."""
    found = rights.settlement(grant, units, base=price_of(grant), given=asked.price_minor, on=on)
    details = {"net": found.net, "base_minor": price_of(grant), "appraisal": found.appraisal.public_id}
    return replace(asked, price_minor=found.appraisal.unit_minor, amount_minor=found.minor, details=details)


def _amount(grant: EquityGrant, kind: StepKind, units: int, price_minor: int) -> int:
    """What the company pays: all of a price bought back at, of a right in money the rise above the grant's price."""
    each = price_minor - (price_of(grant) if kind is StepKind.EXERCISE else 0)
    return int(max(each, 0) * units // 10**grant.plan.security.decimals)


def _check_kind(grant: EquityGrant, kind: StepKind, on: dt.date) -> None:
    plan = grant.plan
    instrument = instrument_of(plan.kind)
    fits = {
        StepKind.EXERCISE: plan.kind is PlanKind.OPTION or (plan.kind in CASH_KINDS and plan.kind not in GROWTH_KINDS),
        StepKind.RELEASE: plan.kind is PlanKind.RSU,
        StepKind.REPURCHASE: instrument is Instrument.SHARE,
        StepKind.CANCELLATION: True,
    }
    fits[StepKind.EXERCISE] |= plan.kind is PlanKind.SAR_STOCK
    if not fits[kind]:
        raise Invalid(_("A plan of this kind has no such step"), field="kind")
    if kind is StepKind.EXERCISE and plan.kind is PlanKind.OPTION and plan.regime == "cn.equity":
        _check_option(grant, on)


def _check_option(grant: EquityGrant, on: dt.date) -> None:
    """The first and the last day of exercise by the rule in force on the grant date."""
    rule = rules.in_force("cn.equity.option", grant.granted_on, grant.company)
    first = add_months(grant.granted_on, rule.parameters["first_exercise_after_months"])
    last = add_months(first, rule.parameters["exercise_within_months"])
    if not first <= on <= last:
        raise Invalid(
            _("By %(source)s these options are exercised between %(first)s and %(last)s",
              source=f"{rule.source} ({rule.code} v{rule.number})", first=first.isoformat(), last=last.isoformat()),
            field="units", code="outside_window",
        )  # fmt: skip


def price_of(grant: EquityGrant) -> int:
    """The price of one whole unit now: the grant's, or what a repricing has set since."""
    prices = [row.price_minor for row in vesting.log_of(grant) if row.kind is Movement.REPRICING]
    return prices[-1] if prices and prices[-1] is not None else grant.price_minor


def carry_out(step: EquityStep, grant: EquityGrant, event: AuditEvent) -> None:
    """Do what a signed step on a grant asks for."""
    if step.kind in OF_KIND:
        log = [*vesting.log_of(grant), Fact(OF_KIND[step.kind], step.effective_on, step.details)]
        vesting.check_facts(grant, log, "effective_on")
        note(grant, OF_KIND[step.kind], step.effective_on, event, step.details)
    else:
        _MOVES[step.kind](step, grant, event)
    vesting.store(grant)
    close_if_empty(grant)


def note(grant: EquityGrant, kind: Movement, on: dt.date, event: AuditEvent, details: dict[str, Any]) -> None:
    """Write a fact that moves no unit."""
    held = securities(grant)
    if not held:
        raise WrongState(_("Nothing is left of this grant."))
    register.enter(held[0], kind, 0, on, event, details=details)


def securities(grant: EquityGrant) -> list[Any]:
    """The securities of the grant itself, without the shares that came out of it."""
    instrument = instrument_of(grant.plan.kind)
    return [one for one in register.of_grant(grant) if one.instrument is instrument]


def take(
    grant: EquityGrant,
    kind: Movement,
    units: int,
    on: dt.date,
    event: AuditEvent,
    *,
    price_minor: int | None = None,
    details: dict[str, Any] | None = None,
) -> list[tuple[Any, int]]:
    """Move units out of a grant's securities, oldest first; from which how many. Invalid when short."""
    taken, left = [], units
    for security in securities(grant):
        part = min(left, register.lock(security))
        if part:
            register.take(security, kind, part, on, event, price_minor=price_minor, details=details)
            taken.append((security, part))
            left -= part
    if left:
        raise Invalid(_("There are not so many units"), field="units", code="short")
    return taken


def _settle(step: EquityStep, grant: EquityGrant, event: AuditEvent) -> None:
    """An exercise or a release: units leave the right; where it is a right to capital, shares come out of it."""
    units, kind = step.units or 0, Movement(step.kind.value)
    rise: dict[str, Any] = {
        name: step.details[name] for name in ("net", "base_minor", "appraisal") if name in step.details
    }
    taken = take(grant, kind, units, step.effective_on, event, price_minor=step.price_minor, details=rise)
    if "net" in rise:
        _issue_net(step, grant, event, taken[0][0])
    elif instrument_of(grant.plan.kind) is Instrument.AWARD:
        for security, part in taken:
            register.issue(
                grant.plan.security, holder=grant.holder.public_id, instrument=Instrument.SHARE, quantity=part,
                effective_on=step.effective_on, event=event, parent=security, grant=grant,
                price_minor=price_of(grant) if kind is Movement.EXERCISE else 0,
            )  # fmt: skip


def _issue_net(step: EquityStep, grant: EquityGrant, event: AuditEvent, parent: Any) -> None:
    """The shares that the rise of an appreciation right comes to, at the value it was settled at."""
    if step.details["net"]:
        register.issue(
            grant.plan.security, holder=grant.holder.public_id, instrument=Instrument.SHARE,
            quantity=step.details["net"], effective_on=step.effective_on, event=event, parent=parent, grant=grant,
            price_minor=step.price_minor,
        )  # fmt: skip


def _cancel(step: EquityStep, grant: EquityGrant, event: AuditEvent) -> None:
    if step.details["stops"]:
        stop(grant, step.effective_on, event)
        return
    units = step.units or 0
    back = give_back(grant, units)
    take(grant, Movement.CANCELLATION, units, step.effective_on, event, details={"returned": back})


def stop(grant: EquityGrant, on: dt.date, event: AuditEvent, *, price_minor: int | None = None) -> int:
    """End vesting after a day and take what has not vested; how many units that were.

    price_minor: of shares that are bought back instead of lapsing.
    """
    made = vesting.timeline_of(grant)
    unvested = balance_on(made, on).unvested
    units = int(unvested) if unvested == int(unvested) else int(unvested) + 1
    refuse_ended(grant)
    if units == 0:
        return 0
    details = {"stops": True, "unvested": True, "returned": give_back(grant, units)}
    take(grant, Movement.CANCELLATION, units, on, event, price_minor=price_minor, details=details)
    return units


def refuse_ended(grant: EquityGrant) -> None:
    """Raise WrongState when the vesting of a grant was ended before."""
    if any(row.details.get("stops") for row in vesting.log_of(grant)):
        raise WrongState(_("The vesting of this grant has ended already."))


def _repurchase(step: EquityStep, grant: EquityGrant, event: AuditEvent) -> None:
    back = give_back(grant, step.units or 0)
    take(grant, Movement.REPURCHASE, step.units or 0, step.effective_on, event, price_minor=step.price_minor,
         details={"returned": back})  # fmt: skip


def _reprice(step: EquityStep, grant: EquityGrant, event: AuditEvent) -> None:
    before = price_of(grant)
    for security in securities(grant)[:1]:
        register.enter(security, Movement.REPRICING, 0, step.effective_on, event, price_minor=step.price_minor,
                       details={"before": before})  # fmt: skip


def give_back(grant: EquityGrant, units: int) -> int:
    """Return units to the pool where the plan says so; called under the plan's lock. How many came back."""
    if grant.plan.on_cancellation is not OnCancellation.RETURN:
        return 0
    grant.returned_units += units
    grant.plan.granted_units -= units
    return units


def _correct(step: EquityStep, grant: EquityGrant, event: AuditEvent) -> None:
    """Take back a movement and all that came of the same event, each by its counter-entry."""
    named = db.session.scalars(
        select(EquityTransaction).where(EquityTransaction.public_id == step.details["transaction"])
    ).one()
    together = db.session.scalars(
        select(EquityTransaction)
        .where(EquityTransaction.grant_id == grant.id, EquityTransaction.cause_id == named.cause_id,
               EquityTransaction.kind != Movement.BALANCE)
        .order_by(EquityTransaction.id.desc())
    ).all()  # fmt: skip
    if grant.state is GrantState.CLOSED:
        GRANT.move(grant, "reopen")
    returned = sum(int(row.details.get("returned", 0)) for row in together)
    plan = grant.plan
    if returned > plan.pool_units - plan.granted_units:
        raise Invalid(_("The pool has not so much left any more"), field="transaction", code="over_limit")
    grant.returned_units -= returned
    plan.granted_units += returned
    for row in together:
        register.reverse(row, step.effective_on, event, step.reason)


def close_if_empty(grant: EquityGrant) -> None:
    """A grant of which nothing is left is closed."""
    if grant.state is GrantState.LIVE and not securities(grant):
        GRANT.move(grant, "close")


_MOVES = {
    StepKind.EXERCISE: _settle,
    StepKind.RELEASE: _settle,
    StepKind.CANCELLATION: _cancel,
    StepKind.REPURCHASE: _repurchase,
    StepKind.REPRICING: _reprice,
    StepKind.CORRECTION: _correct,
}
