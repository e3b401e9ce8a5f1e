"""Inventions that employees disclose, and the inventors' shares in them."""

import datetime as dt
from enum import StrEnum
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Caused,
    Model,
    Name,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    install_sql,
    state_column,
)
from incubator.patents.engines.completeness import Funding
from incubator.patents.engines.novelty import Showing, Shown
from incubator.patents.states import DisclosureState
from incubator.people.models import Company, Person
from incubator.proposals.models import Consent, Proposal
from incubator.ventures.models import Venture


class Secrecy(StrEnum):
    """How an invention must be handled before anything is published."""

    ORDINARY = "ordinary"
    TRADE_SECRET = "trade_secret"  # noqa: S105 - a word, not a password
    STATE_REVIEW = "state_review"


class Disclosure(Public, Timestamped, Caused, Versioned, Model):
    """An invention made in a venture, as its inventors describe it; number is what people quote.

    published_on, sold_on: something was shown to the public, or sold, on that day already; planned_on, sale_planned_on:
    it is going to be. nothing_shown, no_rights: the author's word that there is nothing to tell. rights: what others
    have in it. asked: what counsel asks the author to add. reference: its number in the list it was read from.
    """

    __tablename__ = "disclosure"
    __table_args__ = (
        Index("ix_disclosure_company_state", "company_id", "state", "id"),
        Index("ix_disclosure_created", "created_at"),
        UniqueConstraint("company_id", "reference"),
        CheckConstraint("lang IN ('en', 'zh')", name="lang_known"),
        CheckConstraint(
            "NOT nothing_shown OR (published_on IS NULL AND planned_on IS NULL AND sold_on IS NULL "
            "AND sale_planned_on IS NULL)",
            name="shown_or_not",
        ),
        CheckConstraint("NOT no_rights OR rights = ''", name="rights_or_none"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    title: Mapped[Name]
    problem: Mapped[str] = mapped_column(Text)
    solution: Mapped[str] = mapped_column(Text)
    prior_art: Mapped[str] = mapped_column(Text, default="")
    lang: Mapped[str] = mapped_column(String(2))
    published_on: Mapped[dt.date | None]
    published_how: Mapped[Showing | None] = mapped_column(state_column(Showing, "published_how_known"))
    planned_on: Mapped[dt.date | None]
    planned_how: Mapped[Showing | None] = mapped_column(state_column(Showing, "planned_how_known"))
    sold_on: Mapped[dt.date | None]
    sale_planned_on: Mapped[dt.date | None]
    nothing_shown: Mapped[bool] = mapped_column(default=False)
    funding: Mapped[Funding | None] = mapped_column(state_column(Funding, "funding_known"))
    funding_details: Mapped[str] = mapped_column(Text, default="")
    rights: Mapped[str] = mapped_column(Text, default="")
    no_rights: Mapped[bool] = mapped_column(default=False)
    made_in_china: Mapped[bool] = mapped_column(default=True)
    asked: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(String(60))
    secrecy: Mapped[Secrecy] = mapped_column(state_column(Secrecy, "secrecy_known"), default=Secrecy.ORDINARY)
    assessment: Mapped[str | None] = mapped_column(Text)
    state: Mapped[DisclosureState] = mapped_column(
        state_column(DisclosureState, "state_known"), default=DisclosureState.DISCLOSED
    )
    venture_id: Mapped[int] = mapped_column(ForeignKey("venture.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    venture: Mapped[Venture] = relationship()
    proposal: Mapped[Proposal] = relationship()
    company: Mapped[Company] = relationship()
    author: Mapped[Person] = relationship()
    shares: Mapped[list["InventorShare"]] = relationship(back_populates="disclosure", order_by="InventorShare.id")

    @property
    def is_agreed(self) -> bool:
        """All inventors have accepted their shares."""
        return all(share.consent == Consent.ACCEPTED for share in self.shares)

    @property
    def shown(self) -> list[Shown]:
        """What the public has seen of it, or is going to, in the order of the days."""
        days = [
            (self.published_on, self.published_how or Showing.ARTICLE, False),
            (self.sold_on, Showing.SALE, False),
            (self.planned_on, self.planned_how or Showing.ARTICLE, True),
            (self.sale_planned_on, Showing.SALE, True),
        ]
        known = [Shown(on, how, planned) for on, how, planned in days if on is not None]
        return sorted(known, key=lambda one: one.on)


class InventorShare(Public, Timestamped, Model):
    """A person's part in an invention in basis points, their consent to it, and whose employee they were."""

    __tablename__ = "inventor_share"
    __table_args__ = (
        UniqueConstraint("disclosure_id", "person_id"),
        Index("ix_inventor_share_person", "person_id", "disclosure_id"),
        CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share_in_range"),
    )

    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    share_bp: Mapped[int]
    consent: Mapped[Consent] = mapped_column(state_column(Consent, "consent_known"), default=Consent.ASKED)
    answered_at: Mapped[Timestamp | None]
    reason: Mapped[str | None] = mapped_column(String(2000))
    disclosure: Mapped[Disclosure] = relationship(back_populates="shares")
    person: Mapped[Person] = relationship()
    company: Mapped[Company] = relationship()


SHARES_ARE_WHOLE = """
CREATE OR REPLACE FUNCTION inventor_shares_are_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT coalesce(sum(share_bp), 0) FROM inventor_share WHERE disclosure_id = NEW.disclosure_id) <> 10000 THEN
    RAISE EXCEPTION 'the shares of disclosure % do not sum to 10000', NEW.disclosure_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$
"""
install_sql(
    cast(Table, InventorShare.__table__),
    [
        SHARES_ARE_WHOLE,
        "CREATE CONSTRAINT TRIGGER whole AFTER INSERT OR UPDATE ON inventor_share DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION inventor_shares_are_whole()",
    ],
)
