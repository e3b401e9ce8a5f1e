"""Reading batches for payroll."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.orm import joinedload

from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityStep, PayBatch, PayLine
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role


def batches_visible_to(person: Person) -> Select[PayBatch]:
    """Those of HR's and finance's scope."""
    return (
        select(PayBatch)
        .where(visible(PayBatch, person, within(PayBatch.company_id, person, Role.HR, Role.FINANCE)))
        .options(joinedload(PayBatch.company), joinedload(PayBatch.maker))
    )


def batch_list(person: Person) -> tuple[Select[Any], Any]:
    """The rows of the list, and the key to page by."""
    key = cast(func.extract("epoch", PayBatch.created_at) * 1_000_000, BigInteger)
    rows: Any = (
        select(
            PayBatch.public_id, PayBatch.number, PayBatch.period, PayBatch.currency, PayBatch.line_count,
            PayBatch.total_minor, PayBatch.state, Company.name.label("company"), key.label("key"),
        )
        .join(Company, Company.id == PayBatch.company_id)
        .where(within(PayBatch.company_id, person, Role.HR, Role.FINANCE))
    )  # fmt: skip
    return rows, key


def payments_of_person(reader: Person, holder: Person) -> Sequence[Any]:
    """What the company pays or paid to a person for equity, in the reader's care, newest first."""
    return db.session.execute(
        select(
            EquityStep.public_id, EquityStep.kind, EquityStep.effective_on, EquityStep.amount_minor,
            EquityStep.currency, EquityStep.state, PayLine.state.label("paid"), PayBatch.number.label("batch"),
        )
        .outerjoin(EquityGrant, EquityGrant.id == EquityStep.grant_id)
        .outerjoin(PayLine, PayLine.step_id == EquityStep.id)
        .outerjoin(PayBatch, PayBatch.id == PayLine.batch_id)
        .where(func.coalesce(EquityStep.person_id, EquityGrant.holder_id) == holder.id)
        .where(within(EquityStep.company_id, reader, Role.HR))
        .order_by(EquityStep.id.desc(), PayLine.id.desc())
        .limit(100)
    ).all()  # fmt: skip


def lines_of(batch: PayBatch) -> Sequence[Any]:
    """The lines of a batch in the order they were written."""
    return db.session.execute(
        select(
            PayLine.public_id, Person.hr_number, Person.name, PayLine.amount_minor, PayLine.state, PayLine.told,
            EquityStep.kind, EquityStep.public_id.label("step"), EquityGrant.number, EquityStep.effective_on,
        )
        .join(Person, Person.id == PayLine.person_id)
        .join(EquityStep, EquityStep.id == PayLine.step_id)
        .outerjoin(EquityGrant, EquityGrant.id == EquityStep.grant_id)
        .where(PayLine.batch_id == batch.id)
        .order_by(PayLine.id)
    ).all()  # fmt: skip
