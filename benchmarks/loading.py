"""A call with N proposals, each with versions, team, events and three sealed reviews, by COPY.

The numbers every page shows (totals, spread, intervals) come from the product's own engines, and the rows satisfy what
its services would have written, so that the pages are the real ones. Texts and scores come from seeded dice.
"""

from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import select

from benchmarks import proposals, reviews
from benchmarks.bare import bare
from benchmarks.copying import Copier
from benchmarks.proposals import Volume
from benchmarks.world import World, build
from incubator.core.audit import AuditEvent, AuditPayload, AuditPending
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Access, Person
from incubator.proposals.models import Proposal, ProposalVersion, TeamMember
from incubator.reviews.models import Conflict, Review, ReviewScore, ReviewSummary

FIRST = (Person,)
ORDER = (Proposal, ProposalVersion, TeamMember, Access, Review, ReviewScore, ReviewSummary, Conflict)
CHUNK = 1_000
SEED = 20_261_122


@dataclass(frozen=True)
class Loaded:
    """What a client needs to know of a loaded database.

    tokens: session cookies by part; open_reviews: public ids of drafts, a list a measuring reviewer; rows: how many
    rows were copied, by table.
    """

    size: int
    tokens: dict[str, str]
    round_id: str
    theme_id: str
    proposal_id: str
    open_reviews: list[list[str]]
    rows: dict[str, int]

    def as_data(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def load(app: Flask, volume: int | Volume) -> Loaded:
    """Fill an empty database with so many proposals in review and a tenth as many that just came in."""
    volume = volume if isinstance(volume, Volume) else Volume(volume)
    with app.app_context():
        with transaction():
            world = build(volume.proposals)
        url = db.engine.url.render_as_string(hide_password=False)
        with bare(url, (*FIRST, AuditEvent, AuditPayload, AuditPending, *ORDER)), psycopg.connect(url) as connection:
            copier = Copier(connection, first=FIRST, order=ORDER, seed=SEED)
            found = _copy(copier, world, volume)
            copier.finish()
            for statement in AFTERWARDS:
                connection.execute(statement, {"last": volume.versions})
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
        with transaction():
            world.sign_in("author", _author(found[0]))
        return Loaded(
            volume.proposals, world.tokens, world.round.public_id, world.theme.public_id, *found, dict(copier.written)
        )


def _author(public_id: str) -> Person:
    """Who leads a proposal."""
    led = select(Person).join(Proposal, Proposal.lead_id == Person.id).where(Proposal.public_id == public_id)
    return db.session.scalars(led).one()


EARLY = """
INSERT INTO proposal_version (public_id, created_at, proposal_id, number, author_id, revision, title, answers, saved_at,
       words)
SELECT translate(left(md5(v.id || ' ' || place), 16), '0189', 'wxyz'), v.created_at, v.proposal_id, place, v.author_id,
       v.revision + place, v.title, v.answers, v.saved_at + place * interval '1 minute', v.words
  FROM proposal_version v, generate_series(2, %(last)s - 1) AS place
 WHERE v.number = 1
"""
"""Versions between the first and the last: the same text, and its words, which need not be told again."""
FROZEN_VERSIONS = """
UPDATE proposal SET submitted_version_id = v.id FROM proposal_version v
 WHERE v.proposal_id = proposal.id AND v.frozen_at IS NOT NULL AND proposal.submitted_version_id IS NULL
"""
AFTERWARDS = (
    FROZEN_VERSIONS,
    "ALTER TABLE proposal_version DISABLE TRIGGER words",
    EARLY,
    "ALTER TABLE proposal_version ENABLE TRIGGER words",
)


def _copy(copier: Copier, world: World, volume: Volume) -> tuple[str, list[list[str]]]:
    """Answers the public id of a proposal with exactly three reviews, and the drafts to measure with."""
    maker, size = proposals.Maker(copier, world, volume), volume.proposals
    reviewer = reviews.Maker(copier, world)
    open_reviews: list[list[str]] = [[] for _ in range(reviews.MEASURING)]
    shown = ""
    for number in range(size):
        made = maker.in_review(number)
        if volume.is_reviewed(number):
            reviewer.seal(made)
            for k in reviews.drafts_on(number):
                open_reviews[k].append(reviewer.draft(made, k))
        if number == size - 1:
            shown = made.public_id
        if number % CHUNK == CHUNK - 1:
            copier.flush()
            db.session.rollback()  # what the world's rows were read in is not kept open for minutes
    for number in range(size // 10):
        maker.handed_in(size + number)
    db.session.rollback()
    return shown, open_reviews
