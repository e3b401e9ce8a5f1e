"""History is played in the order of time, and only the demonstration moves the clock."""

import datetime as dt
from pathlib import Path

import pytest

from incubator.core import clock
from incubator.demo.diary import Diary


def test_steps_are_taken_in_the_order_of_time_whatever_the_order_they_were_planned_in():
    diary, seen = Diary(dt.date(2026, 11, 22)), []
    for name, day, hour in (("third", -1, 10), ("first", -30, 9), ("second", -30, 14)):
        diary.on(day, lambda name=name: seen.append((name, clock.now())), hour=hour)

    diary.play()

    assert [name for name, _moment in seen] == ["first", "second", "third"]
    assert [moment.replace(microsecond=0, second=0) for _name, moment in seen] == [
        dt.datetime(2026, 10, 23, 1, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 23, 6, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC),
    ]


def test_steps_of_the_same_hour_follow_each_other():
    diary, seen = Diary(dt.date(2026, 11, 22)), []
    for _ in range(3):
        diary.on(-1, lambda: seen.append(clock.now()))

    diary.play()

    assert seen == sorted(seen)
    assert seen[2] - seen[0] >= dt.timedelta(seconds=82)


def test_history_ends_yesterday():
    with pytest.raises(ValueError, match="history ends yesterday"):
        Diary(dt.date(2026, 11, 22)).on(0, lambda: None)


def test_after_a_journey_the_clock_is_right_again():
    before = dt.datetime.now(dt.UTC)
    moment = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    with clock.travelled(moment):
        assert clock.now() - moment < dt.timedelta(minutes=1)
    with pytest.raises(LookupError), clock.travelled(moment):
        raise LookupError

    assert clock.now() >= before


def test_only_the_demonstration_moves_the_clock():
    movers = {str(path) for path in Path("incubator").rglob("*.py") if "travelled(" in path.read_text()}

    assert movers == {"incubator/core/clock.py", "incubator/demo/diary.py"}
