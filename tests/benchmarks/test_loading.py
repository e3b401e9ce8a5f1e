"""The loader makes what it says, as the product's services would have left it, and the counters count."""

import contextlib
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from benchmarks.counting import count_page, counted
from benchmarks.figures import Figure, line
from benchmarks.loading import FIRST, ORDER, Loaded, load
from benchmarks.pages import PAGES, WHOLE, check
from benchmarks.proposals import RARE_HITS, Volume
from benchmarks.reviews import DRAFTS, MEASURING, SEALED
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.proposals.engines import document
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.reviews.models import Review, ReviewSummary, Round
from incubator.reviews.services.reviewing import update_summary
from incubator.reviews.states import ReviewState

SIZE, VERSIONS = 100, 4


@pytest.fixture
def loaded(app: Flask) -> Iterator[Loaded]:
    """A small loaded database."""
    with contextlib.closing(db.session):
        yield load(app, Volume(SIZE, VERSIONS))


@pytest.mark.committed
def test_the_loader_makes_what_it_says(app: Flask, loaded: Loaded) -> None:
    states = dict(db.session.execute(select(Review.state, func.count()).group_by(Review.state)).all())
    assert states == {ReviewState.SEALED: SIZE * SEALED, ReviewState.DRAFT: MEASURING * DRAFTS}
    assert [len(drafts) for drafts in loaded.open_reviews] == [DRAFTS] * MEASURING
    proposals = db.session.scalar(select(func.count()).select_from(Proposal))
    assert (proposals, loaded.rows["proposal"]) == (SIZE + SIZE // 10,) * 2
    told = select(ProposalVersion.number, func.count(ProposalVersion.words)).group_by(ProposalVersion.number)
    assert dict(db.session.execute(told).all()) == dict.fromkeys(range(1, VERSIONS + 1), proposals)
    _check_that_tables_are_whole()


def _check_that_tables_are_whole() -> None:
    """Every index, constraint (checked) and trigger is there again."""
    tables = [model.metadata.tables[model.__tablename__] for model in (*FIRST, *ORDER)]
    wanted = {found.name for table in tables for found in (*table.indexes, *table.constraints)}
    there = db.session.scalars(
        text("SELECT indexname FROM pg_indexes UNION SELECT conname FROM pg_constraint WHERE convalidated")
    )
    assert wanted - set(there) == set()
    assert db.session.scalar(text("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'")) == 0


@pytest.mark.committed
def test_what_is_loaded_is_what_the_product_would_have_written(app: Flask, loaded: Loaded) -> None:
    columns = [column for column in ReviewSummary.__table__.columns if column.name != "id"]
    rows = select(*columns).order_by(ReviewSummary.proposal_id)
    before = db.session.execute(rows).all()
    round_ = db.session.scalars(select(Round)).one()
    with transaction() as running, db.session.no_autoflush:
        for summary in db.session.scalars(select(ReviewSummary)).all():
            update_summary(round_, summary)
            assert not db.session.is_modified(summary)
        running.doom()
    assert db.session.execute(rows).all() == before
    frozen = db.session.scalars(select(ProposalVersion).where(ProposalVersion.frozen_at.is_not(None))).all()
    assert [document.digest(version.content or {}) == version.hash for version in frozen] == [True] * len(frozen)


@pytest.mark.committed
def test_every_measured_page_shows_what_it_is_measured_for(app: Flask, loaded: Loaded) -> None:
    for page in (*PAGES, WHOLE):
        count, shown = count_page(app, loaded.tokens[page.who], page.address(loaded))
        check(page, loaded, shown)
        assert 0 < count.statements <= 8
    rare = select(func.count()).where(ProposalVersion.words.bool_op("@@")(func.to_tsquery("simple", "graphite")))
    assert db.session.scalar(rare.where(ProposalVersion.number == VERSIONS)) == RARE_HITS


def test_statements_and_rows_are_counted_without_settings(app: Flask) -> None:
    with counted([db.engine]) as count:
        db.session.execute(text("SELECT generate_series(1, 7)")).all()
        db.session.execute(text("SET LOCAL work_mem = '4MB'"))
        db.session.execute(text("SELECT 1")).all()
    assert (count.statements, count.rows) == (2, 8)


def test_a_figure_says_whether_its_goal_is_met() -> None:
    made = [Figure("s", "n", value, "×", 5.0) for value in (5.0, 5.01)]
    assert [figure.met for figure in made] == [True, False]
    assert Figure("s", "n", 3.0, "/s", 4.0, at_least=True).met is False
    assert line(Figure("s", "n", 5.01, "×", 5.0)).split()[-2:] == ["NOT", "MET"]
