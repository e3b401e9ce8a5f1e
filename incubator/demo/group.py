"""The companies, the departments and the people, with their roles."""

from typing import Any

from incubator.demo.stage import Stage
from incubator.people import services as people
from incubator.people.models import ImportKind, Role
from incubator.people.predicates import SYSTEM

FOUNDED = -552
"""The day the platform was set up."""


def plan(stage: Stage, data: dict[str, Any]) -> None:
    """The first day: everybody comes in, and some are trusted with roles."""
    stage.diary.on(FOUNDED, lambda: _found(stage, data), hour=9)
    stage.diary.on(-1, lambda: _hand_in_table(stage), hour=9)


def _found(stage: Stage, data: dict[str, Any]) -> None:
    for company in data["company"]:
        _add_company(stage, company, company.get("parent"), company["industry"])
    for department in data["department"]:
        _add_company(stage, department, department["key"].partition(".")[0], None)
    for person in data["person"]:
        _add_person(stage, person)
    for person in data["person"]:
        _give_roles(stage, person)


def _add_company(stage: Stage, data: dict[str, Any], parent: str | None, industry: str | None) -> None:
    above = stage.companies[parent] if parent else None
    name = {"en": data["en"], "zh": data["zh"]}
    company = stage.companies[data["key"]] = people.add_company(SYSTEM, above, name=name, industry=industry)
    company.code = data["key"].replace(".", "-").upper()


def _add_person(stage: Stage, data: dict[str, Any]) -> None:
    key: str = data["key"]
    stage.people[key] = people.add_person(
        SYSTEM,
        stage.companies[data["at"]],
        hr_number=data["hr_number"],
        name=data["name"],
        email=f"{key.replace('_', '.')}@example.com",
        title=data["title"],
        language=data["language"],
        manager=stage.people[data["manager"]] if "manager" in data else None,
        cost_center=data["cost_center"],
    )
    if "story" in data:
        stage.story[data["story"]] = stage.people[key]


def _give_roles(stage: Stage, data: dict[str, Any]) -> None:
    for trust in data.get("roles", ()):
        company = stage.companies[trust["over"]]
        people.give_role(SYSTEM, company, person=stage.people[data["key"]], role=Role(trust["role"]))


def _hand_in_table(stage: Stage) -> None:
    """HR's table of the month, checked and not taken in: a title, somebody new, a last day to come, a wrong code."""
    titled, leaving = stage.people["guo_rui"], stage.people["ma_jun"]
    last_day = stage.diary.date(40).isoformat()
    lines = (
        "hr_number,name,company,title,left_on",
        f"{titled.hr_number},{titled.name},{titled.company.code},材料实验室主任,",
        f"{leaving.hr_number},{leaving.name},{leaving.company.code},{leaving.title},{last_day}",
        "600301,Nora Berg,GRID-DISPATCH,Dispatch engineer,",
        "600302,孔令,GRID-NORTH,保护工程师,",
    )
    data = "\n".join(lines).encode()
    found = people.ask_for_import(stage.story["hr"], ImportKind.PEOPLE, data=data, name="employees-month.csv")
    people.check(found)
