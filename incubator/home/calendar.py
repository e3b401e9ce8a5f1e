"""A person's days: what waits for them with a date, and what each package adds (queries.calendar_of(person))."""

import datetime as dt
import hashlib
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from flask_babel import gettext as _

from incubator.core.settings import current
from incubator.home.queries import Waiting, modules_with, waiting_for
from incubator.people.models import Person
from incubator.web.calendar import CalendarEntry, ics

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}


def calendar_of(person: Person) -> list[CalendarEntry]:
    """Everything with a day, once: a package's own entry for a page and day stands before what waits there."""
    own = [entry for module in modules_with("calendar_of") for entry in module.calendar_of(person)]
    zone = ZoneInfo(person.company.time_zone)
    told = {(entry.address, entry.day) for entry in own}
    due = [_entry(waiting, waiting.due_at, zone) for waiting in waiting_for(person) if waiting.due_at is not None]
    return own + [entry for entry in due if (entry.address, entry.day) not in told]


def _entry(waiting: Waiting, due_at: dt.datetime, zone: ZoneInfo) -> CalendarEntry:
    """What is due by 24:00 belongs to the day that ends then."""
    day = (due_at.astimezone(zone) - dt.timedelta(microseconds=1)).date()
    key = hashlib.sha256(f"{waiting.kind} {waiting.address}".encode()).hexdigest()[:24]
    return CalendarEntry(key, day, f"{waiting.words}: {waiting.title}", waiting.address)


def feed_of(person: Person) -> bytes:
    """The person's calendar as an iCalendar stream in their language."""
    with force_locale(LOCALES[person.language]):
        return ics(calendar_of(person), name=_("Incubator"), site=current().public_url)
