"""Reading awards: HR sees them whole, an inventor their own part."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    cast,
    extract,
    func,
    select,
)
from sqlalchemy.orm import aliased, joinedload, selectinload

from incubator.core import clock
from incubator.core.db import db
from incubator.patents.engines.payroll import Line
from incubator.patents.models import SETTLED, Award, AwardKind, AwardShare, Matter, PayrollLine
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role


def my_awards(person: Person) -> list[Any]:
    """The person's own parts of awards, newest first; nobody else's."""
    return list(
        db.session.execute(
            select(
                Award.number,
                Award.public_id,
                Award.kind,
                Award.state,
                Award.due_on,
                Award.paid_on,
                Award.currency,
                AwardShare.amount,
                AwardShare.share_bp,
                Matter.application_number,
                PayrollLine.period,
            )
            .join(AwardShare, AwardShare.award_id == Award.id)
            .join(Matter, Matter.id == Award.matter_id)
            .outerjoin(
                PayrollLine, and_(PayrollLine.award_share_id == AwardShare.id, PayrollLine.reverses_id.is_(None))
            )
            .where(AwardShare.person_id == person.id)
            .order_by(Award.id.desc())
        )
    )


def awards_visible_to(person: Person) -> Select[Award]:
    """Awards of the companies where the person is HR, and those a case opens."""
    return select(Award).where(visible(Award, person, within(Award.company_id, person, Role.HR)))


def award_page(person: Person) -> Select[Award]:
    """Like awards_visible_to, with all that an award's page shows."""
    return awards_visible_to(person).options(
        joinedload(Award.company),
        joinedload(Award.rule),
        joinedload(Award.exploitation),
        joinedload(Award.replaces),
        joinedload(Award.matter).joinedload(Matter.disclosure),
        selectinload(Award.shares).joinedload(AwardShare.person),
    )


def award_of(matter: Matter) -> Award | None:
    """The award that came of a matter's grant: the latest, where one replaced another."""
    of = select(Award).where(Award.matter_id == matter.id, Award.kind == AwardKind.AWARD)
    return db.session.scalar(of.order_by(Award.id.desc()).limit(1))


def replacement_of(award: Award) -> Award | None:
    """The award that takes this one's place, or is going to."""
    return db.session.scalar(select(Award).where(Award.replaces_id == award.id))


def award_list(person: Person) -> tuple[Select[Any], ColumnElement[int]]:
    """The rows of the list of awards and the key they are paged by."""
    key = cast(extract("epoch", Award.created_at) * 1_000_000, BigInteger)
    inventors = select(func.count(AwardShare.id)).where(AwardShare.award_id == Award.id).scalar_subquery()
    rows: Any = (
        awards_visible_to(person)
        .join(Matter, Matter.id == Award.matter_id)
        .join(Company, Company.id == Award.company_id)
        .with_only_columns(
            Award.public_id,
            Award.number,
            Award.kind,
            Award.state,
            Award.amount,
            Award.currency,
            Award.due_on,
            Matter.application_number,
            Matter.kind,
            Company.name.label("company"),
            inventors.label("inventors"),
            _is_overdue().label("is_overdue"),
            key.label("key"),
        )
    )
    return rows, key


def _is_overdue() -> ColumnElement[bool]:
    """The same rule as Award.is_overdue, in SQL."""
    return and_(Award.due_on < clock.today(), Award.state.not_in(sorted(SETTLED)))


def payroll_lines(award: Award) -> list[Line]:
    """The award's payroll lines as a payroll file has them, oldest first."""
    return _lines(AwardShare.award_id == award.id)


def payroll_of(person: Person, period: str) -> list[Line]:
    """The lines of a month ('2026-11') of the companies where the person is HR or finance, oldest first."""
    return _lines(within(PayrollLine.company_id, person, Role.HR, Role.FINANCE), PayrollLine.period == period)


def payroll_months(person: Person) -> list[Any]:
    """Each month with lines, newest first: how many, and their sum by currency."""
    return list(
        db.session.execute(
            select(
                PayrollLine.period,
                PayrollLine.currency,
                func.count(PayrollLine.id).label("lines"),
                func.sum(PayrollLine.amount).label("amount"),
            )
            .where(within(PayrollLine.company_id, person, Role.HR, Role.FINANCE))
            .group_by(PayrollLine.period, PayrollLine.currency)
            .order_by(PayrollLine.period.desc(), PayrollLine.currency)
            .limit(120)
        )
    )


def _lines(*conditions: ColumnElement[bool]) -> list[Line]:
    undone = aliased(PayrollLine)
    rows = db.session.execute(
        select(PayrollLine, Person.hr_number, Person.name, Award.number, Matter.application_number, undone.public_id)
        .join(AwardShare, AwardShare.id == PayrollLine.award_share_id)
        .join(Award, Award.id == AwardShare.award_id)
        .join(Person, Person.id == AwardShare.person_id)
        .join(Matter, Matter.id == Award.matter_id)
        .outerjoin(undone, undone.id == PayrollLine.reverses_id)
        .where(*conditions)
        .order_by(PayrollLine.id)
    )
    return [
        Line(
            line.public_id, line.period, hr_number, name, number, patent or "", line.amount, line.currency,
            line.in_wages_total, reverses or "",
        )
        for line, hr_number, name, number, patent, reverses in rows
    ]  # fmt: skip
