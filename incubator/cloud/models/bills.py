"""Bills of providers that charge by bill: deliveries, what they say of each day, and what of it the ledger holds."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.cloud.bill_states import BillKind, BillSource, BillState
from incubator.cloud.models.catalogue import Provider
from incubator.cloud.models.credits import FxRate
from incubator.cloud.models.sandboxes import Sandbox
from incubator.core.db import (
    Caused,
    Currency,
    Minor,
    Model,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    append_only,
    state_column,
)
from incubator.files.models import File
from incubator.people.models import Company, Person

Cost = Annotated[Decimal, mapped_column(Numeric(28, 10))]
"""Whole units of a currency (yuan, dollars) with ten decimals, as a bill writes them."""


class BillDelivery(Public, Timestamped, Caused, Versioned, Model):
    """A file with a provider's bill, as it came: by whom or from where, what its sender says it holds, what was found.

    origin: of a folder or bucket, the name with what tells one version of it from the next; empty for an upload.
    declared_total: in whole units, of all charges in the file. focus: the version that its columns are of.
    doubts: why it was held: {doubt, seller, account, period}; figures: what it charges, by period and currency;
    faults: the first rows that could not be read. findings: the file that names all of them.
    postings: how many days of a sandbox, or of nobody, it changed in the books. tries: how often it was begun to be
    read, since it came or was released.
    """

    __tablename__ = "bill_delivery"
    __table_args__ = (
        CheckConstraint(
            "declared_rows >= 0 AND rows >= 0 AND wrong >= 0 AND postings >= 0 AND tries >= 0",
            name="counted",
        ),
        CheckConstraint("(decided_by_id IS NULL) = (reason = '')", name="decided_with_reason"),
        CheckConstraint("decided_by_id <> person_id", name="second_person"),
        Index("ix_bill_delivery_provider", "provider_id", "id"),
        Index(
            "uq_bill_delivery_origin", "provider_id", "source", "origin", unique=True, postgresql_where="origin <> ''"
        ),
    )

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    state: Mapped[BillState] = mapped_column(state_column(BillState, "state_known"), default=BillState.RECEIVED)
    source: Mapped[BillSource] = mapped_column(state_column(BillSource, "source_known"))
    origin: Mapped[str] = mapped_column(String(1200), default="")
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[BillKind] = mapped_column(state_column(BillKind, "kind_known"))
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    declared_rows: Mapped[int | None]
    declared_total: Mapped[Decimal | None] = mapped_column(Numeric(38, 18))
    focus: Mapped[str] = mapped_column(String(8), default="")
    rows: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(Text, default="")
    doubts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    findings_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), index=True)
    postings: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    read_at: Mapped[Timestamp | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[Timestamp | None]
    reason: Mapped[str] = mapped_column(String(500), default="")
    provider: Mapped[Provider] = relationship()
    file: Mapped[File] = relationship(foreign_keys=file_id)
    findings: Mapped[File | None] = relationship(foreign_keys=findings_id)
    person: Mapped[Person | None] = relationship(foreign_keys=person_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)

    @property
    def company(self) -> Company:
        """The company that the bill is of."""
        return self.provider.company


class BillPeriod(Public, Timestamped, Model):
    """The unit of truth: a billing account in the billing period that begins on a day. delivery: the one that stands.

    seller: the ProviderName of its rows (one of ours may resell several).
    """

    __tablename__ = "bill_period"
    __table_args__ = (UniqueConstraint("provider_id", "seller", "account", "begins_on"),)

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    seller: Mapped[str] = mapped_column(String(200))
    account: Mapped[str] = mapped_column(String(200))
    begins_on: Mapped[dt.date]
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("bill_delivery.id"), index=True)
    provider: Mapped[Provider] = relationship()


class BillDay(Model):
    """What a sub-account cost on a day, as the delivery that stands says it; replaced by the next one.

    sub_account: '' where the bill names none. is_credit: a credit of the provider, kept apart and never charged.
    usage: what of the cost is usage of the day itself; pace: what a day of longer usage costs that begins on it, and
    until: the last day on which any of that runs.
    """

    __tablename__ = "bill_day"
    __table_args__ = (UniqueConstraint("period_id", "sub_account", "on_day", "currency", "is_credit"),)

    period_id: Mapped[int] = mapped_column(ForeignKey("bill_period.id"))
    sub_account: Mapped[str] = mapped_column(String(200))
    on_day: Mapped[dt.date]
    currency: Mapped[Currency]
    is_credit: Mapped[bool]
    cost: Mapped[Cost]
    usage: Mapped[Cost] = mapped_column(default=0, server_default="0")
    pace: Mapped[Cost] = mapped_column(default=0, server_default="0")
    until: Mapped[dt.date | None]


class BillEstimate(Model):
    """What the meter goes by: a sandbox's day as a delivery of a period says it that is booked, or held after that one.
    In minor units of the sandbox's credits, with ten decimals; the columns are those of BillDay."""

    __tablename__ = "bill_estimate"
    __table_args__ = (
        UniqueConstraint("sandbox_id", "period_id", "delivery_id", "on_day"),
        Index("ix_bill_estimate_period", "period_id", "sandbox_id"),
    )

    period_id: Mapped[int] = mapped_column(ForeignKey("bill_period.id"))
    delivery_id: Mapped[int] = mapped_column(ForeignKey("bill_delivery.id"), index=True)
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    on_day: Mapped[dt.date]
    cost: Mapped[Cost]
    usage: Mapped[Cost]
    pace: Mapped[Cost]
    until: Mapped[dt.date | None]


class BillOwner(Public, Timestamped, Caused, Model):
    """An operator's word whose a sub-account is, where the bill's own name tells nothing; of those that are of a day
    the newest one counts. begins_on, ends_on: the first and the last day that it is of; without them it has none."""

    __tablename__ = "bill_owner"
    __table_args__ = (
        Index("ix_bill_owner_sub_account", "provider_id", "sub_account", "id"),
        CheckConstraint("reason <> '' AND sub_account <> ''", name="named_with_reason"),
        CheckConstraint("begins_on <= ends_on", name="ends_after_begin"),
    )

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    sub_account: Mapped[str] = mapped_column(String(200))
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), index=True)
    begins_on: Mapped[dt.date | None]
    ends_on: Mapped[dt.date | None]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    sandbox: Mapped[Sandbox] = relationship()
    person: Mapped[Person] = relationship()


class BillCharge(Caused, Timestamped, Model):
    """What one delivery (or one new owner) changed for a sandbox, or for a sub-account that is nobody's, in a currency.

    amount = what is owed more or less, in minor units of the bill's currency; spent: what of it the sandbox's credits
    paid, in the currency of its lease; suspended: what nobody's credits pay (yet), in that of the bill.
    """

    __tablename__ = "bill_charge"
    __table_args__ = (
        CheckConstraint("(sandbox_id IS NULL) OR sub_account = ''", name="whom"),
        Index("ix_bill_charge_period", "period_id", "sandbox_id", "sub_account"),
    )

    period_id: Mapped[int] = mapped_column(ForeignKey("bill_period.id"))
    delivery_id: Mapped[int] = mapped_column(ForeignKey("bill_delivery.id"), index=True)
    sandbox_id: Mapped[int | None] = mapped_column(ForeignKey("sandbox.id"), index=True)
    sub_account: Mapped[str] = mapped_column(String(200), default="")
    currency: Mapped[Currency]
    amount: Mapped[Minor]
    spent: Mapped[Minor]
    suspended: Mapped[Minor]
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    sandbox: Mapped[Sandbox | None] = relationship()


class BillChargeDay(Model):
    """A day of a charge: the difference to what was charged for it before, in minor units.

    booked_on: the day itself while its month is open; the day of the import once it is closed. own: the same in the
    currency of the sandbox's lease, at the rate of the day where that is another one.
    """

    __tablename__ = "bill_charge_day"
    __table_args__ = (
        UniqueConstraint("charge_id", "on_day"),
        CheckConstraint("amount <> 0 OR own <> 0", name="differs"),
    )

    charge_id: Mapped[int] = mapped_column(ForeignKey("bill_charge.id"))
    on_day: Mapped[dt.date]
    amount: Mapped[Minor]
    own: Mapped[Minor]
    rate_id: Mapped[int | None] = mapped_column(ForeignKey("fx_rate.id"), index=True)
    booked_on: Mapped[dt.date]
    rate: Mapped[FxRate | None] = relationship()


for _table in (BillOwner, BillCharge, BillChargeDay):
    append_only(cast(Table, _table.__table__))
