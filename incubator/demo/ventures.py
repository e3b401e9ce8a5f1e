"""Stages of ventures, the local provider, and the sandboxes that a worker will really set up."""

from typing import Any

from incubator.cloud import queries, services
from incubator.core import audit
from incubator.demo.diary import Act
from incubator.demo.group import FOUNDED
from incubator.demo.stage import YUAN, Stage
from incubator.people.predicates import SYSTEM
from incubator.ventures.states import LIFE


def plan(stage: Stage, data: dict[str, Any]) -> None:
    """The catalogue opens with the platform; later the gates of the first ventures."""
    stage.diary.on(
        FOUNDED + 4, lambda: services.install_local_provider(stage.story["operator"], stage.companies["group"])
    )
    for entry in data["stage"]:
        stage.diary.on(entry["day"], _moving(stage, entry))


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
        size = queries.plan_by_code("local", "postgresql", entry["plan"])
        services.order(venture.lead, venture, plan=size, limit=entry["limit"] * YUAN, days=entry["days"])
