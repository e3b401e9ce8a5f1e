"""What a disclosure must say before anybody can decide on it."""

from dataclasses import dataclass
from enum import StrEnum


class Funding(StrEnum):
    """Who paid for the work that led to the invention."""

    OWN = "own"
    PUBLIC = "public"
    COMMISSIONED = "commissioned"
    JOINT = "joint"


class Item(StrEnum):
    """One thing that is there or missing."""

    PROBLEM = "problem"
    SOLUTION = "solution"
    PRIOR_ART = "prior_art"
    DATES = "dates"
    FUNDING = "funding"
    RIGHTS = "rights"
    SHARES = "shares"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a disclosure; the booleans are the author's own word that there is nothing to tell."""

    problem: str
    solution: str
    prior_art: str
    dates_given: bool
    nothing_shown: bool
    funding: Funding | None
    funding_details: str
    rights: str
    no_rights: bool
    shares_agreed: bool
    files: int


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one item is there; `needed`: without it no decision is taken."""

    item: Item
    there: bool
    needed: bool = True


def check(facts: Facts) -> tuple[Check, ...]:
    """Every item with whether it is there, in the order of the page."""
    return (
        Check(Item.PROBLEM, bool(facts.problem.strip())),
        Check(Item.SOLUTION, bool(facts.solution.strip())),
        Check(Item.PRIOR_ART, bool(facts.prior_art.strip())),
        Check(Item.DATES, facts.dates_given or facts.nothing_shown),
        Check(Item.FUNDING, _is_funding_told(facts)),
        Check(Item.RIGHTS, bool(facts.rights.strip()) or facts.no_rights),
        Check(Item.SHARES, facts.shares_agreed),
        Check(Item.FILES, facts.files > 0, needed=False),
    )


def _is_funding_told(facts: Facts) -> bool:
    """Other people's money has conditions, which must be named."""
    if facts.funding is None:
        return False
    return facts.funding == Funding.OWN or bool(facts.funding_details.strip())


def missing(checks: tuple[Check, ...]) -> tuple[Item, ...]:
    """What is needed and not there."""
    return tuple(one.item for one in checks if one.needed and not one.there)
