"""Reading deadlines: the docket, one of them, what a recomputation would change, and a year's fees."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from incubator.core import clock
from incubator.core.db import db, written
from incubator.core.errors import NotFound
from incubator.core.money import MINOR_DIGITS
from incubator.files.models import File
from incubator.patents.engines.deadlines import add_months
from incubator.patents.models import CostStage, Deadline, DeadlineDifference, Disclosure, Matter, MatterCost
from incubator.patents.queries.inventions import KNOWING, denied, is_public, may_know, may_read, takes_part
from incubator.patents.states import DeadlineState, DifferenceState
from incubator.people.access import within
from incubator.people.models import Person, Role, RoleGrant
from incubator.people.reader import TODAY, for_reader
from incubator.rules.models import RuleVersion
from incubator.web.calendar import CalendarEntry

PLACES = 1_000_000_000
"""Places of one day in the docket (services.deadlines.recomputing.place_of)."""
LIMIT = 5_000
"""Rows of an export: so many fit into a request."""
CALENDAR = 500
"""Entries of a calendar."""
URGENCIES = {"missed": -1, "7": 7, "30": 30, "90": 90}
"""What the docket can be cut to: days from today; missed is what lies before it."""


@dataclass(frozen=True)
class Filter:
    """What of the docket is shown; empty texts show all."""

    state: str = "open"
    urgency: str = ""
    office: str = ""
    counsel: str = ""


@for_reader
def _seen(person: Person) -> Select[Any]:
    return (
        select(Deadline)
        .join(Matter, Matter.id == Deadline.matter_id)
        .join(Disclosure, Disclosure.id == Matter.disclosure_id)
        .where(may_know(person))
    )


def deadlines_visible_to(person: Person) -> Select[Deadline]:
    """Deadlines of applications that the person may know of; the title is shown to those who may read it only."""
    return _seen(person)


def deadline_page(person: Person) -> Select[Deadline]:
    """Like deadlines_visible_to, with all that a deadline's page shows."""
    return _seen(person).options(
        contains_eager(Deadline.matter).contains_eager(Matter.disclosure).selectinload(Disclosure.shares),
        contains_eager(Deadline.matter).joinedload(Matter.company),
        contains_eager(Deadline.matter).joinedload(Matter.counsel),
        joinedload(Deadline.rule),
        joinedload(Deadline.done_by),
        joinedload(Deadline.done_event),
        joinedload(Deadline.acknowledged_by),
        joinedload(Deadline.file),
    )


def chosen(person: Person, public_ids: list[str]) -> list[Deadline]:
    """Those of a page that were ticked, as far as the person sees them."""
    rows = deadline_page(person).where(Deadline.public_id.in_(public_ids))
    return list(db.session.scalars(rows.order_by(Deadline.place.desc())).unique())


def may_see_title(person: Person, deadline: Deadline) -> bool:
    """Whether the person may read what the application is about."""
    shown = or_(may_read(person), is_public())
    found = select(Matter.id).join(Disclosure, Disclosure.id == Matter.disclosure_id)
    return db.session.scalar(found.where(Matter.id == deadline.matter_id, shown)) is not None


def file_for(person: Person, deadline: Deadline) -> File:
    """The file that shows that a deadline was met. Raises NotFound for who may not read the application."""
    if deadline.file is None or not may_see_title(person, deadline):
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return deadline.file


@for_reader
def deadline_docket(person: Person, shown: Filter) -> tuple[Select[Any], ColumnElement[int]]:
    """The rows of the docket, the earliest day first, and the key they are paged by.

    What says yes to most rows without another look-up stands first: the company, and what the row itself says of the
    application, before whether there is a filed one at all and who has a part in it.
    """
    counsel = aliased(Person)
    readable = may_read(person)
    known = and_(~denied(Disclosure, person), or_(within(Disclosure.company_id, person, *KNOWING), readable))
    filed = and_(Matter.filed_on.is_not(None), within(Disclosure.company_id, person, Role.IP_COUNSEL))
    rows: Any = (
        select(
            Deadline.public_id,
            Deadline.year,
            Deadline.due_on,
            Deadline.grace_until,
            Deadline.restore_until,
            Deadline.provisional,
            Deadline.state,
            Deadline.acknowledged_at,
            Deadline.fee_amount,
            Deadline.fee_currency,
            Deadline.done_on,
            RuleVersion.code,
            RuleVersion.title.label("rule"),
            RuleVersion.confirmed_at,
            case((or_(is_public(), filed, readable), Disclosure.title)).label("title"),
            Disclosure.lang,
            Matter.number,
            Matter.office,
            Matter.application_number,
            counsel.name.label("counsel"),
            Deadline.place,
        )
        .join(Matter, Matter.id == Deadline.matter_id)
        .join(Disclosure, Disclosure.id == Matter.disclosure_id)
        .join(RuleVersion, RuleVersion.id == Deadline.rule_version_id)
        .outerjoin(counsel, counsel.id == Matter.counsel_id)
        .where(Deadline.duty, known, *_conditions(shown, counsel))
    )
    return rows, typed(Deadline.place)


def typed(column: Any) -> ColumnElement[int]:
    """A mapped column as an expression."""
    found: ColumnElement[int] = column
    return found


def _conditions(shown: Filter, counsel: Any) -> list[ColumnElement[bool]]:
    state = DeadlineState(shown.state) if shown.state in set(DeadlineState) else DeadlineState.OPEN
    conditions: list[ColumnElement[bool]] = [written(Deadline.state, state)]
    if shown.urgency in URGENCIES:
        conditions.append(Deadline.place > _place_after(shown.urgency))
    if shown.office:
        conditions.append(written(Matter.office, shown.office))
    if shown.counsel:
        conditions.append(counsel.public_id == shown.counsel)
    return conditions


def _place_after(urgency: str) -> BindParameter[int]:
    """Where the docket ends that is cut to an urgency; counted from the day on which the statement runs."""

    def place() -> int:
        return -((clock.today() + dt.timedelta(days=URGENCIES[urgency])).toordinal() + 1) * PLACES

    return bindparam(f"until_{urgency}", type_=BigInteger, callable_=place)


def exported(person: Person, shown: Filter) -> list[Any]:
    """At most LIMIT + 1 rows of the docket as it is filtered."""
    rows, place = deadline_docket(person, shown)
    return list(db.session.execute(rows.order_by(place.desc()).limit(LIMIT + 1)))


def counsel_of_docket(person: Person) -> list[Any]:
    """The counsel who look after applications in the reader's care: public id and name."""
    return list(db.session.execute(_counsel_of_docket(person)))


@for_reader
def _counsel_of_docket(person: Person) -> Select[Any]:
    """Asked of those who are or were counsel, one application each (by its index; EXISTS would be answered by hashing
    all applications), so that it does not grow with the docket."""
    scope = within(Matter.company_id, person, Role.IP_COUNSEL, Role.OFFICE)
    one = select(Matter.id).where(Matter.counsel_id == Person.id, scope).limit(1)
    looked_after = one.correlate(Person).scalar_subquery().is_not(None)
    counsel = select(RoleGrant.person_id).where(RoleGrant.role == Role.IP_COUNSEL)
    rows: Any = select(Person.public_id, Person.name).where(Person.id.in_(counsel), looked_after)
    found: Select[Any] = rows.order_by(Person.name, Person.id)
    return found


def deadlines_of(matter: Matter) -> list[Any]:
    """All deadlines of an application with their rules, the open ones first, each group by day."""
    closed = case((Deadline.state == DeadlineState.OPEN, 0), else_=1)
    return list(
        db.session.execute(
            select(
                Deadline.public_id, Deadline.year, Deadline.base_on, Deadline.due_on, Deadline.opens_on,
                Deadline.grace_until, Deadline.restore_until, Deadline.provisional, Deadline.duty, Deadline.state,
                Deadline.fee_amount, Deadline.fee_currency, Deadline.trace, Deadline.done_on,
                RuleVersion.public_id.label("rule_id"), RuleVersion.title.label("rule"), RuleVersion.source,
                RuleVersion.article, RuleVersion.confirmed_at,
            )
            .join(RuleVersion, RuleVersion.id == Deadline.rule_version_id)
            .where(Deadline.matter_id == matter.id)
            .order_by(closed, Deadline.due_on, Deadline.id)
        )
    )  # fmt: skip


def differences_visible_to(person: Person) -> Select[DeadlineDifference]:
    """What a recomputation would change, for counsel of the companies."""
    return (
        select(DeadlineDifference)
        .join(Matter, Matter.id == DeadlineDifference.matter_id)
        .join(Disclosure, Disclosure.id == Matter.disclosure_id)
        .where(may_read(person), within(DeadlineDifference.company_id, person, Role.IP_COUNSEL))
    )


def differences(person: Person, matter: Matter | None = None) -> tuple[Select[Any], ColumnElement[int]]:
    """Those that wait, newest first, and the key they are paged by."""
    key = typed(DeadlineDifference.place)
    rows: Any = (
        differences_visible_to(person)
        .join(Deadline, Deadline.id == DeadlineDifference.deadline_id)
        .join(RuleVersion, RuleVersion.id == Deadline.rule_version_id)
        .where(
            DeadlineDifference.state == DifferenceState.WAITING,
            DeadlineDifference.matter_id == matter.id if matter is not None else true(),
        )
        .with_only_columns(
            DeadlineDifference.public_id, DeadlineDifference.kind, DeadlineDifference.before, DeadlineDifference.after,
            Matter.public_id.label("matter_id"), Matter.number, Matter.office, RuleVersion.title.label("rule"),
            Deadline.year, Deadline.public_id.label("deadline_id"), key.label("key"),
        )
    )  # fmt: skip
    return rows, key


def differences_of(person: Person, matter: Matter) -> list[Any]:
    """Those of one application that wait."""
    rows, key = differences(person, matter)
    return list(db.session.execute(rows.order_by(key.desc())))


def differences_chosen(person: Person, public_ids: list[str]) -> list[DeadlineDifference]:
    """Those that were ticked, as far as the person sees them."""
    rows = differences_visible_to(person).where(DeadlineDifference.public_id.in_(public_ids))
    loaded = rows.options(
        joinedload(DeadlineDifference.matter).joinedload(Matter.disclosure).selectinload(Disclosure.shares),
        selectinload(DeadlineDifference.deadline),
    )
    return list(db.session.scalars(loaded.order_by(DeadlineDifference.id)).unique())


@dataclass(frozen=True)
class Forecast:
    """A year's fees in one currency: months (the first day of each) with their minor units, and what is overdue."""

    currency: str
    months: list[tuple[dt.date, int]]
    overdue: int

    @property
    def total(self) -> int:
        """All months together; what is overdue stands beside it."""
        return sum(amount for _month, amount in self.months)


def forecast(person: Person) -> list[Forecast]:
    """Fees of open deadlines and planned costs of the next twelve months, by month, a forecast a currency."""
    start = clock.today().replace(day=1)
    end = add_months(start, 12)
    month = func.date_trunc("month", cast(Deadline.due_on, DateTime())).label("month")
    fees = (
        _seen(person)
        .where(
            written(Deadline.state, DeadlineState.OPEN), Deadline.duty, Deadline.fee_amount > 0, Deadline.due_on < end
        )
        .with_only_columns(Deadline.fee_currency.label("currency"), month, Deadline.fee_amount.label("amount"))
    )
    planned = (
        select(
            MatterCost.currency,
            func.date_trunc("month", cast(MatterCost.on_day, DateTime())),
            MatterCost.amount,
        )
        .join(Matter, Matter.id == MatterCost.matter_id)
        .join(Disclosure, Disclosure.id == Matter.disclosure_id)
        .where(may_know(person), MatterCost.stage == CostStage.PLANNED, MatterCost.on_day.between(start, end))
    )
    all_ = union_all(fees, planned).subquery()
    summed = select(all_.c.currency, all_.c.month, func.sum(all_.c.amount)).group_by(all_.c.currency, all_.c.month)
    found = {(currency, day.date()): int(amount) for currency, day, amount in db.session.execute(summed)}
    months = [add_months(start, n) for n in range(12)]
    return [
        Forecast(
            currency,
            [(day, found.get((currency, day), 0)) for day in months],
            sum(amount for (other, day), amount in found.items() if other == currency and day < start),
        )
        for currency in MINOR_DIGITS
        if any(other == currency for other, _day in found)
    ]


def deadlines_waiting(person: Person, entry: Any) -> list[Select[Any]]:
    """For the counsel's home page: duties of the next 30 days not acknowledged, what was missed, and differences."""
    mine = and_(
        within(Matter.company_id, person, Role.IP_COUNSEL),
        or_(Matter.counsel_id == person.id, Matter.counsel_id.is_(None)),
        ~takes_part(person),
    )
    address = "/patents/deadlines/" + Deadline.public_id
    end = func.timezone("Asia/Shanghai", cast(Deadline.due_on + 1, DateTime()))
    soon = and_(
        Deadline.due_on.between(TODAY, TODAY + 30), Deadline.acknowledged_at.is_(None)
    )  # fmt: skip

    def joined(chosen: Select[Any], *conditions: Any) -> Select[Any]:
        return (
            chosen.select_from(Deadline)
            .join(Matter, Matter.id == Deadline.matter_id)
            .join(Disclosure, Disclosure.id == Matter.disclosure_id)
            .where(mine, written(Deadline.state, DeadlineState.OPEN), Deadline.duty, *conditions)
        )

    since = Deadline.created_at
    changed = (
        entry("deadline.difference", Matter.number, "/patents/" + Matter.public_id,
              func.min(DeadlineDifference.created_at))
        .select_from(DeadlineDifference)
        .join(Matter, Matter.id == DeadlineDifference.matter_id)
        .join(Disclosure, Disclosure.id == Matter.disclosure_id)
        .where(mine, DeadlineDifference.state == DifferenceState.WAITING)
        .group_by(Matter.id)
    )  # fmt: skip
    return [
        joined(entry("deadline.due", Matter.number, address, since, end), soon),
        joined(entry("deadline.missed", Matter.number, address, since, end), Deadline.due_on < TODAY),
        changed,
    ]


def calendar_of(person: Person) -> list[CalendarEntry]:
    """The open duties of a year that the counsel looks after, and what was missed; the earliest first."""
    rows = db.session.execute(
        select(
            Deadline.public_id, Deadline.year, Deadline.due_on, Deadline.provisional, RuleVersion.title, Matter.number
        )
        .join(Matter, Matter.id == Deadline.matter_id)
        .join(Disclosure, Disclosure.id == Matter.disclosure_id)
        .join(RuleVersion, RuleVersion.id == Deadline.rule_version_id)
        .where(
            may_read(person), Matter.counsel_id == person.id, Deadline.duty,
            written(Deadline.state, DeadlineState.OPEN),
            Deadline.due_on <= clock.today() + dt.timedelta(days=365),
        )
        .order_by(Deadline.place.desc())
        .limit(CALENDAR)
    )  # fmt: skip
    return [
        CalendarEntry(row.public_id, row.due_on, _in_calendar(row), f"/patents/deadlines/{row.public_id}")
        for row in rows
    ]


def _in_calendar(row: Any) -> str:
    """The application's number and the rule, never what the invention is about."""
    language = "zh" if str(get_locale() or "").startswith("zh") else "en"
    named = row.title[language] + (f" {row.year}" if row.year is not None else "")
    said = f"{row.number}: {named}"
    return str(_("%(what)s (provisional)", what=said)) if row.provisional else said
