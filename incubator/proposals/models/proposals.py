"""Venture proposals, their versions and their teams."""

from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Table, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.calls.models import Call, Theme
from incubator.core import clock
from incubator.core.db import (
    Caused,
    Currency,
    Data,
    Model,
    Name,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    install_sql,
    state_column,
)
from incubator.files.models import File
from incubator.people.models import Company, Person
from incubator.proposals.states import ProposalState


class Confidentiality(StrEnum):
    """How carefully a proposal is handled (commercial secrets of central enterprises are ordinary or core ones).

    Source: SASAC, Interim Provisions on the Protection of Commercial Secrets of Central Enterprises, 2010.
    """

    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    """An ordinary commercial secret: what leaves the product as a file says so."""
    CORE = "core"
    """A core commercial secret: lists as files leave its title out; only its authors and office take it out whole."""


class Proposal(Public, Timestamped, Caused, Versioned, Model):
    """An employee's idea for a venture, answering a call. Its text stands in its versions.

    title, asked and company are copies of the newest version's, for lists. submitted_version is the frozen text
    that was handed in, None before. number is what people quote. state_at is when it came into its state; answer_by
    is until when a returned one may be handed in again, questions be answered, or an appeal be. survivor is what a
    merged one goes on in. questioned_at is when the committee last asked questions: without it none need be looked for.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        Index("ix_proposal_call_state", "call_id", "state", "id"),
        Index("ix_proposal_lead", "lead_id", "id"),
        Index("ix_proposal_company", "company_id", "id"),
        Index("ix_proposal_submitted", "submitted_at", "public_id"),
        Index("ix_proposal_state_submitted", "state", "submitted_at", "public_id"),
        Index("ix_proposal_state_at", "state_at", "public_id"),
        Index("ix_proposal_state_since", "state", "state_at"),
        CheckConstraint("asked IS NULL OR asked >= 0", name="asked_not_negative"),
        CheckConstraint("lang IN ('en', 'zh')", name="lang_known"),
        CheckConstraint("state <> 'merged' OR survivor_id IS NOT NULL", name="survivor_named"),
        CheckConstraint("survivor_id <> id", name="survivor_is_another"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    lead_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    survivor_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    title: Mapped[Name]
    lang: Mapped[str] = mapped_column(String(2))
    state: Mapped[ProposalState] = mapped_column(
        state_column(ProposalState, "state_known"), default=ProposalState.DRAFT
    )
    asked: Mapped[int | None]
    currency: Mapped[Currency] = mapped_column(default="CNY")
    confidentiality: Mapped[Confidentiality] = mapped_column(
        state_column(Confidentiality, "confidentiality_known"),
        default=Confidentiality.INTERNAL,
        server_default=text("'internal'"),
    )
    state_at: Mapped[Timestamp] = mapped_column(default=clock.now)
    answer_by: Mapped[Timestamp | None]
    questioned_at: Mapped[Timestamp | None]
    submitted_at: Mapped[Timestamp | None]
    submitted_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("proposal_version.id", use_alter=True, name="fk_proposal_submitted_version_id")
    )
    parent: Mapped["Proposal | None"] = relationship(remote_side="Proposal.id", foreign_keys=parent_id)
    survivor: Mapped["Proposal | None"] = relationship(remote_side="Proposal.id", foreign_keys=survivor_id)
    call: Mapped[Call] = relationship()
    theme: Mapped[Theme | None] = relationship()
    company: Mapped[Company] = relationship()
    lead: Mapped[Person] = relationship()
    submitted_version: Mapped["ProposalVersion | None"] = relationship(foreign_keys=submitted_version_id)
    team: Mapped[list["TeamMember"]] = relationship(back_populates="proposal", order_by="TeamMember.id")


class ProposalVersion(Public, Timestamped, Model):
    """One saved text: answers by field key of the call's form.

    revision counts the proposal's saves up to this one (the optimistic lock of autosave). When it is handed in,
    content holds the whole document (text, theme, amount, team with shares), hash the SHA-256 of its canonical JSON
    (RFC 8785), and from then on the database refuses a change. words is the search index, kept by the database.
    """

    __tablename__ = "proposal_version"
    __table_args__ = (
        UniqueConstraint("proposal_id", "number"),
        Index(
            "ix_proposal_version_words", "words", postgresql_using="gin", postgresql_where=text("frozen_at IS NOT NULL")
        ),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[Name]
    answers: Mapped[Data]
    saved_at: Mapped[Timestamp]
    frozen_at: Mapped[Timestamp | None]
    hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    words: Mapped[str | None] = mapped_column(TSVECTOR, deferred=True)
    proposal: Mapped[Proposal] = relationship(foreign_keys=proposal_id)
    author: Mapped[Person] = relationship()


class Attachment(Public, Timestamped, Model):
    """A file beside the text: of the versions from added_in on, up to the one before removed_in.

    field: the key of the call's question that it answers, empty for none.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("file_id"),
        CheckConstraint("removed_in IS NULL OR removed_in > added_in", name="removed_later"),
        Index(
            "uq_attachment_field",
            "proposal_id",
            "field",
            unique=True,
            postgresql_where=text("field <> '' AND removed_in IS NULL"),
        ),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id"))
    field: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    added_in: Mapped[int]
    removed_in: Mapped[int | None]
    proposal: Mapped[Proposal] = relationship()
    file: Mapped[File] = relationship()


class Consent(StrEnum):
    """A team member's answer to the shares."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class TeamMember(Timestamped, Model):
    """A person's part in a proposal: role in words, contribution share in basis points, and their consent to it.

    counter_bp: the share they would agree to instead, with counter_reason; None where they made no such proposal.
    """

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("proposal_id", "person_id"),
        CheckConstraint("share_bp BETWEEN 0 AND 10000", name="share_in_range"),
        CheckConstraint("counter_bp BETWEEN 1 AND 9999", name="counter_in_range"),
        Index("ix_team_member_person", "person_id", "proposal_id"),
    )

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    part: Mapped[str] = mapped_column(String(120), default="")
    share_bp: Mapped[int]
    consent: Mapped[Consent] = mapped_column(state_column(Consent, "consent_known"), default=Consent.ASKED)
    asked_at: Mapped[Timestamp | None]
    answered_at: Mapped[Timestamp | None]
    counter_bp: Mapped[int | None]
    counter_reason: Mapped[str | None] = mapped_column(String(2000))
    proposal: Mapped[Proposal] = relationship(back_populates="team")
    person: Mapped[Person] = relationship()


# What the authors and the office alone read is not found by anybody's search.
WORDS = r"""
CREATE OR REPLACE FUNCTION index_proposal_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.words := to_tsvector('simple', regexp_replace(
    NEW.title || ' ' || coalesce((
      SELECT string_agg(one.value, ' ') FROM jsonb_each_text(NEW.answers) AS one WHERE one.key NOT IN (
        SELECT spec ->> 'key' FROM proposal JOIN call ON call.id = proposal.call_id,
          jsonb_path_query(call.form, '$.sections[*].fields[*] ? (@.audience == "office")') AS spec
        WHERE proposal.id = NEW.proposal_id)), ''),
    '([\u3400-\u9fff\uf900-\ufaff])', ' \1 ', 'g'));
  RETURN NEW;
END $$
"""
FROZEN = """
CREATE OR REPLACE FUNCTION refuse_change_of_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.frozen_at IS NOT NULL THEN
    RAISE EXCEPTION 'version % is frozen', OLD.public_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$
"""
install_sql(
    cast(Table, ProposalVersion.__table__),
    [
        WORDS,
        "CREATE TRIGGER words BEFORE INSERT OR UPDATE OF title, answers ON proposal_version "
        "FOR EACH ROW EXECUTE FUNCTION index_proposal_words()",
        FROZEN,
        "CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON proposal_version "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_frozen()",
    ],
)
