"""Inventor awards: the rule in force on the day the grant was announced, split to the last minor unit.

The rules come in as data (`AwardRule.from_data`), so that a change of law or of the company's own rule is a new
version and never a new line here. Sources of the shipped ones: Implementing Rules of the Patent Law 2010, Rule 77;
2023, Rule 93. An agreement or a company rule lawfully adopted comes first (Rule 92): the caller then passes the
company's versions instead.

Both rules speak of the entity that was granted a patent right, which is one under the Patent Law of the PRC, announced
by its office: a patent granted abroad owes no award by them. A company's own rule may name other offices too.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from incubator.patents.engines.deadlines import Deadline, award_due
from incubator.patents.engines.numbers import PatentKind

ENGINE_VERSION = "awards/1"
WHOLE = 10_000
"""All shares together, in basis points."""
BY_LAW = ("CNIPA",)
"""The office whose grants a rule is about that names none: the patent right of the Implementing Rules is China's."""


class AwardError(ValueError):
    """An award that cannot be computed; the message says what is missing or wrong."""


@dataclass(frozen=True, slots=True)
class AwardRule:
    """One version of an award rule, in force from `valid_from` to `valid_to`, both days included (None: open).

    `amounts` are minor units of `currency` for one patent of a kind; `months` the time to pay it in; `offices` those
    whose grants owe it.
    """

    code: str
    valid_from: dt.date
    valid_to: dt.date | None
    currency: str
    amounts: Mapping[PatentKind, int]
    months: int
    offices: frozenset[str] = frozenset(BY_LAW)

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise AwardError(f"rule {self.code}: it ends before it begins")
        if any(amount < 0 for amount in self.amounts.values()):
            raise AwardError(f"rule {self.code}: an amount is below 0")

    @classmethod
    def from_data(cls, code: str, valid_from: dt.date, valid_to: dt.date | None, parameters: Mapping[str, Any]) -> Self:
        """A rule from a stored version: {"currency": "CNY", "minor": {"invention": 400000, …}, "months": 3}, and
        "offices": ["CNIPA", …] where it names them."""
        try:
            amounts = {PatentKind(kind): int(minor) for kind, minor in parameters["minor"].items()}
            currency, months = str(parameters["currency"]), int(parameters["months"])
            offices = frozenset(str(office) for office in parameters.get("offices", BY_LAW))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise AwardError(f"rule {code}: its parameters are not those of an award rule ({error!r})") from error
        return cls(code, valid_from, valid_to, currency, amounts, months, offices)

    def is_in_force(self, day: dt.date) -> bool:
        """Whether the version covers the day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Share:
    """One inventor's part in basis points; `key` says who."""

    key: str
    points: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one inventor gets, in minor units."""

    key: str
    points: int
    minor: int


@dataclass(frozen=True, slots=True)
class Award:
    """An award with all that it was computed from; `parts` stand in the order of the shares and sum to `minor`."""

    rule: AwardRule
    kind: PatentKind
    announced_on: dt.date
    minor: int
    parts: tuple[Part, ...]
    due: Deadline

    @property
    def currency(self) -> str:
        """The currency of all its amounts."""
        return self.rule.currency


def award(rules: Iterable[AwardRule], *, kind: PatentKind, announced_on: dt.date, shares: Sequence[Share]) -> Award:
    """The award for one patent announced on a day. AwardError when no rule, or more than one, is in force."""
    rule = rule_in_force(rules, kind=kind, day=announced_on)
    minor = rule.amounts[kind]
    return Award(rule, kind, announced_on, minor, split(minor, shares), award_due(announced_on, rule.months))


def rule_in_force(rules: Iterable[AwardRule], *, kind: PatentKind, day: dt.date) -> AwardRule:
    """The one version that covers the day and the kind."""
    found = [rule for rule in rules if rule.is_in_force(day) and kind in rule.amounts]
    if len(found) != 1:
        names = ", ".join(f"{rule.code} from {rule.valid_from}" for rule in found) or "none"
        raise AwardError(f"one award rule must be in force on {day} for the kind {kind}; found: {names}")
    return found[0]


def split(minor: int, shares: Sequence[Share]) -> tuple[Part, ...]:
    """Split an amount by shares that sum to 10,000 basis points, exactly, by the largest remainder.

    Each gets the whole minor units of their part; those left over go one by one to the largest remainders, between
    equal ones to the earlier in the list.
    """
    _check_shares(shares)
    exact = [divmod(minor * share.points, WHOLE) for share in shares]
    left = minor - sum(units for units, _ in exact)
    by_remainder = sorted(range(len(shares)), key=lambda place: (-exact[place][1], place))
    lucky = set(by_remainder[:left])
    return tuple(
        Part(share.key, share.points, exact[place][0] + (place in lucky)) for place, share in enumerate(shares)
    )


def _check_shares(shares: Sequence[Share]) -> None:
    if len({share.key for share in shares}) < len(shares):
        raise AwardError("an inventor stands twice among the shares")
    if any(share.points < 1 for share in shares):
        raise AwardError("each share must be at least 1 basis point")
    total = sum(share.points for share in shares)
    if total != WHOLE:
        raise AwardError(f"the shares sum to {total} basis points; they must sum to {WHOLE}")
