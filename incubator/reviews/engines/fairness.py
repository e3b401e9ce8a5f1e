"""Groups of decisions counted without showing anybody: a small group is joined with others, or says nothing.

A figure of a group of fewer than LEAST proposals could tell of one person. Such groups are counted together as
"others"; where they are still too few together, the smallest group that would be shown joins them, so that nothing can
be taken off the total to find them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

LEAST = 5


@dataclass(frozen=True, slots=True)
class Case:
    """One decided proposal: its group, whether it was accepted, and the days from handing in to the answer."""

    group: str
    accepted: bool
    days: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """What is said of a group. name None: several small ones together, `joined` of them. days: the median."""

    name: str | None
    count: int
    accepted: int
    days: float | None
    joined: int = 1


def grouped(cases: Iterable[Case], least: int = LEAST) -> list[Group]:
    """The groups that may be shown, the largest first, then the others; empty where even all together are too few."""
    parts: dict[str, list[Case]] = {}
    for case in cases:
        parts.setdefault(case.group, []).append(case)
    by_size = sorted(parts.items(), key=lambda part: (-len(part[1]), part[0]))
    shown = [part for part in by_size if len(part[1]) >= least]
    small = [part for part in by_size if len(part[1]) < least]
    while small and shown and sum(len(found) for _, found in small) < least:
        small.append(shown.pop())
    groups = [_group(name, found) for name, found in shown]
    rest = [case for _, found in small for case in found]
    return [*groups, _group(None, rest, len(small))] if len(rest) >= least else groups


def _group(name: str | None, cases: Sequence[Case], joined: int = 1) -> Group:
    days = [case.days for case in cases if case.days is not None]
    return Group(name, len(cases), sum(case.accepted for case in cases), float(median(days)) if days else None, joined)
