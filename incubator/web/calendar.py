"""A day that matters to a person, as each package tells it, and many of them as an iCalendar file."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from incubator.core import clock

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Incubator//Calendar//EN"
REFRESH = dt.timedelta(hours=6)


@dataclass(frozen=True)
class CalendarEntry:
    """A day, or several, in a person's calendar.

    uid: the same for the same thing for ever ('call.close-<public id>'), so that a moved day moves and does not
    double; title: in the person's language; address: the page, beginning with a slash; end: the last day, if later.
    """

    uid: str
    day: dt.date
    title: str
    address: str
    end: dt.date | None = None


def ics(entries: Iterable[CalendarEntry], *, name: str, site: str) -> bytes:
    """The entries as an iCalendar stream (RFC 5545): whole days, private, not busy; each links to its page.

    site: the address people open ('https://…'); its host makes the uids the world's only ones.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    host = site.split("//", 1)[-1].split(":", 1)[0]
    for entry in sorted(entries, key=lambda entry: (entry.day, entry.uid)):
        event = Event()
        event.add("uid", f"{entry.uid}@{host}")
        event.add("dtstamp", clock.now().replace(microsecond=0))
        event.add("dtstart", entry.day)
        event.add("dtend", (entry.end or entry.day) + dt.timedelta(days=1))  # the first day after it
        event.add("summary", entry.title)
        event.add("url", f"{site}{entry.address}")
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
