"""Settling a plan on value growth: asked for by HR, signed, paid in yearly parts, corrected downwards by a clawback."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import services as approvals
from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, Stale, WrongState
from incubator.equity.engines import growth as engine
from incubator.equity.engines.growth import GrowthError, Stripped
from incubator.equity.models import (
    Appraisal,
    EquityGrant,
    EquityPlan,
    EquityStep,
    EquityTransfer,
    GrowthHappening,
    GrowthPart,
    GrowthSettlement,
    PartState,
    StepKind,
)
from incubator.equity.services import caps, growing, payroll, replacing, transfers
from incubator.equity.services.growing import Computed
from incubator.equity.services.plans import open_approval
from incubator.equity.states import GROWTH, GrowthState, PlanState, StepState
from incubator.notifications.services import notify
from incubator.people.models import Person, Role

MOST = 10**15
LONGEST_REASON = 2_000
TO_COMPLETE = 180
"""Days that a transfer of units has to be completed in."""


@action("growth.record")
def record_happening(
    actor: Person,
    plan: EquityPlan,
    /,
    *,
    kind: str,
    happened_on: dt.date,
    amount_minor: int | None = None,
    ratio_new: int | None = None,
    ratio_old: int | None = None,
    paid_on: dt.date | None = None,
    evidence: str,
) -> GrowthHappening:
    """Enter, as HR or finance, what changed the company's value without growth; it counts in settlements to come."""
    if kind not in set(Stripped):
        raise Invalid(_("Choose one of the list"), field="kind")
    if not evidence.strip() or len(evidence) > 400:
        raise Invalid(_("Name the resolution or the voucher, in at most 400 characters"), field="evidence")
    if happened_on > clock.today():
        raise Invalid(_("This day has not come yet"), field="happened_on")
    new, old = _ratio(ratio_new, ratio_old) if kind == Stripped.SPLIT else (1, 1)
    amount = 0 if kind == Stripped.SPLIT else (amount_minor or 0)
    if kind != Stripped.SPLIT and not 0 < amount < MOST:
        raise Invalid(_("Enter an amount above 0"), field="amount_minor")
    if paid_on is not None and paid_on < happened_on:
        raise Invalid(_("This lies before the day it was declared"), field="paid_on")
    event = audit.record("growth.record", plan, {"kind": kind, "on": happened_on.isoformat(), "amount_minor": amount,
                                                 "ratio": [new, old]})  # fmt: skip
    made = GrowthHappening(
        security=plan.security, maker_id=actor.id, kind=Stripped(kind), happened_on=happened_on, amount_minor=amount,
        ratio_new=new, ratio_old=old, paid_on=paid_on if kind == Stripped.DIVIDEND else None,
        evidence=evidence.strip(), cause_id=event.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _ratio(new: int | None, old: int | None) -> tuple[int, int]:
    for field, value in (("ratio_new", new), ("ratio_old", old)):
        if value is None or not 0 < value <= 1_000_000:
            raise Invalid(_("Enter a whole number from 1 on"), field=field)
    return new or 1, old or 1


@action("growth_settlement.create")
def settle_growth(
    actor: Person, plan: EquityPlan, /, *, value: Appraisal | None, first_due_on: dt.date, reason: str = "",
    corrects: GrowthSettlement | None = None,
) -> GrowthSettlement:  # fmt: skip
    """Ask, as HR, that growth up to an approved appraisal is settled; HR, finance and the plan's signers sign it.

    corrects: a settlement that is done, to be taken the place of by a lower one (clawback), with a reason.
    """
    caps.lock(plan)
    _check_ask(plan, corrects, reason)
    computed = growing.compute(plan, value, first_due_on, day=clock.today(), corrects=corrects)
    if corrects is None and not any(award.parts for award in computed.awards):
        raise WrongState(_("There is no growth to settle: nothing would be paid."))
    if any(award.grant.holder_id == actor.id for award in computed.awards):
        raise Invalid(_("You gain from this, so somebody else must ask for it."), field="value", code="beneficiary")
    made = GrowthSettlement(
        number=keys.spoken("W"), plan=plan, company_id=plan.company_id, maker=actor, base=computed.base,
        value=computed.value, corrects=corrects, first_due_on=first_due_on, currency=plan.security.currency,
        content=content_of(computed, corrects), reason=reason.strip(),
    )  # fmt: skip
    audit.created(made, cause_id=audit.event_of(plan, "equity_plan.approve").id, payload=made.content)
    _request(actor, made, computed)
    return made


def _check_ask(plan: EquityPlan, corrects: GrowthSettlement | None, reason: str) -> None:
    if plan.state not in (PlanState.ACTIVE, PlanState.CLOSED):
        raise WrongState(_("Only a plan that was approved is settled."))
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST_REASON), field="reason")
    if corrects is not None and not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    if corrects is not None and (
        corrects.plan_id != plan.id or corrects.state is not GrowthState.DONE or corrects.corrects_id is not None
    ):
        raise WrongState(_("Only a settlement that is done can be corrected."))
    waits = select(GrowthSettlement.id).where(
        GrowthSettlement.plan_id == plan.id, GrowthSettlement.state == GrowthState.IN_APPROVAL
    )
    if db.session.scalar(waits.limit(1)) is not None:
        raise WrongState(_("A settlement of this plan waits for its signatures."))


def content_of(computed: Computed, corrects: GrowthSettlement | None) -> dict[str, Any]:
    """What is signed: steps of the growth, and the awards with their parts; figures in minor units and points."""
    growth = computed.growth
    return {
        "engine": engine.ENGINE_VERSION,
        "corrects": corrects.number if corrects else None,
        "appraisals": [[one.public_id, one.appraised_on.isoformat(), one.value_minor, one.firm, one.filing_number]
                       for one in (computed.base, computed.value)],
        "growth": {"base": growth.base, "value": growth.value, "capital_in": growth.capital_in,
                   "capital_out": growth.capital_out, "dividends": growth.dividends, "hurdle": growth.hurdle,
                   "raw": growth.raw, "grown": growth.grown},
        "shared": computed.pool,
        "awards": [
            {"grant": award.grant.number, "points": award.points, "minor": award.minor, "units": award.units,
             "parts": [[day.isoformat(), minor, units] for day, minor, units in award.parts]}
            for award in computed.awards
        ],
    }  # fmt: skip


def _request(actor: Person, made: GrowthSettlement, computed: Computed) -> None:
    plan = made.plan
    GROWTH.move(made, "submit")
    roles = [Role.HR, Role.FINANCE, *(Role(one) for one in plan.signers if one != Role.FINANCE)]
    words = {"en": "Clawback of value growth", "zh": "价值增长奖励追回"} if made.corrects else {
        "en": "Settlement of value growth", "zh": "价值增长结算"}  # fmt: skip
    approvals.request(
        actor,
        made,
        title={"en": f"{words['en']} {made.number} ({plan.venture.name})",
               "zh": f"{words['zh']} {made.number}（{plan.venture.name}）"},
        address=f"/equity/growth/{made.public_id}",
        company=made.company,
        content=made.content,
        steps=roles,
        beneficiaries=sorted({award.grant.holder_id for award in computed.awards}),
        may_delegate=True,
    )  # fmt: skip


@action("growth_settlement.approve")
def approve_growth(actor: Person, settlement: GrowthSettlement) -> None:
    """Sign a settlement; with the last signature its parts are due, each on its day.

    It is computed anew under a lock on the plan: Stale when figures have changed, Invalid for an appraisal that has
    expired since.
    """
    caps.lock(settlement.plan)
    db.session.refresh(settlement)
    computed = growing.compute(settlement.plan, settlement.value, settlement.first_due_on, day=clock.today(),
                               corrects=settlement.corrects)  # fmt: skip
    content = content_of(computed, settlement.corrects)
    if content != settlement.content:
        raise Stale(_("Figures have changed since this was asked for. Refuse it, and have it asked for anew."))
    if not approvals.sign(actor, open_approval(settlement), content=content):
        return
    total = {"total_minor": computed.total_minor}
    event = GROWTH.move(settlement, "approve", payload=total)
    if settlement.corrects is None:
        _write_parts(settlement, computed, event)
    else:
        _claw_back(settlement, computed, event)
    address = f"/equity/growth/{settlement.public_id}"
    notify(settlement.maker_id, "growth_settlement.approved", address, number=settlement.number)
    for holder in sorted({award.grant.holder_id for award in computed.awards}):
        notify(holder, "growth_settlement.settled", "/equity/mine", venture=settlement.plan.venture.name)


@action("growth_settlement.refuse")
def refuse_growth(actor: Person, settlement: GrowthSettlement, *, reason: str) -> None:
    """Refuse a settlement with a reason."""
    approvals.refuse(actor, open_approval(settlement), reason=reason)
    GROWTH.move(settlement, "refuse", reason=reason)
    notify(settlement.maker_id, "growth_settlement.refused", f"/equity/growth/{settlement.public_id}",
           number=settlement.number)  # fmt: skip


def _write_parts(settlement: GrowthSettlement, computed: Computed, event: AuditEvent) -> None:
    for award in computed.awards:
        for day, minor, units in award.parts:
            _part(settlement, award.grant, (day, minor, units), event)
    db.session.flush()


def _part(settlement: GrowthSettlement, grant: EquityGrant, what: tuple[dt.date, int, int], event: AuditEvent) -> None:
    """One yearly part (day, money, units); of money with the step that payroll pays once its day has come."""
    day, minor, units = what
    step = None
    if minor:
        step = EquityStep(
            kind=StepKind.GROWTH, grant=grant, company_id=grant.company_id, maker_id=settlement.maker_id,
            effective_on=day, amount_minor=minor, currency=settlement.currency, cause_id=event.id,
            details={"settlement": settlement.number}, reason=settlement.number, state=StepState.DONE,
        )  # fmt: skip
    db.session.add(GrowthPart(settlement=settlement, grant=grant, due_on=day, amount_minor=minor, units=units,
                              step=step))  # fmt: skip


def _claw_back(settlement: GrowthSettlement, computed: Computed, event: AuditEvent) -> None:
    """Bring the awards of the settlement that is corrected down to the new ones, grant by grant."""
    old = settlement.corrects
    if old is None:
        return
    revised = {award.grant.id: award for award in computed.awards}
    held, gone = _held(old)
    standing: dict[int, list[GrowthPart]] = defaultdict(list)
    for part in held:
        standing[part.grant_id].append(part)
    for grant_id in [key for key in revised if key not in standing and (revised[key].minor or revised[key].units)]:
        raise Invalid(_higher(revised[grant_id].grant), field="value", code="not_lower")
    for grant_id, parts in standing.items():
        award = revised.get(grant_id)
        _bring_down(settlement, parts, award.minor or award.units if award else 0, event, gone)
    GROWTH.move(old, "correct", reason=settlement.reason)


def _held(old: GrowthSettlement) -> tuple[Sequence[GrowthPart], set[int]]:
    """The parts of a settlement that are due, held for this transaction with their steps, and the ids of those that
    are gone: payroll has them, or their units were asked to be handed over."""
    due = select(GrowthPart).where(GrowthPart.settlement_id == old.id, GrowthPart.state == PartState.DUE)
    held = due.order_by(GrowthPart.id).with_for_update(of=GrowthPart)
    parts = db.session.scalars(held.execution_options(populate_existing=True)).all()
    with_payroll = payroll.hold(part.step_id for part in parts)
    return parts, {part.id for part in parts if part.transfer_id is not None or part.step_id in with_payroll}


def _higher(grant: EquityGrant) -> str:
    return str(_("The award of grant %(number)s would be higher: a clawback only takes back", number=grant.number))


def _bring_down(
    settlement: GrowthSettlement, held: list[GrowthPart], revised: int, event: AuditEvent, gone: set[int]
) -> None:
    """What is not paid falls away first, the latest part first; then money, or units, are to be paid back."""
    parts = [part for part in held if part.replaces_id is None]
    paid = sum(part.amount_minor or part.units for part in parts if part.id in gone)
    try:
        claw = engine.claw_back(award=sum(part.amount_minor or part.units for part in parts), paid=paid,
                                revised=revised)  # fmt: skip
    except GrowthError as error:
        raise Invalid(_higher(held[0].grant), field="value", code="not_lower") from error
    _strike(settlement, [part for part in parts if part.id not in gone], claw.cancelled, event)
    repaid = claw.repaid
    for money in [part for part in held if part.replaces_id is not None]:
        if repaid:
            repaid -= replacing.claw_back(settlement, money, repaid, event, paid=money.id in gone)
    if repaid:
        in_units = bool(parts[0].units)
        db.session.add(GrowthPart(
            settlement=settlement, grant=parts[0].grant, due_on=settlement.first_due_on,
            amount_minor=0 if in_units else repaid, units=repaid if in_units else 0, state=PartState.REPAY,
        ))  # fmt: skip


def _strike(settlement: GrowthSettlement, unpaid: list[GrowthPart], left: int, event: AuditEvent) -> None:
    """So much of what is not paid falls away, the latest part first; a part that stays in part is written anew."""
    for part in sorted(unpaid, key=lambda one: one.due_on, reverse=True):
        if left <= 0:
            break
        size = part.amount_minor or part.units
        replacing.cancel(part)
        if size > left:
            kept = size - left
            what = (part.due_on, kept if part.amount_minor else 0, kept if part.units else 0)
            _part(settlement, part.grant, what, event)
        left -= size


@action("growth_settlement.hand_over")
def hand_over(actor: Person, settlement: GrowthSettlement, *, part: str) -> EquityTransfer:
    """Ask, as HR, for the transfer of the units of a part that is due, from the plan's vehicle to the holder.

    The price is the appraised value and is settled with the award; lock-up, first refusal and signatures follow.
    """
    caps.lock(settlement.plan)
    found = _of(settlement, part, PartState.DUE)
    if not found.units or found.transfer_id is not None:
        raise WrongState(_("These units were asked for already, or this part is money."))
    if found.due_on > clock.today():
        raise WrongState(_("This part is due on %(day)s.", day=found.due_on.isoformat()))
    plan = settlement.plan
    transfer = transfers.request_transfer(
        actor, plan.security, seller=plan.growth["source"], buyer=found.grant.holder.public_id, units=found.units,
        price_minor=settlement.value.unit_minor, complete_by=clock.today() + dt.timedelta(days=TO_COMPLETE),
        payment=str(_("Settled with the award on value growth %(number)s", number=settlement.number)),
    )  # fmt: skip
    found.transfer = transfer
    return transfer


@action("growth_settlement.record_repayment")
def record_repayment(
    actor: Person, settlement: GrowthSettlement, *, part: str, settled_on: dt.date, evidence: str
) -> None:
    """Record, as finance or HR, that a holder has paid back what a clawback asks for."""
    found = _of(settlement, part, PartState.REPAY)
    if settled_on > clock.today():
        raise Invalid(_("This day has not come yet"), field="settled_on")
    if not evidence.strip() or len(evidence) > 200:
        raise Invalid(_("Name the receipt, in at most 200 characters"), field="evidence")
    found.state, found.settled_on, found.evidence = PartState.REPAID, settled_on, evidence.strip()
    audit.record("growth_settlement.record_repayment", settlement,
                 {"part": found.public_id, "amount_minor": found.amount_minor, "units": found.units})  # fmt: skip


def _of(settlement: GrowthSettlement, key: str, state: PartState) -> GrowthPart:
    """A part of a settlement by its key, held for this transaction. Raises WrongState in another state."""
    found = db.session.scalars(
        select(GrowthPart)
        .where(GrowthPart.settlement_id == settlement.id, GrowthPart.public_id == key)
        .with_for_update(of=GrowthPart)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise Invalid(_("Choose one of the list"), field="part")
    if found.state is not state:
        raise WrongState(_("This has moved on meanwhile. Reload the page to see where it stands."))
    return found
