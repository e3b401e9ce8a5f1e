"""Caps: whether a grant fits the plan's pool and the limits of law on everybody and on one person.

Limits come in as data (`limits_of`), for instance Caizi [2016] 4: all incentives at most 5, 10 or 30 % of total
capital by the company's size, one person at most 3 %. Units are the class's smallest; percentages basis points; a
limit is rounded down, because it may not be passed. Checked twice, at submission and at approval, under a lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ENGINE_VERSION = "caps/1"
POOL_RULE = "plan.pool"


class CapsError(ValueError):
    """Figures or parameters that cannot be checked; the message says which."""


class Scope(StrEnum):
    """Whose units a limit counts."""

    EVERYBODY = "everybody"
    PERSON = "person"


class Measure(StrEnum):
    """What the figures of a check count."""

    UNITS = "units"
    MONEY = "money"
    MONTHS = "months"
    PLANS = "plans"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit by rule: a part of total capital; `confirmed` when two persons have confirmed the rule's version."""

    rule: str
    source: str
    scope: Scope
    points: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Units granted already and units in drafts under way; both count against every limit."""

    granted: int = 0
    pending: int = 0

    @property
    def used(self) -> int:
        """Both together."""
        return self.granted + self.pending


@dataclass(frozen=True, slots=True)
class Check:
    """One limit against one ask, in units unless `measure` says otherwise.

    `headroom` is what was left before the ask (below 0 where the limit is passed already); `ok` when the ask fits
    into it. An unconfirmed check computes and warns.
    """

    rule: str
    source: str
    scope: Scope
    limit: int
    used: int
    asked: int
    headroom: int
    ok: bool
    confirmed: bool
    measure: Measure = Measure.UNITS
    floor: bool = False
    """The limit is the least, not the most: `headroom` is by how much the ask lies above it."""
    missing: str = ""
    """The name of the input without which it cannot be checked; then it is not ok."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """What the limit was computed from, by name."""
    parameter: str = ""
    """The rule's parameter that asks for it (engines/regime.py)."""


def limits_of(
    parameters: Mapping[str, Any], *, rule: str, source: str, size: str, confirmed: bool
) -> tuple[Limit, ...]:
    """The limits in a rule version's parameters for a company's size (large, medium, small, micro).

    {"total_bps": {"large": 500, …}} limits everybody's units, {"person_bps": {…}} one person's; CapsError when the
    parameters hold neither, or not for that size.
    """
    found = []
    for name, scope in (("total_bps", Scope.EVERYBODY), ("person_bps", Scope.PERSON)):
        if name in parameters:
            points = parameters[name].get(size)
            if not isinstance(points, int) or not 0 <= points <= 10_000:
                raise CapsError(f"rule {rule}: {name} has no basis points for the size {size!r}")
            found.append(Limit(rule, source, scope, points, confirmed))
    if not found:
        raise CapsError(f"rule {rule}: its parameters hold neither total_bps nor person_bps")
    return tuple(found)


def evaluate(
    limits: Sequence[Limit], *, capital: int, pool: int, everybody: Held, person: Held, ask: int
) -> list[Check]:
    """Check an ask against the plan's pool first, then against each limit, in the order given.

    `capital` is the company's total capital and `pool` the plan's size, `everybody` what the plan has given out,
    `person` what this person has of it, without the ask. CapsError for a negative figure or an ask below 1.
    """
    figures = (capital, pool, everybody.granted, everybody.pending, person.granted, person.pending)
    if min(figures) < 0 or ask < 1:
        raise CapsError("no figure may be below 0, and at least 1 unit must be asked for")
    used = {Scope.EVERYBODY: everybody.used, Scope.PERSON: person.used}
    whole_pool = Limit(POOL_RULE, POOL_RULE, Scope.EVERYBODY, 10_000, confirmed=True)
    return [
        _check(whole_pool, pool, everybody.used, ask),
        *[_check(limit, capital, used[limit.scope], ask) for limit in limits],
    ]


def _check(limit: Limit, base: int, used: int, asked: int) -> Check:
    most = base * limit.points // 10_000
    headroom = most - used
    return Check(limit.rule, limit.source, limit.scope, most, used, asked, headroom, asked <= headroom, limit.confirmed)
