"""Similar proposals: of 60 paraphrases that share few words with theirs, among 5,000 proposals of the same trades, how
many find theirs among the first five, by which method, how fast."""

import random
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import cast, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import TSQUERY

from benchmarks.figures import Figure
from benchmarks.loading import load
from benchmarks.neighbours import neighbours
from benchmarks.place import Place, close
from incubator.calls.models import Call
from incubator.core import clock, keys
from incubator.core.audit import AuditEvent, event_of
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Person, Role, RoleGrant
from incubator.proposals import jobs, queries, services
from incubator.proposals.engines import likeness
from incubator.proposals.models import Proposal, ProposalLikeness, ProposalVersion
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
            person = office or lead
            both = measure(person, known)
            others = {name: recalls(method, known) for name, method in methods(person).items()}
    finally:
        close(app)
    return _told(f"Similar proposals among {size:,}", both, others)


def _told(section: str, both: dict[str, tuple[float, float]], others: dict[str, dict[str, float]]) -> list[Figure]:
    told = []
    for language, (recall, median) in both.items():
        best, (second, lesser) = recall, max(((n, r[language]) for n, r in others.items()), key=lambda one: one[1])
        note = f"next: {second} with {lesser:.0%}, {100 * (best - lesser):+.0f}"
        name = f"recall@5, meaning and words, {language}"
        told.append(Figure(section, name, 100 * recall, "%", 100 * GOALS[language], at_least=True, note=note))
        told += [Figure(section, f"recall@5, {n}, {language}", 100 * r[language], "%") for n, r in others.items()]
        told.append(Figure(section, f"median answer, {language}", median, "ms", 50.0))
    return told


def pairs() -> dict[str, list[tuple[str, str]]]:
    """The held-out pairs by language: what was handed in, and the same in other words."""
    found = tomllib.loads(PAIRS.read_text("utf-8"))
    return {
        language: [tuple(line.split("|")) for line in text.strip().splitlines()]  # type: ignore[misc]
        for language, text in found.items()
    }


def fill(call: Call, lead: Person, cause: AuditEvent, size: int) -> dict[str, str]:
    """Load size proposals, the 60 among them, and index them; the public id of each pair's text."""
    known = [original for found in pairs().values() for original, _other in found]
    texts = known + list(neighbours(size - len(known), random.Random(7)))
    public_ids = [keys.public_id() for _ in texts]
    with transaction():
        _add(call, lead, cause, texts, public_ids)
    jobs.index_likeness()
    jobs.index_meanings()
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
        written | {"public_id": keys.public_id(), "proposal_id": key, "title": text[:200], "answers": {}}
        for key, text in zip(made, texts, strict=True)
    ]
    db.session.execute(insert(ProposalVersion), versions)
    newest = select(ProposalVersion.id).where(ProposalVersion.proposal_id == Proposal.id).scalar_subquery()
    handed_in = update(Proposal).where(Proposal.id.in_(made)).values(submitted_version_id=newest)
    db.session.execute(handed_in.execution_options(synchronize_session=False))


def measure(person: Person, known: dict[str, str]) -> dict[str, tuple[float, float]]:
    """By language: recall among the first five, and the median milliseconds of an answer, the model's time with it."""
    result = {}
    for language, found in pairs().items():
        hits, times = 0, []
        for original, other in found:
            began = time.perf_counter()
            meaning = services.say_meaning(other)
            answer = queries.similar(person, other, meaning=meaning, everything=True)
            times.append((time.perf_counter() - began) * 1000)
            hits += known[original] in [one.public_id for one in answer]
        result[language] = (hits / len(found), sorted(times)[len(times) // 2])
    return result


Method = Callable[[str], list[str]]
"""A text to the public ids of the first five."""


def recalls(method: Method, known: dict[str, str]) -> dict[str, float]:
    """By language: how many are among the first five."""
    return {
        language: sum(known[original] in method(other) for original, other in found) / len(found)
        for language, found in pairs().items()
    }


def methods(person: Person) -> dict[str, Method]:
    """What it is compared with: each alone."""
    rows = select(Proposal.public_id, ProposalVersion.title).join(
        ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id
    )
    kept = [(key, title) for key, title in db.session.execute(rows.order_by(Proposal.id))]
    return {
        "full text": by_full_text,
        "telling words": lambda other: [one.public_id for one in queries.similar(person, other, everything=True)],
        "trigrams": by_trigrams(kept),
        "LSI": by_lsi(kept),
        "meaning": lambda other: [
            one.public_id for one in queries.similar(person, "", meaning=services.say_meaning(other), everything=True)
        ],
    }


def by_full_text(other: str) -> list[str]:
    """PostgreSQL's full text (any of the words, ts_rank), Chinese in the words that jieba cuts."""
    kept = func.array_to_tsvector(ProposalLikeness.terms)
    terms = " | ".join(f"'{term}'" for term in likeness.terms(other))
    asked = cast(literal(terms), TSQUERY)
    rows = select(Proposal.public_id).join(ProposalLikeness, ProposalLikeness.proposal_id == Proposal.id)
    ranked = rows.where(kept.bool_op("@@")(asked)).order_by(func.ts_rank(kept, asked).desc(), Proposal.id)
    return list(db.session.scalars(ranked.limit(queries.MOST_SIMILAR)))


def by_trigrams(kept: list[tuple[str, str]]) -> Method:
    """The share of runs of three letters that two texts have in common (as pg_trgm counts)."""
    known = [(key, _trigrams(text)) for key, text in kept]

    def find(other: str) -> list[str]:
        asked = _trigrams(other)
        best = sorted(known, key=lambda one: -len(asked & one[1]) / len(asked | one[1]))
        return [key for key, _runs in best[: queries.MOST_SIMILAR]]

    return find


def _trigrams(text: str) -> set[str]:
    padded = [f"  {word} " for word in text.lower().split()]
    return {word[n : n + 3] for word in padded for n in range(len(word) - 2)}


def by_lsi(kept: list[tuple[str, str]], size: int = 200) -> Method:
    """Latent semantic indexing: a truncated SVD of the weighted terms of the same texts (Deerwester et al., 1990)."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import svds

    texts = [likeness.terms(text) for _key, text in kept]
    places = {term: n for n, term in enumerate(sorted({term for terms in texts for term in terms}))}
    number = np.zeros(len(places))
    for terms in texts:
        number[[places[term] for term in terms]] += 1
    weights = np.log((len(texts) + 1) / (number + 0.5)) + 1
    at = [(row, places[term]) for row, terms in enumerate(texts) for term in terms]
    values = [weights[column] for _row, column in at]
    matrix = csr_matrix((values, tuple(zip(*at, strict=True))), shape=(len(texts), len(places)))
    _left, _strengths, directions = svds(matrix, k=min(size, *(side - 1 for side in matrix.shape)))

    def unit(rows: Any) -> Any:
        return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)

    vectors = unit(matrix @ directions.T)

    def find(other: str) -> list[str]:
        asked = np.zeros(len(places))
        for term in likeness.terms(other):
            if term in places:
                asked[places[term]] = weights[places[term]]
        alike = vectors @ unit(directions @ asked)
        return [kept[n][0] for n in np.argsort(-alike)[: queries.MOST_SIMILAR] if alike[n] > 0]

    return find
