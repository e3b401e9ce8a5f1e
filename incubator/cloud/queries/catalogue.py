"""Reading the catalogue: the shelf with its filters, one offer with its history, providers with their scorecards."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, ScalarSelect, Select, cast, extract, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from incubator.cloud.market_states import Category, Region
from incubator.cloud.models import ExitTest, Offer, Plan, PlanPrice, Policy, Provider, ProviderScore
from incubator.core.db import db
from incubator.people.access import within
from incubator.people.models import Company, Person, Role

MICROSECONDS = 1_000_000
MOST_COMPARED = 4
LONGEST_SEARCH = 80
KEEPERS = (Role.CLOUD_OPERATOR, Role.FINANCE, Role.AUDITOR, Role.OFFICE)


@dataclass(frozen=True)
class Filter:
    """What of the catalogue is looked for; empty and 0 do not narrow it. company: a public id, may order; leaves: the
    newest trial of leaving has passed."""

    q: str = ""
    kind: str = ""
    region: str = ""
    level: int = 0
    company: str = ""
    leaves: bool = False

    @classmethod
    def of(cls, asked: Any) -> "Filter":
        """From the address; what is unknown counts as not asked."""
        kind, region = asked.get("kind", ""), asked.get("region", "")
        level = asked.get("level", 0, type=int)
        return cls(
            q=asked.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
            kind=kind if kind in set(Category) else "",
            region=region if region in set(Region) else "",
            level=level if level in range(6) else 0,
            company=asked.get("company", "")[:16].replace("\x00", ""),
            leaves=asked.get("leaves") == "1",
        )

    def without_kind(self) -> "Filter":
        """The same of every kind."""
        return replace(self, kind="")


def _conditions(asked: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Offer.is_open.is_(True), Provider.is_open.is_(True)]
    if asked.q:
        words = [Offer.name["en"].astext, Offer.name["zh"].astext, Offer.summary["en"].astext,
                 Offer.summary["zh"].astext, func.array_to_string(Offer.tags, " "), Provider.name["en"].astext,
                 Provider.name["zh"].astext]  # fmt: skip
        found.append(or_(*(text.icontains(asked.q, autoescape=True) for text in words)))
    if asked.kind:
        found.append(Offer.category == asked.kind)
    if asked.region:
        found.append(Offer.region == asked.region)
    if asked.level:
        found.append(Offer.mlps_level >= asked.level)
    if asked.leaves:
        found.append(_left_well().is_(True))
    if asked.company:
        over, mine = aliased(Company), aliased(Company)
        opened = (
            select(over.id)
            .join(mine, func.starts_with(mine.path, over.path))
            .where(mine.public_id == asked.company, over.id == Offer.audience_id)
        )
        found.append(or_(Offer.audience_id.is_(None), opened.exists()))
    return found


def _left_well() -> ScalarSelect[bool]:
    """Whether the newest trial of leaving an offer has passed; None without one."""
    return (
        select(ExitTest.passed)
        .where(ExitTest.offer_id == Offer.id)
        .order_by(ExitTest.tested_on.desc(), ExitTest.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def shelf(asked: Filter) -> Select[*tuple[Any, ...]]:
    """What can be ordered: columns of each offer, its cheapest size, its newest exit test, and the page key."""
    cheapest = select(Plan).where(Plan.offer_id == Offer.id).order_by(Plan.price_hour, Plan.id).limit(1).lateral()
    moment = cast(extract("epoch", Offer.created_at) * MICROSECONDS, BigInteger)
    return (
        select(
            Offer.public_id,
            Offer.name,
            Offer.summary,
            Offer.tags,
            Offer.category,
            Offer.region,
            Offer.mlps_level,
            Offer.ready_seconds,
            Provider.name.label("provider"),
            Provider.currency,
            cheapest.c.price_unit,
            cheapest.c.unit,
            _left_well().label("exit_passed"),
            moment.label("moment"),
        )
        .join(Provider, Provider.id == Offer.provider_id)
        .outerjoin(cheapest, literal(value=True))
        .where(*_conditions(asked))
    )


def counts(asked: Filter) -> dict[str, int]:
    """How many offers of each kind the other filters leave."""
    rows = db.session.execute(
        select(Offer.category, func.count())
        .join(Provider, Provider.id == Offer.provider_id)
        .where(*_conditions(asked.without_kind()))
        .group_by(Offer.category)
    )
    return {row[0]: int(row[1]) for row in rows}


def whole(open_only: bool = True) -> Select[Offer]:
    """Offers with everything their page needs."""
    found = (
        select(Offer)
        .join(Provider, Provider.id == Offer.provider_id)
        .options(
            joinedload(Offer.provider).joinedload(Provider.company),
            selectinload(Offer.plans),
            joinedload(Offer.owner),
            joinedload(Offer.audience),
        )
        .order_by(Offer.category, Offer.id)
    )
    return found.where(Offer.is_open, Provider.is_open) if open_only else found


def compared(public_ids: Sequence[str]) -> list[Offer]:
    """At most MOST_COMPARED open offers, in the order asked for."""
    wanted = list(dict.fromkeys(public_ids))[:MOST_COMPARED]
    found = {offer.public_id: offer for offer in db.session.scalars(whole().where(Offer.public_id.in_(wanted)))}
    return [found[one] for one in wanted if one in found]


def newest_exit_tests(offer_ids: Collection[int]) -> dict[int, ExitTest]:
    """The newest trial of leaving each offer."""
    rows = db.session.scalars(
        select(ExitTest).where(ExitTest.offer_id.in_(offer_ids)).order_by(ExitTest.tested_on, ExitTest.id)
    )
    return {one.offer_id: one for one in rows}


def price_history(offer: Offer) -> Sequence[PlanPrice]:
    """The prices of an offer's sizes, the newest first; those to come among them."""
    return db.session.scalars(
        select(PlanPrice)
        .join(Plan, Plan.id == PlanPrice.plan_id)
        .where(Plan.offer_id == offer.id)
        .order_by(PlanPrice.valid_from.desc(), PlanPrice.id.desc())
        .limit(30)
    ).all()


def managed(person: Person) -> Select[Provider]:
    """The providers that a cloud operator keeps."""
    return select(Provider).where(within(Provider.company_id, person, Role.CLOUD_OPERATOR))


def offers_managed(person: Person) -> Select[Offer]:
    """The offers that a cloud operator keeps, open or not."""
    return whole(open_only=False).where(within(Provider.company_id, person, Role.CLOUD_OPERATOR))


def plans_managed(person: Person) -> Select[Plan]:
    """The sizes that a cloud operator keeps."""
    return (
        select(Plan)
        .join(Offer, Offer.id == Plan.offer_id)
        .join(Provider, Provider.id == Offer.provider_id)
        .where(within(Provider.company_id, person, Role.CLOUD_OPERATOR))
        .options(joinedload(Plan.offer).joinedload(Offer.provider).joinedload(Provider.company))
    )


def providers_seen(person: Person) -> Select[Provider]:
    """The providers whose keeping and scorecards a person may see."""
    return (
        select(Provider)
        .where(within(Provider.company_id, person, *KEEPERS))
        .options(joinedload(Provider.company))
        .order_by(Provider.id)
    )


def scores(provider_ids: Collection[int], since: dt.date) -> dict[int, list[ProviderScore]]:
    """The scorecards of providers from a month on, the newest first."""
    rows = db.session.scalars(
        select(ProviderScore)
        .where(ProviderScore.provider_id.in_(provider_ids), ProviderScore.month >= since)
        .order_by(ProviderScore.month.desc())
    )
    found: dict[int, list[ProviderScore]] = {}
    for row in rows:
        found.setdefault(row.provider_id, []).append(row)
    return found


def offers_of(provider: Provider) -> Sequence[Row[str, dict[str, str], str, bool, int]]:
    """(public_id, name, category, is open, sizes) of each of a provider's offers."""
    return db.session.execute(
        select(Offer.public_id, Offer.name, Offer.category, Offer.is_open, func.count(Plan.id))
        .outerjoin(Plan, Plan.offer_id == Offer.id)
        .where(Offer.provider_id == provider.id)
        .group_by(Offer.id)
        .order_by(Offer.id)
        .limit(200)
    ).all()


def policies() -> Sequence[Policy]:
    """Every policy, the newest first: everybody may know what they could qualify for."""
    return db.session.scalars(
        select(Policy)
        .options(joinedload(Policy.company), joinedload(Policy.provider), joinedload(Policy.theme))
        .order_by(Policy.id.desc())
        .limit(200)
    ).all()


def companies_below(person: Person, *roles: Role) -> Sequence[Company]:
    """The companies over which a person holds one of the roles (departments left out), by path."""
    return db.session.scalars(
        select(Company).where(within(Company.id, person, *roles)).order_by(Company.path).limit(500)
    ).all()


def companies_of_group() -> Sequence[Row[str, dict[str, str]]]:
    """(public_id, name) of every company: each may be named as audience or owner, and one that is must be there."""
    return db.session.execute(select(Company.public_id, Company.name).order_by(Company.path)).all()


def companies_named(*public_ids: str) -> dict[str, Company]:
    """The companies by their public ids."""
    found = db.session.scalars(select(Company).where(Company.public_id.in_(public_ids)))
    return {company.public_id: company for company in found}
