"""What inventors are owed each year that their patent is put to use: the rule of the time, split to the last fen.

Sources: Implementing Rules of the Patent Law 2010, Rule 78 (2 % of a year's operating profit, 0.2 % for a design; 10 %
of licence fees) for use until 19 January 2024; Implementing Rules 2023, Rule 94, with the Law on Promoting the
Transformation of S&T Achievements, Art. 45 (50 % of the net income of a transfer or licence, 50 % of the shares formed
by contributing the patent, 5 % of a year's operating profit for three to five years of successful own production)
from 20 January 2024. An agreement or a company rule lawfully adopted comes first: the caller then passes that
version. The parts of the law are minima, so a fraction of a fen is rounded up.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from incubator.patents.engines.awards import WHOLE, AwardError, Part, Share, split
from incubator.patents.engines.numbers import PatentKind
from incubator.rules.engines.periods import add_months

ENGINE_VERSION = "remuneration/1"


class UseError(AwardError):
    """A use for which nothing can be computed as it was given.

    code: what is wrong, for words in any language; day: the day that would put it right, where there is one.
    """

    def __init__(self, code: str, message: str, day: dt.date | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.day = day


class Mode(StrEnum):
    """How a patent is put to use."""

    OWN_USE = "own_use"
    LICENCE = "licence"
    TRANSFER = "transfer"
    CONTRIBUTION = "contribution"


M = Mode


@dataclass(frozen=True, slots=True)
class RemunerationRule:
    """One version in force from `valid_from` to `valid_to`, both days included (None: open).

    rates: basis points by mode and kind; years: through how many years of own use it is paid (None: all of them).
    """

    code: str
    number: int
    valid_from: dt.date
    valid_to: dt.date | None
    rates: Mapping[tuple[Mode, PatentKind], int]
    years: int | None

    @classmethod
    def from_data(
        cls, code: str, number: int, valid_from: dt.date, valid_to: dt.date | None, parameters: Mapping[str, Any]
    ) -> Self:
        """A rule from the stored parameters of either shape, of 2010 or of 2023. AwardError when they fit neither."""
        try:
            rates = _rates_of_2010(parameters) if "licence_income_bps" in parameters else _rates_of_2023(parameters)
            years = max(int(n) for n in parameters.get("operating_profit_years", [0])) or None
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise AwardError(f"rule {code}: its parameters are not those of a remuneration rule ({error!r})") from error
        if any(not 0 <= points <= WHOLE for points in rates.values()):
            raise AwardError(f"rule {code}: a rate is not between 0 and 100 %")
        return cls(code, number, valid_from, valid_to, rates, years)

    def is_in_force(self, day: dt.date) -> bool:
        """Whether the version covers the day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def _rates_of_2010(parameters: Mapping[str, Any]) -> dict[tuple[Mode, PatentKind], int]:
    own = {(M.OWN_USE, PatentKind(kind)): int(points) for kind, points in parameters["operating_profit_bps"].items()}
    return own | {(M.LICENCE, kind): int(parameters["licence_income_bps"]) for kind in PatentKind}


def _rates_of_2023(parameters: Mapping[str, Any]) -> dict[tuple[Mode, PatentKind], int]:
    names = {
        M.OWN_USE: "operating_profit_bps",
        M.LICENCE: "net_transfer_or_licence_income_bps",
        M.TRANSFER: "net_transfer_or_licence_income_bps",
        M.CONTRIBUTION: "shares_formed_bps",
    }
    return {(mode, kind): int(parameters[name]) for mode, name in names.items() for kind in PatentKind}


@dataclass(frozen=True, slots=True)
class Use:
    """A patent put to use from a day to a day, both included.

    base: operating profit or net income in minor units, or for a contribution the shares formed, in their smallest
    unit; a loss is below 0. year: which year of own use it is, from 1.
    """

    mode: Mode
    kind: PatentKind
    announced_on: dt.date
    from_on: dt.date
    to_on: dt.date
    base: int
    year: int = 1


@dataclass(frozen=True, slots=True)
class Remuneration:
    """What is owed, with all that it was computed from; `parts` sum to `amount`.

    ask_counsel: the patent was announced under an earlier version than the one its use falls under.
    ended: the years of own use for which the law gives a part are over.
    """

    rule: RemunerationRule
    use: Use
    points: int
    amount: int
    parts: tuple[Part, ...]
    ask_counsel: bool
    ended: bool


def remuneration(
    rules: Iterable[RemunerationRule], use: Use, shares: Sequence[Share], *, number: int | None = None
) -> Remuneration:
    """The inventors' part of a use. number: the version that counsel chose, where counsel had to.

    UseError for a period before the grant or across two versions, own use of more than a year, or a mode for which no
    version gives a part.
    """
    known = list(rules)
    _check(use)
    in_force = rule_for(known, use)
    rule = in_force if number is None else next((one for one in known if one.number == number), in_force)
    points = rule.rates.get((use.mode, use.kind))
    if points is None:
        words = f"version {rule.number} of {rule.code} gives no part for {use.mode}; an agreement must"
        raise UseError("no_part", words)
    ended = use.mode == M.OWN_USE and rule.years is not None and use.year > rule.years
    amount = 0 if ended else -(-max(use.base, 0) * points // WHOLE)
    ask = number is None and use.announced_on < in_force.valid_from
    return Remuneration(rule, use, points, amount, split(amount, shares), ask, ended)


def rule_for(rules: Iterable[RemunerationRule], use: Use) -> RemunerationRule:
    """The one version that covers the whole period of a use."""
    known = list(rules)
    first, last = (_in_force(known, day) for day in (use.from_on, use.to_on))
    if first is not last:
        words = f"another rule holds from {last.valid_from}: record the time before and after apart"
        raise UseError("two_rules", words, last.valid_from)
    return first


def _in_force(rules: Sequence[RemunerationRule], day: dt.date) -> RemunerationRule:
    found = [rule for rule in rules if rule.is_in_force(day)]
    if len(found) != 1:
        names = ", ".join(f"{rule.code} {rule.number}" for rule in found) or "none"
        raise UseError("no_rule", f"one remuneration rule must be in force on {day}; found: {names}", day)
    return found[0]


def _check(use: Use) -> None:
    if use.to_on < use.from_on:
        raise UseError("order", "the period ends before it begins")
    if use.from_on < use.announced_on:
        words = f"the patent was announced on {use.announced_on}: what counts is its use from that day"
        raise UseError("before_grant", words, use.announced_on)
    if use.mode == M.OWN_USE and use.to_on >= add_months(use.from_on, 12):
        raise UseError("too_long", "own use is recorded a year at a time", add_months(use.from_on, 12))
    if use.year < 1:
        raise UseError("year", "the first year of own use is year 1")
