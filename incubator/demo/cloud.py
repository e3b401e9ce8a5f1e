"""The catalogue beside the local databases, policies, prices, rates, and bills that finance charges to ventures."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from incubator.cloud import drivers, queries
from incubator.cloud.bill_states import ChargedBy
from incubator.cloud.engines import focus
from incubator.cloud.models import CloudWish, Offer, Provider
from incubator.cloud.queries import crediting as credit_queries
from incubator.cloud.services import asking, billing, bills, catalogue, months, providers, proving, scoring, wishes
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.demo import running
from incubator.demo.diary import Act
from incubator.demo.group import FOUNDED
from incubator.demo.stage import YUAN, Stage
from incubator.ledger import days
from incubator.people.models import Company, Person
from incubator.people.predicates import SYSTEM

OPENED = FOUNDED + 6
MILLION_E2 = 10**6


def plan(stage: Stage, data: dict[str, Any]) -> None:
    """What happened at the providers and in the books, day by day."""
    stage.diary.on(OPENED, lambda: _open(stage, data))
    for entry in data["offer"]:
        if "tried" in entry:
            stage.diary.on(entry["tried"]["day"], _trying(stage, entry))
    for entry in data["policy"]:
        stage.diary.on(entry["day"], _signing(stage, _policy(stage, entry)), hour=11)
    for entry in data["price"]:
        stage.diary.on(entry["day"], _signing(stage, _price(stage, entry)), hour=14)
    for bill in data["bill"]:
        for day in bill["days"]:
            stage.diary.on(day, _billing(stage, bill), hour=17)
    for entry in data["ran"]:
        running.plan(stage, entry)
    for entry in data["suspense"]:
        company, amount = entry["company"], entry["amount"]
        stage.diary.on(entry["day"], _suspending(stage, company, amount), hour=18)
    stage.diary.on(-1, lambda: _rates(stage, data["rates"]), hour=9)


def _open(stage: Stage, data: dict[str, Any]) -> None:
    operator = stage.story["operator"]
    made: dict[str, Provider] = {}
    for entry in data["provider"]:
        made[entry["code"]] = _take_in(stage, operator, entry)
    for entry in data["offer"]:
        _offer(stage, operator, made[entry["provider"]], entry)


def _take_in(stage: Stage, operator: Person, entry: dict[str, Any]) -> Provider:
    name = {"en": entry["en"], "zh": entry["zh"]}
    provider = providers.add_provider(
        operator, stage.companies["group"], code=entry["code"], name=name, driver=drivers.MANUAL,
        currency=entry["currency"], lag_seconds=86_400,
    )  # fmt: skip
    ends = stage.diary.date(entry["contract_until"]) if "contract_until" in entry else None
    catalogue.describe_provider(
        operator, provider, name=name, region=entry["region"], mlps_level=entry["mlps_level"],
        contract=entry["contract"], contract_until=ends, contacts=entry["contacts"], is_open=True,
    )  # fmt: skip
    return provider


def _offer(stage: Stage, operator: Person, provider: Provider, entry: dict[str, Any]) -> None:
    offer = catalogue.create_offer(
        operator, provider, code=entry["code"], name={"en": entry["en"], "zh": entry["zh"]},
        summary=_pair(entry, "summary"),
        category=entry["category"], region=provider.region, mlps_level=provider.mlps_level, tags=entry["tags"],
        ready_seconds=entry["ready_seconds"], most=entry.get("most"),
        owner=stage.companies[entry["owner"]] if "owner" in entry else None,
        conditions=_pair(entry, "conditions"), exit_plan=_pair(entry, "exit"),
    )  # fmt: skip
    for size in (entry["plan"], *entry.get("more", ())):
        catalogue.add_size(
            operator, offer, code=size["code"], name={"en": size["en"], "zh": size["zh"]}, unit=size["unit"],
            price_unit=Decimal(size["price"]) * YUAN, most_quantity=size.get("most", 1),
        )  # fmt: skip


def _pair(entry: dict[str, Any], key: str) -> dict[str, str] | None:
    return {"en": entry[f"{key}_en"], "zh": entry[f"{key}_zh"]} if f"{key}_en" in entry else None


def _trying(stage: Stage, entry: dict[str, Any]) -> Act:
    def act() -> None:
        found = select(Offer).join(Provider, Provider.id == Offer.provider_id)
        offer = db.session.scalars(found.where(Provider.code == entry["provider"], Offer.code == entry["code"])).one()
        tried = entry["tried"]
        catalogue.test_exit(
            stage.story["operator"], offer, tested_on=stage.diary.date(tried["day"]), passed=tried["passed"],
            minutes=tried["minutes"], note=tried["note"],
        )  # fmt: skip

    return act


def _signing(stage: Stage, ask: Any) -> Act:
    """Asked by the operator, signed by finance the same day."""

    def act() -> None:
        wishes.approve(stage.people["gao_feng"], ask())

    return act


def _policy(stage: Stage, entry: dict[str, Any]) -> Any:
    def ask() -> CloudWish:
        return asking.propose_policy(
            stage.story["operator"], stage.companies["group"], name={"en": entry["en"], "zh": entry["zh"]},
            source=entry["source"], lower_bp=entry["lower"], lift=entry["lift"], region=entry.get("region"),
            stages=entry["stages"], from_on=stage.diary.date(entry["from_day"]), reason=entry["source"],
        )  # fmt: skip

    return ask


def _price(stage: Stage, entry: dict[str, Any]) -> Any:
    def ask() -> CloudWish:
        size = queries.plan_by_code(entry["provider"], entry["offer"], entry["plan"])
        price = Decimal(entry["price"]) * YUAN
        return asking.propose_price(
            stage.story["operator"], size, price_unit=price, max_cost_hour=price, valid_from=clock.now(),
            reason=entry["reason"],
        )  # fmt: skip

    return ask


def _billing(stage: Stage, bill: dict[str, Any]) -> Act:
    def act() -> None:
        venture = stage.ventures[bill["venture"]]
        company, amount = venture.company, bill["amount"] * YUAN
        _suspend(company, amount)
        waiting = credit_queries.suspense_of(company)
        account = next(one for one in waiting if one.owner_id == company.id)
        months.clear_suspense(
            stage.people["gao_feng"], company, account=account, amount=amount, reason="账单 / invoice", venture=venture
        )

    return act


def _suspending(stage: Stage, company: str, amount: int) -> Act:
    return lambda: _suspend(stage.companies[company], amount * YUAN)


def _suspend(company: Company, amount: int) -> None:
    with audit.because(SYSTEM, "bill.import"):
        event = audit.record("bill.import", company, {"amount": amount})
        months.put_in_suspense(
            company, currency="CNY", amount=amount, key=f"bill-{event.public_id}", memo="Bill", cause_id=event.id
        )


def _rates(stage: Stage, data: dict[str, Any]) -> None:
    """Entered by one of finance and looked at by another; they move a little from day to day."""
    rates = [
        (currency, stage.diary.date(-number), int(Decimal(data[currency]) * 10**8) + number % 5 * MILLION_E2)
        for currency in ("USD", "EUR", "HKD")
        for number in range(1, data["days"] + 1)
    ]
    wish = asking.propose_rates(
        stage.people["tom_becker"], stage.companies["group"], rates=rates, source=data["source"]
    )
    wishes.approve(stage.people["gao_feng"], wish)


def finish(stage: Stage, data: dict[str, Any]) -> None:
    """What stands today: a request that waits, the daily totals, the first proof and scorecards."""
    for entry in data["ask"]:
        venture = stage.ventures[entry["venture"]]
        asking.ask_credits(venture.lead, venture, amount=entry["amount"] * YUAN, reason=entry["reason"])
    _bills(stage)
    days.total(since=dt.date(1970, 1, 1))
    with audit.because(SYSTEM, "credit.prove"):
        proving.run()
    for provider_id in scoring.providers():
        scoring.score(provider_id, credit_queries.this_month())


def _bills(stage: Stage) -> None:
    """A provider that charges by bill: a month that was booked, and a dearer delivery of it that waits for finance."""
    operator = stage.story["operator"]
    provider = providers.add_provider(
        operator, stage.companies["group"], code="northsea", name={"en": "Northsea Cloud", "zh": "北海云"},
        driver=drivers.MANUAL, lag_seconds=86_400, charged_by=ChargedBy.BILL,
    )  # fmt: skip
    month = (clock.today().replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    for name, factor in (("first", 1), ("second", 2)):
        data = _bill(month, factor)
        made = bills.upload(operator, provider, file=io.BytesIO(data), name=f"northsea-{month:%Y-%m}-{name}.csv")
        lines = csv.reader(io.StringIO(data.decode()))
        header = next(lines)
        reading = focus.read(lines, focus.columns_of(header), {"CNY"})
        with audit.because(SYSTEM, "bill_delivery.post", parent_id=made.cause_id):
            billing.take(made, reading, focus.version_of(header))


def _bill(month: dt.date, factor: int) -> bytes:
    """A made-up month: two accounts by the day, and a credit of the provider."""
    end = (month + dt.timedelta(days=32)).replace(day=1)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(focus.NEEDED)
    for day in range((end - month).days):
        on = month + dt.timedelta(days=day)
        for account, service, kind, cost in (
            ("NS-20481", "Object storage", "Usage", f"{(18 + day % 5) * factor}.4375"),
            ("NS-20499", "Log search", "Usage", f"{(6 + day % 3) * factor}.0625"),
            ("NS-20481", "Object storage", "Credit", "-1.25"),
        ):
            writer.writerow(["Northsea Cloud", "NS-GROUP", month, end, on, on + dt.timedelta(days=1), account, service,
                             kind, "CNY", cost])  # fmt: skip
    return text.getvalue().encode()
