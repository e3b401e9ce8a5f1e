"""What a list of proposals is narrowed to, and what there is to choose from."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, any_, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from incubator.calls import queries as calls
from incubator.calls.models import Call, Theme
from incubator.calls.states import CallState
from incubator.core.sent import rows_of
from incubator.people.access import as_array, within
from incubator.people.models import Company, Person, Role
from incubator.people.queries import is_called
from incubator.people.reader import for_reader, is_above
from incubator.proposals.models import Proposal, TeamMember
from incubator.proposals.states import ProposalState as S
from incubator.web.words import local_words

MOST_NAMED = 200
"""People whom a name that is sought may be."""
MOST_CALLS, MOST_COMPANIES = 100, 200


@dataclass(frozen=True)
class Filter:
    """Call, theme and company (with all below it) by public id; person: a name, pinyin or HR number, or how it begins.

    An empty one narrows nothing; so does a state that is none.
    """

    state: str = ""
    call: str = ""
    theme: str = ""
    company: str = ""
    person: str = ""

    @property
    def given(self) -> dict[str, str]:
        """What is narrowed, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        return urlencode(self.given)

    @property
    def tells_authors(self) -> bool:
        """Whether what is found tells something of who proposes."""
        return bool(self.person or self.company)

    def but(self, **other: str) -> "Filter":
        """The same with something else."""
        return Filter(**(asdict(self) | other))


ANYTHING = Filter()


def narrowed(wanted: Filter) -> list[ColumnElement[bool]]:
    """The conditions of a filter on proposals."""
    found: list[ColumnElement[bool]] = []
    if wanted.state in set(S):
        found.append(Proposal.state == S(wanted.state))
    if wanted.call:
        found.append(Proposal.call_id == select(Call.id).where(Call.public_id == wanted.call).scalar_subquery())
    if wanted.theme:
        found.append(Proposal.theme_id == select(Theme.id).where(Theme.public_id == wanted.theme).scalar_subquery())
    if wanted.company:
        top = select(Company.path).where(Company.public_id == wanted.company).scalar_subquery()
        found.append(Proposal.company_id.in_(select(Company.id).where(Company.path.like(top + "%"))))
    if wanted.person:
        found.append(_by_somebody_called(wanted.person))
    return found


def _by_somebody_called(name: str) -> ColumnElement[bool]:
    """Found from the people: along a list nearly all proposals would be looked at until its page is full."""
    people = select(Person.id).where(is_called(name)).order_by(Person.name_latin, Person.id).limit(MOST_NAMED).cte()
    led, ids = aliased(Proposal), select(people.c.id)
    team = select(TeamMember.proposal_id).where(TeamMember.person_id.in_(ids))
    of_them = as_array(union_all(select(led.id).where(led.lead_id.in_(ids)), team))
    return Proposal.id == any_(of_them)


@dataclass(frozen=True)
class Choices:
    """What a list can be narrowed to: (public id, words in the reader's language) each."""

    calls: tuple[tuple[str, str], ...]
    themes: tuple[tuple[str, str], ...]
    companies: tuple[tuple[str, str], ...]


def choices(person: Person) -> Choices:
    """The published calls, themes and companies that a person may know of, the newest or uppermost; one statement."""
    found: dict[str, list[tuple[str, str]]] = {"call": [], "theme": [], "company": []}
    rows = sorted(rows_of(_choices(person)), key=lambda row: row.place)
    for kind, public_id, name, _place in rows:
        found[kind].append((public_id, local_words(name)))
    return Choices(tuple(found["call"][::-1]), tuple(found["theme"]), tuple(found["company"]))


@for_reader
def _choices(person: Person) -> Any:
    seen = calls.visible_to(person).where(Call.state != CallState.DRAFT).order_by(Call.closes_at.desc(), Call.id)
    some = seen.limit(MOST_CALLS).subquery()
    of_calls = select(
        literal("call").label("kind"), some.c.public_id, some.c.title.label("name"),
        func.to_char(some.c.closes_at, "YYYY-MM-DD").label("place"),
    )  # fmt: skip
    known = or_(is_above(Theme.company_id, person), within(Theme.company_id, person, *Role))
    of_themes = select(literal("theme"), Theme.public_id, Theme.name, Theme.name["en"].as_string()).where(known)
    mine = or_(is_above(Company.id, person), within(Company.id, person, *Role))
    depth = func.length(Company.path) - func.length(func.replace(Company.path, "/", ""))
    upper = select(Company).where(mine).order_by(depth, Company.path).limit(MOST_COMPANIES).subquery()
    of_companies = select(literal("company"), upper.c.public_id, upper.c.name, upper.c.path)
    return union_all(of_calls, of_themes, of_companies)
