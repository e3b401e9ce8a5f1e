"""Steps on grants in force: one person asks, a second one signs, and only then the register moves."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import services as approvals
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.equity.engines.vesting import Order, balance_on
from incubator.equity.models import EquityGrant, EquityStep, PlanKind, StepKind
from incubator.equity.services import caps, effects, leaving, signing, vesting
from incubator.equity.services.effects import Asked
from incubator.equity.services.plans import open_approval
from incubator.equity.states import STEP, GrantState
from incubator.equity.words import CASH_KINDS, GROWTH_KINDS
from incubator.notifications.services import notify
from incubator.people.models import Person

FACTS = (StepKind.START, StepKind.EVENT, StepKind.ACCELERATION, StepKind.LEAVE)
"""They change when things vest; no unit moves."""
BY_HOLDER = (StepKind.EXERCISE,)
OF_HR = (*FACTS, StepKind.RELEASE, StepKind.CANCELLATION, StepKind.REPURCHASE, StepKind.REPRICING, StepKind.CORRECTION)
LONGEST_REASON = 2_000


@action("equity_step.propose")
def propose_step(actor: Person, grant: EquityGrant, /, *, kind: str, reason: str, **asked: Any) -> EquityStep:
    """Ask for a step on a grant in force, as HR; a second person signs it. Keywords as of `check_step`."""
    if kind not in OF_HR:
        raise Invalid(_("Choose one of the list"), field="kind")
    return _ask(actor, grant, StepKind(kind), reason, asked)


@action("equity_grant.exercise")
def exercise(actor: Person, grant: EquityGrant, *, units: int | None, value_minor: int | None = None) -> EquityStep:
    """Ask, as the holder, to exercise vested units; HR signs. value_minor: of one unit, of a right paid in money."""
    asked = {"units": units, "price_minor": value_minor, "effective_on": clock.today()}
    return _ask(actor, grant, StepKind.EXERCISE, str(_("Asked for by the holder")), asked)


def _ask(actor: Person, grant: EquityGrant, kind: StepKind, reason: str, asked: dict[str, Any]) -> EquityStep:
    return put(actor, grant, kind, reason, asked, cause_id=audit.event_of(grant, "equity_grant.activate").id)


def put(
    maker: Person, grant: EquityGrant, kind: StepKind, reason: str, asked: dict[str, Any], *, cause_id: int
) -> EquityStep:
    """Check a step and put it to signature; whoever calls it has checked the right. cause_id: the event it comes of."""
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST_REASON), field="reason")
    caps.lock(grant.plan)
    db.session.refresh(grant)
    if _waits(grant):
        raise WrongState(_("Another step on this grant waits for its signature."))
    effective_on = asked.pop("effective_on", None)
    if effective_on is None:
        raise Invalid(_("Enter a day"), field="effective_on")
    checked = check_step(grant, kind=kind, effective_on=effective_on, **asked)
    step = EquityStep(
        kind=kind, grant=grant, company_id=grant.company_id, maker=maker, effective_on=effective_on,
        units=checked.units, price_minor=checked.price_minor, amount_minor=checked.amount_minor,
        currency=grant.currency, details=checked.details, reason=reason.strip(),
    )  # fmt: skip
    audit.created(step, cause_id=cause_id, payload=signing.content_of(step))
    signing.request_signatures(maker, step, {grant.holder_id})
    return step


def _waits(grant: EquityGrant) -> bool:
    """One step of a grant at a time: the next is checked against what the one before has done."""
    waiting = select(EquityStep.id).where(EquityStep.grant_id == grant.id, EquityStep.state == "in_approval")
    return db.session.scalar(waiting.limit(1)) is not None


def check_step(
    grant: EquityGrant,
    *,
    kind: StepKind,
    effective_on: dt.date,
    units: int | None = None,
    price_minor: int | None = None,
    condition: str | None = None,
    order: str = Order.NEXT,
    to_on: dt.date | None = None,
    transaction: str | None = None,
    stops: bool = False,
) -> Asked:
    """Check a step against the grant as it is now. Raises Invalid at the field, WrongState for a grant not in force.

    units: smallest units (of an acceleration None for all that is left); price_minor: of one whole unit; condition:
    the vesting event that happened; to_on: the last day of a leave; transaction: what a correction takes back, by
    public id; stops: a cancellation ends vesting and takes all that has not vested.
    """
    is_closed_correction = kind is StepKind.CORRECTION and grant.state is GrantState.CLOSED
    if grant.state is not GrantState.LIVE and not is_closed_correction:
        raise WrongState(_("Only a grant in force can take this step."))
    if effective_on < grant.granted_on and kind is not StepKind.START:
        raise Invalid(_("This lies before the grant date, %(day)s", day=grant.granted_on.isoformat()),
                      field="effective_on")  # fmt: skip
    if units is not None and units < 1:
        raise Invalid(_("Enter at least 1"), field="units")
    details: dict[StepKind, dict[str, Any]] = {
        StepKind.EVENT: {"condition": condition},
        StepKind.ACCELERATION: {"units": units, "order": str(order)},
        StepKind.LEAVE: {"to_on": to_on.isoformat() if to_on else None},
        StepKind.CANCELLATION: {"stops": stops},
        StepKind.CORRECTION: {"transaction": transaction},
    }
    asked = Asked(units, price_minor, 0, details.get(kind, {}))
    return effects.check(grant, kind, asked, effective_on)


@action("equity_step.approve")
def approve_step(actor: Person, step: EquityStep) -> None:
    """Sign a step; the last signature carries it out, checked once more against the grant as it is then."""
    if step.grant:
        caps.lock(step.grant.plan)
        db.session.refresh(step.grant)
    if approvals.sign(actor, open_approval(step), content=signing.content_of(step)):
        event = STEP.move(step, "approve", payload={"kind": step.kind.value, "units": step.units})
        if step.grant:
            effects.carry_out(step, step.grant, event)
        else:
            leaving.carry_out(step, event)
        address = f"/equity/steps/{step.public_id}"
        notify(step.maker_id, "equity_step.done", address, number=step.grant.number if step.grant else "")
        if step.grant and step.grant.holder_id != step.maker_id:
            notify(step.grant.holder_id, "equity_grant.changed", f"/equity/grants/{step.grant.public_id}",
                   number=step.grant.number)  # fmt: skip


@action("equity_step.refuse")
def refuse_step(actor: Person, step: EquityStep, *, reason: str) -> None:
    """Refuse a step with a reason."""
    approvals.refuse(actor, open_approval(step), reason=reason)
    STEP.move(step, "refuse", reason=reason)
    notify(step.maker_id, "equity_step.refused", f"/equity/steps/{step.public_id}",
           number=step.grant.number if step.grant else "")  # fmt: skip


@action("equity_step.cancel")
def cancel_step(actor: Person, step: EquityStep) -> None:
    """Take a step back before it is signed, as its maker."""
    approvals.cancel(actor, open_approval(step))
    STEP.move(step, "cancel")


def exercisable(grant: EquityGrant, day: dt.date, log: Sequence[Any] | None = None) -> int:
    """Smallest units that have vested and are still there. log: the grant's standing movements, where they are read."""
    rows = vesting.log_of(grant) if log is None else log
    return int(balance_on(vesting.timeline_of(grant, rows), day, vesting.moves_of(rows)).vested // 1)


def is_exercisable(grant: EquityGrant) -> bool:
    """Whether the plan's kind is exercised by its holder."""
    kind = grant.plan.kind
    return kind in (PlanKind.OPTION, PlanKind.SAR_STOCK, *CASH_KINDS) and kind not in GROWTH_KINDS
