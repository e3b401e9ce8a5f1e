"""The whole demonstration, in one transaction around the services of the product."""

import secrets

from sqlalchemy import text

from incubator.core import clock, keys
from incubator.core.db import db
from incubator.core.errors import WrongState
from incubator.demo import (
    calls,
    cloud,
    docket,
    equity,
    group,
    older,
    panels,
    patents,
    proposals,
    reviews,
    rules,
    transfers,
    ventures,
)
from incubator.demo.diary import Diary
from incubator.demo.people_file import Login
from incubator.demo.stage import Stage, words
from incubator.people import queries as people
from incubator.people import services
from incubator.people.models import Person

APART = {"first": 2, "ports": 3, "saving": 3, "open": 1}
"""Days between one proposal of a call and the next."""
SECOND_SIGNER = {"first": "anna_lindqvist", "ports": None}
"""Who signs after the chair; None: nobody has yet. The open call's round goes on."""
PARTS = {
    "employee": "Employee: lead, inventor, holder",
    "office": "Innovation office",
    "reviewer": "Reviewer",
    "reviewer_second": "Reviewer, second signer",
    "chair": "Chair of the committee",
    "counsel": "IP counsel",
    "hr": "HR, maker",
    "hr_second": "HR, checker",
    "operator": "Cloud operator",
    "auditor": "Auditor",
    "finance": "Finance",
}
"""The eleven who play the story, in the order they come in."""


def is_there() -> bool:
    """Whether the demonstration stands in this database already.

    Holds off another run until the transaction ends. Raises WrongState for a database with other people in it.
    """
    db.session.execute(text("LOCK TABLE installation IN EXCLUSIVE MODE"))
    if not people.is_demo() and not people.is_empty():
        raise WrongState("there are people in this database who are no demonstration: it stays as it is")
    return people.is_demo()


def build() -> list[Login]:
    """Make everything, and give the eleven of the story their passwords. Called within a transaction."""
    services.mark_demo()
    stage = Stage(Diary(clock.today()))
    data = words("ventures")
    _plan(stage)
    ventures.plan(stage, data)
    of_cloud = words("cloud")
    cloud.plan(stage, of_cloud)
    stage.diary.play()
    ventures.order(stage, data)
    cloud.finish(stage, of_cloud)
    panels.make(stage)
    return [_sign_up(part, stage.story[key]) for key, part in PARTS.items()]


def _plan(stage: Stage) -> None:
    of_calls = words("calls")
    group.plan(stage, words("group"))
    rules.plan(stage)
    calls.plan(stage, of_calls)
    for call in of_calls["call"]:
        key, pitches = call["key"], words(f"{call['key']}_call")["proposal"]
        proposals.plan(stage, call, pitches, apart=APART[key])
        reviews.plan(stage, call, pitches, apart=APART[key])
        if key in SECOND_SIGNER:
            reviews.plan_round(stage, call, second=SECOND_SIGNER[key])
    patents.plan(stage, words("inventions"))
    older.plan(stage, words("inventions"))
    docket.plan(stage)
    equity.plan(stage, words("equity"))
    transfers.plan(stage, words("transfers"))


def _sign_up(part: str, person: Person) -> Login:
    password = "-".join("".join(secrets.choice(keys.SPOKEN) for _ in range(4)) for _ in range(4))
    services.set_password(person, password)
    return Login(person.name, part, person.hr_number, password)
