"""Telling people: in the app, by mail, and in their calendars."""

from incubator.notifications.services.calendars import end_calendar, make_calendar
from incubator.notifications.services.choices import choose
from incubator.notifications.services.mails import claim_due, gather_digests, give_up_interrupted, settle
from incubator.notifications.services.notices import notify, read_all

__all__ = [
    "choose", "claim_due", "end_calendar", "gather_digests", "give_up_interrupted", "make_calendar", "notify",
    "read_all", "settle",
]  # fmt: skip
