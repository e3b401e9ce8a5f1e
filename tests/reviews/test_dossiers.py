"""A decision's dossier in the reader's rights, and acceptance by group without small groups."""

import io
from collections.abc import Callable

import openpyxl
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.reviews import jobs, services
from incubator.reviews.engines.fairness import LEAST, Case, Group, grouped
from incubator.reviews.models import Choice
from incubator.reviews.queries.dossiers import dossier
from tests.reviews.conftest import Story, decision_of
from tests.reviews.test_meetings import convened, item_of


def test_a_dossier_has_every_number_and_names_only_for_whom_they_are(
    story: Story, sign_in: Callable[..., FlaskClient], make
):
    proposal = story.reviewed((5, 4, 3, 4), (4,) * 4)
    jobs.rank_rounds()
    story.step("close_round")
    meeting = convened(story, story.first)
    item = item_of(meeting, story.chair)
    with transaction():
        services.open_item(story.chair, item)
        services.vote(story.first, item, choice=Choice.ACCEPT)
        services.note(story.chair, item, minutes="Short", allotted=5)
    story.step("prepare")
    story.step("sign")
    decision = decision_of(proposal)
    lines = dossier(decision, story.chair)
    parts = {line.part for line in lines}
    assert {"Gao Min", "He Wen", "Scores", "Calibrated ranking", "Meeting", "Signed by", "Decision rule"} <= parts
    assert [line.number for line in lines if line.part == "Gao Min"] == [415, 500, 400, 300, 400]
    assert ("Vote 1", "accept 1") in {(line.item, line.text) for line in lines}
    own = {line.part for line in dossier(decision, story.first)}
    assert {"Reviewer 1", "Reviewer 2"} <= own
    assert not {"Gao Min", "He Wen"} & own
    assert not {"Reviewer 1", "Gao Min"} & {line.part for line in dossier(decision, story.third)}
    assert not {"Reviewer 1", "Gao Min"} & {
        line.part for line in dossier(decision, make.person(story.company, Role.AUDITOR))
    }
    browser = sign_in(story.chair)
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"/decisions/{decision.public_id}/dossier.xlsx").data))
    assert ["Gao Min", "Total"] in [[cell.value for cell in row][:2] for row in book.active.iter_rows()]
    assert browser.get(f"/decisions/{decision.public_id}/dossier.pdf").data[:4] == b"%PDF"


def test_small_groups_are_joined():
    cases = [Case("a", True, 10)] * 6 + [Case("b", False, 20)] * 5 + [Case("c", True, None)] * 2
    assert grouped(cases) == [Group("a", 6, 6, 10.0), Group(None, 7, 2, 20.0, 2)]
    assert grouped(cases[:11]) == [Group("a", 6, 6, 10.0), Group("b", 5, 0, 20.0)]
    assert grouped(cases[:3]) == []
    assert grouped([Case("c", True, None)] * 5) == [Group("c", 5, 5, None)]


@given(st.lists(st.builds(Case, st.sampled_from("abcdef"), st.booleans(), st.none() | st.integers(0, 99))))
def test_nothing_small_is_shown_and_nothing_can_be_taken_off(cases: list[Case]):
    groups = grouped(cases)
    assert all(group.count >= LEAST for group in groups)
    assert sum(group.count for group in groups) in {0, len(cases)}


def test_the_page_of_fairness(story: Story, sign_in: Callable[..., FlaskClient]):
    browser, page = sign_in(story.chair), "/rounds/{}/fairness"
    for _ in range(5):
        story.reviewed((5,) * 4, (4,) * 4, asked=1_000)
    assert "No decision yet" in browser.get(page.format(story.round.public_id)).text
    story.decided()
    text = browser.get(page.format(story.round.public_id)).text
    assert "By company" in text
    assert "100%" in text
