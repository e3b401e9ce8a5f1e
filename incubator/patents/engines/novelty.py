"""Whether something shown to the public takes the novelty of an application, and which grace holds.

Sources: Patent Law of the PRC, Art. 22 (known to the public before the filing date) and Art. 24 with Rule 33 (six
months, and only after an emergency, a recognised exhibition, a listed conference, or a disclosure by others without
consent); European Patent Convention, Art. 54 and 55 (six months before the European filing itself, and only after an
evident abuse or an officially recognised exhibition); 35 U.S.C. 102(a) and (b)(1) (one year for what the inventors
themselves showed, sold or offered). It warns and never decides: counsel does.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from incubator.rules.engines.periods import add_months

ENGINE_VERSION = "novelty/1"


class Showing(StrEnum):
    """How the public came to know of it, or will."""

    ARTICLE = "article"
    EXHIBITION = "exhibition"
    CONFERENCE = "conference"
    EMERGENCY = "emergency"
    LEAK = "leak"
    SALE = "sale"


class Standing(StrEnum):
    """What a showing does to an application filed on a day."""

    SAFE = "safe"
    GRACE = "grace"
    LOST = "lost"


S = Showing
GRACES: dict[str, tuple[int, frozenset[Showing], str]] = {
    "CN": (6, frozenset({S.EMERGENCY, S.EXHIBITION, S.CONFERENCE, S.LEAK}), "Patent Law, Art. 24"),
    "EP": (6, frozenset({S.EXHIBITION, S.LEAK}), "EPC, Art. 55"),
    "US": (12, frozenset(Showing), "35 U.S.C. 102(b)(1)"),
}
"""By office: the months of grace, what they cover, and where that stands."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that was, or is going to be, open to the public on a day."""

    on: dt.date
    how: Showing
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one showing means at one office for an application filed on `filing_on`.

    last_on: the last day on which an application is still new, or covered by the grace; None when that day has no
    meaning because nothing covers what was shown. source: the article of the grace, '' where none was needed.
    """

    office: str
    shown: Shown
    filing_on: dt.date
    standing: Standing
    last_on: dt.date | None
    source: str


def findings(shown: Iterable[Shown], filing_on: dt.date) -> tuple[Finding, ...]:
    """Every showing at every office, in that order, for an application filed (or with priority from) that day."""
    return tuple(_finding(office, one, filing_on) for one in shown for office in GRACES)


def _finding(office: str, shown: Shown, filing_on: dt.date) -> Finding:
    """What is known *before* the filing date counts: filing on the very day is in time."""
    months, covered, source = GRACES[office]
    if shown.how not in covered:
        safe = filing_on <= shown.on
        last_on = shown.on if safe else None
        return Finding(office, shown, filing_on, Standing.SAFE if safe else Standing.LOST, last_on, "")
    until = add_months(shown.on, months)
    if filing_on <= shown.on:
        return Finding(office, shown, filing_on, Standing.SAFE, until, source)
    standing = Standing.GRACE if filing_on <= until else Standing.LOST
    return Finding(office, shown, filing_on, standing, until, source)


def worst(found: Iterable[Finding], office: str) -> Standing:
    """The worst standing at an office; safe when nothing was shown."""
    order = list(Standing)
    standings = [finding.standing for finding in found if finding.office == office]
    return max(standings, key=order.index, default=Standing.SAFE)
