"""Reading the register of trade secrets, and security reviews."""

from typing import Any

from sqlalchemy import Select, and_, case, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from incubator.core.db import db
from incubator.patents.models import Disclosure, InventorShare, Matter, SecurityReview, TradeSecret
from incubator.patents.queries.inventions import may_know, may_read
from incubator.people.access import visible, within
from incubator.people.models import Company, Person, Role

REGISTER = (Role.IP_COUNSEL, Role.OFFICE)


def secrets_visible_to(person: Person) -> Select[TradeSecret]:
    """The entries of the companies where the person is counsel or office, which does not open the text."""
    return (
        select(TradeSecret)
        .join(Disclosure, Disclosure.id == TradeSecret.disclosure_id)
        .where(visible(TradeSecret, person, within(TradeSecret.company_id, person, *REGISTER)), may_know(person))
    )


def secret_page(person: Person) -> Select[TradeSecret]:
    """Like secrets_visible_to, with all that an entry's page shows."""
    return secrets_visible_to(person).options(
        joinedload(TradeSecret.company),
        joinedload(TradeSecret.disclosure).selectinload(Disclosure.shares).joinedload(InventorShare.person),
    )


def register(person: Person) -> list[Any]:
    """The rows of the register, those to be looked at first on top; the title only for those who may read it."""
    inventors = select(func.count(InventorShare.id)).where(InventorShare.disclosure_id == Disclosure.id)
    rows: Any = (
        secrets_visible_to(person)
        .join(Company, Company.id == TradeSecret.company_id)
        .with_only_columns(
            TradeSecret.public_id,
            TradeSecret.number,
            TradeSecret.state,
            TradeSecret.created_at,
            TradeSecret.review_on,
            case((may_read(person), Disclosure.title)).label("title"),
            Disclosure.lang,
            Company.name.label("company"),
            inventors.scalar_subquery().label("inventors"),
        )
        .order_by(TradeSecret.state, TradeSecret.review_on, TradeSecret.id)
        .limit(500)
    )
    return list(db.session.execute(rows))


def reads(person: Person, disclosure: Disclosure) -> bool:
    """Whether the person may read the text of a disclosure."""
    return bool(db.session.scalar(select(Disclosure.id).where(Disclosure.id == disclosure.id, may_read(person))))


def security_reviews_visible_to(person: Person) -> Select[SecurityReview]:
    """The reviews of inventions that the person may read."""
    joined = select(SecurityReview).join(Disclosure, Disclosure.id == SecurityReview.disclosure_id)
    return joined.where(may_read(person)).options(
        joinedload(SecurityReview.company), joinedload(SecurityReview.disclosure).selectinload(Disclosure.shares)
    )


def fate_of(disclosure: Disclosure) -> tuple[Matter | None, SecurityReview | None, TradeSecret | None]:
    """What became of an invention: its first matter, its security review, its latest entry as a secret."""
    secret, matter = aliased(TradeSecret), aliased(Matter)
    later = exists().where(secret.disclosure_id == Disclosure.id, secret.id > TradeSecret.id)
    earlier = exists().where(matter.disclosure_id == Disclosure.id, matter.id < Matter.id)
    row = db.session.execute(
        select(Matter, SecurityReview, TradeSecret)
        .select_from(Disclosure)
        .outerjoin(Matter, and_(Matter.disclosure_id == Disclosure.id, ~earlier))
        .outerjoin(SecurityReview, SecurityReview.disclosure_id == Disclosure.id)
        .outerjoin(TradeSecret, and_(TradeSecret.disclosure_id == Disclosure.id, ~later))
        .where(Disclosure.id == disclosure.id)
    ).one()
    return row[0], row[1], row[2]
