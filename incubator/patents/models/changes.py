"""Changes of agreed shares: everybody whom one affects agrees to it, or it does not happen."""

from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, Versioned, frozen, state_column
from incubator.patents.models.disclosures import Disclosure
from incubator.patents.states import ShareChangeState
from incubator.people.models import Person
from incubator.proposals.models import Consent


class ShareChange(Public, Timestamped, Caused, Versioned, Model):
    """Other shares for an invention whose shares were agreed, with the reason; one at a time is open."""

    __tablename__ = "share_change"
    __table_args__ = (
        Index("uq_share_change_open", "disclosure_id", unique=True, postgresql_where=text("state = 'proposed'")),
    )

    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), index=True)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(String(2000))
    state: Mapped[ShareChangeState] = mapped_column(
        state_column(ShareChangeState, "state_known"), default=ShareChangeState.PROPOSED
    )
    disclosure: Mapped[Disclosure] = relationship()
    proposer: Mapped[Person] = relationship()
    parts: Mapped[list["ShareChangePart"]] = relationship(back_populates="change", order_by="ShareChangePart.id")


class ShareChangePart(Model):
    """One person's share before and after, in basis points; who gets another one answers, others need not."""

    __tablename__ = "share_change_part"
    __table_args__ = (
        UniqueConstraint("share_change_id", "person_id"),
        Index("ix_share_change_part_person", "person_id", "share_change_id"),
        CheckConstraint("before_bp BETWEEN 0 AND 10000 AND after_bp BETWEEN 0 AND 10000", name="share_in_range"),
    )

    share_change_id: Mapped[int] = mapped_column(ForeignKey("share_change.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    before_bp: Mapped[int]
    after_bp: Mapped[int]
    consent: Mapped[Consent] = mapped_column(state_column(Consent, "consent_known"), default=Consent.ASKED)
    answered_at: Mapped[Timestamp | None]
    reason: Mapped[str | None] = mapped_column(String(2000))
    change: Mapped[ShareChange] = relationship(back_populates="parts")
    person: Mapped[Person] = relationship()


frozen(cast(Table, ShareChange.__table__), ("disclosure_id", "proposer_id", "reason", "cause_id"))
frozen(cast(Table, ShareChangePart.__table__), ("share_change_id", "person_id", "before_bp", "after_bp"))
