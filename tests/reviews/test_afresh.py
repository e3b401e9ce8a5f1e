"""A round that was held, given out afresh on paper: looked at by the office, given to nobody."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import WrongState
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.reviews import jobs, queries, services
from incubator.reviews.models import AssignmentRun, Review
from tests.reviews.conftest import Story


def test_the_office_tries_a_round_afresh_and_nothing_is_given_out(
    app: Flask, story: Story, sign_in: Callable[..., FlaskClient]
) -> None:
    story.reviewed((4,) * 4, (4,) * 4, title="One")
    two = story.reviewed((3,) * 4, (5,) * 4, title="Two")
    with transaction():
        two.lang = "zh"
    page, given = (
        f"/rounds/{story.round.public_id}/afresh",
        {"reviews": "2", "least": "1", "most": "2", "unknown": "20"},
    )
    office, chair = sign_in(story.office), sign_in(story.chair, app.test_client())
    assert office.post(page, data=given).status_code == 409
    assert ('name="least"' in (still_open := office.get(page).text), "still open" in still_open) == (False, True)
    story.step("close_round")
    assert "Assign afresh, a trial" in office.get(f"/rounds/{story.round.public_id}/method").text
    assert (office.get(page).status_code, chair.get(page).status_code, chair.post(page, data=given).status_code) == (
        200, 404, 403,
    )  # fmt: skip
    bad = office.post(page, data=given | {"least": "9"})
    assert (bad.status_code, 'id="least-error"' in bad.text) == (422, True)
    before = db.session.scalars(select(Review.id)).all()
    address = office.post(page, data=given).location
    jobs.assign_reviewers()
    run = db.session.scalars(select(AssignmentRun)).one()
    assert run.inputs is not None
    assert [run.result[name] for name in ("status", "filled", "reviewers")] == ["done", 4, 3]
    assert (run.result["proof"]["gap"], run.result["proof"]["faults"]) == (0, [])
    reads = [run.inputs["reviewers"][one.public_id]["reads"] for one in (story.first, story.third)]
    assert reads == [["en", "zh"], ["en"]]  # what a member judged in this very round, the member reads
    shown = office.get(address).text
    assert ("nothing of it is given to anybody" in shown, 'id="publish"' in shown) == (True, False)
    runs = [queries.runs_of_call(story.call, story.office, size=1, afresh=one) for one in (True, False)]
    assert runs == [[run], []]
    with pytest.raises(WrongState, match="trial"), transaction():
        services.publish_assignment(story.office, run)
    assert db.session.scalars(select(Review.id)).all() == before
    assert queries.own_loads(story.call) == {}
    assert queries.count_of_round(story.call, story.office) == 2
    with transaction(), audit.because(story.chair, "test.hide"):
        audit.record("test.hide", two)
        access.deny(story.office.id, two, "conflict")
    assert queries.count_of_round(story.call, story.office) == 1
