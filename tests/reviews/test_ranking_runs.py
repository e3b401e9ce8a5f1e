"""Ranking runs: worked out by the job, stored, shown to those who may rank, each reader’s without what is hidden."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import NotAllowed
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.people.models import Role
from incubator.reviews import jobs, queries, services
from incubator.reviews.engines.calibration import rank_round
from incubator.reviews.models import RankingFigure, RankingRun
from incubator.reviews.services import ranking_runs
from incubator.reviews.states import RoundState, RunState
from tests.reviews.conftest import Story

SEED = "0" * 63 + "7"


def scored(story: Story, *means: int) -> list[Any]:
    """Proposals with two sealed reviews each, of these scores."""
    return [story.reviewed((s, s, s, s), (s, s, s, max(1, s - 1)), title=f"Scored {s}") for s in means]


def runs(state: RunState = RunState.DONE) -> list[RankingRun]:
    return list(db.session.scalars(select(RankingRun).where(RankingRun.state == state).order_by(RankingRun.id)))


def inputs(**values: Any) -> dict[str, Any]:
    """A round of 40 proposals and 12 reviewers, three reviews each, in two themes."""
    rng = np.random.default_rng(1)
    quality, kind = rng.normal(0, 60, 40), rng.normal(0, 50, 12)
    kind[3] = -120
    reviews = [
        [f"p{i:02}", f"r{j:02}", int(np.clip(300 + quality[i] + kind[j] + rng.normal(0, 60), 100, 500))]
        for i in range(40)
        for j in rng.choice(12, 3, replace=False)
    ]
    given = {
        "reviews": reviews, "proposals": {f"p{i:02}": ["energy" if i < 25 else "water", 10] for i in range(41)},
        "budgets": {"energy": 80, "water": 45}, "minimum": 200, "stops": False, "by_score": True, "spare": 5,
    }  # fmt: skip
    return given | values


def test_a_round_is_ranked_theme_by_theme_the_same_for_the_same_seed():
    told: list[int] = []
    result, rows = rank_round(inputs(), SEED, told.append)
    again = rank_round(inputs(reviews=inputs()["reviews"][::-1]), SEED)

    assert (result, rows) == again
    assert told == [50, 75]
    assert {theme: found["funded"] for theme, found in result["themes"].items()} == {"energy": 8, "water": 4}
    assert sum(sum(found["counts"].values()) for found in result["themes"].values()) == len(rows) == 40
    assert result["severity"][0][0] == "r03"
    assert result["severity"][0][1] < -25
    assert sorted(row["extra"] for row in rows if row["extra"]) == [1, 2, 3, 4, 5]
    first = min((row for row in rows if row["extra"]), key=lambda row: row["extra"])
    assert abs(first["top"] - 5_000) == min(abs(row["top"] - 5_000) for row in rows)
    for theme in result["themes"].values():
        assert len(theme["enters"]) - len(theme["leaves"]) in {-1, 0, 1}


def test_a_rule_by_given_places_gets_ranks_and_no_chances_of_money():
    result, rows = rank_round(inputs(by_score=False), SEED)

    assert {(row["top"], row["funded"], row["position"], row["extra"]) for row in rows} == {(None,) * 4}
    assert all(row["inner"] for row in rows)
    assert {found["counts"] is None for found in result["themes"].values()} == {True}


def test_one_review_each_gives_an_order_alone_and_nobody_scored_gives_nothing():
    given = inputs(reviews=[["p00", "r00", 300], ["p01", "r01", 500]], minimum=None)
    result, rows = rank_round(given, SEED)

    assert [(row["key"], row["place"], row["plain_place"], row["low"]) for row in rows] == [
        ("p01", 1, 1, None), ("p00", 2, 2, None),
    ]  # fmt: skip
    assert (result["draws"], result["sd"], result["single"], result["components"]) == (0, None, ["p00", "p01"], [1, 1])
    assert rank_round(inputs(reviews=[]), SEED)[1] == []


def test_the_job_works_out_what_changed_and_rests_otherwise(story: Story):
    scored(story, 5, 4, 3)
    assert jobs.rank_rounds() == 1
    assert jobs.rank_rounds() == 0
    (first,) = runs()
    assert (first.audience_id, first.progress, len(first.inputs_hash or "")) == (None, 100, 64)
    assert first.result["findings"] == ["not_calibrated"]
    scored(story, 2)
    assert jobs.rank_rounds() == 1
    assert len(runs()) == 2
    figures = db.session.scalars(select(RankingFigure).order_by(RankingFigure.place)).all()
    assert [(f.run_id, f.place, f.proposal.title) for f in figures] == [
        (runs()[1].id, place, f"Scored {score}") for place, score in enumerate((5, 4, 3, 2), 1)
    ]


def test_a_round_that_was_decided_before_its_first_run_gets_one(story: Story):
    story.reviewed((5,) * 4, (4,) * 4)
    story.decided()
    assert [jobs.rank_rounds() for _ in range(2)] == [1, 0]


def test_a_decided_round_without_a_review_that_counts_is_left_alone(story: Story):
    story.put(story.proposal())
    with transaction():
        story.round.state = RoundState.DECIDED  # as one whose proposals were withdrawn, or whose rule asks for none
    assert queries.rounds_to_rank() == []


def test_the_seed_was_committed_before_any_score(story: Story):
    scored(story, 5)
    event = audit.event_of(story.round, "review_round.create")
    payload = db.session.scalars(
        select(audit.AuditPayload.payload).where(audit.AuditPayload.event_id == event.id)
    ).one()
    assert payload == {"seed_hash": hashlib.sha256(story.round.seed.encode()).hexdigest()}
    jobs.rank_rounds()
    assert runs()[0].seed == hashlib.sha256(f"{story.round.seed}:ranking".encode()).hexdigest()


def test_whoever_is_kept_from_a_proposal_reads_a_run_without_it(story: Story):
    shown = scored(story, 5, 4)
    (hidden,) = scored(story, 3)
    with transaction(), audit.because(story.office, "test.hide"):
        audit.record("test.hide", hidden)
        access.deny(story.chair.id, hidden, "conflict")
    assert jobs.rank_rounds() == 2
    everybody, chairs = runs()
    assert (everybody.audience_id, chairs.audience_id) == (None, story.chair.id)
    assert queries.runs_of(story.round, story.chair).done.id == chairs.id
    assert queries.runs_of(story.round, story.office).done.id == everybody.id
    ids = {run: set(db.session.scalars(select(RankingFigure.proposal_id).where(RankingFigure.run_id == run.id)))
           for run in (chairs, everybody)}  # fmt: skip
    assert ids[chairs] == {proposal.id for proposal in shown}
    assert ids[everybody] == {proposal.id for proposal in (*shown, hidden)}
    assert (chairs.result["reviews"], everybody.result["reviews"]) == (4, 6)


def test_a_failed_run_says_so_and_keeps_the_one_before(story: Story, monkeypatch, caplog):
    scored(story, 5, 4)
    jobs.rank_rounds()
    with transaction():
        services.rank(story.chair, story.round)
        services.rank(story.office, story.round)
    assert len(runs(RunState.WAITING)) == 1
    monkeypatch.setattr(ranking_runs, "work_out", lambda *_: 1 / 0)
    assert jobs.rank_rounds() == 0
    found = queries.runs_of(story.round, story.chair)
    assert (found.done.id, found.current.state, found.is_busy) == (runs()[0].id, RunState.FAILED, False)
    assert "a run of a solver failed" in caplog.text


def test_a_run_that_lost_its_worker_is_taken_on_again(story: Story):
    scored(story, 5)
    with transaction():
        services.rank(story.chair, story.round)
        run_id = ranking_runs.claim()
    with transaction():
        assert ranking_runs.claim() is None
        db.session.get_one(RankingRun, run_id).started_at = clock.now() - 2 * ranking_runs.LOST
    with transaction():
        assert ranking_runs.claim() == run_id


def test_a_run_is_never_rewritten(story: Story):
    scored(story, 5)
    jobs.rank_rounds()
    with pytest.raises(Exception, match="never changed"), transaction():
        runs()[0].inputs_hash = "0" * 64


def test_reviewers_and_auditors_ask_for_no_run(story: Story):
    scored(story, 5)
    auditor = story.make.person(story.company, Role.AUDITOR)
    for person in (story.first, auditor):
        with pytest.raises(NotAllowed), transaction():
            services.rank(person, story.round)


def test_chair_and_office_see_it_reviewers_do_not(story: Story, sign_in: Callable[..., FlaskClient]):
    scored(story, 5, 4, 3)
    address = f"/rounds/{story.round.public_id}"
    page = sign_in(story.chair).get(f"{address}/method").text
    assert "Not worked out yet" in page
    assert sign_in(story.chair).post(f"{address}/rank").status_code == 303
    assert "being worked out: 0%" in sign_in(story.chair).get(address).text
    jobs.rank_rounds()
    for person in (story.chair, story.office):
        page, ranking = (sign_in(person).get(address + tail).text for tail in ("/method", ""))
        assert "Not calibrated" in page
        assert "Work it out now" in page
        assert "Chance of funding" in ranking
        assert "How this is worked out" in ranking
    for person in (story.first, story.make.person(story.company)):
        assert sign_in(person).get(f"{address}/method").status_code in {403, 404}


def test_the_pages_cost_the_same_for_three_rows_as_for_one(
    story: Story, sign_in: Callable[..., FlaskClient], count_statements
):
    counts = []
    for scores in ((5,), (4, 3)):
        scored(story, *scores)
        jobs.rank_rounds()
        get, address = sign_in(story.chair).get, f"/rounds/{story.round.public_id}"
        counts.append([count_statements(partial(get, address + tail)) for tail in ("", "/method")])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 8
    assert db.session.scalar(select(func.count(RankingFigure.id))) == 3
