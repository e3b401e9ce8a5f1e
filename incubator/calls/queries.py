"""Reading calls, and what they hang on."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload, selectinload

from incubator.calls.models import (
    Call,
    CallTheme,
    Committee,
    CommitteeMember,
    CreditPool,
    DecisionRuleVersion,
    RubricVersion,
    Theme,
    ThemeYear,
)
from incubator.calls.states import CallState
from incubator.core import clock
from incubator.core.db import db
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role, RoleGrant
from incubator.people.predicates import in_force
from incubator.people.reader import NOW, for_reader, is_above
from incubator.web.calendar import CalendarEntry
from incubator.web.words import local_words

Rows: TypeAlias = Select[*tuple[Any, ...]]
MOST_IN_CALENDAR = 200


@for_reader
def visible_to(person: Person) -> Select[Call]:
    """Published calls that are addressed to the person, judged by them or within any role of theirs; the office's
    drafts for the office."""
    sits = Call.committee_id.in_(select(CommitteeMember.committee_id).where(CommitteeMember.person_id == person.id))
    return select(Call).where(
        visible(
            Call,
            person,
            and_(
                Call.state != CallState.DRAFT,
                or_(is_above(Call.company_id, person), sits, within(Call.company_id, person, *Role)),
            ),
            within(Call.company_id, person, Role.OFFICE),
        )
    )


@for_reader
def open_for(person: Person) -> Select[Call]:
    """Calls that take a proposal of this person now, the first to close first."""
    return (
        select(Call)
        .where(
            Call.state == CallState.PUBLISHED,
            Call.opens_at <= NOW,
            Call.closes_at > NOW,
            is_above(Call.company_id, person),
        )
        .order_by(Call.closes_at, Call.id)
    )


@for_reader
def coming_for(person: Person) -> Select[Call]:
    """Published calls that open later."""
    return (
        select(Call)
        .where(
            Call.state == CallState.PUBLISHED,
            Call.opens_at > NOW,
            is_above(Call.company_id, person),
        )
        .order_by(Call.opens_at, Call.id)
    )


def calendar_of(person: Person) -> list[CalendarEntry]:
    """When calls addressed to a person open and close, and when committees that they sit on meet; two queries."""
    entries = []
    for call in db.session.scalars(_ahead_for(person)):
        zone = ZoneInfo(call.company.time_zone)
        closes = (call.closes_at.astimezone(zone) - dt.timedelta(microseconds=1)).date()
        title, key, address = local_words(call.title), call.public_id, f"/calls/{call.public_id}"
        entries.append(CalendarEntry(f"call.close-{key}", closes, _("Call closes: %(title)s", title=title), address))
        if call.opens_at > clock.now():
            opens = call.opens_at.astimezone(zone).date()
            entries.append(CalendarEntry(f"call.open-{key}", opens, _("Call opens: %(title)s", title=title), address))
    return entries + [
        CalendarEntry(
            f"call.meet-{call.public_id}",
            call.meets_on,
            _("Committee meets: %(title)s", title=local_words(call.title)),
            f"/calls/{call.public_id}",
        )
        for call in db.session.scalars(_judged_by(person))
        if call.meets_on is not None
    ]


def _ahead_for(person: Person) -> Select[Call]:
    return (
        select(Call)
        .where(
            Call.state == CallState.PUBLISHED,
            Call.closes_at > NOW,
            is_above(Call.company_id, person),
        )
        .options(joinedload(Call.company))
        .order_by(Call.closes_at)
        .limit(MOST_IN_CALENDAR)
    )


def _judged_by(person: Person) -> Select[Call]:
    sits = select(CommitteeMember.committee_id).where(CommitteeMember.person_id == person.id)
    return (
        select(Call)
        .where(
            Call.committee_id.in_(sits),
            Call.state != CallState.DRAFT,
            Call.meets_on >= clock.today() - dt.timedelta(days=31),
        )
        .order_by(Call.meets_on)
        .limit(MOST_IN_CALENDAR)
    )


def managed_by(person: Person) -> Select[Call]:
    """The calls of the office's companies."""
    return select(Call).where(within(Call.company_id, person, Role.OFFICE)).options(joinedload(Call.company))


def managed_columns(person: Person) -> Rows:
    """Columns of the office's list: title, state, company, opening, closing; key: creation, public id."""
    return (
        select(
            Call.title,
            Call.state,
            Company.name.label("company"),
            Call.opens_at,
            Call.closes_at,
            Call.created_at,
            Call.public_id,
        )
        .join(Company, Company.id == Call.company_id)
        .where(within(Call.company_id, person, Role.OFFICE))
    )


def whole(call: Call) -> Call:
    """The same call with its themes and rubric at hand, for its page."""
    return db.session.scalars(
        select(Call)
        .where(Call.id == call.id)
        .options(
            joinedload(Call.company),
            selectinload(Call.themes).joinedload(CallTheme.theme),
            joinedload(Call.rubric).selectinload(RubricVersion.criteria),
        )
    ).one()


def pool_for(company: Company, theme_id: int, year: int, currency: str = "CNY") -> CreditPool | None:
    """The company's pool for a theme and year, else that of the nearest company above it, else None."""
    return db.session.scalar(
        select(CreditPool)
        .join(Company, Company.id == CreditPool.company_id)
        .where(
            CreditPool.company_id.in_(company.and_above),
            CreditPool.theme_id == theme_id,
            CreditPool.year == year,
            CreditPool.currency == currency,
        )
        .order_by(Company.path.desc())
        .limit(1)
    )


def offices(person: Person) -> list[Company]:
    """The companies whose office the person is, today."""
    found: list[RoleGrant] = [grant for grant in person.roles if grant.role is Role.OFFICE and in_force(grant)]
    return [grant.company for grant in found]


def themes_for(company: Company) -> list[Theme]:
    """Themes that a call of this company may name: its own and those from above."""
    return list(db.session.scalars(select(Theme).where(_of(Theme.company_id, company)).order_by(Theme.id)))


def themes_managed(person: Person) -> Select[Theme]:
    """The themes of the office's companies."""
    return select(Theme).where(within(Theme.company_id, person, Role.OFFICE)).options(joinedload(Theme.company))


@dataclass(frozen=True)
class Fund:
    """A theme's year: its budget and what its calls may award, in minor units of one currency."""

    year: int
    currency: str
    budget: int
    called: int


def funds_of(themes: Sequence[Theme]) -> dict[int, list[Fund]]:
    """The years of these themes, the newest first, by theme id; two statements."""
    ids = [theme.id for theme in themes]
    budgets = select(ThemeYear.theme_id, ThemeYear.year, ThemeYear.currency, ThemeYear.budget)
    called = (
        select(CallTheme.theme_id, CallTheme.year, CallTheme.currency, func.sum(CallTheme.budget))
        .join(Call, Call.id == CallTheme.call_id)
        .where(CallTheme.theme_id.in_(ids), Call.state != CallState.DRAFT)
        .group_by(CallTheme.theme_id, CallTheme.year, CallTheme.currency)
    )
    given = {(t, y, c): int(n) for t, y, c, n in db.session.execute(budgets.where(ThemeYear.theme_id.in_(ids)))}
    taken = {(t, y, c): int(n) for t, y, c, n in db.session.execute(called)}
    found: dict[int, list[Fund]] = {theme.id: [] for theme in themes}
    for key in sorted(given.keys() | taken.keys(), key=lambda one: (-one[1], one[2])):
        found[key[0]].append(Fund(key[1], key[2], given.get(key, 0), taken.get(key, 0)))
    return found


def committees_for(company: Company) -> list[Committee]:
    """Committees that may judge a call of this company."""
    return list(db.session.scalars(select(Committee).where(_of(Committee.company_id, company)).order_by(Committee.id)))


def rubrics() -> list[RubricVersion]:
    """The newest published version of each rubric."""
    return list(
        db.session.scalars(
            select(RubricVersion)
            .ext(distinct_on(RubricVersion.code))
            .where(RubricVersion.published_at.is_not(None))
            .order_by(RubricVersion.code, RubricVersion.number.desc())
        )
    )


def rules() -> list[DecisionRuleVersion]:
    """The newest published version of each decision rule."""
    return list(
        db.session.scalars(
            select(DecisionRuleVersion)
            .ext(distinct_on(DecisionRuleVersion.code))
            .where(DecisionRuleVersion.published_at.is_not(None))
            .order_by(DecisionRuleVersion.code, DecisionRuleVersion.number.desc())
        )
    )


def rubric_versions() -> list[RubricVersion]:
    """Every published rubric version with its criteria, the newest of each first; two queries."""
    rows = select(RubricVersion).where(RubricVersion.published_at.is_not(None))
    ordered = rows.order_by(RubricVersion.code, RubricVersion.number.desc())
    return list(db.session.scalars(ordered.options(selectinload(RubricVersion.criteria))))


def rule_versions() -> list[DecisionRuleVersion]:
    """Every published decision rule version, the newest of each first; one query."""
    rows = select(DecisionRuleVersion).where(DecisionRuleVersion.published_at.is_not(None))
    return list(db.session.scalars(rows.order_by(DecisionRuleVersion.code, DecisionRuleVersion.number.desc())))


def _of(column: object, company: Company) -> ColumnElement[bool]:
    return column.in_(company.and_above)  # type: ignore[attr-defined, no-any-return]
