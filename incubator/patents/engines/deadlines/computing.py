"""From rules and events to deadlines.

A period of months ends on the corresponding day, or the month's last day where there is none (Civil Code Art. 202,
`add_months`, always from the base: nothing drifts). The base is the priority, the filing, the grant, or the day a
document was served, which the office's rule of service derives from its date (Implementing Rules of the Patent Law
2023, Rule 4: by post 15 days after issue, electronically the day it enters the system). The last day then moves past
days off; grace is counted from the day before it moved, each of its steps moving for itself.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from incubator.patents.engines.deadlines.calendars import CALENDARS
from incubator.patents.engines.deadlines.results import Due, GraceStep, Step
from incubator.patents.engines.deadlines.terms import Base, Case, DeadlineRule, Grace, Happening, end_of_month
from incubator.rules.engines.periods import add_months

ENGINE_VERSION = "deadlines/2"
ENDS = frozenset({"withdraw", "lapse", "expire", "refuse"})
RETURNS = frozenset({"restore", "reopen"})
"""After an ending event nothing more is asked, unless the application came back to life."""
SERVED = "serve"
"""The trigger of rules of service: how long after its date a document of the office counts as received."""


@dataclass
class Book:
    """All versions of all rules, found by the event that starts them."""

    rules: Sequence[DeadlineRule]
    by_trigger: dict[str, list[DeadlineRule]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_trigger = defaultdict(list)
        for rule in self.rules:
            self.by_trigger[rule.trigger].append(rule)

    def started_by(self, case: Case, event: Happening) -> Iterator[DeadlineRule]:
        """The versions that an event of an application starts, whatever their days of validity."""
        for rule in self.by_trigger.get(event.kind, ()):
            if rule.binds(case) and _is_which(rule, case, event):
                yield rule

    def service_days(self, case: Case, event: Happening) -> int:
        """Days after its date on which a document counts as received; 0 where no rule says otherwise."""
        for rule in self.by_trigger.get(SERVED, ()):
            if event.mode is not None and rule.about == event.mode and rule.binds(case) and rule.is_valid(event.on):
                return rule.days
        return 0


@dataclass(frozen=True, slots=True)
class _Counted:
    """A base with the steps that led to it, and the year it is for."""

    rule: DeadlineRule
    event: Happening
    on: dt.date
    steps: tuple[Step, ...]
    year: int | None = None
    months: int = 0


def compute(case: Case, book: Book, until: dt.date = dt.date.max) -> tuple[Due, ...]:
    """Every deadline of an application, the earliest first.

    until: of a fee that comes every year, the years to come are left out after the first one later than this day.
    """
    found = []
    for event in case.events:
        for rule in book.started_by(case, event):
            for counted in _counted(case, book, rule, event):
                due = _due(case, counted)
                found += [] if due is None else [due]
                if add_months(counted.on, counted.months) > until:
                    break
    return tuple(sorted(found, key=lambda due: (due.due_on, due.key)))


def _is_which(rule: DeadlineRule, case: Case, event: Happening) -> bool:
    """A rule of the first notice, of the later ones, or of each; of other kinds the first event alone starts one."""
    same = [other for other in case.events if other.kind == event.kind]
    if not rule.which:
        return rule.base in {Base.SERVICE, Base.EVENT} or event is same[0]
    return (event is same[0]) == (rule.which == "first")


def _counted(case: Case, book: Book, rule: DeadlineRule, event: Happening) -> Iterator[_Counted]:
    base = _base(case, book, rule, event)
    if base is None:
        return
    on, steps = base
    if rule.repeat is None:
        yield _Counted(rule, event, on, steps, None, rule.months)
        return
    first = rule.repeat.first
    if rule.repeat.after_grant:
        granted = case.first("grant") or event.on
        first = max(first, _year_of(on, granted) + 1)
    for year in range(first, rule.repeat.last.get(case.kind, 0) + 1):
        yield _Counted(rule, event, on, steps, year, 12 * (year - 1))


def _year_of(filed_on: dt.date, day: dt.date) -> int:
    """The year of the patent that a day lies in, counted from the filing; the first is 1."""
    years = max(day.year - filed_on.year, 0)
    return years + (add_months(filed_on, 12 * years) <= day)


def _base(case: Case, book: Book, rule: DeadlineRule, event: Happening) -> tuple[dt.date, tuple[Step, ...]] | None:
    """The day counted from, and how it came about; None while it is not known."""
    if rule.base is Base.SERVICE:
        days = book.service_days(case, event)
        served = event.on + dt.timedelta(days=days)
        issued = Step("base", event.on, (("what", event.kind),))
        mode = event.mode.value if event.mode is not None else ""
        return served, (issued, Step("service", served, (("mode", mode), ("days", days))))
    known = {
        Base.PRIORITY: case.priority_on,
        Base.FILING: case.filed_on,
        Base.GRANT: case.first("grant"),
        Base.EVENT: event.on,
    }
    on = known[rule.base]
    what = event.kind if rule.base is Base.EVENT else rule.base.value
    return None if on is None else (on, (Step("base", on, (("what", what),)),))


def _due(case: Case, counted: _Counted) -> Due | None:
    """One deadline; None where another version of the rule holds, or where it is asked no more."""
    rule = counted.rule
    ended, steps = _period(counted)
    if not rule.is_valid(ended if rule.by_due else counted.on):
        return None
    due_on, rolled, provisional = _roll(rule, ended)
    met = _met_by(case, counted)
    if met is None and _is_over(case, counted, due_on):
        return None
    grace, traced, grace_open = _grace(rule, ended)
    opens_on = None if rule.opens is None else add_months(ended, -rule.opens)
    restore = None if rule.restore_months is None else add_months(ended, rule.restore_months)
    restore_until = _roll(rule, restore)[0] if restore is not None else None
    may_move = due_on if provisional or not grace else grace[-1].until
    provisional = provisional or grace_open
    after = [Step("due", due_on, (("calendar", rule.calendar),) if rule.calendar else ())]
    after += [Step("opens", opens_on, (("months", rule.opens),))] if opens_on is not None else []
    after += traced
    after += [Step("restore", restore_until, (("months", rule.restore_months),))] if restore_until is not None else []
    after += [Step("provisional", may_move, (("calendar", rule.calendar),))] if provisional else []
    return Due(
        key=_key(counted), code=rule.code, number=rule.number, trigger=counted.event.key, year=counted.year,
        base_on=counted.on, unrolled_on=ended, due_on=due_on, opens_on=opens_on, grace=grace,
        restore_until=restore_until, provisional=provisional, duty=rule.duty, fee=rule.fee, met_by=met,
        trace=(*counted.steps, *steps, *rolled, *after),
    )  # fmt: skip


def _key(counted: _Counted) -> str:
    """The rule, with the year of a fee, or the notice where each starts its own."""
    if counted.year is not None:
        return f"{counted.rule.code}:{counted.year}"
    own = counted.rule.base in {Base.SERVICE, Base.EVENT}
    return f"{counted.rule.code}:{counted.event.key}" if own else counted.rule.code


def _period(counted: _Counted) -> tuple[dt.date, tuple[Step, ...]]:
    """The corresponding day, and the month's end where the rule asks for it."""
    rule = counted.rule
    ended = add_months(counted.on, counted.months) + dt.timedelta(days=rule.days)
    values: tuple[tuple[str, Any], ...] = (("months", counted.months), ("days", rule.days))
    if counted.year is not None:
        values = (*values, ("year", counted.year))
    steps: tuple[Step, ...] = (Step("period", ended, values),)
    if rule.month_end:
        ended = end_of_month(ended)
        steps = (*steps, Step("month_end", ended))
    return ended, steps


def _roll(rule: DeadlineRule, day: dt.date) -> tuple[dt.date, tuple[Step, ...], bool]:
    """The day after rolling, one step for each day passed over, and whether the calendar may still move it."""
    return _rolled(rule.calendar, rule.roll, day)


@lru_cache(maxsize=50_000)
def _rolled(name: str, roll: str, day: dt.date) -> tuple[dt.date, tuple[Step, ...], bool]:
    """Kept, since the deadlines of many applications fall on the same days."""
    if not roll:
        return day, (), False
    calendar = CALENDARS[name]
    rolled, passed = calendar.roll(day, back=roll == "previous")
    steps = tuple(Step("roll", off, (("calendar", calendar.name), ("why", reason))) for off, reason in passed)
    return rolled, steps, calendar.may_change(max(day, rolled))


def _grace(rule: DeadlineRule, ended: dt.date) -> tuple[tuple[GraceStep, ...], tuple[Step, ...], bool]:
    """The steps of grace with their trace, and whether a calendar may still move one of them."""
    return ((), (), False) if rule.grace is None else _graced(rule.grace, rule.calendar, rule.roll, ended)


@lru_cache(maxsize=50_000)
def _graced(grace: Grace, name: str, roll: str, ended: dt.date) -> tuple[tuple[GraceStep, ...], tuple[Step, ...], bool]:
    found, open_ = [], False
    for months, surcharge in grace.steps:
        day = add_months(ended, months)
        until, _passed, may_change = _rolled(name, roll, end_of_month(day) if grace.month_end else day)
        found.append(GraceStep(until, surcharge))
        open_ = open_ or may_change
    traced = tuple(Step("grace", step.until, (("surcharge_bps", step.surcharge_bps),)) for step in found)
    return tuple(found), traced, open_


def _met_by(case: Case, counted: _Counted) -> str | None:
    """The first event on or after the trigger's day that fulfils the rule, of the same year, office or notice."""
    about = counted.rule.about if counted.year is None else str(counted.year)
    own = counted.rule.base in {Base.SERVICE, Base.EVENT}
    later = [event for event in case.events if event.kind in counted.rule.met_by and event.on >= counted.event.on]
    for event in later:
        if about:
            if event.about == about:
                return event.key
        elif not own or _is_next(case, counted.event, event):
            return event.key
    return None


def _is_next(case: Case, notice: Happening, answer: Happening) -> bool:
    """An answer belongs to the notice it names, otherwise to the last notice before it."""
    if answer.about:
        return answer.about == notice.key
    before: Iterable[Happening] = [one for one in case.events if one.kind == notice.kind and one.on <= answer.on]
    return max(before, key=lambda one: one.on, default=notice).key == notice.key


def _is_over(case: Case, counted: _Counted, due_on: dt.date) -> bool:
    """Whether an event ended the duty before its last day. What was missed before that stays."""
    trigger = counted.event
    ending: dt.date | None = None
    for event in case.events:
        if event is trigger:
            continue
        if event.kind in RETURNS:
            ending = None
        elif event.kind in counted.rule.ends_with or (event.kind in ENDS and event.on >= trigger.on):
            ending = event.on if ending is None else ending
    return ending is not None and due_on > ending
