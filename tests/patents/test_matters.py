"""What happens to an application: derived from its events, in date order; a correction voids one."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.patents import queries, services
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import Award, Matter, MatterEventKind
from incubator.patents.states import MATTER, MatterState, OutOfOrder, derive
from incubator.people.models import Role
from tests.patents.scene import Scene, application_number, from_today

M = MatterState


@dataclass(frozen=True)
class Happened:
    kind: str
    happened_on: dt.date


def on(day: int, kind: str) -> Happened:
    return Happened(kind, dt.date(2023, 1, 1) + dt.timedelta(days=day))


def refusal(call: Any) -> tuple[type, str, str | None]:
    with pytest.raises(DomainError) as caught, transaction():
        call()
    return type(caught.value), str(caught.value.message), caught.value.field


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ([], M.PREPARED),
        (["file"], M.FILED),
        (["file", "publish"], M.PUBLISHED),
        (["file", "publish", "examine"], M.EXAMINATION),
        (["file", "examine", "grant"], M.GRANTED),
        (["file", "grant", "lapse"], M.LAPSED),
        (["file", "publish", "examine", "grant", "expire"], M.EXPIRED),
        (["file", "refuse"], M.REFUSED),
        (["withdraw"], M.WITHDRAWN),
        (["file", "publish", "withdraw"], M.WITHDRAWN),
    ],
)
def test_the_state_is_what_the_last_event_left(kinds: list[str], state: MatterState) -> None:
    assert derive(on(day, kind) for day, kind in enumerate(kinds)) == state


@given(st.permutations([on(1, "file"), on(20, "publish"), on(30, "examine"), on(40, "grant")]))
def test_the_order_of_recording_does_not_matter(events: list[Happened]) -> None:
    assert derive(events) == M.GRANTED


@given(st.lists(st.sampled_from(sorted(MATTER.steps)), max_size=6))
def test_whatever_is_derived_is_a_walk_through_the_machine(kinds: list[str]) -> None:
    state = M.PREPARED
    for kind in kinds:
        sources, targets = MATTER.steps[kind]
        if state not in sources:
            with pytest.raises(OutOfOrder):
                derive(on(day, one) for day, one in enumerate(kinds))
            return
        state = targets[0]
    assert derive(on(day, kind) for day, kind in enumerate(kinds)) == state


def test_every_step_of_the_machine_is_a_kind_of_event() -> None:
    assert set(MATTER.steps) <= {kind.value for kind in MatterEventKind}


def test_what_is_no_step_changes_no_state_and_cannot_happen_before_the_filing() -> None:
    assert derive([on(0, "priority"), on(1, "file"), on(2, "notice"), on(3, "answer")]) == M.FILED
    with pytest.raises(OutOfOrder):
        derive([on(0, "notice"), on(1, "file")])


def test_a_filing_keeps_the_number_raw_and_canonical(scene: Scene) -> None:
    matter = scene.matter()
    raw = " ZL ２０２３１０６０１８６２" + application_number()[-2:].replace(".", " ")
    with transaction():
        services.record_filing(scene.counsel, matter, happened_on=dt.date(2023, 3, 1), number=raw, evidence=" Receipt ")
    event = matter.events[0]
    assert (matter.state, matter.application_number, matter.application_raw, matter.filed_on) == (
        M.FILED, application_number(), raw.strip(), dt.date(2023, 3, 1),
    )  # fmt: skip
    assert (event.kind, event.evidence, event.recorded_by_id) == (MatterEventKind.FILE, "Receipt", scene.counsel.id)


def file(scene: Scene, matter: Matter, number: str, day: dt.date = dt.date(2023, 3, 1)) -> Any:
    return services.record_filing(scene.counsel, matter, happened_on=day, number=number)


def test_a_wrong_check_digit_is_refused_with_the_right_one(scene: Scene) -> None:
    right = application_number()
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    matter = scene.matter()
    kind, words, field = refusal(lambda: file(scene, matter, wrong))
    assert (kind, field) == (Invalid, "number")
    assert words == (
        f"The check digit is wrong: {wrong[-1]}. With these digits it would be {right[-1]}, as in {right}; "
        "or one of the other digits is wrong."
    )


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("", "Write the number like 201710601862.3, or like 95115608.X when it was filed before October 2003."),
        ("hello", "Write the number like 201710601862.3, or like 95115608.X when it was filed before October 2003."),
        (
            application_number(2023, 2),
            "This number is of another kind: Utility model. The matter is: Invention patent.",
        ),
        (application_number(2022), "This number is of 2022, the filing of 2023."),
    ],
)
def test_a_number_that_does_not_fit_is_refused(scene: Scene, number: str, words: str) -> None:
    matter = scene.matter()
    assert refusal(lambda: file(scene, matter, number)) == (Invalid, words, "number")


def test_a_number_stands_for_one_application(scene: Scene) -> None:
    scene.filed()
    matter = scene.matter()
    assert refusal(lambda: file(scene, matter, application_number())) == (
        Invalid, "This number stands for another application already.", "number",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"day": dt.timedelta(days=1)}, "This day is yet to come; record what has happened."),
        ({"day": dt.date(1984, 12, 31)}, "The office opened in 1985; check the year."),
    ],
)
def test_a_day_that_cannot_be_is_refused(scene: Scene, details: dict[str, Any], words: str) -> None:
    matter = scene.matter()
    assert refusal(lambda: file(scene, matter, application_number(), **from_today(details))) == (
        Invalid,
        words,
        "happened_on",
    )


def test_a_grant_before_the_filing_is_refused(scene: Scene) -> None:
    matter = scene.filed(dt.date(2023, 3, 1))
    call = lambda: services.record_grant(scene.counsel, matter, happened_on=dt.date(2023, 2, 28))  # noqa: E731
    assert refusal(call) == (
        Invalid, "“Announcement of the grant” on 2023-02-28 lies before the filing on 2023-03-01.", "happened_on",
    )  # fmt: skip


def test_a_grant_of_what_was_never_filed_is_refused(scene: Scene) -> None:
    matter = scene.matter()
    call = lambda: services.record_grant(scene.counsel, matter, happened_on=dt.date(2023, 2, 28))  # noqa: E731
    assert refusal(call) == (
        Invalid,
        "“Announcement of the grant” on 2023-02-28 cannot follow: the application was “In preparation” then.",
        "happened_on",
    )


def test_an_event_recorded_late_takes_its_place_by_date(scene: Scene) -> None:
    matter = scene.filed(dt.date(2023, 3, 1))
    with transaction():
        services.record_examination(scene.counsel, matter, happened_on=dt.date(2024, 1, 2))
        services.record_publication(scene.counsel, matter, happened_on=dt.date(2023, 9, 1), number="CN116000000A")
    assert (matter.state, matter.published_on) == (M.EXAMINATION, dt.date(2023, 9, 1))


def test_only_counsel_of_the_company_records(scene: Scene) -> None:
    matter = scene.matter()
    stranger = scene.make.person(scene.make.company(), Role.IP_COUNSEL)
    for person in (scene.lead, scene.office, scene.hr_a, stranger):
        call = lambda actor=person: services.record_filing(  # noqa: E731
            actor, matter, happened_on=dt.date(2023, 3, 1), number=application_number()
        )
        assert refusal(call)[0] is NotAllowed


def test_a_correction_voids_the_old_event_and_the_state_is_derived_anew(scene: Scene) -> None:
    matter = scene.filed(dt.date(2023, 3, 1))
    old = matter.events[0]
    with transaction():
        new = services.correct(
            scene.counsel, matter, event=old, happened_on=dt.date(2022, 12, 30), number=application_number(2022)
        )
    assert (matter.filed_on, matter.application_number, matter.state) == (
        dt.date(2022, 12, 30), application_number(2022), M.FILED,
    )  # fmt: skip
    assert (new.voids_id, queries.live(matter.events), len(matter.events)) == (old.id, [new], 2)
    call = lambda: services.correct(scene.counsel, matter, event=old, happened_on=dt.date(2023, 3, 1))  # noqa: E731
    assert refusal(call)[:2] == (WrongState, "This entry was corrected already.")


def test_a_correction_that_puts_the_filing_after_the_grant_is_refused(scene: Scene) -> None:
    award = scene.granted(dt.date(2024, 5, 5))
    filing = award.matter.events[0]
    call = lambda: services.correct(  # noqa: E731
        scene.counsel, award.matter, event=filing, happened_on=dt.date(2024, 6, 1), number=application_number(2024)
    )
    assert refusal(call) == (
        Invalid, "“Announcement of the grant” on 2024-05-05 lies before the filing on 2024-06-01.", "happened_on",
    )  # fmt: skip


def test_the_grant_stands_once_an_award_has_come_of_it(scene: Scene) -> None:
    award = scene.granted()
    grant = award.matter.events[-1]
    call = lambda: services.correct(scene.counsel, award.matter, event=grant, happened_on=dt.date(2024, 1, 19))  # noqa: E731
    assert refusal(call)[:2] == (WrongState, "An award has come of this grant, so its date stands.")


def test_a_patent_is_granted_once_and_has_one_award(scene: Scene) -> None:
    award = scene.granted()
    call = lambda: services.record_grant(scene.counsel, award.matter, happened_on=clock.today())  # noqa: E731
    assert refusal(call)[0] is Invalid
    assert db.session.scalar(select(func.count(Award.id))) == 1


def test_a_design_is_granted_without_publication(scene: Scene) -> None:
    award = scene.granted(matter=scene.filed(matter=scene.matter(kind=PatentKind.DESIGN)))
    assert award.matter.state == M.GRANTED
