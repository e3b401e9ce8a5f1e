"""Mails: queued with what they tell of, claimed, sent outside of any transaction, settled one by one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from zoneinfo import ZoneInfo

from flask import render_template
from flask_babel import force_locale, ngettext
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from incubator.core import clock
from incubator.core.db import db, written
from incubator.core.queue import enqueue
from incubator.core.settings import current
from incubator.core.transaction import after_commit
from incubator.notifications.models import Delivery, Mail, MailState, Notice, NoticeChoice
from incubator.notifications.words import GROUPS, group_of, words
from incubator.people.models import Person

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
BATCH = 20
BACKOFF = (60, 300, 900, 3600, 14_400, 43_200)
"""Seconds before each further try; after the last the mail has failed."""
INTERRUPTED_AFTER = dt.timedelta(minutes=15)
DIGEST_HOUR = 7
"""When, in the zone of the person's company, a day's notices are gathered."""
DIGEST_KEEPS = dt.timedelta(days=7)
MOST_IN_DIGEST = 50
LONGEST_SUBJECT = 150


@dataclass(frozen=True)
class Outcome:
    """What became of a mail: sent; or an error, that may pass (try again) or will not."""

    error: str | None = None
    passes: bool = False


def mail_soon(person_id: int, notices: Sequence[Notice], key: str) -> None:
    """Queue a mail about these notices in the running transaction; a job sends it after the commit."""
    mail = Mail(person_id=person_id, key=key)
    db.session.add(mail)
    db.session.flush()
    for notice in notices:
        notice.mail_id = mail.id
    after_commit(_wake)


def _wake() -> None:
    enqueue("notifications.mail")


# ---- sending


def claim_due() -> list[tuple[int, EmailMessage]]:
    """Take due mails for sending, each with its message; no other worker takes them again."""
    due = db.session.scalars(
        select(Mail)
        .where(written(Mail.state, MailState.QUEUED), Mail.due_at <= clock.now())
        .order_by(Mail.due_at)
        .with_for_update(of=Mail, skip_locked=True)
        .limit(BATCH)
        .options(joinedload(Mail.person), selectinload(Mail.notices))
    ).all()
    claimed = []
    for mail in due:
        mail.state, mail.begun_at, mail.attempts = MailState.SENDING, clock.now(), mail.attempts + 1
        if mail.person.is_active and "@" in mail.person.email:
            claimed.append((mail.id, message_of(mail)))
        else:
            mail.state, mail.error = MailState.FAILED, "the person has left or has no address"
    return claimed


def settle(mail_id: int, outcome: Outcome) -> None:
    """Note what became of a mail that was being sent."""
    mail = db.session.get_one(Mail, mail_id, with_for_update=True)
    mail.error = outcome.error
    if outcome.error is None:
        mail.state, mail.sent_at = MailState.SENT, clock.now()
    elif outcome.passes and mail.attempts <= len(BACKOFF):
        mail.state = MailState.QUEUED
        mail.due_at = clock.now() + dt.timedelta(seconds=BACKOFF[mail.attempts - 1])
    else:
        mail.state = MailState.FAILED


def give_up_interrupted() -> int:
    """What a worker was sending when it died may have gone out: it is not sent again. Answers how many."""
    stuck = (Mail.state == MailState.SENDING, Mail.begun_at < clock.now() - INTERRUPTED_AFTER)
    failed = {"state": MailState.FAILED, "error": "interrupted while being sent; not sent again"}
    ended = db.session.scalars(update(Mail).where(*stuck).values(failed).returning(Mail.id))
    return len(ended.all())


# ---- a day's notices


def gather_digests() -> int:
    """Queue the digests of people whose day has come to its hour; at most one a person and day. Answers how many."""
    due = [(person, day) for person in _digest_readers() if (day := _digest_day(person)) is not None]
    keys = {f"digest:{person.public_id}:{day}": person for person, day in due}
    there = set(db.session.scalars(select(Mail.key).where(Mail.key.in_(keys))))
    made = 0
    for key, person in keys.items():
        if key not in there and (notices := _for_digest(person)):
            mail_soon(person.id, notices, key)
            made += 1
    return made


def _digest_readers() -> Sequence[Person]:
    chosen = select(NoticeChoice.person_id).where(NoticeChoice.delivery == Delivery.DIGEST)
    waiting = select(Notice.person_id).where(
        Notice.mail_id.is_(None), Notice.read_at.is_(None), Notice.created_at > clock.now() - DIGEST_KEEPS
    )
    readers = select(Person).where(Person.id.in_(chosen), Person.id.in_(waiting), Person.left_on.is_(None))
    return db.session.scalars(readers.order_by(Person.id)).all()


def _digest_day(person: Person) -> dt.date | None:
    local = clock.now().astimezone(ZoneInfo(person.company.time_zone))
    return local.date() if local.hour >= DIGEST_HOUR else None


def _for_digest(person: Person) -> list[Notice]:
    """The unread notices of the groups that the person reads as a digest, oldest first."""
    chosen = select(NoticeChoice.topic).where(
        NoticeChoice.person_id == person.id, NoticeChoice.delivery == Delivery.DIGEST
    )
    groups = set(db.session.scalars(chosen))
    rows = (
        select(Notice)
        .where(Notice.person_id == person.id, Notice.mail_id.is_(None), Notice.read_at.is_(None))
        .where(Notice.created_at > clock.now() - DIGEST_KEEPS)
        .order_by(Notice.id)
        .limit(MOST_IN_DIGEST)
        .with_for_update(skip_locked=True)
    )
    return [notice for notice in db.session.scalars(rows) if group_of(notice.kind) in groups]


# ---- words


def message_of(mail: Mail) -> EmailMessage:
    """The mail in its reader's language: what the page of notices says, and where; nothing more."""
    site = current().public_url
    with force_locale(LOCALES[mail.person.language]):
        told = [(words(notice), f"{site}{notice.address}") for notice in mail.notices]
        reason = str(GROUPS[group_of(mail.notices[0].kind)][0])
        body = render_template("emails/notices.txt", person=mail.person, told=told, reason=reason, site=site)
        subject = told[0][0] if len(told) == 1 else _subject(len(told))
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())[:LONGEST_SUBJECT]
    message["From"] = formataddr(("Incubator", str(current().mail_from)))
    message["To"] = formataddr((" ".join(mail.person.name.split()), mail.person.email))
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{mail.public_id}@{site.split('//', 1)[-1].split(':', 1)[0]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    message.set_content(body)
    message["Content-Language"] = mail.person.language
    return message


def _subject(count: int) -> str:
    return str(ngettext("%(num)s notice for you", "%(num)s notices for you", count))
