"""The auditor's replay: a stored ranking and a stored assignment worked out again, equal or different."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import NotAllowed, NotFound, WrongState
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.reviews import jobs, queries, services
from incubator.reviews.engines import calibration
from incubator.reviews.models import AssignmentRun, RankingFigure, RankingRun, RunReplay
from incubator.reviews.services import assignment_runs, ranking_runs, run_replays
from incubator.reviews.states import LOST, RunState
from tests.reviews.conftest import Story
from tests.reviews.test_assignment_runs import SETTINGS, prepared
from tests.reviews.test_ranking_runs import SEED, inputs, scored
from tests.reviews.test_sight import hide


def ranked(story: Story) -> RankingRun:
    scored(story, 5, 4, 3)
    jobs.rank_rounds()
    return db.session.scalars(select(RankingRun).order_by(RankingRun.id.desc())).first() or pytest.fail("no run")


def replayed(story: Story, run: RankingRun | AssignmentRun) -> RunReplay:
    with transaction():
        replay = services.replay_run(story.chair, story.round, run=run.public_id)
    assert jobs.replay_runs() == 1
    db.session.refresh(replay)
    return replay


def test_both_kinds_of_run_come_out_equal_from_what_was_stored(story: Story):
    assert jobs.replay_runs() == 0
    ranking = replayed(story, ranked(story))
    story.proposal(title="New")
    assignment = replayed(story, prepared(story))
    for replay in (ranking, assignment):
        assert (replay.state, replay.equal, replay.differences, replay.progress) == (RunState.DONE, True, [], 100)
        assert replay.versions["engine"]


def test_runs_and_replays_that_lost_their_worker_are_taken_on_again(
    story: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    run = ranked(story)
    story.proposal(title="New")
    with transaction():
        replay = services.replay_run(story.chair, story.round, run=run.public_id)
        assignment = services.prepare_assignment(story.office, story.call, settings=SETTINGS)
    with transaction():
        assert (assignment_runs.claim_assignment(), run_replays.claim_replay()) == (assignment.id, replay.id)
    assert (jobs.assign_reviewers(), jobs.replay_runs()) == (0, 0)
    with transaction():
        assignment.started_at = replay.started_at = clock.now() - 2 * LOST
    assert jobs.replay_runs() == 1
    with transaction():
        db.session.refresh(replay)
    assert replay.state is RunState.DONE
    monkeypatch.setattr(assignment_runs, "assignment_inputs_for", lambda _: 1 / 0)
    assert jobs.assign_reviewers() == 0
    db.session.refresh(assignment)
    assert (assignment.state, "a run of a solver failed" in caplog.text) == (RunState.FAILED, True)


def test_an_engine_that_answers_otherwise_is_found_out(story: Story, monkeypatch: pytest.MonkeyPatch):
    run, true_rank = ranked(story), calibration.rank_round

    def other(*given: Any) -> Any:
        result, rows = true_rank(*given)
        return result, [row | {"place": row["place"] + 1} for row in rows]

    monkeypatch.setattr(calibration, "rank_round", other)
    replay = replayed(story, run)
    assert (replay.equal, replay.differences) == (False, ["rows"])


def test_a_replay_that_breaks_says_so(story: Story, monkeypatch: pytest.MonkeyPatch):
    run = ranked(story)
    monkeypatch.setattr(calibration, "rank_round", None)
    with transaction():
        replay = services.replay_run(story.chair, story.round, run=run.public_id)
    assert jobs.replay_runs() == 0
    assert db.session.get_one(RunReplay, replay.id).state is RunState.FAILED


def test_the_database_keeps_what_went_in(story: Story):
    run = ranked(story)
    with pytest.raises(DBAPIError, match="never changed"), db.session.begin_nested():
        db.session.execute(text("UPDATE ranking_run SET inputs = '{}' WHERE id = :id"), {"id": run.id})


def test_only_a_finished_run_of_the_round_that_the_reader_sees(story: Story):
    run = ranked(story)
    with pytest.raises(NotFound):
        services.replay_run(story.chair, story.round, run="nothing")
    with pytest.raises(NotAllowed):
        services.replay_run(story.first, story.round, run=run.public_id)
    with transaction():
        services.rank(story.chair, story.round)
    waiting = db.session.scalars(select(RankingRun).where(RankingRun.state == RunState.WAITING)).one()
    with pytest.raises(WrongState):
        services.replay_run(story.chair, story.round, run=waiting.public_id)
    hide(story, story.chair, story.proposal(title="Hidden"))
    hidden = prepared(story)
    assert queries.run_to_replay(story.round, story.office, hidden.public_id) is not None
    assert queries.run_to_replay(story.round, story.chair, hidden.public_id) is None


def test_the_page_says_equal(story: Story, sign_in: Callable[..., FlaskClient], make, count_statements):
    auditor = make.person(story.company, Role.AUDITOR)
    ranked(story)
    browser, page = sign_in(auditor), f"/rounds/{story.round.public_id}/replay"
    assert "Not yet" in browser.get(page).text
    one = count_statements(lambda: browser.get(page))
    run = db.session.scalars(select(RankingRun.public_id)).one()
    assert browser.post(page, data={"run": run}).status_code == 303
    assert "Under way" in browser.get(page).text
    jobs.replay_runs()
    assert browser.get(page).text.count("Equal") == 1
    scored(story, 2)
    jobs.rank_rounds()
    assert "Not yet" in browser.get(page).text  # the last ranking alone is listed
    assert count_statements(lambda: browser.get(page)) == one <= 8


def test_draws_are_kept_with_each_proposal(story: Story):
    ranked(story)
    kept = db.session.scalars(select(RankingFigure.draws)).all()
    assert [len(draws or b"") for draws in kept] == [512] * 3
    found = ranking_runs.work_out(inputs(), SEED, lambda _percent: None)
    assert {len(row["draws"]) for row in found.rows} == {1024}
    assert found.rows_hash == ranking_runs.work_out(inputs(), SEED, lambda _percent: None).rows_hash
