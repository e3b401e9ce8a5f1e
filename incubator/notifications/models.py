"""Messages in the app and by mail, and the secret address of a person's calendar."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core import clock
from incubator.core.db import Data, Model, Public, Timestamp, Timestamped, state_column
from incubator.people.models import Person


class Delivery(StrEnum):
    """How a person is told of a group of kinds."""

    MAIL = "mail"
    DIGEST = "digest"
    APP = "app"
    OFF = "off"


class MailState(StrEnum):
    """Where a mail stands. From `sending` it never goes back by itself: rather one mail lost than one doubled."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Mail(Public, Timestamped, Model):
    """One mail to one person about one notice, or a day's; its words are put together when it is sent.

    key: what it is about; a second mail about the same is refused by the database.
    """

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_due", "due_at", postgresql_where=text("state = 'queued'")),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[MailState] = mapped_column(state_column(MailState, "state_known"), default=MailState.QUEUED)
    due_at: Mapped[Timestamp] = mapped_column(default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[Timestamp | None]
    sent_at: Mapped[Timestamp | None]
    error: Mapped[str | None] = mapped_column(Text)
    person: Mapped[Person] = relationship()
    notices: Mapped[list["Notice"]] = relationship(back_populates="mail", order_by="Notice.id")


class NoticeChoice(Model):
    """How a person wants to be told of a topic: a group of kinds (a key of notifications.words.GROUPS)."""

    __tablename__ = "notice_choice"
    __table_args__ = (UniqueConstraint("person_id", "topic"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    topic: Mapped[str] = mapped_column(String(20))
    delivery: Mapped[Delivery] = mapped_column(state_column(Delivery, "delivery_known"))


class Notice(Public, Timestamped, Model):
    """One message to one person: a kind with its plain values, put into words when read."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_person", "person_id", "id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(200))
    values: Mapped[Data]
    read_at: Mapped[Timestamp | None]
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id"), index=True)
    mail: Mapped[Mail | None] = relationship(back_populates="notices")


class CalendarFeed(Timestamped, Model):
    """The secret address under which a person's calendar can be read without signing in; only its hash is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (CheckConstraint("octet_length(token_hash) = 32", name="hashed"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
