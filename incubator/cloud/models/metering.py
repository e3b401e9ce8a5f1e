"""What sandboxes use and cost, and what the comparison with the provider brings up."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.cloud.models.catalogue import Precise, Provider
from incubator.cloud.states import FindingKind
from incubator.core.db import Minor, Model, Public, Timestamp, state_column
from incubator.people.models import Company


class Meter(Model):
    """A sandbox's running total. cost: exact; posted: what of it the ledger holds under 'spent', in minor units.

    Posted is never more than what was held; a cost beyond it is an overrun and a finding. Of a provider that charges by
    bill the cost is what bills say that could be read, booked or held, and, for the time since, an estimate at
    rate_hour (minor units an hour of the last days billed; None: the agreed price), and posted is what its bills took.
    """

    __tablename__ = "meter"
    __table_args__ = (CheckConstraint("cost >= 0 AND posted >= 0", name="not_negative"),)

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), unique=True)
    cost: Mapped[Precise] = mapped_column(default=0)
    posted: Mapped[Minor] = mapped_column(default=0)
    size_bytes: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[Timestamp]
    rate_hour: Mapped[Precise | None]


class MeterReading(Model):
    """Usage and cost of a sandbox within one minute; the readings of a minute fold into one row.

    seconds: how long it ran, exact to the microsecond; total: its cost up to and with this row.
    """

    __tablename__ = "meter_reading"
    __table_args__ = (UniqueConstraint("sandbox_id", "minute_at"),)

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    minute_at: Mapped[Timestamp]
    at: Mapped[Timestamp]
    seconds: Mapped[Precise]
    size_bytes: Mapped[int]
    connections: Mapped[int]
    cost: Mapped[Precise]
    total: Mapped[Precise]


class SpendAlert(Model):
    """A share of a limit that was reached, in per cent; the row makes its notice go out once."""

    __tablename__ = "spend_alert"
    __table_args__ = (UniqueConstraint("sandbox_id", "spend_limit", "percent"),)

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    spend_limit: Mapped[Minor]
    percent: Mapped[int]
    at: Mapped[Timestamp]


class Finding(Public, Model):
    """Something that does not add up and needs a person's eye; it closes when it is no longer seen.

    asked: when and by whom an account that is nobody's was given up, so that it is deleted at its provider.
    """

    __tablename__ = "finding"
    __table_args__ = (
        Index("uq_finding_open", "provider_id", "kind", "key", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    kind: Mapped[FindingKind] = mapped_column(state_column(FindingKind, "kind_known"))
    key: Mapped[str] = mapped_column(String(120))
    detail: Mapped[str] = mapped_column(Text, default="")
    seen: Mapped[int] = mapped_column(default=1)
    asked_at: Mapped[Timestamp | None]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    first_at: Mapped[Timestamp]
    last_at: Mapped[Timestamp]
    closed_at: Mapped[Timestamp | None]
    provider: Mapped[Provider] = relationship()

    @property
    def company(self) -> Company:
        """The company whose operators look into it."""
        return self.provider.company
