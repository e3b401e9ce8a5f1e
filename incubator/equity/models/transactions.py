"""The register: every movement of units, never changed."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Model,
    Public,
    Timestamped,
    append_only,
    state_column,
)
from incubator.equity.models.grants import EquityGrant


class Movement(StrEnum):
    """What a transaction does to a grant's units."""

    ISSUANCE = "issuance"
    ACCEPTANCE = "acceptance"
    RETURN = "return"


class EquityTransaction(Public, Timestamped, Model):
    """One movement of a grant's units, never changed: units come positive, go negative, 0 when only a right changes.

    trigger: the event that made it happen, as the event's name.
    """

    __tablename__ = "equity_transaction"
    __table_args__ = (Index("ix_equity_transaction_grant", "grant_id", "id"),)

    grant_id: Mapped[int] = mapped_column(ForeignKey("equity_grant.id"))
    kind: Mapped[Movement] = mapped_column(state_column(Movement, "kind_known"))
    units: Mapped[int]
    effective_on: Mapped[dt.date]
    trigger: Mapped[str] = mapped_column(String(60))
    cause_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), index=True)
    grant: Mapped[EquityGrant] = relationship()


append_only(cast(Table, EquityTransaction.__table__))
