"""What plans on value growth come to: what changed value without growth, settlements, and their yearly parts."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Caused,
    Currency,
    Data,
    Minor,
    Model,
    Public,
    Timestamped,
    Versioned,
    append_only,
    frozen,
    state_column,
)
from incubator.equity.engines.growth import Stripped
from incubator.equity.models.appraisals import Appraisal
from incubator.equity.models.grants import EquityGrant
from incubator.equity.models.issuers import SecurityClass
from incubator.equity.models.plans import EquityPlan
from incubator.equity.models.steps import EquityStep
from incubator.equity.models.transfers import EquityTransfer
from incubator.equity.states import GrowthState
from incubator.people.models import Company, Person


class PartState(StrEnum):
    """Where a yearly part stands: to be paid or handed over, fallen away, to be paid back, paid back."""

    DUE = "due"
    CANCELLED = "cancelled"
    REPAY = "repay"
    REPAID = "repaid"


class GrowthHappening(Public, Timestamped, Model):
    """Capital, a dividend or a split that changed the value of a class's company without growth (engines/growth.py).

    amount_minor: of all; ratio: new units for old ones, of a split. What units were issued for stands in the register
    and is not entered here again.
    """

    __tablename__ = "growth_happening"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        CheckConstraint("ratio_new > 0 AND ratio_old > 0", name="ratio_positive"),
        Index("ix_growth_happening_class", "security_class_id", "happened_on"),
    )

    security_class_id: Mapped[int] = mapped_column(ForeignKey("security_class.id"))
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[Stripped] = mapped_column(state_column(Stripped, "kind_known"))
    happened_on: Mapped[dt.date]
    amount_minor: Mapped[Minor]
    ratio_new: Mapped[int] = mapped_column(default=1)
    ratio_old: Mapped[int] = mapped_column(default=1)
    paid_on: Mapped[dt.date | None]
    evidence: Mapped[str] = mapped_column(String(400))
    cause_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), index=True)
    security: Mapped[SecurityClass] = relationship()


append_only(cast(Table, GrowthHappening.__table__))


class GrowthSettlement(Public, Timestamped, Caused, Versioned, Model):
    """Growth between two approved appraisals, shared among a plan's grants; signed as `content`, then paid in parts.

    corrects: the settlement that this one takes the place of with a lower value (a clawback). content: steps of the
    growth, awards and parts, plain values. first_due_on: of the first yearly part.
    """

    __tablename__ = "growth_settlement"
    __table_args__ = (
        CheckConstraint("base_id <> value_id", name="two_appraisals"),
        Index("ix_growth_settlement_plan", "plan_id", "id"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("equity_plan.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    base_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    value_id: Mapped[int] = mapped_column(ForeignKey("appraisal.id"), index=True)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("growth_settlement.id"), index=True)
    first_due_on: Mapped[dt.date]
    currency: Mapped[Currency]
    content: Mapped[Data]
    reason: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    state: Mapped[GrowthState] = mapped_column(state_column(GrowthState, "state_known"), default=GrowthState.DRAFT)
    plan: Mapped[EquityPlan] = relationship()
    company: Mapped[Company] = relationship()
    maker: Mapped[Person] = relationship()
    base: Mapped[Appraisal] = relationship(foreign_keys=base_id)
    value: Mapped[Appraisal] = relationship(foreign_keys=value_id)
    corrects: Mapped["GrowthSettlement | None"] = relationship(remote_side="GrowthSettlement.id")
    parts: Mapped[list["GrowthPart"]] = relationship(back_populates="settlement", order_by="GrowthPart.id")


class GrowthPart(Public, Timestamped, Model):
    """One yearly part of one grant's award: money that payroll pays as the step's, or units by a transfer.

    of REPAY: money that the holder pays back; settled_on, evidence: when it came. replaces: the part whose units
    others took, for which the holder gets this money.
    """

    __tablename__ = "growth_part"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0 AND units >= 0 AND amount_minor + units > 0", name="something"),
        UniqueConstraint("step_id"),
        UniqueConstraint("transfer_id"),
        Index("uq_growth_part_replaces_id", "replaces_id", unique=True, postgresql_where=text("state <> 'cancelled'")),
    )

    settlement_id: Mapped[int] = mapped_column(ForeignKey("growth_settlement.id"), index=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("equity_grant.id"), index=True)
    due_on: Mapped[dt.date]
    amount_minor: Mapped[Minor]
    units: Mapped[Minor]
    state: Mapped[PartState] = mapped_column(state_column(PartState, "state_known"), default=PartState.DUE)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("equity_step.id"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfer.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("growth_part.id"))
    settled_on: Mapped[dt.date | None]
    evidence: Mapped[str] = mapped_column(String(200), default="", server_default="")
    settlement: Mapped[GrowthSettlement] = relationship(back_populates="parts")
    grant: Mapped[EquityGrant] = relationship()
    step: Mapped[EquityStep | None] = relationship()
    transfer: Mapped[EquityTransfer | None] = relationship()
    replaces: Mapped["GrowthPart | None"] = relationship(remote_side="GrowthPart.id")


frozen(
    cast(Table, GrowthSettlement.__table__),
    ("number", "plan_id", "company_id", "maker_id", "base_id", "value_id", "corrects_id", "first_due_on", "currency",
     "content", "reason", "cause_id"),
)  # fmt: skip
frozen(cast(Table, GrowthPart.__table__), ("settlement_id", "grant_id", "due_on", "amount_minor", "units"))
