"""Reading credits: a venture's burn-down, pools, month-ends, rates, wishes and what the proof found."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from incubator.approvals import queries as approvals
from incubator.calls.models import CreditPool, Theme
from incubator.cloud.models import (
    CloudWish,
    CreditFinding,
    CreditMonth,
    CreditProof,
    CreditReturn,
    FxRate,
    Provider,
    Sandbox,
)
from incubator.core import clock
from incubator.core.db import db
from incubator.ledger.models import Account, AccountDay
from incubator.people.access import row_access, within
from incubator.people.models import Company, Effect, Person, Role
from incubator.people.predicates import scopes
from incubator.ventures import queries as ventures
from incubator.ventures.models import CreditGrant, Venture, VentureMember

SEES_POOLS = (Role.OFFICE, Role.FINANCE, Role.CLOUD_OPERATOR, Role.AUDITOR)
MOST = 200


def next_month(month: dt.date) -> dt.date:
    """The first day of the month after."""
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def this_month() -> dt.date:
    """The first day of the present month."""
    return clock.today().replace(day=1)


# ---- a venture ------------------------------------------------------------------------------------------------------


def ventures_seen(person: Person) -> Select[Venture]:
    """The ventures whose credits a person may see: their own, those in the scope of a role that sees spending."""
    mine = select(VentureMember.venture_id).where(VentureMember.person_id == person.id)
    seen = or_(Venture.id.in_(mine), within(Venture.company_id, person, *SEES_POOLS))
    return ventures.visible_to(person).where(seen).options(joinedload(Venture.company), joinedload(Venture.lead))


def _open_to(person: Person) -> ColumnElement[bool]:
    """A condition on Venture: no conflict keeps the person from it; whoever works in it sees it."""
    is_free = or_(ventures.is_member(person), ventures.in_sight(person))
    return and_(is_free, ~row_access(Venture, person, Effect.DENY))


def grants_by_day(venture: Venture) -> Sequence[Row[dt.date, int]]:
    """(day, minor) of what was granted (positive) and given back (negative), in order."""
    zone = str(clock.GROUP_ZONE)
    gave = select(func.date(func.timezone(zone, CreditGrant.created_at)).label("day"), CreditGrant.amount).where(
        CreditGrant.venture_id == venture.id
    )
    back = select(func.date(func.timezone(zone, CreditReturn.created_at)), -CreditReturn.amount).where(
        CreditReturn.venture_id == venture.id
    )
    both = gave.union_all(back).subquery()
    return db.session.execute(
        select(both.c[0], func.sum(both.c[1])).group_by(both.c[0]).order_by(both.c[0])
    ).all()  # fmt: skip


def spent_by_day(venture: Venture) -> Sequence[Row[dt.date, dict[str, str] | None, str, int]]:
    """(day, provider's name or None, currency, minor spent), in order; one statement, from the daily totals."""
    of_sandbox = and_(Account.owner_type == "sandbox", Sandbox.venture_id == venture.id)
    of_venture = and_(Account.owner_type == "venture", Account.owner_id == venture.id)
    spent = func.sum(AccountDay.inflow - AccountDay.outflow)
    return db.session.execute(
        select(AccountDay.on_day, Provider.name, Account.currency, spent)
        .join(Account, Account.id == AccountDay.account_id)
        .outerjoin(Sandbox, and_(Account.owner_type == "sandbox", Sandbox.id == Account.owner_id))
        .outerjoin(Provider, Provider.id == Sandbox.provider_id)
        .where(Account.kind == "spent", or_(of_sandbox, of_venture))
        .group_by(AccountDay.on_day, Provider.id, Account.currency)
        .order_by(AccountDay.on_day)
    ).all()


# ---- pools ----------------------------------------------------------------------------------------------------------


def pools_seen(person: Person) -> Select[CreditPool]:
    """The pools of the companies that a role lets a person see."""
    return (
        select(CreditPool)
        .where(within(CreditPool.company_id, person, *SEES_POOLS))
        .options(joinedload(CreditPool.company), joinedload(CreditPool.theme))
    )


def pools_listed(person: Person) -> Select[*tuple[Any, ...]]:
    """public_id, company, theme, year, currency, left, granted, given back; newest year first; one statement."""
    left = (
        select(Account.balance)
        .where(Account.kind == "pool", Account.owner_type == "credit_pool", Account.owner_id == CreditPool.id)
        .where(Account.currency == CreditPool.currency)
        .scalar_subquery()
    )
    granted = select(func.sum(CreditGrant.amount)).where(CreditGrant.pool_id == CreditPool.id).scalar_subquery()
    back = select(func.sum(CreditReturn.amount)).where(CreditReturn.pool_id == CreditPool.id).scalar_subquery()
    return (
        select(
            CreditPool.public_id,
            Company.name.label("company"),
            Theme.name.label("theme"),
            CreditPool.year,
            CreditPool.currency,
            func.coalesce(left, 0).label("left"),
            func.coalesce(granted, 0).label("granted"),
            func.coalesce(back, 0).label("back"),
        )
        .join(Company, Company.id == CreditPool.company_id)
        .join(Theme, Theme.id == CreditPool.theme_id)
        .where(within(CreditPool.company_id, person, *SEES_POOLS))
        .order_by(CreditPool.year.desc(), CreditPool.id)
        .limit(MOST)
    )


def ventures_of(pool: CreditPool, person: Person) -> Sequence[Row[int, str, str, str, Any, int, int]]:
    """(id, public_id, number, name, state, granted, given back) of each venture that the pool gave to, but those that
    a conflict hides from the person."""
    back = (
        select(func.coalesce(func.sum(CreditReturn.amount), 0))
        .where(CreditReturn.pool_id == pool.id, CreditReturn.venture_id == Venture.id)
        .scalar_subquery()
    )
    return db.session.execute(
        select(Venture.id, Venture.public_id, Venture.number, Venture.name, Venture.state,
               func.sum(CreditGrant.amount), back)
        .join(CreditGrant, CreditGrant.venture_id == Venture.id)
        .where(CreditGrant.pool_id == pool.id, _open_to(person))
        .group_by(Venture.id)
        .order_by(func.sum(CreditGrant.amount).desc(), Venture.id)
        .limit(MOST)
    ).all()  # fmt: skip


# ---- months ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthLine:
    """One kind of account in a currency over a month, in minor units."""

    kind: str
    currency: str
    opening: int
    inflow: int
    outflow: int

    @property
    def closing(self) -> int:
        """What stood at the end of the month."""
        return self.opening + self.inflow - self.outflow

    def as_data(self) -> dict[str, Any]:
        """As a closed month keeps it."""
        return asdict(self)


KINDS = ("external", "pool", "grant", "hold", "spent", "fx", "suspense", "billed", "overhead")


def _of_company(company: Company) -> ColumnElement[bool]:
    """A condition on Account: its owner belongs to the company or to one below it."""
    below = select(Company.id).where(Company.path.startswith(company.path, autoescape=True))
    owners: dict[str, Any] = {
        "company": below,
        "credit_pool": select(CreditPool.id).where(CreditPool.company_id.in_(below)),
        "venture": select(Venture.id).where(Venture.company_id.in_(below)),
        "sandbox": select(Sandbox.id).where(Sandbox.company_id.in_(below)),
    }
    return or_(*(and_(Account.owner_type == kind, Account.owner_id.in_(ids)) for kind, ids in owners.items()))


def month_lines(company: Company, month: dt.date) -> list[MonthLine]:
    """The month of a company and all below it; one statement, from the daily totals."""
    end = next_month(month)
    before, within_it = AccountDay.on_day < month, AccountDay.on_day >= month
    day = AccountDay

    def summed(value: Any, when: Any) -> Any:
        return func.coalesce(func.sum(case((when, value), else_=0)), 0)

    rows = db.session.execute(
        select(Account.kind, Account.currency, summed(day.inflow - day.outflow, before), summed(day.inflow, within_it),
               summed(day.outflow, within_it))
        .join(day, day.account_id == Account.id)
        .where(day.on_day < end, Account.kind.in_(KINDS), _of_company(company))
        .group_by(Account.kind, Account.currency)
    )  # fmt: skip
    lines = [MonthLine(row[0], row[1], int(row[2]), int(row[3]), int(row[4])) for row in rows]
    return sorted(lines, key=lambda line: (line.currency != "CNY", line.currency, KINDS.index(line.kind)))


def month_by_provider(company: Company, month: dt.date) -> Sequence[Row[dict[str, str], str, int]]:
    """(provider's name, currency, spent) in a month of a company and all below it."""
    below = select(Company.id).where(Company.path.startswith(company.path, autoescape=True))
    spent = func.sum(AccountDay.inflow - AccountDay.outflow)
    return db.session.execute(
        select(Provider.name, Account.currency, spent)
        .join(Sandbox, Sandbox.provider_id == Provider.id)
        .join(Account, and_(Account.owner_type == "sandbox", Account.owner_id == Sandbox.id, Account.kind == "spent"))
        .join(AccountDay, AccountDay.account_id == Account.id)
        .where(Sandbox.company_id.in_(below), AccountDay.on_day >= month, AccountDay.on_day < next_month(month))
        .group_by(Provider.id, Account.currency)
        .order_by(spent.desc(), Provider.id)
        .limit(MOST)
    ).all()


def suspense_of(company: Company) -> Sequence[Account]:
    """What is in suspense of a company and all below it; by currency."""
    return db.session.scalars(
        select(Account)
        .where(Account.kind == "suspense", Account.balance != 0, _of_company(company))
        .order_by(Account.currency, Account.id)
        .limit(MOST)
    ).all()


def companies_kept(person: Person) -> Select[Company]:
    """The companies whose months a person may see: those at which a role sits, or that have pools or ventures."""
    used = or_(
        Company.id.in_(select(CreditPool.company_id)), Company.id.in_(select(Venture.company_id)),
        Company.path.in_(scopes(person, Role.FINANCE, Role.AUDITOR)),
    )  # fmt: skip
    return select(Company).where(within(Company.id, person, Role.FINANCE, Role.AUDITOR), used)


def months_closed(company: Company) -> Sequence[CreditMonth]:
    """The closed months with their figures and who closed them, the newest first; at most 24."""
    return db.session.scalars(
        select(CreditMonth)
        .options(joinedload(CreditMonth.person))
        .where(CreditMonth.company_id == company.id)
        .order_by(CreditMonth.month.desc())
        .limit(24)
    ).all()


def ventures_below(company: Company, person: Person) -> Sequence[Row[str, str, str]]:
    """(public_id, number, name) of the ventures that have credits, of a company and all below it, but those that a
    conflict hides from the person."""
    below = select(Company.id).where(Company.path.startswith(company.path, autoescape=True))
    granted = select(CreditGrant.venture_id)
    return db.session.execute(
        select(Venture.public_id, Venture.number, Venture.name)
        .where(Venture.company_id.in_(below), Venture.id.in_(granted), _open_to(person))
        .order_by(Venture.name, Venture.id)
    ).all()


def newest_proof() -> tuple[CreditProof | None, Sequence[CreditFinding]]:
    """The last run of the nightly proof, and what stands open."""
    run = db.session.scalar(select(CreditProof).order_by(CreditProof.id.desc()).limit(1))
    if run is None or not run.faults:
        return run, []
    open_ones = select(CreditFinding).where(CreditFinding.closed_at.is_(None)).order_by(CreditFinding.id).limit(MOST)
    return run, db.session.scalars(open_ones).all()


# ---- rates and wishes -----------------------------------------------------------------------------------------------


def rates() -> Select[str, dt.date, int, str]:
    """(currency, day, rate, source), the newest first."""
    return (
        select(FxRate.currency, FxRate.on_day, FxRate.rate_e8, FxRate.source)
        .order_by(FxRate.on_day.desc(), FxRate.currency)
        .limit(MOST)
    )


def wishes_seen(person: Person) -> Select[CloudWish]:
    """What a person asked for, what is about their venture, and, where no conflict hides the venture it is about, what
    the roles that sign see of their companies and what waits for the person as a stand-in."""
    team = aliased(VentureMember)
    mine = select(team.venture_id).where(team.person_id == person.id)
    about_mine = or_(CloudWish.venture_id.in_(mine), CloudWish.sandbox_id.in_(
        select(Sandbox.id).where(Sandbox.venture_id.in_(mine))
    ))  # fmt: skip
    by_role = or_(
        within(CloudWish.company_id, person, *SEES_POOLS), CloudWish.id.in_(approvals.delegated(person, CloudWish))
    )
    return (
        select(CloudWish)
        .where(or_(CloudWish.maker_id == person.id, about_mine, and_(by_role, _in_sight(person))))
        .options(joinedload(CloudWish.maker), joinedload(CloudWish.venture), joinedload(CloudWish.sandbox),
                 joinedload(CloudWish.plan), joinedload(CloudWish.company))
    )  # fmt: skip


def _in_sight(person: Person) -> ColumnElement[bool]:
    """A condition on CloudWish: no conflict hides the venture that it is about."""
    hidden = select(Venture.id).where(~_open_to(person))
    of_hidden = select(Sandbox.id).where(Sandbox.venture_id.in_(hidden))
    return and_(
        or_(CloudWish.venture_id.is_(None), CloudWish.venture_id.not_in(hidden)),
        or_(CloudWish.sandbox_id.is_(None), CloudWish.sandbox_id.not_in(of_hidden)),
    )


def wishes_of(venture: Venture) -> Sequence[CloudWish]:
    """What was asked for a venture and its sandboxes, the newest first."""
    its = select(Sandbox.id).where(Sandbox.venture_id == venture.id)
    return db.session.scalars(
        select(CloudWish)
        .where(or_(CloudWish.venture_id == venture.id, CloudWish.sandbox_id.in_(its)))
        .options(joinedload(CloudWish.maker))
        .order_by(CloudWish.id.desc())
        .limit(20)
    ).all()
