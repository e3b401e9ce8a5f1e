"""What an application costs, planned and paid."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Currency, Minor, Model, Public, Timestamped, append_only, state_column
from incubator.patents.models.deadlines import Deadline
from incubator.patents.models.matters import Matter
from incubator.people.models import Person


class CostStage(StrEnum):
    """Whether it is planned or was paid."""

    PLANNED = "planned"
    ACTUAL = "actual"


class CostPurpose(StrEnum):
    """What the money is for."""

    OFFICE = "office"
    ATTORNEY = "attorney"
    TRANSLATION = "translation"
    SEARCH = "search"
    OTHER = "other"


class MatterCost(Public, Timestamped, Caused, Model):
    """An amount planned or paid for an application; never changed, undone only by a row that reverses it.

    amount: minor units after the reduction; full_amount: what the office lists.
    """

    __tablename__ = "matter_cost"
    __table_args__ = (
        Index("ix_matter_cost_matter", "matter_id", "id"),
        CheckConstraint("amount <> 0 AND (amount > 0) = (reverses_id IS NULL)", name="reversal_is_negative"),
        CheckConstraint("abs(amount) <= abs(full_amount)", name="reduced_from_full"),
    )

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    deadline_id: Mapped[int | None] = mapped_column(ForeignKey("deadline.id"), index=True)
    stage: Mapped[CostStage] = mapped_column(state_column(CostStage, "stage_known"))
    purpose: Mapped[CostPurpose] = mapped_column(state_column(CostPurpose, "purpose_known"))
    amount: Mapped[Minor]
    full_amount: Mapped[Minor]
    currency: Mapped[Currency]
    on_day: Mapped[dt.date]
    note: Mapped[str] = mapped_column(String(500), default="")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("matter_cost.id"), unique=True)
    matter: Mapped[Matter] = relationship()
    deadline: Mapped[Deadline | None] = relationship()
    recorded_by: Mapped[Person] = relationship()


append_only(cast(Table, MatterCost.__table__))
