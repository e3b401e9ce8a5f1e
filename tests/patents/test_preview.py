"""What an event would change about deadlines is shown before it applies, and applies with the confirmation."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.patents import jobs, services
from incubator.patents.models import Deadline, DeadlineDifference, DifferenceKind, Matter, MatterEvent, MatterEventKind
from incubator.patents.services.deadlines import Change, preview
from incubator.patents.states import DeadlineState
from tests.patents.scene import Scene

SignIn = Callable[..., FlaskClient]
K = MatterEventKind
FILED = dt.date(2025, 3, 3)


def said(changes: tuple[Change, ...]) -> list[tuple[Any, ...]]:
    return [(one.kind.value, one.key.split(":")[0].rsplit(".", 1)[-1], one.before, one.after) for one in changes]


def standing(matter: Matter) -> list[tuple[str, DeadlineState, dt.date]]:
    db.session.expire_all()
    rows = select(Deadline).where(Deadline.matter_id == matter.id, Deadline.duty).order_by(Deadline.id)
    return [(one.key.split(":")[0].rsplit(".", 1)[-1], one.state, one.due_on) for one in db.session.scalars(rows)]


def seal_in(page: str) -> str:
    found = re.search('name="seen" value="([0-9a-f]+)"', page)
    assert found is not None
    return found.group(1)


def test_a_withdrawal_a_priority_and_a_first_event_say_what_they_change(scene: Scene) -> None:
    matter = scene.filed(FILED)
    examination, priority = dt.date(2028, 3, 3), dt.date(2026, 3, 3)
    today = clock.today()
    assert said(preview(matter, "withdraw", today)) == [("gone", "examination", examination, None)]
    earlier = dt.date(2024, 9, 2)
    assert said(preview(matter, "priority", earlier)) == [
        ("gone", "priority", priority, None), ("moved", "examination", examination, dt.date(2027, 9, 2)),
    ]  # fmt: skip
    assert preview(matter, "notice", today) == ()
    assert preview(matter, "request_examination", today) == ()


def test_what_people_have_closed_is_not_shown(scene: Scene) -> None:
    matter = scene.filed(dt.date(2026, 3, 3))
    jobs.recompute()
    for due in db.session.scalars(select(Deadline).where(Deadline.matter_id == matter.id, Deadline.duty)):
        with transaction():
            services.deadlines.complete(scene.counsel, due, done_on=clock.today(), evidence="Receipt")
    assert preview(matter, "withdraw", clock.today()) == ()


def test_nothing_is_recorded_before_it_is_confirmed_and_then_it_applies_at_once(scene: Scene, sign_in: SignIn) -> None:
    matter = scene.filed(FILED)
    jobs.recompute()
    browser, at = sign_in(scene.counsel), f"/patents/{matter.public_id}/record"
    given = {"kind": "withdraw", "happened_on": clock.today().isoformat(), "service_mode": "", "about": ""}
    page = browser.post(at, data=given)
    assert (page.status_code, "Nothing is recorded yet." in page.text, "2028-03-03" in page.text) == (200, True, True)
    assert db.session.scalar(select(func.count(MatterEvent.id))) == 1
    again = browser.post(at, data=given | {"seen": "of something else"})
    assert (again.status_code, db.session.scalar(select(func.count(MatterEvent.id)))) == (200, 1)
    assert browser.post(at, data=given | {"seen": seal_in(page.text)}).status_code == 303
    assert ("examination", DeadlineState.VOID, dt.date(2028, 3, 3)) in standing(matter)
    assert db.session.scalars(select(DeadlineDifference.state)).all() == ["applied"]


def test_a_corrected_notice_keeps_how_it_came_and_moves_its_deadline(scene: Scene, sign_in: SignIn) -> None:
    matter = scene.filed(FILED)
    with transaction():
        services.record(scene.counsel, matter, kind=K.NOTICE, happened_on=dt.date(2026, 3, 2), service_mode="post")
    jobs.recompute()
    first = next(one for one in standing(matter) if one[0] == "first_action")
    notice = db.session.scalars(select(MatterEvent).where(MatterEvent.kind == K.NOTICE)).one()
    browser, at = sign_in(scene.counsel), f"/patents/{matter.public_id}/events/{notice.public_id}"
    assert re.search('value="post" id="[^"]*" checked', browser.get(at).text)
    given = {"happened_on": "2026-03-16", "service_mode": "post", "number": "", "about": "", "evidence": "Envelope"}
    page = browser.post(at, data=given)
    assert (first[2].isoformat() in page.text, "2026-07-31" in page.text) == (True, True)
    assert browser.post(at, data=given | {"seen": seal_in(page.text)}).status_code == 303
    found = [one for one in standing(matter) if one[0] == "first_action"]
    assert found == [("first_action", DeadlineState.VOID, first[2]),
                     ("first_action", DeadlineState.OPEN, dt.date(2026, 7, 31))]  # fmt: skip
    assert db.session.scalar(select(DeadlineDifference.kind)) is DifferenceKind.GONE
