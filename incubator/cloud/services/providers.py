"""Providers, what they offer, and reaching them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.cloud import drivers, vault
from incubator.cloud.bill_states import ChargedBy
from incubator.cloud.drivers import Driver, Place
from incubator.cloud.market_states import Unit
from incubator.cloud.models import Offer, Plan, Provider
from incubator.cloud.services import prices
from incubator.core import audit, settings
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import MINOR_DIGITS
from incubator.people.models import Company

LOCAL = "local"
WITHOUT_ADDRESS = (drivers.LOCAL_PG, drivers.MANUAL)
OWN_ADDRESS = (drivers.ALIYUN, drivers.AWS, drivers.HUAWEI, drivers.TENCENT)
"""These know their own address; one may be named."""
HOURS_OF_MONTH = 730


@action("provider.create")
def add_provider(
    actor: Actor,
    company: Company,
    *,
    code: str,
    name: dict[str, str],
    driver: str,
    address: str | None = None,
    token: str | None = None,
    currency: str = "CNY",
    lag_seconds: int = 30,
    options: dict[str, str] | None = None,
    charged_by: ChargedBy = ChargedBy.METER,
) -> Provider:
    """Take a provider in, looked after by the cloud operators of a company.

    address and token: of one that is reached over HTTP; the local one takes its address from the settings, the manual
    one has none. options: what is not secret and only its driver knows. charged_by: our meter or its bills, for good.
    """
    if driver not in drivers.KINDS:
        raise Invalid(_("There is no driver of this name."), field="driver")
    may_be_left_out = driver in WITHOUT_ADDRESS or (driver in OWN_ADDRESS and not address)
    if not may_be_left_out and not str(address).startswith(("http://", "https://")):
        raise Invalid(_("Enter an address, such as https://cloud.example.com/api"), field="address")
    if currency not in MINOR_DIGITS:
        raise Invalid(_("This currency is not known."), field="currency")
    provider = Provider(
        code=code,
        name=name,
        company=company,
        driver=driver,
        address=address,
        token=vault.encrypt(token) if token else None,
        currency=currency,
        lag_seconds=lag_seconds,
        options=options or {},
        charged_by=charged_by,
    )
    audit.created(provider, payload={"code": code, "driver": driver, "charged_by": charged_by.value})
    return provider


@action("provider.add_offer")
def add_offer(
    actor: Actor,
    provider: Provider,
    *,
    code: str,
    name: dict[str, str],
    summary: dict[str, str],
    category: str,
    tags: list[str],
    ready_seconds: int,
) -> Offer:
    """Put a service into the catalogue."""
    offer = Offer(
        provider=provider,
        code=code,
        name=name,
        summary=summary,
        category=category,
        tags=tags,
        ready_seconds=ready_seconds,
    )
    audit.created(offer, payload={"code": code})
    return offer


@action("provider.add_plan")
def add_plan(
    actor: Actor,
    offer: Offer,
    *,
    code: str,
    name: dict[str, str],
    price_hour: Decimal,
    price_gb_hour: Decimal,
    max_cost_hour: Decimal,
    connections: int,
    disk_mb: int,
    settings: dict[str, str] | None = None,
) -> Plan:
    """Add a size of a service; prices in minor units. settings: what only the provider's driver knows."""
    plan = Plan(
        offer=offer,
        code=code,
        name=name,
        unit=Unit.HOUR,
        price_unit=price_hour,
        price_hour=price_hour,
        price_gb_hour=price_gb_hour,
        max_cost_hour=max_cost_hour,
        connections=connections,
        disk_mb=disk_mb,
        settings=settings or {},
    )
    audit.created(plan, payload={"code": code, "price_hour": str(price_hour), "price_gb_hour": str(price_gb_hour)})
    prices.first(plan)
    return plan


def driver_of(provider: Provider) -> Driver:
    """What speaks to a provider. Raises drivers.Unavailable when its address is not set."""
    return opener_of(provider)()


def opener_of(provider: Provider) -> Callable[[], Driver]:
    """What makes a provider's driver, free of the database; its credentials are read when it is made."""
    is_local = provider.driver == drivers.LOCAL_PG
    place = Place(
        address=settings.current().sandbox_database_url if is_local else provider.address,
        token=None,
        options=dict(provider.options),
        provider_id=provider.id,
    )
    return partial(_open, provider.driver, place, provider.token)


def _open(kind: str, place: Place, token: bytes | None) -> Driver:
    return drivers.open_driver(kind, replace(place, token=vault.decrypt(token) if token else None))


def install_local_provider(actor: Actor, company: Company) -> Provider:
    """The provider that every installation with a second PostgreSQL cluster has; again: the one that stands."""
    found = db.session.scalar(select(Provider).where(Provider.code == LOCAL))
    if found is not None:
        return found
    provider = add_provider(
        actor, company, code=LOCAL, name={"en": "Group data centre", "zh": "集团数据中心"}, driver=drivers.LOCAL_PG
    )
    offer = add_offer(
        actor,
        provider,
        code="postgresql",
        name={"en": "PostgreSQL 18 database", "zh": "PostgreSQL 18 数据库"},
        summary={
            "en": "A database of your own with full rights inside it, pgvector included. Ready in seconds.",
            "zh": "独享的数据库，库内拥有全部权限，含 pgvector 扩展，数秒即可使用。",
        },
        category="database",
        tags=["SQL", "pgvector", "pg_dump"],
        ready_seconds=5,
    )
    for plan in LOCAL_PLANS:
        _add_local_plan(actor, offer, plan)
    return provider


@dataclass(frozen=True)
class LocalPlan:
    """A size of the local provider's databases; hour: fen an hour."""

    code: str
    name: dict[str, str]
    hour: int
    connections: int
    disk_mb: int


LOCAL_PLANS = (
    LocalPlan("small", {"en": "Small", "zh": "小型"}, 58, 10, 1000),
    LocalPlan("standard", {"en": "Standard", "zh": "标准型"}, 240, 25, 10_000),
    LocalPlan("load_test", {"en": "Load test, by the second", "zh": "压力测试型（按秒计费）"}, 7200, 50, 20_000),
)
LOCAL_GB_MONTH = Decimal(12)


def _add_local_plan(actor: Actor, offer: Offer, plan: LocalPlan) -> None:
    """The dearest hour has twice the plan's disk full: access is cut at the first reading above it."""
    gb_hour = (LOCAL_GB_MONTH / HOURS_OF_MONTH).quantize(Decimal("1E-10"))
    add_plan(
        actor,
        offer,
        code=plan.code,
        name=plan.name,
        price_hour=Decimal(plan.hour),
        price_gb_hour=gb_hour,
        max_cost_hour=plan.hour + gb_hour * 2 * plan.disk_mb / 1000,
        connections=plan.connections,
        disk_mb=plan.disk_mb,
    )
