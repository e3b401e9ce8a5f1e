"""Filed abroad first, an invention made in China waits for its security review."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.patents import queries, services
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import Matter, MatterEvent, MatterEventKind, Office, SecurityReview
from incubator.patents.states import Decision, MatterState, SecurityState
from tests.patents.scene import Scene

SignIn = Callable[..., FlaskClient]
ASKED = dt.date(2026, 1, 12)
"""Two months later, on 12 March 2026, the office's notice is due."""


def refusal(call: Any) -> tuple[type, str | None]:
    with pytest.raises(DomainError) as caught, transaction():
        call()
    return type(caught.value), caught.value.field


def declined(call: Any) -> tuple[type, str | None]:
    """Like refusal, for what opens its own transaction."""
    with pytest.raises(DomainError) as caught:
        call()
    return type(caught.value), caught.value.field


def abroad(scene: Scene, office: str = "EPO", kind: PatentKind = PatentKind.INVENTION, **details: Any) -> Matter:
    disclosure = scene.taken_up(scene.disclose(**details))
    with transaction():
        services.accept_share(scene.mate, scene.share(disclosure, scene.mate))
        services.assess(scene.counsel, disclosure, assessment="New.")
    scene.decided(Decision.FILE, disclosure, kind=kind, office=office)
    return db.session.scalars(select(Matter).where(Matter.disclosure_id == disclosure.id)).one()


def filing(scene: Scene, matter: Matter) -> None:
    with transaction():
        services.record_filing(scene.counsel, matter, happened_on=dt.date(2026, 5, 4), number="EP26839078.9")


def the_review() -> SecurityReview:
    return db.session.scalars(select(SecurityReview)).one()


def kinds(person: Any) -> list[str]:
    return [row[0] for one in queries.waiting_for(person) for row in db.session.execute(one)]


def test_the_filing_is_blocked_until_it_is_cleared(scene: Scene) -> None:
    matter = abroad(scene)
    review = the_review()
    assert (review.state, "security_review.request" in kinds(scene.counsel)) == (SecurityState.NEEDED, True)
    assert declined(lambda: filing(scene, matter))[0] is WrongState
    with pytest.raises(IntegrityError, match="waits for the security review"), transaction():
        day = dt.date(2026, 5, 4)
        db.session.add(
            MatterEvent(matter=matter, kind=MatterEventKind.FILE, happened_on=day, recorded_by=scene.counsel)
        )
    with transaction():
        services.request_review(scene.counsel, review, requested_on=ASKED, request_number="S-1")
    assert "security_review.answer" in kinds(scene.counsel)
    assert declined(lambda: filing(scene, matter))[0] is WrongState
    with transaction():
        services.clear_review(scene.counsel, review, decided_on=dt.date(2026, 4, 20), evidence="Decision of the office")
    filing(scene, matter)
    assert (review.state, matter.state) == (SecurityState.CLEARED, MatterState.FILED)


@pytest.mark.parametrize(
    ("office", "kind", "details"),
    [
        ("CNIPA", PatentKind.INVENTION, {}),
        ("USPTO", PatentKind.DESIGN, {}),
        ("EPO", PatentKind.INVENTION, {"made_in_china": False}),
    ],
)
def test_none_is_needed_at_home_for_a_design_or_for_what_was_made_elsewhere(
    scene: Scene, office: str, kind: PatentKind, details: dict[str, Any]
) -> None:
    abroad(scene, office, kind, **details)
    assert db.session.scalar(select(SecurityReview.id)) is None


def test_an_application_added_abroad_later_waits_too(scene: Scene) -> None:
    matter = scene.filed()
    with transaction():
        added = services.add_matter(scene.counsel, matter.family, office=Office.EPO, kind=PatentKind.INVENTION)
    assert (the_review().state, declined(lambda: filing(scene, added))[0]) == (SecurityState.NEEDED, WrongState)


def test_silence_clears_when_the_notice_is_overdue_and_not_before(scene: Scene) -> None:
    abroad(scene)
    review = the_review()
    clear = lambda day, **more: services.clear_review(scene.counsel, review, decided_on=day, **more)  # noqa: E731
    assert refusal(lambda: clear(ASKED))[0] is WrongState
    with transaction():
        services.request_review(scene.counsel, review, requested_on=ASKED)
    assert refusal(lambda: clear(ASKED - dt.timedelta(days=1))) == (Invalid, "decided_on")
    assert refusal(lambda: clear(clock.today() + dt.timedelta(days=1))) == (Invalid, "decided_on")
    assert refusal(lambda: clear(dt.date(2026, 3, 12), by_silence=True)) == (Invalid, "decided_on")
    assert refusal(lambda: clear(dt.date(2026, 3, 13), by_silence=True, extended=True)) == (Invalid, "decided_on")
    with transaction():
        clear(dt.date(2026, 3, 13), by_silence=True)
    assert (review.by_silence, review.state) == (True, SecurityState.CLEARED)


def test_after_a_notice_silence_clears_nothing_and_a_refusal_stands(scene: Scene) -> None:
    matter = abroad(scene)
    review = the_review()
    with transaction():
        services.request_review(scene.counsel, review, requested_on=ASKED)
        services.record_notice(scene.counsel, review, notified_on=dt.date(2026, 2, 2), extended=True)
    call = lambda: services.clear_review(scene.counsel, review, decided_on=dt.date(2026, 6, 1), by_silence=True)  # noqa: E731
    assert refusal(call) == (Invalid, "by_silence")
    with transaction():
        services.refuse_review(scene.counsel, review, decided_on=dt.date(2026, 6, 1), evidence="Order")
    assert (review.state, declined(lambda: filing(scene, matter))[0]) == (SecurityState.REFUSED, WrongState)
    stranger = scene.make.person(scene.company)
    call = lambda: services.request_review(stranger, review, requested_on=ASKED)  # noqa: E731
    assert refusal(call)[0] is NotAllowed


def test_by_clicking(scene: Scene, sign_in: SignIn) -> None:
    abroad(scene)
    at = f"/patents/security/{the_review().public_id}"
    browser = sign_in(scene.counsel)
    assert browser.post(f"{at}/request", data={"requested_on": "2026-02-30"}).status_code == 422
    assert browser.post(f"{at}/request", data={"requested_on": "2026-01-12"}).status_code == 303
    page = browser.get(at).get_data(as_text=True)
    assert [word in page for word in ("12 Mar 2026", "12 May 2026", "13 Jul 2026")] == [True] * 3
    assert browser.post(f"{at}/notify", data={"notified_on": "2026-02-02"}).status_code == 303
    assert browser.post(f"{at}/clear", data={"decided_on": "2026-05-02"}).status_code == 303
    assert "It may be filed abroad." in browser.get(at).get_data(as_text=True)
    assert browser.post(f"{at}/refuse", data={"decided_on": "2026-05-02"}).status_code == 409
    assert sign_in(scene.office).get(at).status_code == 404
