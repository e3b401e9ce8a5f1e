"""Leavers, movers and ended ventures: what becomes of each grant by its plan's rule, shown before it is signed."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, Stale, WrongState
from incubator.core.log import named
from incubator.core.transaction import attempt
from incubator.equity.engines import leaving as engine
from incubator.equity.engines.leaving import Holding, LeavingError, Outcome, Reason
from incubator.equity.engines.vesting import Order, balance_on
from incubator.equity.models import Appraisal, EquityGrant, EquityPlan, EquityStep, Instrument, Movement, StepKind
from incubator.equity.services import appraisals, caps, effects, register, signing, vesting
from incubator.equity.states import GrantState, StepState
from incubator.equity.words import instrument_of
from incubator.people.models import Company, Person, Role
from incubator.people.predicates import SYSTEM, scopes
from incubator.ventures.models import Venture
from incubator.ventures.states import VentureState

log = logging.getLogger(__name__)
Values = dict[str, int]
"""Appraised minor units of one whole unit, by the public id of the class."""


@dataclass(frozen=True)
class Line:
    """One grant of somebody who leaves, and what becomes of it."""

    grant: EquityGrant
    outcome: Outcome

    @property
    def plain(self) -> dict[str, Any]:
        """As it is signed."""
        one = self.outcome
        return {
            "grant": self.grant.number, "decimals": self.grant.plan.security.decimals,
            "vests": one.vests, "goes_on": one.goes_on, "lapses": one.lapses,
            "bought": one.bought, "keeps": one.keeps, "price_minor": one.price_minor,
            "amount_minor": one.amount_minor, "until": one.until.isoformat() if one.until else None,
        }  # fmt: skip


def grants_in_force(person_id: int) -> Sequence[EquityGrant]:
    """A person's grants in force, oldest first, with plan and class."""
    return _in_force(EquityGrant.holder_id == person_id)


def grants_settled_by(actor: Person, person: Person, reason: str) -> Sequence[EquityGrant]:
    """The grants that this HR settles: all of somebody of its own; of somebody who works elsewhere those of its own
    companies, after a move alone. Raises Invalid (field reason)."""
    found, paths = grants_in_force(person.id), scopes(actor, Role.HR)
    if any(person.company.path.startswith(path) for path in paths):
        return found
    if reason != Reason.MOVE:
        raise Invalid(_("Only the HR of the person’s own company says so: choose a move"), field="reason")
    return [grant for grant in found if any(grant.company.path.startswith(path) for path in paths)]


def _in_force(*conditions: Any) -> Sequence[EquityGrant]:
    return db.session.scalars(
        select(EquityGrant)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .where(EquityGrant.state == GrantState.LIVE, *conditions)
        .options(joinedload(EquityGrant.plan), joinedload(EquityGrant.holder))
        .order_by(EquityGrant.id)
    ).all()


def preview(grants: Sequence[EquityGrant], *, reason: str, last_day: dt.date, values: Values) -> list[Line]:
    """What becomes of each grant. Raises Invalid where a plan's rule cannot be applied."""
    try:
        return [Line(grant, _outcome(grant, reason, last_day, values)) for grant in grants]
    except LeavingError as error:
        raise Invalid(_("The plan's rule cannot be applied: %(why)s", why=str(error)), field="value_minor") from error


def _outcome(grant: EquityGrant, reason: str, last_day: dt.date, values: Values) -> Outcome:
    plan, log = grant.plan, vesting.log_of(grant)
    made = vesting.timeline_of(grant, log)
    balance = balance_on(made, last_day, vesting.moves_of(log))
    held = Holding(
        vested=int(balance.vested // 1),
        unvested=int(balance.unvested // 1),
        shares=instrument_of(plan.kind) is Instrument.SHARE,
        decimals=plan.security.decimals,
        cost_minor=effects.price_of(grant),
        value_minor=values.get(plan.security.public_id),
    )
    return engine.outcome(engine.read(plan.leaving, reason), held, last_day)


@action("equity_step.depart")
def depart(
    actor: Person,
    person: Person,
    *,
    reason: str,
    last_day: dt.date,
    value_minor: int | None = None,
    note: str,
) -> EquityStep:
    """Ask, as HR, that a person's grants follow the rule of a departure or a move; a second person signs it.

    value_minor: the appraised value of one unit, where a rule asks for one. Raises WrongState when another departure
    waits or the person holds nothing.
    """
    kind = _check_departure(person, reason, last_day, note)
    grants = grants_settled_by(actor, person, reason)
    if not grants:
        raise WrongState(_("This person holds no grant in force."))
    for plan in sorted({grant.plan for grant in grants}, key=lambda one: (one.security_class_id, one.id)):
        caps.lock(plan)
    values = values_for(grants, value_minor)
    lines = preview(grants, reason=reason, last_day=last_day, values=values)
    details: dict[str, Any] = {"reason": reason, "values": values, "to_company": _moved_to(person, grants)}
    if len(grants) < len(grants_in_force(person.id)):
        details["only"] = [grant.number for grant in grants]
    return _ask(actor, person, lines, kind=kind, effective_on=last_day, reason=note.strip(), details=details)


def _moved_to(person: Person, grants: Sequence[EquityGrant]) -> str | None:
    """The company that the directory has moved a person to already; None where it knows of no move yet."""
    is_known = any(grant.holder_company_id not in (None, person.company_id) for grant in grants)
    return person.company.public_id if is_known else None


def _check_departure(person: Person, reason: str, last_day: dt.date, note: str) -> StepKind:
    if reason not in set(Reason) - {Reason.VENTURE_ENDED}:
        raise Invalid(_("Choose one of the list"), field="reason")
    if not note.strip():
        raise Invalid(_("Say why"), field="note")
    if not dt.date(1990, 1, 1) <= last_day <= dt.date(2100, 1, 1):
        raise Invalid(_("Enter the last day of work"), field="last_day")
    waiting = select(EquityStep.id).where(
        EquityStep.person_id == person.id, EquityStep.grant_id.is_(None), EquityStep.state == StepState.IN_APPROVAL
    )
    if db.session.scalar(waiting.limit(1)) is not None:
        raise WrongState(_("A departure of this person waits for its signature already."))
    return StepKind.MOVE if reason == Reason.MOVE else StepKind.DEPARTURE


def values_for(grants: Sequence[EquityGrant], value_minor: int | None) -> Values:
    """One appraised value for the classes of these grants."""
    return {} if value_minor is None else {grant.plan.security.public_id: value_minor for grant in grants}


def _ask(actor: Person, person: Person, lines: list[Line], *, details: dict[str, Any], **columns: Any) -> EquityStep:
    currencies = {line.grant.currency for line in lines}
    if len(currencies) > 1:
        raise Invalid(_("Grants in several currencies are settled one by one"), field="value_minor")
    step = EquityStep(
        person=person, company=_company_of(actor, person, lines), maker=actor, currency=currencies.pop(),
        amount_minor=sum(line.outcome.amount_minor for line in lines),
        details=details | {"lines": [line.plain for line in lines]}, **columns,
    )  # fmt: skip
    origin = audit.event_of(lines[0].grant, "equity_grant.activate")
    audit.created(step, cause_id=origin.id, payload=signing.content_of(step))
    signing.request_signatures(actor, step, {person.id})
    return step


def _company_of(actor: Person, person: Person, lines: Sequence[Line]) -> Company:
    """Where a departure is signed: with the person's own HR, or with the asking HR of grants that stayed behind."""
    companies = [line.grant.company for line in lines]
    held = [one for one in companies if any(one.path.startswith(path) for path in scopes(actor, Role.HR))] or companies
    is_at_home = any(one.id in person.company.and_above for one in held)
    return person.company if is_at_home else held[0]


def carry_out(step: EquityStep, event: AuditEvent) -> None:
    """Do what a signed departure says, to every grant; a grant that has changed meanwhile makes it stale."""
    if step.person is None:
        return
    only = step.details.get("only")
    grants = [one for one in grants_in_force(step.person.id) if only is None or one.number in only]
    for plan in sorted({grant.plan for grant in grants}, key=lambda one: (one.security_class_id, one.id)):
        caps.lock(plan)
    details = step.details
    lines = preview(grants, reason=details["reason"], last_day=step.effective_on, values=details["values"])
    if [line.plain for line in lines] != details["lines"]:
        raise Stale(_("The grants have changed since this was asked for. Cancel it, and ask anew."))
    for line in lines:
        _apply(line, step.effective_on, event)
    if step.kind is StepKind.MOVE:
        _settle_move(step.person, grants, details.get("to_company"), event)


def _settle_move(person: Person, grants: Sequence[EquityGrant], to: str | None, event: AuditEvent) -> None:
    """Write down for which company the grants were settled: the one that was asked about, else the person's own now."""
    there = person.company if to is None else db.session.scalars(select(Company).where(Company.public_id == to)).one()
    for grant in grants:
        if grant.holder_company_id != there.id:
            left = grant.holder_company
            grant.holder_company = there
            payload = {"from": left.public_id if left else None, "to": there.public_id}
            audit.record("equity_grant.settle_move", grant, payload, cause_id=event.id)


def _apply(line: Line, day: dt.date, event: AuditEvent) -> None:
    grant, one = line.grant, line.outcome
    if one.vests:
        effects.note(grant, Movement.ACCELERATION, day, event, {"units": None, "order": str(Order.NEXT)})
    gone = 0
    if not one.goes_on:
        gone = effects.stop(grant, day, event, price_minor=one.price_minor if one.bought else None)
    bought_vested = one.bought - (gone if instrument_of(grant.plan.kind) is Instrument.SHARE else 0)
    if bought_vested > 0:
        back = effects.give_back(grant, bought_vested)
        effects.take(grant, Movement.REPURCHASE, bought_vested, day, event, price_minor=one.price_minor,
                     details={"returned": back})  # fmt: skip
    vesting.store(grant)
    effects.close_if_empty(grant)


def end_venture(venture: Venture) -> int:
    """Stop the vesting of all grants in a stopped venture by their plans' rules; how many grants changed.

    The decision that stopped the venture is the cause; called by the job, and repeatable.
    """
    stopped = audit.event_of(venture, "venture.stop")
    day, changed = stopped.at.astimezone(clock.GROUP_ZONE).date(), 0
    with audit.because(SYSTEM, "equity_grant.venture_ended", parent_id=stopped.id):
        for grant in _in_force(EquityPlan.venture_id == venture.id):
            if any(row.details.get("stops") for row in vesting.log_of(grant)):
                continue
            changed += _end(grant, day, stopped)
    return changed


def _end(grant: EquityGrant, day: dt.date, stopped: AuditEvent) -> bool:
    """Stop one grant's vesting; one whose rule cannot be applied is logged and does not hold up the others."""
    try:
        with attempt():
            caps.lock(grant.plan)
            (line,) = preview([grant], reason=Reason.VENTURE_ENDED, last_day=day, values=_appraised(grant, day))
            event = audit.record("equity_grant.venture_ended", grant, line.plain, cause_id=stopped.id)
            _apply(line, day, event)
            _owe(line, day, event)
    except DomainError as refusal:
        log.warning("the vesting of a grant goes on", extra={"grant": grant.number, "why": named(refusal)})
        return False
    return True


def _owe(line: Line, day: dt.date, event: AuditEvent) -> None:
    """What the company pays for units of an ended venture that it buys back, for payroll; the decision is its cause."""
    grant = line.grant
    if line.outcome.amount_minor:
        db.session.add(EquityStep(
            kind=StepKind.END, person=grant.holder, company_id=grant.company_id, maker_id=grant.plan.maker_id,
            effective_on=day, amount_minor=line.outcome.amount_minor, currency=grant.currency, cause_id=event.id,
            details={"reason": str(Reason.VENTURE_ENDED), "lines": [line.plain]}, reason=grant.plan.venture.number,
            state=StepState.DONE,
        ))  # fmt: skip


def _appraised(grant: EquityGrant, day: dt.date) -> Values:
    """The value of an approved appraisal that could be used on a day, for a rule that buys back at a value."""
    security = grant.plan.security
    found = db.session.scalar(appraisals.usable(security).where(Appraisal.appraised_on <= day).limit(1))
    if found is None or day > appraisals.last_day(found):
        return {}
    return {security.public_id: found.unit_minor}


def ended_ventures() -> Sequence[Venture]:
    """Stopped ventures with grants in force, with something still to vest."""
    return db.session.scalars(
        select(Venture)
        .join(EquityPlan, EquityPlan.venture_id == Venture.id)
        .join(EquityGrant, EquityGrant.plan_id == EquityPlan.id)
        .where(Venture.state == VentureState.STOPPED, EquityGrant.state == GrantState.LIVE)
        .distinct()
    ).all()


def close_window(step: EquityStep, today: dt.date) -> int:
    """Lapse what a leaver has not exercised in time; how many grants that concerned. Repeatable."""
    closed = 0
    for line in step.details["lines"]:
        if line["until"] is None or dt.date.fromisoformat(line["until"]) >= today:
            continue
        grant = db.session.scalars(select(EquityGrant).where(EquityGrant.number == line["grant"])).one()
        caps.lock(grant.plan)
        db.session.refresh(grant)
        left = sum(register.units_in(one) for one in effects.securities(grant))
        if grant.state is GrantState.LIVE and left:
            with audit.because(SYSTEM, "equity_grant.lapse_window"):
                event = audit.record("equity_grant.lapse_window", grant, {"units": left}, cause_id=step.cause_id)
                details = {"returned": effects.give_back(grant, left)}
                effects.take(grant, Movement.CANCELLATION, left, dt.date.fromisoformat(line["until"]), event,
                             details=details)  # fmt: skip
                vesting.store(grant)
                effects.close_if_empty(grant)
            closed += 1
    return closed
