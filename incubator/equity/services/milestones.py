"""Grants that wait for a gate: a condition that is named after a gate or a stage happens when the gate says go.

HR names it in the terms ("gate-2": the gate over tranche 2; "stage-pilot": the stage). The two persons who decided the
gate vouch that it happened; who made the plan, or else another of HR beside whom somebody may sign, puts it to the
signature of HR, as any step on a grant.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from incubator.approvals.predicates import interest_of
from incubator.core import audit, clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.log import named
from incubator.core.transaction import attempt
from incubator.equity.models import EquityGrant, EquityPlan, EquityStep, Movement, StepKind
from incubator.equity.services import caps, steps, vesting
from incubator.equity.states import GrantState
from incubator.people.models import Person, Role
from incubator.people.predicates import SYSTEM
from incubator.people.queries import holders_of
from incubator.ventures.models import Tranche, Venture
from incubator.ventures.states import BY_GATE, RUNNING

log = logging.getLogger(__name__)
STAGES = {f"venture.{step}": f"stage-{stage.value}" for stage, step in BY_GATE.items()}
"""The event that enters a stage, and the condition that it meets."""


def milestones_of(venture: Venture) -> dict[str, AuditEvent]:
    """What the gates of a venture have opened, by the name of the condition, and the event of it; one statement."""
    of_tranche = and_(AuditEvent.subject_type == Tranche.__tablename__, AuditEvent.subject_id == Tranche.id)
    gates = and_(of_tranche, AuditEvent.name == "tranche.fall_due", Tranche.venture_id == venture.id)
    stages = and_(
        AuditEvent.subject_type == Venture.__tablename__, AuditEvent.subject_id == venture.id,
        AuditEvent.name.in_(STAGES),
    )  # fmt: skip
    rows = select(AuditEvent, Tranche.number).outerjoin(Tranche, of_tranche).where(or_(gates, stages))
    found = db.session.execute(rows.order_by(AuditEvent.id))
    return {f"gate-{number}" if number is not None else STAGES[event.name]: event for event, number in found}


def put_milestones(venture: Venture) -> int:
    """Put to signature, for each grant in force that waits for what a gate has opened, that it happened; how many.

    Called by the confirmed gate and by a job (no right of its own); repeatable: nothing is put twice, nor again once
    HR has refused it or taken it back.
    """
    reached, put = milestones_of(venture), 0
    for grant in _in_force(venture) if reached else ():
        put += sum(_put(grant, name, reached[name]) for name in _awaited(grant) if name in reached)
    return put


def _awaited(grant: EquityGrant) -> list[str]:
    """The conditions that a grant waits for; none where the terms can't be read: no gate is kept shut by that."""
    try:
        return vesting.events_of(grant.terms)
    except (ValueError, LookupError):
        log.warning("the terms of a grant can't be read", extra={"grant": grant.number}, exc_info=True)
        return []


def _in_force(venture: Venture) -> Sequence[EquityGrant]:
    return db.session.scalars(
        select(EquityGrant)
        .join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .where(EquityGrant.state == GrantState.LIVE, EquityPlan.venture_id == venture.id)
        .options(joinedload(EquityGrant.plan).joinedload(EquityPlan.maker), joinedload(EquityGrant.holder))
        .order_by(EquityPlan.security_class_id, EquityPlan.id, EquityGrant.id)
    ).all()


def _put(grant: EquityGrant, name: str, event: AuditEvent) -> bool:
    """Of one grant; one for which another step waits, or whose terms do not take it now, is tried again by the job.
    What is known already is left without a lock; under the lock it is asked again."""
    if _is_known(grant, name):
        return False
    maker = _maker_for(grant)
    if maker is None:
        log.warning("a milestone waits for HR: nobody may sign", extra={"grant": grant.number, "milestone": name})
        return False
    try:
        with attempt():
            caps.lock(grant.plan)
            if _is_known(grant, name):
                return False
            day = max(event.at.astimezone(clock.GROUP_ZONE).date(), grant.granted_on)
            with audit.because(SYSTEM, "equity_step.milestone", parent_id=event.id):
                steps.put(
                    maker, grant, StepKind.EVENT, f"{grant.plan.venture.number} · {name}",
                    {"condition": name, "effective_on": day}, cause_id=event.id,
                )  # fmt: skip
    except DomainError as refusal:
        log.info("a milestone waits", extra={"grant": grant.number, "milestone": name, "why": named(refusal)})
        return False
    return True


def _maker_for(grant: EquityGrant) -> Person | None:
    """Who asks for a step on a grant: of its HR, the plan's maker first, one beside whom another of HR may sign."""
    officers = db.session.scalars(holders_of(Role.HR, grant.company)).all()
    makers = sorted(officers, key=lambda person: person.id != grant.plan.maker_id)
    gains = {grant.holder_id}
    return next(
        (maker for maker in makers
         if maker.id not in gains and any(interest_of(one, maker.id, gains) is None for one in officers)),
        None,
    )  # fmt: skip


def _is_known(grant: EquityGrant, name: str) -> bool:
    """Whether it was put before, or is recorded already, or nothing vests any more."""
    put = select(EquityStep.id).where(
        EquityStep.grant_id == grant.id, EquityStep.kind == StepKind.EVENT,
        EquityStep.details["condition"].astext == name,
    )  # fmt: skip
    if db.session.scalar(put.limit(1)) is not None:
        return True
    rows = vesting.log_of(grant)
    is_recorded = any(row.kind is Movement.EVENT and row.details["condition"] == name for row in rows)
    return is_recorded or any(row.details.get("stops") for row in rows)


def ventures_with_milestones() -> Sequence[Venture]:
    """The ventures at work that passed a gate and have grants in force that vest by conditions."""
    passed = select(Tranche.venture_id).join(
        AuditEvent,
        and_(AuditEvent.subject_type == Tranche.__tablename__, AuditEvent.subject_id == Tranche.id,
             AuditEvent.name == "tranche.fall_due"),
    )  # fmt: skip
    by_conditions = select(EquityPlan.venture_id).join(EquityGrant, EquityGrant.plan_id == EquityPlan.id)
    by_conditions = by_conditions.where(
        EquityGrant.state == GrantState.LIVE, EquityGrant.terms.has_key("vesting_conditions")
    )
    rows = select(Venture).where(Venture.state.in_(RUNNING), Venture.id.in_(passed), Venture.id.in_(by_conditions))
    return db.session.scalars(rows.order_by(Venture.id)).all()
