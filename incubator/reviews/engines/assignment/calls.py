"""A whole call assigned to its committee, as plain data: what a run stores is what this answers."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import rfc8785
from numpy.typing import NDArray

from incubator.reviews.engines.assignment.affinity import (
    affinities,
    with_default,
    with_languages,
    with_wishes,
)
from incubator.reviews.engines.assignment.certificate import check
from incubator.reviews.engines.assignment.chances import draw_pairs, in_parts
from incubator.reviews.engines.assignment.crossing import Rules, apart, fair, keep_rules, worst_of
from incubator.reviews.engines.assignment.explaining import Explanation, Seats, Why, explain
from incubator.reviews.engines.assignment.flow import assign
from incubator.reviews.engines.assignment.problem import UNIT, Problem
from incubator.reviews.engines.assignment.shortfall import fullest, shortfall

ENGINE_VERSION = "assignment/1"
NAMED = 5
"""How many of those passed over are kept a pair; how many there were is kept too."""
Report = Callable[[int], None]


def inputs_hash(inputs: Mapping[str, Any]) -> str:
    """SHA-256 of the inputs as canonical JSON (RFC 8785), in hex."""
    return hashlib.sha256(rfc8785.dumps(dict(inputs))).hexdigest()


@dataclass(frozen=True, eq=False)
class Drawn:
    """The inputs as a problem. raw: the scores before conflicts took pairs out."""

    problem: Problem
    raw: NDArray[np.int32]
    barred: Mapping[int, list[tuple[int, int, Why]]]
    rules: Rules
    cut: list[int]


def assign_call(
    inputs: Mapping[str, Any], seed: str, report: Report = lambda _percent: None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(what came out, a row a pair), the same for the same inputs and seed.

    inputs: proposals {key: {text, theme, company, demand, lang}}, reviewers {key: {texts, themes, company, low, high,
    roles, senior, reads}} (lang and reads: not of runs from before they counted), barred [[proposal, reviewer, why]],
    held [[proposal, reviewer]] (they review it already), unknown (percent or None), per_company (None, 0 or 1), seats
    [role], needs_senior, fair, partial; where they are used wishes [[proposal, reviewer, wish]] and parts (no pair
    surer than one in so many).
    """
    drawn = draw(inputs, seed)
    report(40)
    problem = drawn.problem
    if inputs.get("parts"):
        by = _one_of if drawn.rules.are_any else _by_chance
        return by(drawn, int(inputs["parts"]), partial=bool(inputs["partial"]))
    found = assign(problem)
    if found is None:
        pairs = fullest(problem) if inputs["partial"] else []
        return _told(drawn, "blocked", pairs) | {"block": _block(problem)}, _rows(drawn, pairs)
    report(60)
    proof = check(problem, found.pairs, found.certificate)
    proven = {
        "total": proof.total,
        "gap": proof.gap,
        "faults": list(proof.faults),
        "certificate": found.certificate.data,
    }
    status, pairs, more = _ruled(drawn, found.pairs, bool(inputs["fair"]), bool(inputs["partial"]))
    report(90)
    return _told(drawn, status, pairs) | more | {"proof": proven}, _rows(drawn, pairs)


def _by_chance(drawn: Drawn, m: int, *, partial: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The same with no pair surer than one in m."""
    found = draw_pairs(drawn.problem, m)
    if found is None:
        pairs = fullest(drawn.problem) if partial else []
        block = _block(in_parts(drawn.problem, m))
        return _told(drawn, "blocked", pairs) | {"block": block}, _rows(drawn, pairs)
    proven = {"total": found.proof.total, "gap": found.proof.gap, "faults": list(found.proof.faults)}
    chance = {"parts": m, "expected": found.expected}
    told = _told(drawn, "done", found.pairs) | {"chance": chance, "proof": proven}
    return told, _rows(drawn, found.pairs, has_rules=True)


def _one_of(drawn: Drawn, m: int, *, partial: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The same under rules that cross: of m assignments that keep them all and share no pair the seed draws one."""
    found = apart(drawn.problem, drawn.rules, m)
    chance: dict[str, Any] = {"parts": m, "whole": True}
    if found is None:
        pairs = fullest(drawn.problem) if partial else []
        return _told(drawn, "rules", pairs) | {"chance": chance}, _rows(drawn, pairs)
    place = int(hashlib.sha256(f"{drawn.problem.seed}:apart".encode()).hexdigest(), 16) % m
    best = draw_pairs(drawn.problem, m)
    chance |= {"expected": found.total // m, "gap": found.gap, "bound": best.expected if best else None}
    told = _told(drawn, "done", found.all[place]) | {"chance": chance}
    return told, _rows(drawn, found.all[place], has_rules=True)


def draw(inputs: Mapping[str, Any], seed: str) -> Drawn:
    """The inputs as arrays, in the order of their keys."""
    keys = sorted(inputs["proposals"]), sorted(inputs["reviewers"])
    ours = [inputs["proposals"][key] for key in keys[0]]
    theirs = [inputs["reviewers"][key] for key in keys[1]]
    place, seat = ({key: at for at, key in enumerate(some)} for some in keys)
    known, judged = [r["texts"] for r in theirs], [r["themes"] for r in theirs]
    raw = affinities([p["text"] for p in ours], [p["theme"] for p in ours], known, judged)
    wishes = [(place[p], seat[r], wish) for p, r, wish in inputs.get("wishes", ())]
    raw = with_wishes(raw, wishes)
    langs, reads = [p.get("lang") for p in ours], [r.get("reads", ()) for r in theirs]
    if None not in langs:
        raw = with_languages(raw, langs, reads)
    default = None if inputs["unknown"] is None else inputs["unknown"] * UNIT // 100
    barred: dict[int, list[tuple[int, int, Why]]] = {}
    for p, r, why in inputs["barred"]:
        barred.setdefault(place[p], []).append((seat[r], int(raw[place[p], seat[r]]), Why(why)))
    out = [(place[p], seat[r]) for p, r, _ in inputs["barred"]] + [(place[p], seat[r]) for p, r in inputs["held"]]
    rules = Rules(
        tuple(inputs["seats"]), tuple(frozenset(r["roles"]) for r in theirs), tuple(r["company"] for r in theirs),
        tuple(p["company"] for p in ours), inputs["per_company"], tuple(bool(r["senior"]) for r in theirs),
        bool(inputs["needs_senior"]),
    )  # fmt: skip
    low, high = (np.array([r[name] for r in theirs], dtype=np.int64) for name in ("low", "high"))
    demand = np.array([p["demand"] for p in ours], dtype=np.int64)
    scores = with_default(raw, default, out)
    if None not in langs:
        scores = np.where(raw < 0, with_languages(scores, langs, reads), scores)
    problem = Problem(tuple(keys[0]), tuple(keys[1]), scores, demand, low, high, seed)
    problem, cut = problem.reachable()
    return Drawn(problem, raw, barred, rules, cut)


def _ruled(
    drawn: Drawn, start: list[tuple[int, int]], wants_fair: bool, partial: bool
) -> tuple[str, list[tuple[int, int]], dict[str, Any]]:
    """(status, pairs, what is told) after the rules that cross and after fairness."""
    pairs, more = start, dict[str, Any]()
    if drawn.rules.are_any:
        answer = keep_rules(drawn.problem, drawn.rules, start)
        if answer is None:
            return "rules", start if partial else [], {"rules": None}
        pairs, more = answer.pairs, {"rules": {"total": answer.total, "gap": answer.gap}}
    if wants_fair:
        even = fair(drawn.problem, drawn.rules, pairs)
        pairs = even.answer.pairs if even.answer is not None else pairs
        refused = None if even.refused is None else round(10_000 * even.refused)
        more = more | {"fair": {"worst": even.worst, "bound": even.bound, "refused": refused}}
    return "done", pairs, more


def _block(problem: Problem) -> dict[str, Any] | None:
    block = shortfall(problem)
    named = None if block is None else {
        "proposals": [problem.proposals[p] for p in block.proposals],
        "reviewers": [problem.reviewers[r] for r in block.reviewers],
    }  # fmt: skip
    return None if block is None or named is None else asdict(block) | named


def _told(drawn: Drawn, status: str, pairs: list[tuple[int, int]]) -> dict[str, Any]:
    problem = drawn.problem
    most = np.sum(problem.scores >= 0, axis=0)
    return {
        "status": status,
        "proposals": len(problem.proposals),
        "reviewers": len(problem.reviewers),
        "seats": problem.seats,
        "filled": len(pairs),
        "total": sum(max(int(problem.scores[pair]), 0) for pair in pairs),
        "worst": worst_of(problem, pairs),
        "cut": [problem.reviewers[r] for r in drawn.cut],
        "barred_everywhere": [problem.reviewers[r] for r in np.flatnonzero(most == 0)],
    }


def _rows(drawn: Drawn, pairs: list[tuple[int, int]], *, has_rules: bool = False) -> list[dict[str, Any]]:
    seats, problem = Seats.given(pairs), drawn.problem
    has_rules = has_rules or drawn.rules.are_any
    return [_row(problem, explain(problem, seats, drawn.barred, pair, has_rules=has_rules)) for pair in sorted(pairs)]


def _row(problem: Problem, told: Explanation) -> dict[str, Any]:
    better = [
        {
            "reviewer": problem.reviewers[one.reviewer],
            "score": one.score,
            "why": one.why.value,
            "instead": [problem.proposals[p] for p in one.instead[:NAMED]],
        }
        for one in told.better[:NAMED]
    ]
    return {
        "proposal": problem.proposals[told.proposal],
        "reviewer": problem.reviewers[told.reviewer],
        "score": told.score,
        "why": {"rank": told.rank, "passed": len(told.better), "better": better},
    }
