"""Group-wide figures from a handful of grouped statements; nothing here grows with what the page does not show."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from incubator.calls.models import Call, CallTheme, CreditPool, Theme
from incubator.cloud.models import Sandbox
from incubator.core.db import db
from incubator.ledger.models import Account
from incubator.people.access import denied, within
from incubator.people.models import Company, Person, Role
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.ventures.models import CreditGrant, Venture
from incubator.ventures.states import RUNNING, VentureState

ROLES = (Role.OFFICE, Role.FINANCE, Role.AUDITOR, Role.CHAIR)
COMMITTED = (ProposalState.ACCEPTED, ProposalState.ACCEPTED_CONDITIONAL)
CARDS = 5
"""Ventures shown a stage; the rest is a number."""
P = ProposalState
PASSED: tuple[tuple[str, frozenset[ProposalState]], ...] = (
    ("submitted", frozenset(P) - {P.DRAFT, P.AWAITING_TEAM, P.LAPSED, P.WITHDRAWN}),
    ("reviewed", frozenset({P.IN_REVIEW, P.CLARIFICATION, P.DELIBERATION, P.ACCEPTED, P.ACCEPTED_CONDITIONAL, P.SHELVED,
                            P.REJECTED, P.APPEALED})),
    ("decided", frozenset({P.ACCEPTED, P.ACCEPTED_CONDITIONAL, P.SHELVED, P.REJECTED, P.APPEALED})),
    ("accepted", frozenset(COMMITTED)),
)  # fmt: skip
"""How far a proposal in a state has come at least; each step holds the next."""


@dataclass(frozen=True)
class Line:
    """One company or theme: proposals, accepted ones, ventures, and in minor units what was asked, had and committed.

    budget is None where budgets do not hang on it (a company).
    """

    name: dict[str, str]
    currency: str
    proposals: int
    accepted: int
    ventures: int
    committed: int
    budget: int | None = None

    @property
    def used_bp(self) -> int | None:
        """The committed part of the budget in basis points, None without a budget."""
        return self.committed * 10_000 // self.budget if self.budget else None


@dataclass(frozen=True)
class Portfolio:
    """All figures of the page."""

    states: dict[ProposalState, int]
    funnel: list[tuple[str, int]]
    themes: list[Line]
    companies: list[Line]
    stages: dict[VentureState, int]
    cards: dict[VentureState, list[Any]]
    credits: dict[str, int]

    @property
    def proposals(self) -> int:
        """All proposals in scope, of every state but drafts."""
        return dict(self.funnel)["submitted"]

    @property
    def totals(self) -> list[tuple[str, int, int]]:
        """Over all themes by currency, in its minor units: what is committed and what the calls may award."""
        committed, budget = Counter[str](), Counter[str]()
        for line in self.themes:
            committed[line.currency] += line.committed
            budget[line.currency] += line.budget or 0
        return [(currency, committed[currency], budget[currency]) for currency in sorted(budget)]

    @property
    def live(self) -> int:
        """Ventures at work."""
        return sum(number for state, number in self.stages.items() if state in RUNNING)


def portfolio(person: Person) -> Portfolio:
    """The figures in the person's scope, in five statements."""
    proposals, ventures = _proposals(person), _ventures(person)
    states: Counter[ProposalState] = Counter()
    for row in proposals:
        states[row.state] += row.number
    stages: Counter[VentureState] = Counter()
    for row in ventures:
        stages[row.state] += row.number
    return Portfolio(
        states=dict(states),
        funnel=_funnel(states, sum(stages.values())),
        themes=_themes(proposals, _budgets(person)),
        companies=_companies(proposals, ventures),
        stages=dict(stages),
        cards=_cards(person),
        credits=_credits(person),
    )


def _shown(proposal_id: Any, person: Person) -> ColumnElement[bool]:
    """A condition: no conflict of interest hides the proposal, or what came of it, from the person."""
    return ~denied(Proposal, person, proposal_id)


def _proposals(person: Person) -> Sequence[Any]:
    """Proposals grouped by company, theme and state."""
    return db.session.execute(
        select(
            Company.id.label("company_id"), Company.name.label("company"), Theme.id.label("theme_id"),
            Theme.name.label("theme"), Proposal.state, Proposal.currency, func.count().label("number"),
            func.coalesce(func.sum(Proposal.asked), 0).label("asked"),
        )
        .join(Company, Company.id == Proposal.company_id)
        .outerjoin(Theme, Theme.id == Proposal.theme_id)
        .where(within(Proposal.company_id, person, *ROLES), _shown(Proposal.id, person))
        .group_by(Company.id, Company.name, Theme.id, Theme.name, Proposal.state, Proposal.currency)
    ).all()  # fmt: skip


def _ventures(person: Person) -> Sequence[Any]:
    """Ventures grouped by company and stage."""
    return db.session.execute(
        select(Venture.company_id, Venture.state, func.count().label("number"))
        .where(within(Venture.company_id, person, *ROLES), _shown(Venture.proposal_id, person))
        .group_by(Venture.company_id, Venture.state)
    ).all()


def _budgets(person: Person) -> Sequence[Any]:
    """What the calls in scope may award, by theme."""
    return db.session.execute(
        select(Theme.id, Theme.name, CallTheme.currency, func.sum(CallTheme.budget).label("budget"))
        .join(CallTheme, CallTheme.theme_id == Theme.id)
        .join(Call, Call.id == CallTheme.call_id)
        .where(within(Call.company_id, person, *ROLES))
        .group_by(Theme.id, Theme.name, CallTheme.currency)
    ).all()


def _credits(person: Person) -> dict[str, int]:
    """Cloud credits granted to ventures, in minor units by currency."""
    rows = db.session.execute(
        select(CreditGrant.currency, func.sum(CreditGrant.amount))
        .join(Venture, Venture.id == CreditGrant.venture_id)
        .where(within(Venture.company_id, person, *ROLES), _shown(Venture.proposal_id, person))
        .group_by(CreditGrant.currency)
    )
    return {currency: int(total) for currency, total in rows}


def _cards(person: Person) -> dict[VentureState, list[Any]]:
    """The newest ventures of each stage, a few a stage."""
    place = func.row_number().over(partition_by=Venture.state, order_by=Venture.id.desc()).label("place")
    newest = (
        select(Venture.id, place)
        .where(within(Venture.company_id, person, *ROLES), _shown(Venture.proposal_id, person))
        .subquery()
    )
    rows = db.session.execute(
        select(Venture.public_id, Venture.name, Venture.number, Venture.state, Company.name.label("company"))
        .join(newest, newest.c.id == Venture.id)
        .join(Company, Company.id == Venture.company_id)
        .where(newest.c.place <= CARDS)
        .order_by(Venture.id.desc())
    )
    cards: dict[VentureState, list[Any]] = {}
    for row in rows:
        cards.setdefault(row.state, []).append(row)
    return cards


def _funnel(states: Counter[ProposalState], ventures: int) -> list[tuple[str, int]]:
    passed = [(key, sum(states[state] for state in of)) for key, of in PASSED]
    return [*passed, ("ventures", ventures)]


def _themes(proposals: Iterable[Any], budgets: Iterable[Any]) -> list[Line]:
    names: dict[tuple[int, str], dict[str, str]] = {}
    budget: Counter[tuple[int, str]] = Counter()
    for row in budgets:
        names[row.id, row.currency] = row.name
        budget[row.id, row.currency] += int(row.budget)
    counted = _counted((row, (row.theme_id, row.currency), row.theme) for row in proposals if row.theme_id)
    for key, (name, _figures) in counted.items():
        names.setdefault(key, name)
    lines = []
    for key, name in names.items():
        figures = counted.get(key, (name, (0, 0, 0)))[1]
        lines.append(Line(name, key[1], figures[0], figures[1], 0, figures[2], budget[key]))
    return sorted(lines, key=lambda line: (-(line.budget or 0), line.name["en"]))


def _companies(proposals: Iterable[Any], ventures: Iterable[Any]) -> list[Line]:
    started: Counter[int] = Counter()
    for row in ventures:
        started[row.company_id] += row.number
    counted = _counted((row, (row.company_id, row.currency), row.company) for row in proposals)
    lines = [Line(name, key[1], *figures[:2], started[key[0]], figures[2]) for key, (name, figures) in counted.items()]
    return sorted(lines, key=lambda line: (-line.proposals, line.name["en"]))


Figures = tuple[int, int, int]


def _counted(rows: Iterable[tuple[Any, Any, dict[str, str]]]) -> dict[Any, tuple[dict[str, str], Figures]]:
    """Proposals (without drafts), accepted ones and what these asked, by key."""
    counted: dict[Any, tuple[dict[str, str], Figures]] = {}
    for row, key, name in rows:
        accepted = row.state in COMMITTED
        submitted = row.state in PASSED[0][1]
        before = counted.get(key, (name, (0, 0, 0)))[1]
        counted[key] = (
            name,
            (
                before[0] + (row.number if submitted else 0),
                before[1] + (row.number if accepted else 0),
                before[2] + (int(row.asked) if accepted else 0),
            ),
        )
    return counted


@dataclass(frozen=True)
class FundYear:
    """A theme's cloud credits of a year, in minor units of one currency."""

    year: int
    currency: str
    aside: int
    committed: int
    released: int
    spent: int


def funds_of(theme: Theme) -> list[FundYear]:
    """The years of a theme's pools, the newest first; three statements.

    committed: granted to ventures; released: what their sandboxes took, held or spent; spent: used up. A venture counts
    for the first year it was granted anything in.
    """
    pool_of = and_(Account.kind == "pool", Account.owner_type == CreditPool.__tablename__)
    left = _by_year(
        select(CreditPool.year, CreditPool.currency, func.sum(Account.balance))
        .join(Account, and_(pool_of, Account.owner_id == CreditPool.id, Account.currency == CreditPool.currency))
        .where(CreditPool.theme_id == theme.id)
        .group_by(CreditPool.year, CreditPool.currency)
    )
    granted = _by_year(
        select(CreditPool.year, CreditPool.currency, func.sum(CreditGrant.amount))
        .join(CreditGrant, CreditGrant.pool_id == CreditPool.id)
        .where(CreditPool.theme_id == theme.id)
        .group_by(CreditPool.year, CreditPool.currency)
    )
    used = {
        (year, currency): (int(held), int(spent)) for year, currency, held, spent in db.session.execute(_used(theme))
    }
    keys = sorted(left.keys() | granted.keys(), key=lambda one: (-one[0], one[1]))
    found = []
    for key in keys:
        committed, (held, spent) = granted.get(key, 0), used.get(key, (0, 0))
        found.append(FundYear(*key, left.get(key, 0) + committed, committed, held + spent, spent))
    return found


def _by_year(rows: Select[int, str, int]) -> dict[tuple[int, str], int]:
    return {(year, currency): int(amount) for year, currency, amount in db.session.execute(rows)}


def _used(theme: Theme) -> Select[Any]:
    """(year, currency, held, spent) of the sandboxes of ventures that this theme's pools gave to."""
    first = (
        select(CreditGrant.venture_id, CreditGrant.currency, func.min(CreditPool.year).label("year"))
        .join(CreditPool, CreditPool.id == CreditGrant.pool_id)
        .where(CreditPool.theme_id == theme.id)
        .group_by(CreditGrant.venture_id, CreditGrant.currency)
        .subquery()
    )
    held, spent = (
        func.coalesce(func.sum(case((Account.kind == kind, Account.balance), else_=0)), 0) for kind in ("hold", "spent")
    )
    account = and_(Account.owner_type == Sandbox.__tablename__, Account.owner_id == Sandbox.id)
    return (
        select(first.c.year, first.c.currency, held, spent)
        .join(Sandbox, Sandbox.venture_id == first.c.venture_id)
        .join(Account, and_(account, Account.currency == first.c.currency))
        .group_by(first.c.year, first.c.currency)
    )
