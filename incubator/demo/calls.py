"""Themes, credit pools, committees and calls."""

import datetime as dt
from typing import Any

from incubator.calls import services
from incubator.calls.models import Visibility
from incubator.calls.services import ThemeBudget
from incubator.calls.templates import TEMPLATES
from incubator.core import clock
from incubator.demo.group import FOUNDED
from incubator.demo.stage import YUAN, Stage
from incubator.people.models import Person
from incubator.people.predicates import SYSTEM


def plan(stage: Stage, data: dict[str, Any]) -> None:
    """The strategy and its money first, then each call with its committee."""
    stage.diary.on(FOUNDED + 4, lambda: _name_themes(stage, data))
    years: set[int] = set()
    for call in data["call"]:
        year = stage.diary.date(call["opens"]).year
        if year not in years:
            _plan_pools(stage, data, call["opens"] - 5, year)
        years.add(year)
        _plan_call(stage, data, call, year)


def _name_themes(stage: Stage, data: dict[str, Any]) -> None:
    for theme in data["theme"]:
        stage.themes[theme["key"]] = services.create_theme(
            stage.story["office"],
            stage.companies[theme["company"]],
            name={"en": theme["en"], "zh": theme["zh"]},
            source=theme["source"],
        )


def _plan_pools(stage: Stage, data: dict[str, Any], day: int, year: int) -> None:
    def fill() -> None:
        for pool in data["pool"]:
            for theme in pool["themes"]:
                services.create_pool(
                    stage.story["office"],
                    stage.companies[pool["company"]],
                    theme=stage.themes[theme],
                    year=year,
                    amount=pool["amount"] * YUAN,
                )
        for theme in stage.themes.values():
            amount = sum(pool["amount"] for pool in data["pool"]) * YUAN
            services.set_budget(stage.story["office"], theme, year=year, budget=amount)

    stage.diary.on(day, fill)


def _plan_call(stage: Stage, data: dict[str, Any], call: dict[str, Any], year: int) -> None:
    committee = next(entry for entry in data["committee"] if entry["key"] == call["committee"])
    stage.diary.on(call["opens"] - 4, lambda: _name_committee(stage, committee, call["office"]))
    stage.diary.on(call["opens"] - 3, lambda: _draft(stage, call, year))
    stage.diary.on(call["opens"] - 2, lambda: services.publish(_office(stage, call), stage.calls[call["key"]]))
    if call["closes"] < 0:
        closed = call["closes"] + 1
        stage.diary.on(closed, lambda: services.close(SYSTEM, stage.calls[call["key"]]), hour=0)


def _office(stage: Stage, call: dict[str, Any]) -> Person:
    return stage.people[call["office"]]


def _name_committee(stage: Stage, data: dict[str, Any], office: str) -> None:
    stage.committees[data["key"]] = services.create_committee(
        stage.people[office],
        stage.companies[data["company"]],
        name={"en": data["en"], "zh": data["zh"]},
        chair=stage.people[data["chair"]],
        members=[stage.people[member] for member in data["members"]],
    )


def _draft(stage: Stage, data: dict[str, Any], year: int) -> None:
    rubric, rule = services.install_templates(SYSTEM, stage.companies["group"])
    budgets = [ThemeBudget(stage.themes[key], year, amount * YUAN) for key, amount in data["budgets"].items()]
    stage.calls[data["key"]] = services.create_call(
        _office(stage, data),
        stage.companies[data["company"]],
        title=data["title"],
        summary=data["summary"],
        opens_at=stage.diary.moment(data["opens"]),
        closes_at=_end(stage, data["closes"]),
        screening_due_on=stage.diary.date(data["screening_due"]),
        review_due_on=stage.diary.date(data["review_due"]),
        meets_on=stage.diary.date(data["meets"]),
        release_on=stage.diary.date(data["release"]),
        form=TEMPLATES[data["form"]],
        committee=stage.committees[data["committee"]],
        rubric=rubric,
        rule=rule,
        themes=budgets,
        visibility=Visibility(data.get("visibility", Visibility.CLOSED)),
    )


def _end(stage: Stage, day: int) -> dt.datetime:
    return clock.end_of(stage.diary.date(day))
