"""What goes in: a rule as data, and what happened to an application."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from incubator.patents.engines.deadlines.calendars import CALENDARS
from incubator.rules.engines.periods import add_months

ANY = "*"
"""An office that stands for all."""


class RuleError(ValueError):
    """A stored rule that is not one of this engine; the message says what is missing or wrong."""


class Base(StrEnum):
    """What a period is counted from."""

    PRIORITY = "priority"
    FILING = "filing"
    GRANT = "grant"
    SERVICE = "service"
    EVENT = "event"


class ServiceMode(StrEnum):
    """How a document of the office reached us."""

    ELECTRONIC = "electronic"
    POST = "post"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an application on a day; `about`: the year, office or notice it is about."""

    key: str
    kind: str
    on: dt.date
    mode: ServiceMode | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """An application: its office, its kind of patent, and its events in the order of their days."""

    office: str
    kind: str
    events: Sequence[Happening]

    def first(self, kind: str) -> dt.date | None:
        """The day of the first event of a kind."""
        return next((event.on for event in self.events if event.kind == kind), None)

    @property
    def filed_on(self) -> dt.date | None:
        """The day of filing."""
        return self.first("file")

    @property
    def priority_on(self) -> dt.date | None:
        """The earliest priority claimed, otherwise the day of filing."""
        claimed = [event.on for event in self.events if event.kind == "priority"]
        return min(claimed) if claimed else self.filed_on


@dataclass(frozen=True, slots=True)
class Grace:
    """Time after the last day: each step ends so many months after it and costs so much more.

    A surcharge is in basis points of the fee; None: a fixed surcharge, or none that the rule names.
    """

    steps: tuple[tuple[int, int | None], ...]
    month_end: bool = False


@dataclass(frozen=True, slots=True)
class Repeat:
    """A fee for every year from `first` to the year named for the kind; `after_grant`: only years after the grant's."""

    first: int
    last: Mapping[str, int]
    after_grant: bool


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """One version of a rule, valid from and to, both days included.

    offices, kinds: whom it binds. trigger: the event that starts it; which: only the 'first' notice, or the 'later'
    ones. base: what is counted from; months and days: the period, negative for one counted back; month_end: to the
    last day of that month. roll: '', 'next' or 'previous' working day of `calendar`. opens: months before the last day
    from which the step can be taken. met_by: events that fulfil it, of the same `about` where the rule has one.
    ends_with: events after which it is asked no more. duty: False for a day that is only expected. fee: the code of the
    fee's rule. restore_months: how long after the last day a lost right can be asked back. filed_from, filed_to: only
    applications of these days. by_due: the version counts by the last day, not by the base.
    """

    code: str
    number: int
    valid_from: dt.date
    valid_to: dt.date | None
    offices: frozenset[str]
    kinds: frozenset[str]
    trigger: str
    base: Base
    months: int
    days: int
    month_end: bool
    roll: str
    calendar: str
    grace: Grace | None
    repeat: Repeat | None
    which: str
    about: str
    opens: int | None
    met_by: frozenset[str]
    ends_with: frozenset[str]
    duty: bool
    fee: str
    restore_months: int | None
    filed_from: dt.date | None
    filed_to: dt.date | None
    by_due: bool

    @classmethod
    def from_data(
        cls, code: str, number: int, valid_from: dt.date, valid_to: dt.date | None, data: Mapping[str, Any]
    ) -> Self:
        """A rule from the parameters of a stored version. Raises RuleError for parameters of another shape."""
        try:
            rule = cls(
                code=code, number=number, valid_from=valid_from, valid_to=valid_to,
                offices=frozenset(data["offices"]), kinds=frozenset(data["kinds"]), trigger=str(data["trigger"]),
                base=Base(data["base"]), months=int(data.get("months", 0)), days=int(data.get("days", 0)),
                month_end=bool(data.get("month_end", False)), roll=str(data.get("roll", "")),
                calendar=str(data.get("calendar", "")), grace=_grace(data.get("grace")),
                repeat=_repeat(data.get("repeat")), which=str(data.get("which", "")), about=str(data.get("about", "")),
                opens=data.get("opens"), met_by=frozenset(data.get("met_by", ())),
                ends_with=frozenset(data.get("ends_with", ())), duty=bool(data.get("duty", True)),
                fee=str(data.get("fee", "")), restore_months=data.get("restore_months"),
                filed_from=_day(data.get("filed_from")), filed_to=_day(data.get("filed_to")),
                by_due=bool(data.get("by_due", False)),
            )  # fmt: skip
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise RuleError(f"rule {code}: its parameters are not those of a deadline ({error!r})") from error
        rule.check()
        return rule

    def check(self) -> None:
        """Raises RuleError for values that contradict each other."""
        if self.roll not in {"", "next", "previous"} or bool(self.roll) != (self.calendar in CALENDARS):
            raise RuleError(f"rule {self.code}: a roll is to the next or previous working day of a known calendar")
        if self.which not in {"", "first", "later"}:
            raise RuleError(f"rule {self.code}: it is about the first or the later notices")
        if not (self.months or self.days) and self.repeat is None:
            raise RuleError(f"rule {self.code}: it has no period")

    def is_valid(self, day: dt.date) -> bool:
        """Whether this version covers a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def binds(self, case: Case) -> bool:
        """Whether the rule is about applications such as this one."""
        if case.kind not in self.kinds or not (case.office in self.offices or ANY in self.offices):
            return False
        if self.filed_from is None and self.filed_to is None:
            return True
        filed = case.filed_on
        return (
            filed is not None
            and (self.filed_from is None or self.filed_from <= filed)
            and (self.filed_to is None or filed <= self.filed_to)
        )


def _grace(data: Any) -> Grace | None:
    if data is None:
        return None
    steps = tuple((int(step["months"]), step.get("surcharge_bps")) for step in data["steps"])
    return Grace(steps, bool(data.get("month_end", False)))


def _repeat(data: Any) -> Repeat | None:
    if data is None:
        return None
    last = {str(kind): int(year) for kind, year in data["last"].items()}
    return Repeat(int(data["first"]), last, bool(data.get("after_grant", False)))


def _day(text: Any) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def end_of_month(day: dt.date) -> dt.date:
    """The last day of a day's month."""
    return add_months(day, 0, day=31)
