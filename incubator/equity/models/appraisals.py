"""What a company is worth, by an appraiser, approved by two."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Minor, Model, Name, Public, Timestamped, Versioned, state_column
from incubator.equity.models.issuers import SecurityClass
from incubator.equity.states import AppraisalState
from incubator.people.models import Company, Person


class AppraisalMethod(StrEnum):
    """How a value was found."""

    INCOME = "income"
    MARKET = "market"
    ASSETS = "assets"


class Appraisal(Public, Timestamped, Caused, Versioned, Model):
    """The value of a whole company on a day (minor units), and of one whole unit of a class.

    filing_number: under which the result was filed or approved. valid_months: how long it may be used.
    """

    __tablename__ = "appraisal"
    __table_args__ = (
        CheckConstraint("value_minor > 0 AND unit_minor > 0", name="values_positive"),
        CheckConstraint("valid_months BETWEEN 1 AND 24", name="validity_in_range"),
        Index("ix_appraisal_class", "security_class_id", "appraised_on"),
    )

    security_class_id: Mapped[int] = mapped_column(ForeignKey("security_class.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    appraised_on: Mapped[dt.date]
    value_minor: Mapped[Minor]
    unit_minor: Mapped[Minor]
    method: Mapped[AppraisalMethod] = mapped_column(state_column(AppraisalMethod, "method_known"))
    firm: Mapped[Name]
    filing_number: Mapped[str] = mapped_column(String(80))
    valid_months: Mapped[int] = mapped_column(default=12)
    state: Mapped[AppraisalState] = mapped_column(
        state_column(AppraisalState, "state_known"), default=AppraisalState.DRAFT
    )
    security: Mapped[SecurityClass] = relationship(lazy="joined", innerjoin=True)
    company: Mapped[Company] = relationship()
    maker: Mapped[Person] = relationship()
