"""What a gate asked by a day, what the venture's lead hands in to it, and who reads that."""

import datetime as dt
import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.reviews import services
from incubator.reviews.models import GateAnswer, Panel, PanelKind, PanelOutcome
from tests.reviews.conftest import Story
from tests.reviews.test_panels import SOON, decided, gates_waiting, judge, opened, planned, told


def asked(story: Story, outcome: PanelOutcome = PanelOutcome.HOLD, until_on: dt.date | None = None) -> Panel:
    """A confirmed gate that asks for two customers."""
    panel = opened(story, PanelKind.GATE, planned(story, lead=story.make.person(story.company, name="Zhao Min")))
    judge(panel, 4, 5)
    day = until_on or (clock.today() + SOON if outcome is PanelOutcome.HOLD else None)
    decided(story, panel, outcome=outcome, reason="Early.", asks="Two customers.", until_on=day)
    with transaction():
        services.confirm_panel(story.third, panel)
    return panel


def test_the_lead_hands_in_what_a_gate_asked_and_who_sets_it_again_reads_it(
    app: Flask, story: Story, sign_in: Callable[..., FlaskClient], count_statements: Callable[..., int]
) -> None:
    panel = asked(story)
    assert panel.tranche is not None
    lead, page = panel.tranche.venture.lead, f"/gates/{panel.public_id}"
    browser = sign_in(lead)
    assert f'href="{page}"' in browser.get("/").text
    assert f'href="{page}"' in browser.get(f"/ventures/{panel.tranche.venture.public_id}").text
    assert ("Two customers." in (shown := browser.get(page).text), "Nothing was handed in yet." in shown) == (
        True,
        True,
    )

    empty = browser.post(page, data={"text": " ", "file": (io.BytesIO(b"Order 1"), "order.txt")})
    assert (empty.status_code, 'id="text-error"' in empty.text) == (422, True)
    bad = browser.post(page, data={"text": "One signed.", "file": (io.BytesIO(b"MZ\x90\x00" * 50), "order.exe")})
    assert (bad.status_code, 'id="file-error"' in bad.text, "One signed." in bad.text) == (422, True, True)
    given = {"text": "One signed."}
    assert browser.post(page, data=given | {"file": (io.BytesIO(b"Order 1"), "order.txt")}).status_code == 303
    again = browser.post(page, data=given | {"file": (io.BytesIO(b"Order 1"), "order.txt")})
    assert (again.status_code, "handed in already" in again.text) == (422, True)
    assert browser.post(page, data={"text": "And the second."}).status_code == 303

    first = db.session.scalars(select(GateAnswer).order_by(GateAnswer.id)).first()
    assert first is not None
    assert audit.event_of(first, "gate_answer.create").parent_id == audit.event_of(panel, "panel.confirm").id
    assert ["venture.gate_answered" in told(one) for one in (story.chair, story.office, story.first, lead)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert [gates_waiting(one) for one in (lead, story.office)] == [set(), {"gate.again"}]
    assert browser.get(f"{page}/files/{first.public_id}").data == b"Order 1"
    chair = sign_in(story.chair, app.test_client())
    assert "And the second." in chair.get(f"/panels/{panel.public_id}").text
    assert chair.get(f"/panels/{panel.public_id}/files/{first.public_id}").data == b"Order 1"

    next_gate = opened(story, PanelKind.GATE, panel.tranche)
    review = next_gate.reviews[0]
    reviewer, own = sign_in(review.reviewer, app.test_client()), f"/panel-reviews/{review.public_id}"
    assert "One signed." not in reviewer.get(own).text
    assert reviewer.get(f"{own}/files/{first.public_id}").status_code == 404
    with transaction():
        services.clear_panel_review(review.reviewer, review)
    db.session.expire_all()
    assert all(words in (dossier := reviewer.get(own).text) for words in ("Two customers.", "One signed.", "order.txt"))
    assert "Zhao Min" in dossier
    assert reviewer.get(f"{own}/files/{first.public_id}").data == b"Order 1"
    few = count_statements(lambda: chair.get(f"/panels/{next_gate.public_id}"))
    with pytest.raises(WrongState, match="set again"), transaction():
        services.answer_gate(lead, panel, text="Late.")
    late = browser.post(page, data={"text": "Long and late."})
    assert (late.status_code, "Long and late.</textarea>" in late.text, "set again" in late.text) == (409, True, True)
    assert ("And the second." in (shown := browser.get(page).text), "What you have to show" in shown) == (True, False)
    assert few <= 8


def test_nobody_else_hands_in_or_reads_it(story: Story, sign_in: Callable[..., FlaskClient]) -> None:
    panel = asked(story)
    assert panel.tranche is not None
    with pytest.raises(NotAllowed), transaction():
        services.answer_gate(story.office, panel, text="For them.")
    with transaction():
        answer = services.answer_gate(panel.tranche.venture.lead, panel, text="Mine.", data=b"Order", name="a.txt")
    stranger = sign_in(story.make.person(story.company, Role.REVIEWER))
    for address in (f"/gates/{panel.public_id}", f"/panels/{panel.public_id}"):
        assert [stranger.get(f"{address}{tail}").status_code for tail in ("", f"/files/{answer.public_id}")] == [
            404,
            404,
        ]
    with pytest.raises(DBAPIError, match="never changed"), db.session.begin_nested():
        db.session.execute(text("UPDATE gate_answer SET text = 'x' WHERE id = :id"), {"id": answer.id})


def test_a_pivot_may_name_its_day_and_waits_until_then(story: Story) -> None:
    with pytest.raises(Invalid, match="after today"):
        asked(story, PanelOutcome.PIVOT, clock.today())
    panel = asked(story, PanelOutcome.PIVOT, clock.today() + SOON)
    assert panel.tranche is not None
    venture = panel.tranche.venture
    assert (panel.until_on, venture.held_until) == (clock.today() + SOON, None)
    assert [gates_waiting(one) for one in (venture.lead, story.office)] == [{"gate.asks"}, set()]
    with clock.travelled(clock.now() + SOON):
        assert gates_waiting(story.office) == {"gate.again"}
