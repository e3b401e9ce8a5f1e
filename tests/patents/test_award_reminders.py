"""HR is reminded of awards that are due, each time once, and told when one is overdue."""

import datetime as dt

import pytest
from sqlalchemy import select

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.patents import jobs, services
from incubator.patents.models import Award, AwardReminder
from incubator.people.models import Role
from tests.patents.scene import Scene, application_number


def sent(award: Award) -> list[int]:
    return list(
        db.session.scalars(
            select(AwardReminder.days).where(AwardReminder.award_id == award.id).order_by(AwardReminder.id)
        )
    )


def told(person_id: int) -> list[str]:
    rows = select(Notice.kind).where(Notice.person_id == person_id, Notice.kind.startswith("award."))
    return list(db.session.scalars(rows.order_by(Notice.id)))


def test_each_reminder_goes_out_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    award = scene.granted()
    days = []
    for before in (95, 90, 60, 60, 29, 1, 0, -1, -30):
        now = clock.end_of(award.due_on) - dt.timedelta(days=before, hours=3)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        days.append(jobs.remind_of_awards())
    assert days == [0, 1, 1, 0, 1, 1, 0, 1, 0]
    assert sent(award) == [90, 60, 30, 1, -1]
    assert told(scene.hr_a.id) == ["award.remind"] * 4 + ["award.overdue"] == told(scene.hr_b.id)
    assert told(scene.lead.id) == []


def test_who_gets_a_part_is_not_reminded_and_what_is_paid_reminds_nobody(scene: Scene) -> None:
    inventor = scene.make.person(scene.company, Role.HR)
    disclosure = scene.assessed([(scene.lead, 5000), (inventor, 5000)])
    award = scene.granted(dt.date(2024, 6, 4), scene.filed(matter=scene.matter(disclosure)))
    assert jobs.remind_of_awards() == 1
    assert (told(inventor.id), told(scene.hr_a.id)) == ([], ["award.overdue"])
    scene.in_payroll(award)
    with transaction():
        services.pay(scene.hr_a, award, paid_on=clock.today(), reference="Run 1")
        award.due_on -= dt.timedelta(days=1)
    assert jobs.remind_of_awards() == 0


def test_many_are_one_message(scene: Scene) -> None:
    for n in range(6):
        matter = scene.matter()
        with transaction():
            number = application_number(serial=601862 + n)
            services.record_filing(scene.counsel, matter, happened_on=dt.date(2023, 3, 1), number=number)
        scene.granted(dt.date(2024, 6, 4), matter)
    assert jobs.remind_of_awards() == 6
    notice = db.session.scalars(select(Notice).where(Notice.kind == "award.overdue_many").limit(1)).one()
    assert (notice.values["n"], notice.values["first"], told(scene.hr_a.id)) == (
        6,
        "2024-09-04",
        ["award.overdue_many"],
    )
