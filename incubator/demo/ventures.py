"""Stages of ventures, the local provider, and the sandboxes that a worker will really set up."""

from decimal import Decimal
from typing import Any

from incubator.cloud import queries, services
from incubator.core import audit
from incubator.demo.diary import Act
from incubator.demo.group import FOUNDED
from incubator.demo.stage import YUAN, Stage
from incubator.people.models import Company, Person
from incubator.people.predicates import SYSTEM
from incubator.ventures.states import LIFE


def plan(stage: Stage, data: dict[str, Any]) -> None:
    """The catalogue opens with the platform; later the gates of the first ventures."""
    stage.diary.on(
        FOUNDED + 4, lambda: services.install_local_provider(stage.story["operator"], stage.companies["group"])
    )
    stage.diary.on(FOUNDED + 5, lambda: _seller(stage.story["operator"], stage.companies["group"]))
    for entry in data["stage"]:
        stage.diary.on(entry["day"], _moving(stage, entry))


def _seller(operator: Person, company: Company) -> None:
    """A seller without an interface: its accounts are made by people, from tasks on the operator's first page."""
    provider = services.add_provider(
        operator, company, code="ledgerline", name={"en": "Ledgerline ERP", "zh": "账线 ERP"}, driver="manual"
    )
    offer = services.add_offer(
        operator,
        provider,
        code="erp_trial",
        name={"en": "ERP trial tenant", "zh": "ERP 试用租户"},
        summary={
            "en": "A tenant of its own with sample books. Made by the seller's people within two working days.",
            "zh": "独立租户，含示例账套，由厂商人员在两个工作日内开通。",
        },
        category="saas",
        tags=["ERP"],
        ready_seconds=172_800,
    )
    services.add_plan(
        operator,
        offer,
        code="team",
        name={"en": "Team", "zh": "团队版"},
        price_hour=Decimal(15),
        price_gb_hour=Decimal(0),
        max_cost_hour=Decimal(15),
        connections=10,
        disk_mb=5_000,
        settings={"edition": "trial"},
    )


def _moving(stage: Stage, entry: dict[str, Any]) -> Act:
    """The gates have no screens and no service yet: the step is entered by the system, and its reason says so."""

    def act() -> None:
        with audit.because(SYSTEM, f"venture.{entry['step']}"):
            LIFE.move(stage.ventures[entry["venture"]], entry["step"], reason=entry["reason"])

    return act


def order(stage: Stage, data: dict[str, Any]) -> None:
    """Order the sandboxes now: they are provisioned as soon as a worker runs."""
    for entry in data["order"]:
        venture = stage.ventures[entry["venture"]]
        size = queries.plan_by_code(entry.get("provider", "local"), entry.get("offer", "postgresql"), entry["plan"])
        services.order(venture.lead, venture, plan=size, limit=entry["limit"] * YUAN, days=entry["days"])
