"""Files of a disclosure, and the letters that tell inventors what they are owed."""

from typing import cast

from sqlalchemy import ForeignKey, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Model, Public, Timestamped, append_only
from incubator.files.models import File
from incubator.patents.models.awards import AwardShare
from incubator.patents.models.disclosures import Disclosure


class DisclosureFile(Public, Timestamped, Model):
    """A drawing or data set that belongs to a disclosure; it is as secret as the text."""

    __tablename__ = "disclosure_file"

    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id"), unique=True)
    disclosure: Mapped[Disclosure] = relationship()
    file: Mapped[File] = relationship()


class AwardLetter(Timestamped, Model):
    """One inventor's letter on their part, in one language ('en' or 'zh')."""

    __tablename__ = "award_letter"
    __table_args__ = (UniqueConstraint("award_share_id", "lang"),)

    award_share_id: Mapped[int] = mapped_column(ForeignKey("award_share.id"))
    lang: Mapped[str] = mapped_column(String(2))
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id"), unique=True)
    award_share: Mapped[AwardShare] = relationship()
    file: Mapped[File] = relationship()


append_only(cast(Table, DisclosureFile.__table__))
append_only(cast(Table, AwardLetter.__table__))
