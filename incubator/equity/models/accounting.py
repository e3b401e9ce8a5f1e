"""What a grant is worth on its day, for the accounts."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamped, state_column
from incubator.equity.models.grants import EquityGrant
from incubator.people.models import Person


class ValueSource(StrEnum):
    """Where a fair value comes from."""

    MODEL = "model"
    APPRAISER = "appraiser"


class GrantValue(Public, Timestamped, Caused, Model):
    """The grant-date fair value of one whole unit, in millionths of the currency's unit; the latest row counts.

    model_millionths: what the model says of the inputs; the appraiser's figure stands beside it where there is one.
    forfeiture_bp: the part of what has not vested that is expected to be forfeited.
    """

    __tablename__ = "grant_value"
    __table_args__ = (
        CheckConstraint("value_millionths >= 0", name="value_not_negative"),
        CheckConstraint("forfeiture_bp BETWEEN 0 AND 10000", name="forfeiture_in_range"),
    )

    grant_id: Mapped[int] = mapped_column(ForeignKey("equity_grant.id"), index=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    source: Mapped[ValueSource] = mapped_column(state_column(ValueSource, "source_known"))
    value_millionths: Mapped[int]
    model_millionths: Mapped[int | None]
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    forfeiture_bp: Mapped[int] = mapped_column(default=0)
    grant: Mapped[EquityGrant] = relationship()
    maker: Mapped[Person] = relationship()
