"""Payments to holders: batches with control totals go to payroll, and what became of each line comes back."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.equity.models import EquityStep, LineState, PayBatch, PayLine
from incubator.equity.queries.due import payable
from incubator.equity.states import BATCH, BatchState
from incubator.people.models import Company, Person

PERIOD = re.compile(r"^20[0-9]{2}-(0[1-9]|1[0-2])$")
MOST_LINES = 5_000


@dataclass(frozen=True)
class Told:
    """What payroll says of one line: its id, whether it was paid, and its own words."""

    line: str
    paid: bool
    words: str = ""


@action("equity_batch.prepare")
def prepare_batch(actor: Person, company: Company, *, period: str, currency: str) -> PayBatch:
    """Put all that is to be paid in a company (and below it) into a batch for a month ('2026-11').

    Raises Invalid for an odd month, WrongState when nothing is to be paid. Two at once: the unique index on a step's
    standing line lets one pass.
    """
    if not PERIOD.match(period):
        raise Invalid(_("Enter a month, such as 2026-11"), field="period")
    below = select(Company.id).where(Company.path.startswith(company.path, autoescape=True))
    found = db.session.scalars(
        select(EquityStep)
        .where(payable(), EquityStep.company_id.in_(below), EquityStep.currency == currency)
        .order_by(EquityStep.id)
        .limit(MOST_LINES)
        .with_for_update()
    ).all()
    if not found:
        raise WrongState(_("Nothing is to be paid here."))
    batch = PayBatch(
        number=keys.spoken("P"), company=company, maker=actor, period=period, currency=currency,
        line_count=len(found), total_minor=sum(step.amount_minor for step in found),
        lines=[PayLine(step=step, person_id=_payee(step), amount_minor=step.amount_minor) for step in found],
    )  # fmt: skip
    audit.created(batch, cause_id=found[0].cause_id, payload=_totals(batch))
    return batch


def hold(step_ids: Iterable[int | None]) -> set[int]:
    """Hold steps for this transaction, in order, as a batch does; those of them that payroll has, sent or paid."""
    ids = sorted({one for one in step_ids if one is not None})
    held = select(EquityStep).where(EquityStep.id.in_(ids)).order_by(EquityStep.id).with_for_update(of=EquityStep)
    db.session.scalars(held.execution_options(populate_existing=True)).all()
    standing = PayLine.state.in_((LineState.SENT, LineState.PAID))
    return set(db.session.scalars(select(PayLine.step_id).where(PayLine.step_id.in_(ids), standing)))


def _payee(step: EquityStep) -> int:
    holder = step.grant.holder_id if step.grant else step.person_id
    if holder is None:
        raise WrongState(_("Nothing is to be paid here."))
    return holder


def _totals(batch: PayBatch) -> dict[str, Any]:
    return {"period": batch.period, "currency": batch.currency, "lines": batch.line_count,
            "total_minor": batch.total_minor}  # fmt: skip


@action("equity_batch.release")
def send_batch(actor: Person, batch: PayBatch) -> None:
    """Send a batch on, as finance or a second HR person; its maker cannot."""
    if batch.maker_id == actor.id:
        raise NotAllowed(_("You prepared this, so somebody else must send it."))
    BATCH.move(batch, "send", payload=_totals(batch))


@action("equity_batch.record")
def record_payments(actor: Person, batch: PayBatch, *, told: Sequence[Told]) -> int:
    """Write what payroll says became of the lines; how many changed. The same word again changes nothing.

    Raises Invalid for a line that is not of this batch, WrongState before it was sent or for another word on a line
    that has come back.
    """
    db.session.scalars(select(PayBatch).where(PayBatch.id == batch.id).with_for_update()).one()
    if batch.state is BatchState.PREPARED:
        raise WrongState(_("The batch has not been sent yet."))
    lines = {line.public_id: line for line in batch.lines}
    changed = [one for one in told if _record(lines, one)]
    if changed:
        audit.record("equity_batch.record", batch, {
            "paid": sum(one.paid for one in changed), "failed": sum(not one.paid for one in changed),
        })  # fmt: skip
    if batch.state is BatchState.SENT and all(line.state is not LineState.SENT for line in batch.lines):
        BATCH.move(batch, "settle")
    return len(changed)


def _record(lines: dict[str, PayLine], told: Told) -> bool:
    line = lines.get(told.line)
    if line is None:
        raise Invalid(_("Line %(line)s is not of this batch", line=told.line[:20]), field="file")
    state = LineState.PAID if told.paid else LineState.FAILED
    if line.state is state:
        return False
    if line.state is not LineState.SENT:
        raise WrongState(_("Line %(line)s has come back with another word before", line=line.public_id))
    line.state, line.told = state, told.words[:200]
    return True
