"""Legal and company rules as versioned data, with their source and who confirmed them."""

import datetime as dt
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Data, Model, Public, Timestamp, Timestamped, Words, append_only, frozen
from incubator.files.models import File
from incubator.people.models import Company, Person


class RuleVersion(Public, Timestamped, Model):
    """One version of a rule, valid from a day (to a day).

    company None: a rule of law for all; otherwise the company's own rule. parameters: what the engine reads.
    sure: 'T' text of the law read, 'S' a secondary page, 'M' memory. Confirmed means two persons confirmed it. file:
    the document of a company's own rule.
    """

    __tablename__ = "rule_version"
    __table_args__ = (
        UniqueConstraint("code", "company_id", "number", postgresql_nulls_not_distinct=True),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_start"),
        CheckConstraint("sure IN ('T', 'S', 'M')", name="sure_known"),
    )

    code: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    title: Mapped[Words]
    jurisdiction: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(300))
    article: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]
    parameters: Mapped[Data]
    sure: Mapped[str] = mapped_column(String(1))
    confirmed_at: Mapped[Timestamp | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), unique=True)
    file: Mapped[File | None] = relationship()
    company: Mapped[Company | None] = relationship()
    confirmations: Mapped[list["RuleConfirmation"]] = relationship(back_populates="rule")


class RuleConfirmation(Timestamped, Model):
    """One person's word that a rule version is right; two different persons confirm it."""

    __tablename__ = "rule_confirmation"
    __table_args__ = (UniqueConstraint("rule_version_id", "person_id"),)

    rule_version_id: Mapped[int] = mapped_column(ForeignKey("rule_version.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    cause_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"))
    rule: Mapped[RuleVersion] = relationship(back_populates="confirmations")
    person: Mapped[Person] = relationship()


append_only(cast(Table, RuleConfirmation.__table__))
frozen(
    cast(Table, RuleVersion.__table__),
    (
        "code",
        "number",
        "company_id",
        "title",
        "jurisdiction",
        "source",
        "article",
        "valid_from",
        "valid_to",
        "parameters",
        "file_id",
    ),
)
