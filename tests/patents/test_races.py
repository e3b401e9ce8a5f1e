"""Two people, or two workers, at the same moment: one comes first, and nothing is done twice."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import transaction
from incubator.ledger.models import Entry
from incubator.patents import jobs, services
from incubator.patents.models import (
    Award,
    Deadline,
    DeadlineRun,
    Disclosure,
    InventorShare,
    Matter,
    MatterEventKind,
    PayrollLine,
    RunReason,
)
from incubator.patents.states import AwardState
from incubator.people.models import Person, Role
from tests.patents.scene import Scene


def at_once(app: Flask, *calls: Callable[[], Any]) -> list[str]:
    """Each in a thread and a transaction of its own, begun together; 'done', or the code of the refusal, in order."""
    start, found = threading.Barrier(len(calls)), [""] * len(calls)

    def work(place: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    calls[place]()
                found[place] = "done"
            except DomainError as refusal:
                found[place] = refusal.code
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    return found


def as_one(service: Callable[..., Any], person: Person, thing: Any) -> Callable[[], Any]:
    """The step with rows of the thread's own session."""
    kind, person_id, thing_id = type(thing), person.id, thing.id
    return lambda: service(db.session.get_one(Person, person_id), db.session.get_one(kind, thing_id))


def count(model: Any) -> int:
    return db.session.scalar(select(func.count(model.id))) or 0


@pytest.mark.committed
def test_of_two_at_once_one_comes_first(app: Flask, scene: Scene) -> None:
    second_office = scene.make.person(scene.company, Role.OFFICE)
    disclosure = scene.proposed()
    answers = [as_one(services.decide, one, disclosure) for one in (scene.office, second_office)]
    found = at_once(app, *answers)
    assert (sorted(found)[0], found.count("done"), count(Matter)) == ("done", 1, 1), found

    matter = db.session.scalars(select(Matter)).one()
    award = scene.granted(dt.date(2024, 6, 4), scene.filed(matter=matter))
    scene.calculated(award)
    scene.confirm_rule(award)
    third_hr, before = scene.make.person(scene.company, Role.HR), count(Entry)
    found = at_once(app, *(as_one(services.approve, one, award) for one in (scene.hr_b, third_hr)))
    assert (found.count("done"), count(PayrollLine), count(Entry) - before) == (1, 2, 1), found
    assert db.session.get_one(Award, award.id).state is AwardState.IN_PAYROLL

    with transaction():
        services.record(scene.counsel, matter, kind=MatterEventKind.NOTICE, happened_on=clock.today())
        services.deadlines.plan_all(RunReason.RULES)
    found = at_once(app, services.deadlines.recompute_part, services.deadlines.recompute_stale,
                    services.deadlines.recompute_part)  # fmt: skip
    assert found == ["done"] * 3
    jobs.recompute()
    jobs.recompute_parts()
    keys = db.session.execute(select(Deadline.matter_id, Deadline.key)).all()
    assert (len(keys), len(set(keys)), len(keys) > 2) == (len(set(keys)), len(keys), True)
    assert db.session.scalar(select(func.count(DeadlineRun.id)).where(DeadlineRun.finished_at.is_(None))) == 0


@pytest.mark.committed
def test_a_part_that_a_killed_worker_had_in_hand_waits_again(app: Flask, scene: Scene) -> None:
    scene.filed()
    with transaction():
        assert services.deadlines.plan_all(RunReason.DAILY) == 1

    class Killed(BaseException):
        """What no handler catches."""

    with pytest.raises(Killed), transaction():
        services.deadlines.recompute_part()
        raise Killed
    db.session.expire_all()
    assert (count(Deadline), jobs.recompute_parts(), jobs.recompute_parts()) == (0, 1, 0)
    assert count(Deadline) == 3
    assert (count(Disclosure), count(InventorShare)) == (1, 2)
