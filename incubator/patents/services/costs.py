"""What an application costs, planned and paid; a wrong amount is undone by a row that reverses it."""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.money import MINOR_DIGITS
from incubator.patents.engines.fees import reduced
from incubator.patents.models import CostPurpose, CostStage, Matter, MatterCost
from incubator.people.models import Person

LONGEST_NOTE = 500


@action("matter_cost.add")
def add_cost(
    actor: Person, matter: Matter, *, stage: CostStage, purpose: CostPurpose, full_amount: int, currency: str,
    on_day: dt.date, is_reduced: bool = False, note: str = "",
) -> MatterCost:  # fmt: skip
    """Enter an amount (minor units, as the office lists it); is_reduced takes the application's reduction off.

    Raises Invalid at full_amount, currency or on_day.
    """
    if currency not in MINOR_DIGITS:
        raise Invalid(_("Choose one of the currencies."), field="currency")
    amount = reduced(full_amount, matter.reduction_bp) if is_reduced else full_amount
    if amount <= 0:
        raise Invalid(_("Enter an amount above 0."), field="full_amount")
    if stage is CostStage.ACTUAL and on_day > clock.today():
        raise Invalid(_("What is paid was paid by today; enter a later day as planned."), field="on_day")
    cause = audit.record("matter_cost.add", matter, {"stage": stage.value, "amount": amount, "currency": currency})
    cost = MatterCost(
        matter=matter, stage=stage, purpose=purpose, amount=amount, full_amount=full_amount, currency=currency,
        on_day=on_day, note=note.strip(), recorded_by=actor,
    )  # fmt: skip
    audit.created(cost, cause_id=cause.id, payload={"amount": amount, "currency": currency, "stage": stage.value})
    return cost


@action("matter_cost.reverse")
def reverse_cost(actor: Person, matter: Matter, *, cost: MatterCost, note: str) -> MatterCost:
    """Undo an amount by a row of the same size below zero. Raises Invalid at note, WrongState when it is undone."""
    if not note.strip():
        raise Invalid(_("Give a reason."), field="note")
    if len(note.strip()) > LONGEST_NOTE:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST_NOTE), field="note")
    db.session.flush()
    db.session.scalars(select(Matter).where(Matter.id == matter.id).with_for_update()).one()
    done = select(MatterCost.id).where(MatterCost.reverses_id == cost.id)
    if cost.reverses_id is not None or db.session.scalar(done) is not None:
        raise WrongState(_("This amount was reversed already."))
    cause = audit.record("matter_cost.reverse", matter, {"cost": cost.public_id}, reason=note.strip())
    undone = MatterCost(
        matter=matter, deadline_id=cost.deadline_id, stage=cost.stage, purpose=cost.purpose, amount=-cost.amount,
        full_amount=-cost.full_amount, currency=cost.currency, on_day=cost.on_day, note=note.strip(),
        recorded_by=actor, reverses_id=cost.id,
    )  # fmt: skip
    audit.created(undone, cause_id=cause.id, payload={"amount": undone.amount, "reverses": cost.public_id})
    return undone
