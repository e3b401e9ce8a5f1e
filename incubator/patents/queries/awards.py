"""Reading awards: HR sees them whole, an inventor their own part."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    cast,
    exists,
    extract,
    func,
    select,
)
from sqlalchemy.orm import aliased, joinedload, selectinload

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import NotFound
from incubator.files.models import File
from incubator.patents.engines.payroll import Line
from incubator.patents.models import SETTLED, Award, AwardKind, AwardLetter, AwardShare, Matter, PayrollLine
from incubator.patents.states import AwardState
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role


def my_awards(person: Person) -> list[Any]:
    """The person's own parts of awards, newest first, with the letters on them; nobody else's."""
    letters = {
        lang: select(File.public_id)
        .join(AwardLetter, AwardLetter.file_id == File.id)
        .where(AwardLetter.award_share_id == AwardShare.id, AwardLetter.lang == lang)
        .correlate(AwardShare)
        .scalar_subquery()
        .label(f"letter_{lang}")
        for lang in ("en", "zh")
    }
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
                letters["en"],
                letters["zh"],
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


def my_totals(rows: Iterable[Any]) -> list[tuple[str, int, int]]:
    """By currency: what is still due of the parts, and what was paid; what was replaced counts in neither."""
    due: dict[str, int] = {}
    paid: dict[str, int] = {}
    for row in rows:
        if row.state != AwardState.REPLACED:
            side = paid if row.state == AwardState.PAID else due
            side[row.currency] = side.get(row.currency, 0) + row.amount
    return [(currency, due.get(currency, 0), paid.get(currency, 0)) for currency in sorted({*due, *paid})]


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
            Award.kind.label("owed_for"),
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


def letters_of(award: Award) -> list[Any]:
    """The letters on an award: the person, the language and the file's public id."""
    return list(
        db.session.execute(
            select(Person.name, AwardLetter.lang, File.public_id)
            .join(AwardShare, AwardShare.id == AwardLetter.award_share_id)
            .join(Person, Person.id == AwardShare.person_id)
            .join(File, File.id == AwardLetter.file_id)
            .where(AwardShare.award_id == award.id)
            .order_by(AwardLetter.id)
        )
    )


def letter_in(award: Award, file_id: str) -> File:
    """The file of a letter on an award. Raises NotFound when there is none such."""
    return _letter(file_id, AwardShare.award_id == award.id)


def letter_to(person: Person, file_id: str) -> File:
    """The file of a letter to a person. Raises NotFound when there is none such."""
    return _letter(file_id, AwardShare.person_id == person.id)


def _letter(file_id: str, whose: ColumnElement[bool]) -> File:
    found = db.session.scalar(
        select(File)
        .join(AwardLetter, AwardLetter.file_id == File.id)
        .join(AwardShare, AwardShare.id == AwardLetter.award_share_id)
        .where(File.public_id == file_id, whose)
    )
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found


def shares_without_letters() -> list[int]:
    """Ids of the parts that stand in the payroll and of which the inventor has not been told by letter."""
    told = exists().where(AwardLetter.award_share_id == AwardShare.id)
    rows = (
        select(AwardShare.id)
        .join(Award, Award.id == AwardShare.award_id)
        .where(Award.state.in_([AwardState.IN_PAYROLL, AwardState.PAID]), AwardShare.amount > 0, ~told)
    )
    return list(db.session.scalars(rows.order_by(AwardShare.id).limit(200)))


def names_of(public_ids: Iterable[str]) -> dict[str, str]:
    """Names of persons by their public ids."""
    rows = select(Person.public_id, Person.name).where(Person.public_id.in_(set(public_ids)))
    return {row.public_id: row.name for row in db.session.execute(rows)}


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


def awards_exported(person: Person) -> list[Any]:
    """All awards in the reader's care, oldest first, as a table holds them; at most 20,000."""
    rows = award_list(person)[0].add_columns(Award.paid_on).order_by(Award.id).limit(20_000)
    return list(db.session.execute(rows))
