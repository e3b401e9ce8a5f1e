"""Units of an award on value growth on their way to its holder: what others take comes to the holder as money.

Those who come first may take the units that a part of an award hands over (Company Law 2023, Art. 84). The holder then
gets what the takers pay for them, at the appraised value of the notice; nothing is lost and nothing is paid twice.
"""

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.models import EquityStep, EquityTransfer, GrowthPart, GrowthSettlement, PartState, StepKind
from incubator.equity.services import payroll
from incubator.equity.states import STEP, GrowthState, StepState
from incubator.notifications.services import notify


def part_of(transfer: EquityTransfer) -> GrowthPart | None:
    """The part of an award that a transfer hands over."""
    return db.session.scalar(select(GrowthPart).where(GrowthPart.transfer_id == transfer.id))


def pay_taken(transfer: EquityTransfer, event: AuditEvent) -> None:
    """Owe the holder of an award, in money, the units that others took, once the transfer is settled."""
    part = part_of(transfer)
    if part is None:
        return
    taken = sum(units for key, units in (transfer.outcome or {}).items() if key != transfer.buyer_public_id)
    if _owe(part.settlement, part, transfer, taken, event):
        notify(part.grant.holder_id, "growth_settlement.settled", "/equity/mine", venture=part.grant.plan.venture.name)


def _owe(
    settlement: GrowthSettlement, part: GrowthPart, transfer: EquityTransfer, taken: int, event: AuditEvent
) -> bool:
    """Money for so many taken units of a part, with the step that payroll pays; whether there is any."""
    minor = _worth(transfer, taken)
    if not minor or transfer.settled_on is None:
        return False
    step = EquityStep(
        kind=StepKind.GROWTH, grant=part.grant, company_id=part.grant.company_id, maker_id=transfer.maker_id,
        effective_on=transfer.settled_on, amount_minor=minor, currency=transfer.security.currency, cause_id=event.id,
        details={"settlement": settlement.number, "transfer": transfer.number, "taken": taken},
        reason=transfer.number, state=StepState.DONE,
    )  # fmt: skip
    db.session.add(GrowthPart(settlement=settlement, grant=part.grant, due_on=transfer.settled_on,
                              amount_minor=minor, units=0, step=step, replaces=part))  # fmt: skip
    db.session.flush()
    return True


def _worth(transfer: EquityTransfer, units: int) -> int:
    return int(units * transfer.price_minor // 10**transfer.security.decimals)


def take_back(transfer: EquityTransfer) -> None:
    """Strike out the money that stands in place of taken units, with the transfer; the part can be asked for anew.

    Raises Invalid once payroll has the money, or once a clawback has counted it.
    """
    part = part_of(transfer)
    if part is None:
        return
    replaced = GrowthPart.replaces_id == part.id
    if part.settlement.state is GrowthState.CORRECTED and db.session.scalar(select(GrowthPart.id).where(replaced)):
        raise Invalid(_("A clawback has counted this transfer; correct what came of it first"), field="reason",
                      code="corrected")  # fmt: skip
    standing = select(GrowthPart).where(replaced, GrowthPart.state == PartState.DUE).with_for_update(of=GrowthPart)
    money = db.session.scalars(standing.execution_options(populate_existing=True)).first()
    if money is not None:
        if payroll.hold([money.step_id]):
            raise Invalid(_("Payroll has the money that the holder gets for units that others took"), field="reason",
                          code="paid")  # fmt: skip
        cancel(money)
    let_go(transfer)


def cancel(part: GrowthPart) -> None:
    """A part falls away, with what payroll would pay for it; its step is held (payroll.hold)."""
    part.state = PartState.CANCELLED
    if part.step is not None:
        STEP.move(part.step, "claw_back")
    db.session.flush()


def claw_back(settlement: GrowthSettlement, money: GrowthPart, units: int, event: AuditEvent, *, paid: bool) -> int:
    """Take back the money for up to so many taken units, by a lower settlement; for how many units that was.

    What is paid is to be paid back; what is not falls away, and is owed anew for the units that remain.
    """
    part, step = money.replaces, money.step
    if part is None or step is None or part.transfer is None:
        return 0
    taken = int(step.details["taken"])
    back = min(units, taken)
    if not paid:
        cancel(money)
        _owe(settlement, part, part.transfer, taken - back, event)
        return back
    repaid = money.amount_minor - _worth(part.transfer, taken - back)
    if repaid > 0:
        db.session.add(GrowthPart(settlement=settlement, grant=money.grant, due_on=settlement.first_due_on,
                                  amount_minor=repaid, units=0, state=PartState.REPAY))  # fmt: skip
    return back


def let_go(transfer: EquityTransfer) -> None:
    """A transfer that came to nothing no longer stands for its part: it can be asked for anew."""
    part = part_of(transfer)
    if part is not None:
        part.transfer = None
