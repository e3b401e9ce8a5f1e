"""Messages in the app and by mail, and the secret address of a person's calendar."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Data, Model, Public, Timestamp, Timestamped
from incubator.people.models import Person


class Notice(Public, Timestamped, Model):
    """One message to one person: a kind with its plain values, put into words when read."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_person", "person_id", "id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(200))
    values: Mapped[Data]
    read_at: Mapped[Timestamp | None]


class CalendarFeed(Timestamped, Model):
    """The secret address under which a person's calendar can be read without signing in; only its hash is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (CheckConstraint("octet_length(token_hash) = 32", name="hashed"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
