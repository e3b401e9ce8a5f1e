"""Reading what an export of the Open Cap Format holds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from incubator.core.db import db
from incubator.equity.models import (
    EquityGrant,
    EquityHolder,
    EquityPlan,
    EquitySecurity,
    EquityTransaction,
    EquityTransfer,
    Issuer,
    OcfImport,
    OcfObject,
    SecurityClass,
    StockPlan,
)
from incubator.people.access import visible, within
from incubator.people.models import Person, Role


def imports_visible_to(person: Person) -> Select[OcfImport]:
    """Files that HR administers."""
    return (
        select(OcfImport)
        .where(visible(OcfImport, person, within(OcfImport.company_id, person, Role.HR)))
        .options(joinedload(OcfImport.issuer), joinedload(OcfImport.maker), joinedload(OcfImport.company))
    )


def objects_kept(issuer: Issuer) -> Sequence[OcfObject]:
    """The objects that came in for an issuer, in order."""
    return db.session.scalars(select(OcfObject).where(OcfObject.issuer_id == issuer.id).order_by(OcfObject.id)).all()


def stock_plans_of(issuer: Issuer) -> Sequence[StockPlan]:
    """The plans that came in with an issuer's cap tables."""
    return db.session.scalars(
        select(StockPlan)
        .join(SecurityClass, SecurityClass.id == StockPlan.security_class_id)
        .where(SecurityClass.issuer_id == issuer.id)
        .order_by(StockPlan.id)
    ).all()


def register_of(issuer: Issuer) -> Sequence[Any]:
    """Every movement of an issuer in order, with its security's parent and its grant's plan and kind."""
    columns = (EquityTransaction, EquitySecurity.price_minor.label("price"), EquityPlan.kind.label("plan_kind"),
               EquityPlan.public_id.label("plan"), EquityGrant.terms, EquityGrant.starts_on, EquityGrant.granted_on,
               EquityGrant.units.label("granted"))  # fmt: skip
    return db.session.execute(
        select(*columns)
        .join(EquitySecurity, EquitySecurity.public_id == EquityTransaction.security_public_id)
        .outerjoin(EquityGrant, EquityGrant.id == EquityTransaction.grant_id)
        .outerjoin(EquityPlan, EquityPlan.id == EquityGrant.plan_id)
        .where(EquityTransaction.issuer_public_id == issuer.public_id)
        .order_by(EquityTransaction.id)
    ).all()


def children_of(issuer: Issuer) -> dict[str, list[str]]:
    """The keys of the securities that were made of another, by its key, balances left out by the caller."""
    parent = select(EquitySecurity.id, EquitySecurity.public_id).subquery()
    rows = db.session.execute(
        select(parent.c.public_id, EquitySecurity.public_id)
        .join(parent, parent.c.id == EquitySecurity.parent_id)
        .where(EquitySecurity.issuer_public_id == issuer.public_id)
        .order_by(EquitySecurity.id)
    )
    found: dict[str, list[str]] = {}
    for key, child in rows:
        found.setdefault(key, []).append(child)
    return found


def parties_of(issuer: Issuer) -> list[tuple[str, str, bool, str, str | None]]:
    """Everybody in an issuer's register: key, name, whether a person, HR number, credit code."""
    keys = select(EquityTransaction.holder_public_id).where(EquityTransaction.issuer_public_id == issuer.public_id)
    people = db.session.execute(
        select(Person.public_id, Person.name, Person.hr_number).where(Person.public_id.in_(keys)).order_by(Person.id)
    )
    others = db.session.execute(
        select(EquityHolder.public_id, EquityHolder.name, EquityHolder.kind, EquityHolder.credit_code)
        .where(EquityHolder.public_id.in_(keys))
        .order_by(EquityHolder.id)
    )
    return [(key, name, True, number, None) for key, name, number in people] + [
        (key, name, kind == "individual", "", code) for key, name, kind, code in others
    ]


def plans_of_issuer(issuer: Issuer) -> Sequence[Any]:
    """The plans on an issuer's classes: key, title, class's key, pool, and what becomes of what lapses."""
    return db.session.execute(
        select(
            EquityPlan.public_id,
            EquityPlan.title,
            SecurityClass.public_id,
            EquityPlan.pool_units,
            EquityPlan.on_cancellation,
        )
        .join(SecurityClass, SecurityClass.id == EquityPlan.security_class_id)
        .where(SecurityClass.issuer_id == issuer.id)
        .order_by(EquityPlan.id)
    ).all()


def transfers_of(issuer: Issuer) -> Sequence[str]:
    """The keys of an issuer's transfers."""
    return db.session.scalars(
        select(EquityTransfer.public_id)
        .join(SecurityClass, SecurityClass.id == EquityTransfer.security_class_id)
        .where(SecurityClass.issuer_id == issuer.id)
        .order_by(EquityTransfer.id)
    ).all()
