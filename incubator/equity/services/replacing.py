"""Units of an award on value growth on their way to its holder: what others take comes to the holder as money.

Those who come first may take the units that a part of an award hands over (Company Law 2023, Art. 84). The holder then
gets what the takers pay for them, at the appraised value of the notice; nothing is lost and nothing is paid twice.
"""

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.models import (
    EquityStep,
    EquityTransfer,
    GrowthPart,
    LineState,
    PartState,
    PayLine,
    StepKind,
)
from incubator.equity.states import STEP, StepState
from incubator.notifications.services import notify


def part_of(transfer: EquityTransfer) -> GrowthPart | None:
    """The part of an award that a transfer hands over."""
    return db.session.scalar(select(GrowthPart).where(GrowthPart.transfer_id == transfer.id))


def pay_taken(transfer: EquityTransfer, event: AuditEvent) -> None:
    """Owe the holder of an award, in money, the units that others took, once the transfer is settled."""
    part = part_of(transfer)
    if part is None or transfer.settled_on is None:
        return
    taken = sum(units for key, units in (transfer.outcome or {}).items() if key != transfer.buyer_public_id)
    minor = taken * transfer.price_minor // 10**transfer.security.decimals
    if not minor:
        return
    step = EquityStep(
        kind=StepKind.GROWTH, grant=part.grant, company_id=part.grant.company_id, maker_id=transfer.maker_id,
        effective_on=transfer.settled_on, amount_minor=minor, currency=transfer.security.currency, cause_id=event.id,
        details={"settlement": part.settlement.number, "transfer": transfer.number, "taken": taken},
        reason=transfer.number, state=StepState.DONE,
    )  # fmt: skip
    db.session.add(GrowthPart(settlement=part.settlement, grant=part.grant, due_on=transfer.settled_on,
                              amount_minor=minor, units=0, step=step, replaces=part))  # fmt: skip
    db.session.flush()
    notify(part.grant.holder_id, "growth_settlement.settled", "/equity/mine", venture=part.grant.plan.venture.name)


def take_back(transfer: EquityTransfer) -> None:
    """Strike out the money that stands in place of taken units, with the transfer. Invalid once payroll has it."""
    part = part_of(transfer)
    money = part and db.session.scalar(select(GrowthPart).where(GrowthPart.replaces_id == part.id))
    if not money or money.step is None:
        return
    standing = select(PayLine.id).where(
        PayLine.step_id == money.step_id, PayLine.state.in_((LineState.SENT, LineState.PAID))
    )
    if db.session.scalar(standing.limit(1)) is not None:
        raise Invalid(_("Payroll has the money that the holder gets for units that others took"), field="reason",
                      code="paid")  # fmt: skip
    money.state = PartState.CANCELLED
    STEP.move(money.step, "claw_back")


def let_go(transfer: EquityTransfer) -> None:
    """A transfer that came to nothing no longer stands for its part: it can be asked for anew."""
    part = part_of(transfer)
    if part is not None:
        part.transfer = None
