"""Reading bills: the deliveries of a provider, one of them with what it posted, and what is nobody's."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, DateTime, Row, Select, cast, extract, func, literal, null, or_, select
from sqlalchemy.orm import joinedload

from incubator.cloud.bill_states import BillState
from incubator.cloud.models import BillCharge, BillChargeDay, BillDelivery, BillPeriod, Provider, Sandbox
from incubator.core.db import db
from incubator.people.access import within
from incubator.people.models import Company, Person, Role

READERS = (Role.FINANCE, Role.CLOUD_OPERATOR, Role.AUDITOR)
MICROSECONDS = 1_000_000
MOST = 200


def providers_billed(person: Person) -> Select[Provider]:
    """The providers whose bills a person may see."""
    found = select(Provider).where(within(Provider.company_id, person, *READERS))
    return found.options(joinedload(Provider.company))


def deliveries_seen(person: Person) -> Select[BillDelivery]:
    """The deliveries that a person may see, with everything their page needs."""
    return (
        select(BillDelivery)
        .join(Provider, Provider.id == BillDelivery.provider_id)
        .where(within(Provider.company_id, person, *READERS))
        .options(
            joinedload(BillDelivery.provider).joinedload(Provider.company), joinedload(BillDelivery.person),
            joinedload(BillDelivery.decided_by), joinedload(BillDelivery.file), joinedload(BillDelivery.findings),
        )
    )  # fmt: skip


def listed(provider: Provider) -> Select[*tuple[Any, ...]]:
    """public_id, name, state, source, created_at, rows, wrong, postings, figures, and the page key."""
    moment = cast(extract("epoch", BillDelivery.created_at) * MICROSECONDS, BigInteger)
    return select(
        BillDelivery.public_id, BillDelivery.name, BillDelivery.state, BillDelivery.source, BillDelivery.created_at,
        BillDelivery.rows, BillDelivery.wrong, BillDelivery.postings, BillDelivery.figures, moment.label("moment"),
    ).where(BillDelivery.provider_id == provider.id)  # fmt: skip


def charges_of(delivery: BillDelivery) -> Sequence[Row[*tuple[Any, ...]]]:
    """(sandbox's number or None, sub-account, currency, amount, spent, suspended, days, the lease's currency) of what a
    delivery posted, the largest first; at most MOST."""
    days = select(func.count()).where(BillChargeDay.charge_id == BillCharge.id).scalar_subquery()
    return db.session.execute(
        select(Sandbox.number, BillCharge.sub_account, BillCharge.currency, BillCharge.amount, BillCharge.spent,
               BillCharge.suspended, days, Provider.currency)
        .join(BillPeriod, BillPeriod.id == BillCharge.period_id)
        .join(Provider, Provider.id == BillPeriod.provider_id)
        .outerjoin(Sandbox, Sandbox.id == BillCharge.sandbox_id)
        .where(BillCharge.delivery_id == delivery.id)
        .order_by(func.abs(BillCharge.amount).desc(), BillCharge.id)
        .limit(MOST)
    ).all()  # fmt: skip


def days_of(delivery: BillDelivery) -> Sequence[Row[*tuple[Any, ...]]]:
    """Every day that a delivery posted: sandbox, account, period, day, currency, amount, the day it is booked on."""
    return db.session.execute(
        select(func.coalesce(Sandbox.number, "").label("sandbox"), BillCharge.sub_account.label("account"),
               BillPeriod.account.label("billing_account"), BillChargeDay.on_day.label("on"),
               BillCharge.currency.label("currency"), BillChargeDay.amount.label("minor"),
               BillChargeDay.booked_on.label("booked_on"))
        .join(BillCharge, BillCharge.id == BillChargeDay.charge_id)
        .join(BillPeriod, BillPeriod.id == BillCharge.period_id)
        .outerjoin(Sandbox, Sandbox.id == BillCharge.sandbox_id)
        .where(BillCharge.delivery_id == delivery.id)
        .order_by(BillChargeDay.on_day, BillChargeDay.id)
    ).all()  # fmt: skip


def _suspended() -> Select[*tuple[Any, ...]]:
    total = func.sum(BillCharge.suspended)
    return (
        select(Provider.public_id, Provider.name, BillCharge.sub_account, Sandbox.number, BillCharge.currency,
               total.label("minor"), func.min(BillPeriod.begins_on), func.max(BillPeriod.begins_on))
        .join(BillPeriod, BillPeriod.id == BillCharge.period_id)
        .join(Provider, Provider.id == BillPeriod.provider_id)
        .outerjoin(Sandbox, Sandbox.id == BillCharge.sandbox_id)
        .group_by(Provider.id, BillCharge.sub_account, Sandbox.id, BillCharge.currency)
        .having(total != 0)
        .order_by(total.desc(), Provider.id)
        .limit(MOST)
    )  # fmt: skip


def suspended_of(provider: Provider) -> Sequence[Row[*tuple[Any, ...]]]:
    """(provider's public id, its name, sub-account, sandbox's number or None, currency, minor, first and last period)
    of what bills of a provider put into suspense."""
    return db.session.execute(_suspended().where(Provider.id == provider.id)).all()


def suspended_below(company: Company) -> Sequence[Row[*tuple[Any, ...]]]:
    """The same for the providers of a company and of all below it."""
    below = Provider.company_id.in_(
        select(Company.id).where(Company.path.startswith(company.path, autoescape=True))
    )  # fmt: skip
    return db.session.execute(_suspended().where(below)).all()


def sandboxes_of(provider: Provider) -> Sequence[Row[str, str, str]]:
    """(public_id, number, name) of a provider's sandboxes, the newest first."""
    return db.session.execute(
        select(Sandbox.public_id, Sandbox.number, Sandbox.name)
        .where(Sandbox.provider_id == provider.id)
        .order_by(Sandbox.id.desc())
        .limit(1000)
    ).all()


def sandbox_named(provider: Provider, public_id: str) -> Sandbox | None:
    """A provider's sandbox by its public id."""
    return db.session.scalar(
        select(Sandbox).where(Sandbox.provider_id == provider.id, Sandbox.public_id == public_id)
    )  # fmt: skip


def waiting(person: Person) -> Select[*tuple[Any, ...]]:
    """Held deliveries, for finance; not for who handed them in."""
    found: Select[*tuple[Any, ...]] = (
        select(
            literal("bill.held").label("kind"),
            BillDelivery.name.label("title"),
            ("/cloud/bills/" + BillDelivery.public_id).label("address"),
            cast(null(), DateTime(timezone=True)).label("due_at"),
            BillDelivery.created_at.label("since"),
        )
        .join(Provider, Provider.id == BillDelivery.provider_id)
        .where(
            BillDelivery.state == BillState.HELD, within(Provider.company_id, person, Role.FINANCE),
            or_(BillDelivery.person_id.is_(None), BillDelivery.person_id != person.id),
        )
    )  # fmt: skip
    return found
