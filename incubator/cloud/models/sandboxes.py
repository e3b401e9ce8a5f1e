"""What ventures order, what runs, and its secret."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.cloud.models.catalogue import Plan, Precise, Provider
from incubator.cloud.states import Desired, FreezeReason, LeaseState, SandboxState
from incubator.core.db import (
    Caused,
    Currency,
    Minor,
    Model,
    Name,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    state_column,
)
from incubator.people.models import Company, Person
from incubator.ventures.models import Venture


class Lease(Public, Timestamped, Caused, Versioned, Model):
    """An order: so many of a plan's unit for some days under a spend limit, paid from the venture's credits.

    reserve: the part of the limit kept back for what may be spent before the meter sees it. The days count from
    the moment the sandbox is handed over. quantity: how many of the plan's unit (seats, GB, sites). price_hour (for one
    of them) and price_gb_hour (for a GB that is measured): agreed when it was ordered, in minor units; they stay when
    the plan's change. policy: the preference that lowered them.
    """

    __tablename__ = "lease"
    __table_args__ = (
        CheckConstraint("reserve > 0 AND reserve < spend_limit", name="reserve_within_limit"),
        CheckConstraint("days BETWEEN 1 AND 366", name="days_in_range"),
        CheckConstraint("quantity BETWEEN 1 AND 100000", name="quantity_in_range"),
        Index("ix_lease_state_ends", "state", "ends_at"),
    )

    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"), index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[LeaseState] = mapped_column(state_column(LeaseState, "state_known"), default=LeaseState.DRAFT)
    quantity: Mapped[int] = mapped_column(default=1, server_default="1")
    spend_limit: Mapped[Minor]
    reserve: Mapped[Minor]
    currency: Mapped[Currency]
    price_hour: Mapped[Precise]
    price_gb_hour: Mapped[Precise]
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("cloud_policy.id", use_alter=True), index=True)
    days: Mapped[int]
    starts_at: Mapped[Timestamp | None]
    ends_at: Mapped[Timestamp | None]
    grace_ends_at: Mapped[Timestamp | None]
    venture: Mapped[Venture] = relationship()
    plan: Mapped[Plan] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def usable(self) -> int:
        """What may be spent before the sandbox is frozen, in minor units."""
        return self.spend_limit - self.reserve

    @property
    def connections(self) -> int:
        """How many connections all of it takes at once."""
        return self.plan.connections * self.quantity

    @property
    def disk_mb(self) -> int:
        """How much all of it may hold."""
        return self.plan.disk_mb * self.quantity


class Sandbox(Public, Timestamped, Caused, Versioned, Model):
    """What a lease runs. state: as last observed; desired: what the operations bring it to.

    public_id is the key under which the provider knows it, unless it took an account over that has another
    (remote_key). leftovers: what could not be removed there when it was closed. without_copy: why it is closed although
    the copy that is owed could not be made. Its ledger accounts are 'hold' and 'spent'.
    """

    __tablename__ = "sandbox"
    __table_args__ = (
        CheckConstraint("(state = 'frozen') = (frozen_reason IS NOT NULL)", name="frozen_has_reason"),
        CheckConstraint("frozen_level BETWEEN 0 AND 3", name="frozen_level_in_range"),
        Index("ix_sandbox_company", "company_id", "id"),
        Index("ix_sandbox_provider_state", "provider_id", "state", "id"),
        UniqueConstraint("provider_id", "remote_key"),
        CheckConstraint("without_copy <> ''", name="without_copy_has_reason"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[Name]
    lease_id: Mapped[int] = mapped_column(ForeignKey("lease.id"), unique=True)
    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    state: Mapped[SandboxState] = mapped_column(
        state_column(SandboxState, "state_known"), default=SandboxState.REQUESTED
    )
    desired: Mapped[Desired] = mapped_column(state_column(Desired, "desired_known"), default=Desired.ACTIVE)
    frozen_level: Mapped[int] = mapped_column(default=0)
    frozen_reason: Mapped[FreezeReason | None] = mapped_column(state_column(FreezeReason, "frozen_reason_known"))
    remote_name: Mapped[str | None] = mapped_column(String(120))
    remote_key: Mapped[str | None] = mapped_column(String(120))
    leftovers: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    without_copy: Mapped[str | None] = mapped_column(String(500))
    lease: Mapped[Lease] = relationship()
    venture: Mapped[Venture] = relationship()
    company: Mapped[Company] = relationship()
    provider: Mapped[Provider] = relationship()

    @property
    def key(self) -> str:
        """Under which its provider knows it."""
        return self.remote_key or self.public_id


class SandboxSecret(Timestamped, Model):
    """How the team reaches its sandbox: encrypted until the lead has seen it, once; then only when that was."""

    __tablename__ = "sandbox_secret"
    __table_args__ = (CheckConstraint("(ciphertext IS NULL) = (shown_at IS NOT NULL)", name="deleted_once_shown"),)

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), unique=True)
    ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    shown_at: Mapped[Timestamp | None]
    shown_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
