"""Similar proposals: of 60 paraphrases among 5,000 proposals, how many find theirs among the first five, how fast."""

import random
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, insert, select, update

from benchmarks import words
from benchmarks.figures import Figure
from benchmarks.loading import load
from benchmarks.place import Place, close
from incubator.calls.models import Call
from incubator.core import clock, keys
from incubator.core.audit import AuditEvent, event_of
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Person, Role, RoleGrant
from incubator.proposals import jobs, queries
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.proposals.states import ProposalState

GOALS = {"en": 0.9, "zh": 0.85}
PAIRS = Path(__file__).with_name("paraphrases.toml")


def figures(found: Place, size: int = 5_000) -> list[Figure]:
    """Recall and time in a database of their own."""
    found.create("similar")
    app = found.app("similar")
    try:
        load(app, 50)
        with app.app_context():
            call = db.session.scalars(select(Call).order_by(Call.id).limit(1)).one()
            lead = db.session.scalars(select(Person).join(Proposal, Proposal.lead_id == Person.id).limit(1)).one()
            office = db.session.scalars(
                select(Person).join(RoleGrant, RoleGrant.person_id == Person.id).where(RoleGrant.role == Role.OFFICE)
            ).first()
            known = fill(call, lead, event_of(call, "call.publish"), size)
            both, plain = measure(office or lead, known), by_full_text(office or lead, known)
    finally:
        close(app)
    section, told = f"Similar proposals among {size:,}", []
    for language, (recall, median) in both.items():
        note = f"full text alone: {plain[language]:.2f}"
        told.append(Figure(section, f"recall@5, {language}", recall, "", GOALS[language], at_least=True, note=note))
        told.append(Figure(section, f"median answer, {language}", median, "ms", 50.0))
    return told


def pairs() -> dict[str, list[tuple[str, str]]]:
    """The held-out pairs by language: what was handed in, and the same in other words."""
    found = tomllib.loads(PAIRS.read_text("utf-8"))
    return {
        language: [tuple(line.split("|")) for line in text.strip().splitlines()]  # type: ignore[misc]
        for language, text in found.items()
    }


def others(number: int, dice: random.Random) -> Iterator[str]:
    """Titles with a few sentences of ordinary proposals, in both languages."""
    for _ in range(number):
        if dice.random() < 0.5:
            title = f"{dice.choice(words.THINGS)} {dice.choice(words.AIMS)}"
            yield " ".join([title, *dice.sample(words.SENTENCES, 3)])
        else:
            yield dice.choice(words.CHINESE_TITLES) + "，" + "".join(dice.sample(words.CHINESE, 3))


def fill(call: Call, lead: Person, cause: AuditEvent, size: int) -> dict[str, str]:
    """Load size proposals, the 60 among them, and index them; the public id of each pair's text."""
    known = [original for found in pairs().values() for original, _other in found]
    texts = known + list(others(size - len(known), random.Random(7)))
    public_ids = [keys.public_id() for _ in texts]
    with transaction():
        _add(call, lead, cause, texts, public_ids)
    jobs.index_likeness()
    jobs.fit_likeness()
    return dict(zip(known, public_ids, strict=False))


def _add(call: Call, lead: Person, cause: AuditEvent, texts: list[str], public_ids: list[str]) -> None:
    now = clock.now()
    common = {
        "call_id": call.id, "company_id": lead.company_id, "lead_id": lead.id, "lang": "en", "currency": "CNY",
        "state": ProposalState.SUBMITTED, "state_at": now, "submitted_at": now, "created_at": now,
        "cause_id": cause.id, "version": 1,
    }  # fmt: skip
    rows = [
        common | {"public_id": public_id, "number": keys.spoken("V"), "title": text[:200]}
        for public_id, text in zip(public_ids, texts, strict=True)
    ]
    made = db.session.scalars(insert(Proposal).returning(Proposal.id, sort_by_parameter_order=True), rows).all()
    written = {"number": 1, "author_id": lead.id, "revision": 1, "saved_at": now, "frozen_at": now, "created_at": now}
    versions = [
        written | {"public_id": keys.public_id(), "proposal_id": key, "title": text[:200], "answers": {"summary": text}}
        for key, text in zip(made, texts, strict=True)
    ]
    db.session.execute(insert(ProposalVersion), versions)
    newest = select(ProposalVersion.id).where(ProposalVersion.proposal_id == Proposal.id).scalar_subquery()
    handed_in = update(Proposal).where(Proposal.id.in_(made)).values(submitted_version_id=newest)
    db.session.execute(handed_in.execution_options(synchronize_session=False))


def measure(person: Person, known: dict[str, str]) -> dict[str, tuple[float, float]]:
    """By language: recall among the first five, and the median milliseconds of an answer."""
    result = {}
    for language, found in pairs().items():
        hits, times = 0, []
        for original, other in found:
            began = time.perf_counter()
            answer = queries.similar(person, other, everything=True)
            times.append((time.perf_counter() - began) * 1000)
            hits += known[original] in [one.public_id for one in answer]
        result[language] = (hits / len(found), sorted(times)[len(times) // 2])
    return result


def by_full_text(person: Person, known: dict[str, str]) -> dict[str, float]:
    """The same with PostgreSQL's full text alone (any of the words, ts_rank), to compare with."""
    result = {}
    for language, found in pairs().items():
        hits = 0
        for original, other in found:
            terms = " or ".join(queries.search_words(other).split())
            asked = func.websearch_to_tsquery("simple", terms)
            rows = (
                select(Proposal.public_id)
                .join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
                .where(ProposalVersion.words.bool_op("@@")(asked))
                .order_by(func.ts_rank(ProposalVersion.words, asked).desc())
                .limit(queries.MOST_SIMILAR)
            )
            hits += known[original] in list(db.session.scalars(rows))
        result[language] = hits / len(found)
    return result
