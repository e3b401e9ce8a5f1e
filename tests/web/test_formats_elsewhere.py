"""Formats outside an application: the group's zone and English."""

import datetime as dt

from incubator.web import formats


def test_without_an_application_the_zone_is_the_groups_and_the_language_english() -> None:
    assert formats.datetime(dt.datetime(2020, 11, 2, 1, 14, tzinfo=dt.UTC)) == "Mon 2 Nov 2020, 09:14"
