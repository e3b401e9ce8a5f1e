"""Reading rules: which version was in force, and who may see it."""

import datetime as dt
import typing
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload, selectinload

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role
from incubator.people.reader import roles_of
from incubator.rules.models import RuleConfirmation, RuleVersion
from incubator.rules.predicates import FAMILIES

_company_id = typing.cast(InstrumentedAttribute[int], RuleVersion.company_id)


def in_force(code: str, on: dt.date, company: Company) -> RuleVersion:
    """The version that is valid on a day: the nearest company's own rule, otherwise the law.

    Raises Invalid (code 'no_rule') when none was in force.
    """
    found = db.session.scalar(
        select(RuleVersion)
        .outerjoin(Company, RuleVersion.company_id == Company.id)
        .where(RuleVersion.code == code, _covers(on), _binds(company))
        .order_by(
            func.length(Company.path).desc().nulls_last(),
            RuleVersion.valid_from.desc(),
            RuleVersion.number.desc(),
        )
        .limit(1)
    )
    if found is None:
        raise Invalid(_("No rule %(code)s was in force on %(day)s.", code=code, day=on.isoformat()), code="no_rule")
    return found


def law_in_force(code: str, on: dt.date) -> RuleVersion:
    """The law's version that is valid on a day. Raises Invalid (code 'no_rule') when none was in force."""
    law = select(RuleVersion).where(RuleVersion.code == code, RuleVersion.company_id.is_(None), _covers(on))
    found = db.session.scalar(law.order_by(RuleVersion.valid_from.desc(), RuleVersion.number.desc()).limit(1))
    if found is None:
        raise Invalid(_("No rule %(code)s was in force on %(day)s.", code=code, day=on.isoformat()), code="no_rule")
    return found


def companies_for(person: Person) -> list[Company]:
    """The companies for which the person may enter a rule of their own."""
    mine = within(Company.id, person, Role.HR, Role.IP_COUNSEL)
    return list(db.session.scalars(select(Company).where(mine).order_by(Company.path).limit(500)))


def of_law(code: str) -> list[RuleVersion]:
    """Every version of a rule of law, the oldest first."""
    law = select(RuleVersion).where(RuleVersion.code == code, RuleVersion.company_id.is_(None))
    return list(db.session.scalars(law.order_by(RuleVersion.number)))


def is_confirmed(rule: RuleVersion) -> bool:
    """Two persons have confirmed it, so that a final approval may rest on it."""
    return rule.confirmed_at is not None


def _covers(day: dt.date) -> ColumnElement[bool]:
    return (RuleVersion.valid_from <= day) & or_(RuleVersion.valid_to.is_(None), RuleVersion.valid_to >= day)


def _binds(company: Company) -> ColumnElement[bool]:
    """Law binds everybody, a company's rule the company and all below it."""
    return or_(RuleVersion.company_id.is_(None), RuleVersion.company_id.in_(company.and_above))


def visible_to(person: Person) -> Select[RuleVersion]:
    """Law, the rules of the person's own company and of those above it, and of those in their care."""
    in_care = within(_company_id, person, Role.OFFICE, Role.HR, Role.IP_COUNSEL, Role.AUDITOR)
    return select(RuleVersion).where(visible(RuleVersion, person, _binds(person.company), in_care))


def of_page(person: Person) -> Select[RuleVersion]:
    """Like visible_to, with all that a rule's page shows."""
    return visible_to(person).options(
        joinedload(RuleVersion.company),
        joinedload(RuleVersion.file),
        selectinload(RuleVersion.confirmations).joinedload(RuleConfirmation.person),
    )


def listed(person: Person) -> list[Any]:
    """The columns of the list, by code and day."""
    rows = visible_to(person).outerjoin(Company, RuleVersion.company_id == Company.id)
    return list(
        db.session.execute(
            rows.with_only_columns(
                RuleVersion.public_id,
                RuleVersion.code,
                RuleVersion.title,
                RuleVersion.source,
                RuleVersion.article,
                RuleVersion.valid_from,
                RuleVersion.valid_to,
                RuleVersion.sure,
                RuleVersion.confirmed_at,
                Company.name.label("company"),
                _confirmations().label("confirmations"),
            ).order_by(RuleVersion.code, RuleVersion.valid_from, RuleVersion.number)
        )
    )


def _confirmations() -> ColumnElement[int]:
    counted = select(func.count(RuleConfirmation.id)).where(RuleConfirmation.rule_version_id == RuleVersion.id)
    return counted.scalar_subquery()


def waiting_for(person: Person) -> list[Select[Any]]:
    """Rules that one person has confirmed and this one may confirm as the second."""
    language = "zh" if str(get_locale() or "").startswith("zh") else "en"
    own = aliased(RuleConfirmation)
    mine = exists().where(own.rule_version_id == RuleVersion.id, own.person_id == person.id)
    return [
        select(
            literal("rule.confirm").label("kind"),
            RuleVersion.title[language].astext.label("title"),
            ("/rules/" + RuleVersion.public_id).label("address"),
            cast(null(), DateTime(timezone=True)).label("due_at"),
            func.max(RuleConfirmation.created_at).label("since"),
        )
        .join(RuleConfirmation, RuleConfirmation.rule_version_id == RuleVersion.id)
        .where(RuleVersion.confirmed_at.is_(None), _is_keeper(person), ~mine)
        .group_by(RuleVersion.id)
    ]


def _is_keeper(person: Person) -> ColumnElement[bool]:
    """The same rule as predicates.may_confirm(), in SQL."""
    part = func.split_part(RuleVersion.code, ".", 2)
    known = [(part == name, _holds(person, *roles)) for name, roles in FAMILIES.items()]
    return case(*known, else_=_holds(person, Role.HR)).is_(true())


def _holds(person: Person, *roles: Role) -> ColumnElement[bool]:
    if not roles_of(person) & set(roles):
        return false()
    return or_(RuleVersion.company_id.is_(None), within(_company_id, person, *roles))
