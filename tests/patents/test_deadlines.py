"""Deadlines of applications: derived by the job, reminded of, answered by people, changed only when they say so."""

import datetime as dt
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from incubator.approvals import queries as approval_queries
from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.home.queries import waiting_for
from incubator.notifications.models import Notice
from incubator.patents import jobs, queries, services
from incubator.patents.engines.deadlines import ServiceMode, add_months
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import (
    Deadline,
    DeadlineDifference,
    DeadlineReminder,
    DeadlineRun,
    DifferenceKind,
    Matter,
    MatterEventKind,
    Office,
)
from incubator.patents.services.deadlines import reading, reminding
from incubator.patents.states import DeadlineState, DifferenceState
from incubator.people.models import Person, Role
from incubator.rules.models import RuleVersion
from tests.patents.scene import Scene, application_number, from_today

K = MatterEventKind


def recomputed() -> None:
    jobs.recompute()


def of(matter: Matter, code: str, year: int | None = None) -> Deadline:
    return db.session.scalars(
        select(Deadline)
        .join(RuleVersion, RuleVersion.id == Deadline.rule_version_id)
        .where(
            Deadline.matter_id == matter.id, RuleVersion.code.endswith(code), Deadline.year.is_not_distinct_from(year)
        )
    ).one()


def open_codes(matter: Matter) -> set[str]:
    rows = db.session.scalars(
        select(Deadline.key).where(Deadline.matter_id == matter.id, Deadline.state == DeadlineState.OPEN)
    )
    return {key.split(":")[0].rsplit(".", 1)[-1] for key in rows}


def record(scene: Scene, matter: Matter, kind: MatterEventKind, on: dt.date, **details: Any) -> None:
    with transaction():
        services.record(scene.counsel, matter, kind=kind, happened_on=on, **details)


def refusal(call: Any) -> tuple[type, str | None]:
    with pytest.raises(DomainError) as caught, transaction():
        call()
    return type(caught.value), caught.value.field


def filed(scene: Scene, on: dt.date | None = None) -> Matter:
    matter = scene.filed(on or clock.today() - dt.timedelta(days=200))
    recomputed()
    return matter


def test_what_is_recorded_waits_for_the_job_which_derives_the_deadlines_once(scene: Scene) -> None:
    matter = scene.filed(dt.date(2025, 3, 3))
    assert matter.stale_at is not None
    recomputed()
    db.session.refresh(matter)
    assert (matter.stale_at, open_codes(matter)) == (None, {"priority", "publication", "examination"})
    due = of(matter, ".examination")
    assert (due.due_on, due.duty, due.fee_amount, due.fee_currency) == (dt.date(2028, 3, 3), True, 250_000, "CNY")
    before = db.session.scalars(select(Deadline.id).order_by(Deadline.id)).all()
    with transaction():
        services.deadlines.recompute_one(matter.id)
    assert db.session.scalars(select(Deadline.id).order_by(Deadline.id)).all() == before
    assert db.session.scalar(select(func.count(DeadlineDifference.id))) == 0


def test_an_event_that_fulfils_it_closes_it_and_is_its_evidence(scene: Scene) -> None:
    matter = filed(scene)
    record(scene, matter, K.REQUEST_EXAMINATION, clock.today())
    recomputed()
    due = of(matter, ".examination")
    assert (due.state, due.done_on, due.done_by_id) == (DeadlineState.DONE, clock.today(), None)
    assert due.done_event is not None
    assert due.done_event.kind is K.REQUEST_EXAMINATION


def test_a_notice_by_post_counts_from_fifteen_days_after_its_issue(scene: Scene) -> None:
    matter = filed(scene)
    issued = clock.today() - dt.timedelta(days=20)
    record(scene, matter, K.NOTICE, issued, service_mode=ServiceMode.POST)
    recomputed()
    assert of(matter, ".first_action").base_on == issued + dt.timedelta(days=15)


def test_a_corrected_filing_shows_what_would_move_before_it_moves(scene: Scene) -> None:
    matter = filed(scene, dt.date(2023, 3, 3))
    filing = queries.live(matter.events)[0]
    with transaction():
        services.correct(
            scene.counsel, matter, event=filing, happened_on=dt.date(2023, 3, 4), number=application_number(2023)
        )
    recomputed()
    due = of(matter, ".examination")
    assert due.due_on == dt.date(2026, 3, 3)
    waiting = queries.differences_of(scene.counsel, matter)
    assert {row.kind for row in waiting} == {DifferenceKind.MOVED}
    assert len(waiting) == 2
    found = db.session.scalars(select(DeadlineDifference).where(DeadlineDifference.deadline_id == due.id)).one()
    assert (found.before["due_on"], found.after["due_on"]) == ("2026-03-03", "2026-03-04")
    assert {one.kind for one in waiting_for(scene.counsel)} >= {"deadline.difference"}
    recomputed()
    assert len(queries.differences_of(scene.counsel, matter)) == 2
    with transaction():
        services.deadlines.apply(scene.counsel, found)
    assert (due.due_on, found.state, found.decided_by_id) == (
        dt.date(2026, 3, 4), DifferenceState.APPLIED, scene.counsel.id,
    )  # fmt: skip
    assert next(step["on"] for step in due.trace if step["step"] == "due") == "2026-03-04"
    assert refusal(lambda: services.deadlines.apply(scene.counsel, found))[0] is WrongState


def test_a_difference_may_be_left_with_a_reason_and_one_that_is_undone_vanishes(scene: Scene) -> None:
    matter = filed(scene, dt.date(2023, 3, 3))
    for on in (dt.date(2023, 3, 4), dt.date(2023, 3, 3)):
        filing = next(event for event in queries.live(matter.events) if event.kind is K.FILE)
        with transaction():
            services.correct(scene.counsel, matter, event=filing, happened_on=on, number=application_number(2023))
        recomputed()
    assert queries.differences_of(scene.counsel, matter) == []
    filing = next(event for event in queries.live(matter.events) if event.kind is K.FILE)
    with transaction():
        services.correct(
            scene.counsel, matter, event=filing, happened_on=dt.date(2023, 3, 5), number=application_number(2023)
        )
    recomputed()
    found = queries.differences_chosen(
        scene.counsel, [row.public_id for row in queries.differences_of(scene.counsel, matter)]
    )
    assert refusal(lambda: services.deadlines.discard(scene.counsel, found[0], reason=" ")) == (Invalid, "reason")
    with transaction():
        services.deadlines.discard(scene.counsel, found[0], reason="The receipt says otherwise.")
    assert found[0].state is DifferenceState.DISCARDED


def test_a_withdrawn_application_asks_no_more_once_somebody_says_so(scene: Scene) -> None:
    matter = filed(scene)
    record(scene, matter, K.WITHDRAW, clock.today())
    recomputed()
    rows = queries.differences_of(scene.counsel, matter)
    assert {row.kind for row in rows} == {DifferenceKind.GONE}
    with transaction():
        chosen = queries.differences_chosen(scene.counsel, [row.public_id for row in rows])
        taken, refused = services.deadlines.in_bulk(scene.counsel, chosen, step=services.deadlines.apply)
    assert (taken, refused, open_codes(matter)) == (2, [], set())


def test_an_event_that_no_longer_fulfils_it_would_open_it_again(scene: Scene) -> None:
    matter = filed(scene)
    issued = clock.today() - dt.timedelta(days=60)
    record(scene, matter, K.NOTICE, issued, service_mode=ServiceMode.HAND)
    record(scene, matter, K.ANSWER, clock.today())
    recomputed()
    due = of(matter, ".first_action")
    assert due.state is DeadlineState.DONE
    answer = next(event for event in queries.live(matter.events) if event.kind is K.ANSWER)
    with transaction():
        services.correct(scene.counsel, matter, event=answer, happened_on=clock.today(), about="another")
    recomputed()
    assert [row.kind for row in queries.differences_of(scene.counsel, matter)] == [DifferenceKind.REOPENED]
    found = db.session.scalars(select(DeadlineDifference)).one()
    with transaction():
        services.deadlines.apply(scene.counsel, found)
    assert (due.state, due.done_on, due.done_event_id) == (DeadlineState.OPEN, None, None)


def test_a_provisional_day_moves_by_itself_and_its_counsel_is_told(scene: Scene) -> None:
    matter = filed(scene, dt.date(2025, 3, 3))
    due = of(matter, ".examination")
    assert due.provisional
    moved = due.due_on + dt.timedelta(days=1)
    with transaction():
        db.session.execute(update(Deadline).where(Deadline.id == due.id).values(due_on=moved))
        services.deadlines.recompute_one(matter.id)
    db.session.refresh(due)
    assert due.due_on == dt.date(2028, 3, 3)
    notice = db.session.scalars(select(Notice).where(Notice.kind == "deadline.moved")).one()
    assert (notice.person_id, notice.values["before"], notice.values["after"]) == (
        scene.counsel.id, moved.isoformat(), "2028-03-03",
    )  # fmt: skip


def test_all_are_computed_once_a_day_and_when_the_rules_change(scene: Scene) -> None:
    filed(scene)
    assert jobs.recompute_all() == 1
    assert (jobs.recompute_parts(), jobs.recompute_parts(), jobs.recompute_all()) == (1, 0, 0)
    with transaction():
        db.session.execute(update(DeadlineRun).values(fingerprint="other"))
    assert jobs.recompute_all() == 1


def test_counsel_acknowledges_and_shows_that_it_was_met(scene: Scene) -> None:
    matter = filed(scene)
    due = of(matter, ".priority")
    with transaction():
        services.deadlines.acknowledge(scene.counsel, due)
    assert (due.acknowledged_by_id, due.acknowledged_at is not None) == (scene.counsel.id, True)
    for on, evidence, field in (
        (clock.today() + dt.timedelta(days=1), "Receipt", "done_on"),
        (due.base_on - dt.timedelta(days=1), "Receipt", "done_on"),
        (clock.today(), " ", "evidence"),
        (clock.today(), "x" * 2001, "evidence"),
    ):
        call = lambda on=on, evidence=evidence: services.deadlines.complete(  # noqa: E731
            scene.counsel, due, done_on=on, evidence=evidence
        )
        assert refusal(call) == (Invalid, field)
    with transaction():
        services.deadlines.complete(scene.counsel, due, done_on=clock.today(), evidence=" EP receipt 4711 ")
    assert (due.state, due.evidence, due.done_by_id) == (DeadlineState.DONE, "EP receipt 4711", scene.counsel.id)
    assert refusal(lambda: services.deadlines.acknowledge(scene.counsel, due))[0] is WrongState
    with transaction():
        services.deadlines.recompute_one(matter.id)
    db.session.refresh(due)
    assert due.state is DeadlineState.DONE
    assert refusal(lambda: services.deadlines.reopen(scene.counsel, due, reason=""))[0] is Invalid
    with transaction():
        services.deadlines.reopen(scene.counsel, due, reason="The receipt was another's.")
    assert (due.state, due.done_on, due.evidence) == (DeadlineState.OPEN, None, "")


def test_what_is_too_late_was_not_met(scene: Scene) -> None:
    matter = filed(scene, dt.date(2022, 3, 1))
    due = of(matter, ".examination")
    call = lambda: services.deadlines.complete(scene.counsel, due, done_on=clock.today(), evidence="Receipt")  # noqa: E731
    assert refusal(call) == (Invalid, "done_on")


def test_only_counsel_of_the_company_answers(scene: Scene) -> None:
    due = of(filed(scene), ".priority")
    stranger = scene.make.person(scene.make.company(), Role.IP_COUNSEL)
    for person in (scene.lead, scene.office, scene.hr_a, stranger):
        call = lambda person=person: services.deadlines.acknowledge(person, due)  # noqa: E731
        assert refusal(call)[0] is NotAllowed


def test_it_takes_two_to_let_one_pass(scene: Scene) -> None:
    due = of(filed(scene), ".priority")
    for reason in (" ", "x" * 2001):
        call = lambda reason=reason: services.deadlines.propose_drop(scene.counsel, due, reason=reason)  # noqa: E731
        assert refusal(call) == (Invalid, "reason")
    assert refusal(lambda: services.deadlines.drop(scene.office, due))[0] is WrongState
    with transaction():
        services.deadlines.propose_drop(scene.counsel, due, reason="No market abroad.")
    assert refusal(lambda: services.deadlines.drop(scene.counsel, due))[0] is NotAllowed
    with transaction():
        services.deadlines.refuse_drop(scene.office, due, reason="Wait for the board.")
    assert due.state is DeadlineState.OPEN
    with transaction():
        services.deadlines.propose_drop(scene.counsel, due, reason="No market abroad.")
    with transaction():
        services.deadlines.drop(scene.office, due)
    assert due.state is DeadlineState.DROPPED


def test_what_was_met_need_not_be_let_pass(scene: Scene) -> None:
    due = of(filed(scene), ".priority")
    other = scene.make.person(scene.company, Role.IP_COUNSEL, name="Other")
    with transaction():
        services.deadlines.propose_drop(scene.counsel, due, reason="No market abroad.")
    call = lambda: services.deadlines.complete(other, due, done_on=clock.today(), evidence="Receipt")  # noqa: E731
    assert refusal(call)[0] is WrongState
    with transaction():
        services.deadlines.complete(scene.counsel, due, done_on=clock.today(), evidence="Receipt")
    assert approval_queries.open_of(due) is None


def test_another_counsel_signs_where_there_is_one(scene: Scene) -> None:
    due = of(filed(scene), ".priority")
    scene.make.person(scene.company, Role.IP_COUNSEL, name="Other")
    with transaction():
        approval = services.deadlines.propose_drop(scene.counsel, due, reason="No market abroad.")
    assert [step.role for step in approval.steps] == [Role.IP_COUNSEL]


def test_bulk_takes_each_for_itself_and_says_why_the_others_were_not(scene: Scene) -> None:
    matter = filed(scene)
    first, second = of(matter, ".priority"), of(matter, ".examination")
    with transaction():
        services.deadlines.complete(scene.counsel, first, done_on=clock.today(), evidence="Receipt")
    with transaction():
        chosen = queries.chosen(scene.counsel, [first.public_id, second.public_id, "x" * 16])
        taken, refused = services.deadlines.in_bulk(scene.counsel, chosen, step=services.deadlines.acknowledge)
    assert (taken, len(refused)) == (1, 1)
    assert refused[0].startswith(f"{matter.number}: This deadline is closed already.")
    assert second.acknowledged_by_id == scene.counsel.id


def kinds(person: Person) -> list[str]:
    rows = select(Notice.kind).where(Notice.person_id == person.id, Notice.kind.startswith("deadline."))
    return list(db.session.scalars(rows.order_by(Notice.id)))


def due_in(scene: Scene, days: int) -> Deadline:
    """A filing whose priority runs out in so many days."""
    due = of(filed(scene), ".priority")
    with transaction():
        db.session.execute(
            update(Deadline).where(Deadline.id == due.id).values(due_on=clock.today() + dt.timedelta(days=days))
        )
    db.session.refresh(due)
    return due


@pytest.mark.parametrize(
    ("left", "stage"),
    [(91, None), (90, 90), (61, 90), (60, 60), (31, 60), (30, 30), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 1),
     (-1, -1), (-100, -1)],
)  # fmt: skip
def test_each_reminder_has_its_days(scene: Scene, left: int, stage: int | None) -> None:
    due = due_in(scene, left)
    jobs.remind()
    assert list(db.session.scalars(select(DeadlineReminder.days).where(DeadlineReminder.deadline_id == due.id))) == (
        [] if stage is None else [stage]
    )


def test_reminders_do_not_double_and_escalate_when_nobody_acknowledged(scene: Scene) -> None:
    due = due_in(scene, 30)
    assert (jobs.remind(), jobs.remind()) == (1, 0)
    assert (kinds(scene.counsel), kinds(scene.office)) == (["deadline.remind"], [])
    with clock.travelled(clock.now() + dt.timedelta(days=16)):
        assert (jobs.remind(), jobs.remind()) == (1, 0)
        assert (kinds(scene.counsel), kinds(scene.office)) == (["deadline.remind"] * 2, ["deadline.escalate"])
        with transaction():
            services.deadlines.acknowledge(scene.counsel, due)
    with clock.travelled(clock.now() + dt.timedelta(days=23)):
        assert jobs.remind() == 1
        assert kinds(scene.office) == ["deadline.escalate"]
    with clock.travelled(clock.now() + dt.timedelta(days=31)):
        assert jobs.remind() == 1
        assert kinds(scene.office)[-1] == "deadline.missed"
        assert jobs.remind() == 0


def test_without_a_counsel_of_its_own_all_counsel_are_reminded(scene: Scene) -> None:
    due = due_in(scene, 7)
    with transaction():
        db.session.execute(update(Matter).values(counsel_id=None))
    other = scene.make.person(scene.company, Role.IP_COUNSEL, name="Other")
    jobs.remind()
    assert (kinds(scene.counsel), kinds(other)) == (["deadline.remind"], ["deadline.remind"])
    assert due.due_on == clock.today() + dt.timedelta(days=7)


def test_many_reminders_come_as_one_message(scene: Scene) -> None:
    matter = filed(scene)
    due = of(matter, ".priority")
    with transaction():
        columns = [one.name for one in Deadline.__table__.c if one.name not in {"id", "key", "public_id", "due_on"}]
        for n in range(reminding.MANY + 1):
            values = {name: getattr(due, name) for name in columns}
            values |= {"key": f"copy:{n}", "due_on": clock.today() + dt.timedelta(days=20)}
            db.session.add(Deadline(**values))
    jobs.remind()
    notice = db.session.scalars(select(Notice).where(Notice.kind == "deadline.remind_many")).one()
    assert (notice.values["n"], notice.address) == (reminding.MANY + 1, "/patents/deadlines/")


def test_the_home_page_of_its_counsel_shows_what_is_due_and_what_was_missed(scene: Scene) -> None:
    due_in(scene, 7)
    assert "deadline.due" in {one.kind for one in waiting_for(scene.counsel)}
    assert not {"deadline.due", "deadline.missed"} & {one.kind for one in waiting_for(scene.office)}
    with transaction():
        db.session.execute(update(Deadline).values(due_on=clock.today() - dt.timedelta(days=1)))
    assert "deadline.missed" in {one.kind for one in waiting_for(scene.counsel)}


def test_a_family_has_applications_at_several_offices(scene: Scene) -> None:
    first = filed(scene)
    with transaction():
        european = services.add_matter(scene.counsel, first.family, office=Office.EPO, kind=PatentKind.INVENTION)
    call = lambda: services.add_matter(  # noqa: E731
        scene.counsel, first.family, office=Office.EPO, kind=PatentKind.DESIGN
    )
    assert refusal(call) == (Invalid, "kind")
    scene.cleared(european)
    record(scene, european, K.PRIORITY, first.filed_on or clock.today())
    with transaction():
        services.record_filing(scene.counsel, european, happened_on=clock.today(), number="EP 16839078")
    recomputed()
    assert (european.application_number, european.priority_on) == ("EP16839078.9", first.filed_on)
    assert open_codes(european) == {"renewal"}
    assert [row.office for row in queries.matters_of(first.family)] == ["CNIPA", "EPO"]


@pytest.mark.parametrize(
    ("kind", "details", "field"),
    [
        (K.PAY, {}, "about"),
        (K.ENTER_NATIONAL, {"about": "Mars"}, "about"),
        (K.PRIORITY, {"happened_on": dt.timedelta()}, "happened_on"),
        (K.GRANT, {"happened_on": -dt.timedelta(days=300)}, "happened_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    scene: Scene, kind: MatterEventKind, details: dict[str, Any], field: str
) -> None:
    matter = scene.filed(clock.today() - dt.timedelta(days=200))
    given = {"happened_on": clock.today()} | from_today(details)
    call = lambda: services.record(scene.counsel, matter, kind=kind, **given)  # noqa: E731
    assert refusal(call) == (Invalid, field)


def test_a_grant_recorded_among_the_others_brings_the_award_and_the_fees(scene: Scene) -> None:
    matter = filed(scene, dt.date(2023, 3, 1))
    record(scene, matter, K.GRANT, dt.date(2024, 5, 7), number="CN 116 000 000 B")
    recomputed()
    assert queries.award_of(matter) is not None
    assert queries.live(matter.events)[-1].number == "CN116000000B"
    fees = db.session.scalars(
        select(Deadline).where(Deadline.matter_id == matter.id, Deadline.year.is_not(None)).order_by(Deadline.year)
    ).all()
    assert [fee.year for fee in fees] == list(range(3, 3 + len(fees)))
    assert fees[0].due_on == dt.date(2025, 3, 3)
    assert fees[-1].due_on > add_months(clock.today(), 24) >= fees[-2].due_on


def test_reduced_fees_are_computed_anew(scene: Scene) -> None:
    matter = filed(scene)
    call = lambda: services.reduce_fees(scene.counsel, matter, reduction_bp=8_500, reason="")  # noqa: E731
    assert refusal(call) == (Invalid, "reason")
    with transaction():
        services.reduce_fees(scene.counsel, matter, reduction_bp=8_500, reason="Notice 17")
    recomputed()
    due = of(matter, ".examination")
    db.session.refresh(due)
    assert due.fee_amount == 37_500


def test_who_looks_after_it_is_a_counsel_of_the_company_without_a_part_in_it(scene: Scene) -> None:
    matter = scene.filed()
    other = scene.make.person(scene.company, Role.IP_COUNSEL, name="Other")
    inventor = scene.make.person(scene.company, Role.IP_COUNSEL, name="Inventor")
    with transaction():
        scene.share(matter.disclosure, scene.mate).person = inventor
    for number in ("nobody", scene.office.hr_number, inventor.hr_number):
        call = lambda number=number: services.assign(scene.counsel, matter, counsel=number)  # noqa: E731
        assert refusal(call) == (Invalid, "counsel")
    with transaction():
        services.assign(scene.counsel, matter, counsel=f" {other.hr_number} ")
    assert matter.counsel_id == other.id


def test_the_library_holds_every_rule_and_changes_its_fingerprint_with_them(scene: Scene) -> None:
    before = reading.library()
    assert len(before.book.rules) > 30
    with transaction():
        rule = db.session.scalars(select(RuleVersion).where(RuleVersion.code == "cn.patent.deadline.court")).one()
        values = {c.name: getattr(rule, c.name) for c in RuleVersion.__table__.c if c.name not in {"id", "public_id"}}
        db.session.add(RuleVersion(**values | {"number": 2}))
    assert reading.library().fingerprint != before.fingerprint


@pytest.mark.committed
def test_two_jobs_at_once_compute_and_remind_once(app: Flask, scene: Scene) -> None:
    for year in (2023, 2024, 2025):
        scene.filed(dt.date(year, 3, 3), scene.matter())
    start = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            start.wait()
            jobs.recompute()
            jobs.remind()
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.recompute()
    jobs.remind()
    doubled = select(Deadline.matter_id, Deadline.key).group_by(Deadline.matter_id, Deadline.key)
    assert db.session.execute(doubled.having(func.count() > 1)).all() == []
    assert db.session.scalar(select(func.count(Deadline.id))) == 9
    sent = db.session.scalar(select(func.count(DeadlineReminder.id)))
    told = db.session.scalar(
        select(func.count(Notice.id)).where(Notice.person_id == scene.counsel.id, Notice.kind.startswith("deadline."))
    )
    assert sent == told
