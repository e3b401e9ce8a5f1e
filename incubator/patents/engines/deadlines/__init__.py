"""Deadlines: a base event and a period, the corresponding day, days off, grace; with every step kept.

Pure: rules come in as data (`DeadlineRule.from_data`), events as plain values, and what comes out can be read by
counsel step by step (`Due.trace`). Sources of each rule stand with the rule (`incubator.rules.deadlines`); those of
the arithmetic in `incubator.rules.engines.periods`.
"""

from incubator.patents.engines.deadlines.awards import Deadline, add_months, award_due, deadline
from incubator.patents.engines.deadlines.calendars import CALENDARS, WorkCalendar
from incubator.patents.engines.deadlines.computing import ENGINE_VERSION, Book, compute
from incubator.patents.engines.deadlines.results import Due, GraceStep, Step
from incubator.patents.engines.deadlines.terms import (
    Base,
    Case,
    DeadlineRule,
    Grace,
    Happening,
    Repeat,
    RuleError,
    ServiceMode,
)

__all__ = [
    "CALENDARS",
    "ENGINE_VERSION",
    "Base",
    "Book",
    "Case",
    "Deadline",
    "DeadlineRule",
    "Due",
    "Grace",
    "GraceStep",
    "Happening",
    "Repeat",
    "RuleError",
    "ServiceMode",
    "Step",
    "WorkCalendar",
    "add_months",
    "award_due",
    "compute",
    "deadline",
]
