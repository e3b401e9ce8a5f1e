"""Messages in the app."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from incubator.core.db import Data, Model, Public, Timestamp, Timestamped


class Notice(Public, Timestamped, Model):
    """One message to one person: a kind with its plain values, put into words when read."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_person", "person_id", "id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(200))
    values: Mapped[Data]
    read_at: Mapped[Timestamp | None]
