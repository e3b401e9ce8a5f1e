"""A decision rule as versioned data: what it says, and the check that it says it completely.

The stored form is JSON; every word in it is from a closed list and a field that is missing, unknown or wrong is
refused by name. What the rule does is in `deciding.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

CRITERION = "criterion:"
"""Before the key of a criterion that a tie rule looks at."""


class DecidingError(ValueError):
    """A rule or a row that cannot be evaluated; the message says what would be right."""


class Order(StrEnum):
    """How the proposals of a theme are lined up."""

    TOTAL = "total"
    """The highest total first."""
    GIVEN = "given"
    """By a place given from outside, 1 first."""


class Threshold(StrEnum):
    """What a proposal must reach to be considered at all."""

    MINIMUM = "minimum_total"
    FLAG = "given_flag"


class Leftovers(StrEnum):
    """What happens after a proposal that the remaining budget does not cover."""

    SKIP = "skip"
    """Go on: a later, cheaper one may still fit."""
    STOP = "stop"
    """Nothing after it in the theme is accepted."""


class Verdict(StrEnum):
    """What the rule says of a proposal."""

    ACCEPTED = "accepted"
    SHELVED = "shelved"
    REJECTED = "rejected"
    NOT_DECIDABLE = "not_decidable"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a decision rule.

    `minimum` is in hundredths and goes with Threshold.MINIMUM alone. `ties` are applied in turn to proposals
    level on the order: "criterion:<key>" (the higher mean first, none last), "requested" (the lower amount
    first), and always last "key" (the stable key, ascending), so that no tie is ever left open.

    `lottery`: proposals that the ranking leaves undecided (zone "close") come after those clear above the line and
    before those clear below it, in the order of their lots and not of their totals.
    """

    order: Order
    threshold: Threshold
    minimum: int | None
    quorum: int
    leftovers: Leftovers
    ties: tuple[str, ...]
    over_budget: Verdict
    lottery: bool = False

    def __post_init__(self) -> None:
        _check_threshold(self)
        _check_ties(self.ties)
        if not 0 <= self.quorum <= 100:
            raise DecidingError(f"quorum: {self.quorum} must be from 0 to 100 reviews")
        if self.needs_total and self.quorum < 1:
            raise DecidingError("quorum: a rule that looks at totals needs at least 1 review")
        if self.lottery and self.order is not Order.TOTAL:
            raise DecidingError("lottery: only where the order is 'total'")
        if self.over_budget not in (Verdict.SHELVED, Verdict.REJECTED):
            raise DecidingError("over_budget: must be 'shelved' or 'rejected'")

    @property
    def needs_total(self) -> bool:
        """Whether the rule looks at totals, so that a row must have one."""
        return self.order is Order.TOTAL or self.threshold is Threshold.MINIMUM

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """A rule from its stored form; DecidingError names the field that is missing, unknown or wrong.

        {"order": "total", "threshold": {"kind": "minimum_total", "hundredths": 350}, "quorum": 2,
         "budget": "theme", "leftovers": "skip", "ties": ["criterion:uniqueness", "requested", "key"],
         "below_threshold": "rejected", "over_budget": "shelved"}

        "lottery": "close" may stand beside them, for a draw in the undecided zone.
        """
        exactly(data, _FIELDS | (set(data) & {"lottery"}), "the rule")
        if "lottery" in data:
            one_of(data["lottery"], ("close",), "lottery")
        one_of(data["budget"], ("theme",), "budget")
        one_of(data["below_threshold"], (Verdict.REJECTED,), "below_threshold")
        kind, minimum = _threshold(data["threshold"])
        return cls(
            order=Order(one_of(data["order"], tuple(Order), "order")),
            threshold=kind,
            minimum=minimum,
            quorum=whole(data["quorum"], "quorum"),
            leftovers=Leftovers(one_of(data["leftovers"], tuple(Leftovers), "leftovers")),
            ties=_words(data["ties"], "ties"),
            over_budget=Verdict(one_of(data["over_budget"], (Verdict.SHELVED, Verdict.REJECTED), "over_budget")),
            lottery="lottery" in data,
        )

    def to_data(self) -> dict[str, Any]:
        """The stored form; `from_data` of it is the same rule."""
        threshold: dict[str, Any] = {"kind": self.threshold.value}
        if self.minimum is not None:
            threshold["hundredths"] = self.minimum
        return {
            "order": self.order.value,
            "threshold": threshold,
            "quorum": self.quorum,
            "budget": "theme",
            "leftovers": self.leftovers.value,
            "ties": list(self.ties),
            "below_threshold": Verdict.REJECTED.value,
            "over_budget": self.over_budget.value,
        } | ({"lottery": "close"} if self.lottery else {})


_FIELDS = frozenset(("order", "threshold", "quorum", "budget", "leftovers", "ties", "below_threshold", "over_budget"))


def _check_threshold(rule: Rule) -> None:
    if rule.threshold is Threshold.FLAG:
        if rule.minimum is not None:
            raise DecidingError("threshold: a given flag has no minimum")
    elif rule.minimum is None or not 0 <= rule.minimum <= 10_000:
        raise DecidingError("threshold: hundredths must be from 0 to 10000")


def _check_ties(ties: tuple[str, ...]) -> None:
    if not ties or ties[-1] != "key":
        raise DecidingError("ties: the last one must be 'key', so that no tie is left open")
    if len(set(ties)) < len(ties):
        raise DecidingError("ties: each may stand only once")
    for name in ties[:-1]:
        if name != "requested" and not (name.startswith(CRITERION) and name != CRITERION):
            raise DecidingError(f"ties: {name!r} must be 'criterion:<key>', 'requested' or 'key'")


def _threshold(data: object) -> tuple[Threshold, int | None]:
    if not isinstance(data, Mapping):
        raise DecidingError("threshold: must be an object with a kind")
    kind = Threshold(one_of(data.get("kind"), tuple(Threshold), "threshold kind"))
    if kind is Threshold.FLAG:
        exactly(data, {"kind"}, "threshold")
        return kind, None
    exactly(data, {"kind", "hundredths"}, "threshold")
    return kind, whole(data["hundredths"], "threshold hundredths")


def _words(data: object, name: str) -> tuple[str, ...]:
    if not isinstance(data, list | tuple) or not all(isinstance(word, str) for word in data):
        raise DecidingError(f"{name}: must be a list of words")
    return tuple(data)


def exactly(data: Mapping[str, Any], fields: Iterable[str], name: str) -> None:
    """Refuse a mapping with a field too few or too many."""
    missing, unknown = sorted(set(fields) - set(data)), sorted(set(data) - set(fields))
    if missing:
        raise DecidingError(f"{name}: missing {', '.join(missing)}")
    if unknown:
        raise DecidingError(f"{name}: does not know {', '.join(unknown)}")


def one_of(value: object, words: tuple[str, ...], name: str) -> str:
    """The value when it is one of the words."""
    if not isinstance(value, str) or value not in words:
        raise DecidingError(f"{name}: {value!r} must be one of {', '.join(words)}")
    return value


def whole(value: object, name: str) -> int:
    """The value when it is a whole number (True is none)."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise DecidingError(f"{name}: {value!r} must be a whole number")
    return value
