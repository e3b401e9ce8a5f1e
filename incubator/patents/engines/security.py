"""The security review of an invention made in China before it is filed abroad.

Sources: Patent Law of the PRC, Art. 19 (inventions and utility models completed in China); Implementing Rules 2023,
Rules 8 and 9: the office notifies within two months of the request that it examines further (two months more where
the case is complex) and decides within four months of the request (two months more). Where no notice comes in time,
the application may be filed abroad.
"""

import datetime as dt
from dataclasses import dataclass

from incubator.patents.engines.numbers import PatentKind
from incubator.rules.engines.periods import add_months, roll

ENGINE_VERSION = "security/1"
HOME = frozenset({"CN", "CNIPA"})
"""Names of the office that needs no clearance."""
NOTICE_MONTHS, DECISION_MONTHS, MORE_MONTHS = 2, 4, 2


@dataclass(frozen=True, slots=True)
class Timetable:
    """The last days of the office's own periods, each moved past days off; `provisional`: one may still move."""

    requested_on: dt.date
    notice_by: dt.date
    notice_latest: dt.date
    decision_by: dt.date
    decision_latest: dt.date
    provisional: bool


def is_needed(*, office: str, kind: PatentKind, made_in_china: bool) -> bool:
    """Whether an application at this office waits for the review; a design never does (Art. 19)."""
    return made_in_china and office not in HOME and kind != PatentKind.DESIGN


def timetable(requested_on: dt.date) -> Timetable:
    """When notice and decision are due for a request, and when at the latest."""
    months = (NOTICE_MONTHS, NOTICE_MONTHS + MORE_MONTHS, DECISION_MONTHS, DECISION_MONTHS + MORE_MONTHS)
    days = [roll(add_months(requested_on, count)) for count in months]
    notice_by, notice_latest, decision_by, decision_latest = (one.day for one in days)
    provisional = any(one.provisional for one in days)
    return Timetable(requested_on, notice_by, notice_latest, decision_by, decision_latest, provisional)


def silence_clears_from(requested_on: dt.date, *, extended: bool) -> dt.date:
    """The first day on which the silence of the office lets the application go abroad."""
    when = timetable(requested_on)
    return (when.notice_latest if extended else when.notice_by) + dt.timedelta(days=1)
