"""Proving a decision again from what was stored with it."""

from dataclasses import dataclass

from incubator.reviews import queries
from incubator.reviews.engines import deciding
from incubator.reviews.engines.deciding import DecidingError, Outcome, Rule
from incubator.reviews.models import Decision, Evaluation, Round
from incubator.reviews.queries.told import result_of


@dataclass(frozen=True)
class Replay:
    """What computing a decision again gave: equal, or where it differs (names of what was compared)."""

    equal: bool
    differences: tuple[str, ...]


def replay(decision: Decision) -> Replay:
    """Evaluate the stored inputs under the stored rule again and compare the hash, the rule and the result."""
    return _compare(decision, _again(decision.evaluation))


def replay_round(round_: Round) -> dict[str, Replay]:
    """The replay of each of the round's decisions that stand, by public id; each evaluation runs once."""
    decisions = queries.current_decisions(round_)
    outcomes = {decision.evaluation_id: decision.evaluation for decision in decisions}
    again = {key: _again(evaluation) for key, evaluation in outcomes.items()}
    return {decision.public_id: _compare(decision, again[decision.evaluation_id]) for decision in decisions}


def _again(evaluation: Evaluation) -> Outcome | str:
    """The outcome of the stored inputs, or why they can't be evaluated."""
    try:
        return deciding.replay(evaluation.inputs)
    except (DecidingError, KeyError, TypeError) as error:
        return str(error)


def _compare(decision: Decision, outcome: Outcome | str) -> Replay:
    if isinstance(outcome, str):
        return Replay(False, (outcome,))
    again = outcome.by_key.get(decision.proposal.public_id)
    checks = {
        "inputs_hash": outcome.inputs_hash == decision.evaluation.inputs_hash,
        "rule": outcome.rule == Rule.from_data(decision.rule.data),
        "result": again is not None and result_of(again) == decision.result,
        "outcome": decision.override or decision.outcome.value == decision.result["verdict"],
    }
    differences = tuple(name for name, holds in checks.items() if not holds)
    return Replay(not differences, differences)
