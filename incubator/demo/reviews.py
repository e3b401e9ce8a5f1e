"""Committees at work: reviews, the round's end, the rule's decisions, signatures and the release."""

from typing import Any

from sqlalchemy import select

from incubator.core.db import db
from incubator.demo import proposals
from incubator.demo.diary import Act
from incubator.demo.stage import Stage, words
from incubator.reviews import queries, services
from incubator.reviews.models import Confidence, Recommendation, Review, Round
from incubator.reviews.services import Content

KEYS = ("uniqueness", "continuity", "team", "fit")
"""The criteria of the default rubric, in the order of the words' scores."""
GOOD = 14
"""From this sum of four scores on, a reviewer would fund; up to 10, decline."""


def plan(stage: Stage, call: dict[str, Any], data: list[dict[str, Any]], *, apart: int) -> None:
    """Every proposal with reviews in its words goes to its call's committee."""
    for index, pitch in enumerate(data):
        day = proposals.screened(call, index, apart)
        if "reviews" in pitch:
            _plan_reviews(stage, call["office"], pitch, day)
        elif "turns" in pitch:
            stage.diary.on(day, _by_turns(stage, call["office"], pitch))


def plan_round(stage: Stage, call: dict[str, Any], *, second: str | None) -> None:
    """The chair closes the round and lets the rule decide; with a second signature the decisions are released."""
    diary, chair = stage.diary, _chair(call)
    diary.on(call["meets"] - 1, lambda: services.close_round(stage.people[chair], _round(stage, call)))
    diary.on(call["meets"], lambda: services.prepare(stage.people[chair], _round(stage, call)))
    diary.on(call["meets"], lambda: services.sign(stage.people[chair], _round(stage, call)), hour=16)
    if second is None:
        return
    diary.on(call["meets"] + 1, lambda: services.sign(stage.people[second], _round(stage, call)), hour=9)
    diary.on(call["meets"] + 1, lambda: services.hold(stage.people[chair], _round(stage, call)), hour=14)
    diary.on(call["meets"] + 1, lambda: services.write_letters(_round(stage, call)), hour=15)
    diary.on(call["release"], lambda: _release(stage, call))


def _chair(call: dict[str, Any]) -> str:
    return str(next(entry["chair"] for entry in words("calls")["committee"] if entry["key"] == call["committee"]))


def _round(stage: Stage, call: dict[str, Any]) -> Round:
    return db.session.scalars(select(Round).where(Round.call_id == stage.calls[call["key"]].id)).one()


def _plan_reviews(stage: Stage, office: str, pitch: dict[str, Any], day: int) -> None:
    made: dict[str, Review] = {}

    def put() -> None:
        judges = [entry["by"] for entry in asked]
        found = services.put_to_committee(
            stage.people[office], stage.proposals[pitch["key"]], reviewers=[stage.people[judge] for judge in judges]
        )
        made.update(zip(judges, found, strict=True))

    asked = [*pitch["reviews"], *([pitch["recused"]] if "recused" in pitch else [])]
    stage.diary.on(day, put)
    if "recused" in pitch:
        stage.diary.on(day + 1, _recusing(stage, made, pitch["recused"]), hour=8)
    for offset, entry in enumerate(pitch["reviews"]):
        stage.diary.on(day + 1, _reading(stage, made, entry), hour=9 + offset)
        stage.diary.on(day + 2, _sealing(stage, made, entry), hour=13 + offset)


def _by_turns(stage: Stage, office: str, pitch: dict[str, Any]) -> Act:
    """Members who may judge it review it, in turns from a place in the committee; `begun`: who has a draft."""

    def act() -> None:
        proposal, turns = stage.proposals[pitch["key"]], pitch["turns"]
        able = [one.person for one in queries.candidates(proposal) if one.is_choosable]
        chosen = [able[(turns["from"] + n) % len(able)] for n in range(len(turns["scores"]))]
        begun = stage.people[turns["begun"]] if "begun" in turns else None
        if begun:
            chosen = [*[one for one in chosen if one is not begun][: len(chosen) - 1], begun]
        made = services.put_to_committee(stage.people[office], proposal, reviewers=chosen)
        for review, scores in zip(made, turns["scores"], strict=True):
            services.declare(review.reviewer, review, has_conflict=False)
            step = services.save if review.reviewer is begun else services.seal
            step(review.reviewer, review, content=_content({"scores": scores}))

    return act


def _recusing(stage: Stage, made: dict[str, Review], entry: dict[str, Any]) -> Act:
    return lambda: services.declare(
        stage.people[entry["by"]], made[entry["by"]], has_conflict=True, statement=entry["statement"]
    )


def _reading(stage: Stage, made: dict[str, Review], entry: dict[str, Any]) -> Act:
    def act() -> None:
        reviewer, review = stage.people[entry["by"]], made[entry["by"]]
        services.declare(reviewer, review, has_conflict=False)
        services.save(reviewer, review, content=_content(entry))

    return act


def _sealing(stage: Stage, made: dict[str, Review], entry: dict[str, Any]) -> Act:
    return lambda: services.seal(stage.people[entry["by"]], made[entry["by"]])


def _content(entry: dict[str, Any]) -> Content:
    total = sum(entry["scores"])
    middle = Recommendation.CHANGE if total > 10 else Recommendation.DECLINE
    return Content(
        scores=dict(zip(KEYS, entry["scores"], strict=True)),
        notes=entry.get("notes", {}),
        confidence=Confidence.HIGH if "notes" in entry else Confidence.MEDIUM,
        recommendation=Recommendation.FUND if total >= GOOD else middle,
    )


def _release(stage: Stage, call: dict[str, Any]) -> None:
    opened = services.release(stage.people[_chair(call)], _round(stage, call))
    by_proposal = {venture.proposal_id: venture for venture in opened}
    for key, proposal in stage.proposals.items():
        if proposal.id in by_proposal:
            stage.ventures[key] = by_proposal[proposal.id]
