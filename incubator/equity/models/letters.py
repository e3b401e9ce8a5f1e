"""The letter of a grant as PDF, one a language, bound to the text that was signed by its hash."""

from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Model, Timestamped, append_only
from incubator.equity.models.grants import EquityGrant
from incubator.files.models import File


class EquityLetter(Timestamped, Model):
    """letter_hash: SHA-256 of the text in both languages, as on the grant; the file's own hash stands on the file."""

    __tablename__ = "equity_letter"
    __table_args__ = (
        UniqueConstraint("grant_id", "letter_hash", "language"),
        CheckConstraint("language = 'en' OR language = 'zh'", name="language_known"),
    )

    grant_id: Mapped[int] = mapped_column(ForeignKey("equity_grant.id"))
    language: Mapped[str] = mapped_column(String(2))
    letter_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id"), index=True)
    grant: Mapped[EquityGrant] = relationship()
    file: Mapped[File] = relationship(lazy="joined", innerjoin=True)


append_only(cast(Table, EquityLetter.__table__))
