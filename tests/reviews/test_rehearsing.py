"""The dry run: a call is played on sample data, and nothing of it is kept."""

import pytest
from sqlalchemy import func, select

from incubator.calls.models import Seat
from incubator.calls.states import CallState
from incubator.calls.templates import RESEARCH, TEMPLATES
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.proposals.engines import answers, samples
from incubator.reviews import services
from tests.reviews.conftest import RULE, Story


@pytest.mark.parametrize("name", TEMPLATES)
def test_sample_answers_keep_to_every_question(name):
    form = TEMPLATES[name]
    given = samples.answers_for(form)
    assert (list(answers.check(form, "Sample", given)), answers.missing(form, given)) == ([], [])
    assert given.keys() == form.fields.keys()


@pytest.fixture
def draft(story: Story, make):
    return make.call(
        story.company, committee=story.call.committee, theme=story.theme, rule=make.rule(RULE),
        form=RESEARCH.as_data(), state=CallState.DRAFT,
    )  # fmt: skip


def test_the_rule_decides_the_samples_under_the_budget(story, draft):
    before = db.session.scalar(select(func.count(AuditEvent.id)))
    played = services.rehearse(draft)
    assert (played.faults, len(played.steps)) == ([], 4)
    assert [(one.row.given_order, one.verdict.value, one.row.total) for _theme, one in played.rows] == [
        (1, "accepted", 500), (2, "accepted", 400), (3, "rejected", 300), (4, "rejected", 200), (5, "rejected", 100),
    ]  # fmt: skip
    assert db.session.scalar(select(func.count(AuditEvent.id))) == before


def test_what_would_stop_a_real_call_is_said(story, draft, make):
    with transaction():
        draft.form, draft.themes = {"sections": []}, []
        draft.meets_on, draft.review_due_on = draft.review_due_on, draft.meets_on
        for member in draft.committee.members:
            member.person.left_on = None if member.seat is Seat.CHAIR else draft.meets_on.replace(year=2020)
    played = services.rehearse(draft)
    assert len(played.faults) == 4
    assert played.rows == []
    odd = make.rule({"order": "nothing"})
    with transaction():
        draft.rule = odd
    assert any("decision rule" in fault for fault in services.rehearse(draft).faults)


def test_the_page_of_the_dry_run(story, draft, sign_in, make):
    client = sign_in(story.office)
    assert f"/calls/manage/{draft.public_id}/dry-run" in client.get(f"/calls/{draft.public_id}").text
    html = client.get(f"/calls/manage/{draft.public_id}/dry-run").text
    assert ("Nothing stands in the way" in html, html.count("Sample 1")) == (True, 1)
    stranger = make.person(make.company(), Role.OFFICE)
    assert sign_in(stranger).get(f"/calls/manage/{draft.public_id}/dry-run").status_code == 404
