"""Assignment runs: settings by the office, worked out by a job, changed by hand, published by a job."""

from collections.abc import Callable, Collection
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from incubator.calls.models import Call
from incubator.core import audit, clock, queue
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, WrongState
from incubator.core.transaction import after_commit, attempt
from incubator.people.models import Person
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews import queries
from incubator.reviews.models import AssignmentPair, AssignmentRun, Review, Round
from incubator.reviews.services.assigning import assign, assign_more, put_to_committee
from incubator.reviews.services.found import Found, keep_found
from incubator.reviews.states import RoundState, RunState

OPEN_TO_MORE = (ProposalState.IN_REVIEW,)
EXTRA: dict[str, Any] = {
    "reviews": 1, "least": 0, "unknown": 20, "per_company": None, "seats": [], "needs_senior": False, "fair": False,
    "partial": True,
}  # fmt: skip
"""The settings of a run that asks for one more review of some proposals: as many as can be had."""
AFRESH: dict[str, Any] = {"per_company": None, "seats": [], "needs_senior": False, "members": {}, "afresh": True}
"""What a trial over a round that was held does not ask for."""


@action("assignment.prepare")
def prepare_assignment(actor: Person, call: Call, *, settings: dict[str, Any]) -> AssignmentRun:
    """Ask for an assignment of the call's proposals to its committee under these settings.

    Raises Invalid (field reviews) when no proposal waits for reviewers.
    """
    if not queries.to_assign(call, actor):
        raise Invalid(_("No screened proposal of this call waits for reviewers."), field="reviews")
    if settings["least"] > settings["most"]:
        raise Invalid(_("The least may not be above the most."), field="least")
    if settings["reviews"] < len(settings["seats"]):
        raise Invalid(_("There are more seats by role than reviews of a proposal."), field="reviews")
    if settings.get("parts") and settings["fair"]:
        words = _("A cap on chances can’t be joined with raising the worst-served proposal: choose one of both.")
        raise Invalid(words, field="parts")
    return _asked(actor, call.id, settings)


@action("round.try_assignment")
def try_assignment(actor: Person, round_: Round, *, settings: dict[str, Any]) -> AssignmentRun:
    """Have it worked out how the proposals of a round that was held would be given out afresh under these loads. What
    comes of it is looked at; nothing is given to anybody.

    Raises Invalid (field least) for loads that contradict, (field reviews) where the round has no reviews.
    """
    if round_.state is RoundState.OPEN:
        raise WrongState(_("This round is still open: its reviewers are chosen on the page of its call."))
    if settings["least"] > settings["most"]:
        raise Invalid(_("The least may not be above the most."), field="least")
    if not queries.count_of_round(round_.call, actor):
        raise Invalid(_("No proposal of this round was reviewed."), field="reviews")
    return _asked(actor, round_.call_id, AFRESH | settings)


@action("round.ask_more")
def ask_more(actor: Person, round_: Round, *, proposals: Collection[str]) -> AssignmentRun:
    """Have it worked out who could review each of these proposals (public ids) once more, within the load that members
    have to spare; what is proposed is looked at, changed and published as any assignment.

    Raises Invalid (field proposals) where none of them is under review.
    """
    queries.lock(round_, shared=True)
    under_review = [one.public_id for one in queries.to_assign(round_.call, actor) if one.state in OPEN_TO_MORE]
    chosen = sorted(set(proposals) & set(under_review))
    if round_.state is not RoundState.OPEN or not chosen:
        raise Invalid(_("Tick at least one proposal that is under review."), field="proposals")
    settings = EXTRA | {"most": queries.LOAD, "members": queries.own_loads(round_.call), "extra": chosen}
    return _asked(actor, round_.call_id, settings)


def _asked(actor: Person, call_id: int, settings: dict[str, Any]) -> AssignmentRun:
    """Keep what is asked for and have a worker look."""
    run = AssignmentRun(call_id=call_id, asked_by_id=actor.id, settings=settings)
    db.session.add(run)
    db.session.flush()
    audit.record("assignment_run.create", run, {"settings": settings})
    after_commit(wake)
    return run


def wake() -> None:
    """Have a worker look."""
    queue.enqueue("reviews.assign")


@action("assignment.change")
def drop_pair(actor: Person, run: AssignmentRun, *, proposal: str, reviewer: str) -> None:
    """Take a proposed pair out, or put it back."""
    pair = _pair(run, proposal, reviewer)
    pair.dropped = not pair.dropped
    name = "assignment_run.drop" if pair.dropped else "assignment_run.restore"
    audit.record(name, run, {"proposal": proposal, "reviewer": reviewer})


@action("assignment.add")
def add_pair(actor: Person, run: AssignmentRun, *, proposal: str, reviewer: str) -> None:
    """Add a pair by hand. Raises Invalid (field reviewer) for one who may not review it."""
    _check_open(run)
    ours = {one.public_id: one for one in queries.to_assign(run.call, actor)}
    if proposal not in ours:
        raise Invalid(_("Choose a proposal of this call that waits for reviewers."), field="proposal")
    known = {one.person.public_id: one for one in queries.candidates(ours[proposal])}
    if reviewer not in known or not known[reviewer].is_choosable:
        raise Invalid(_("This person may not review this proposal."), field="reviewer")
    values = {"run_id": run.id, "proposal_id": ours[proposal].id, "reviewer_id": known[reviewer].person.id}
    statement = insert(AssignmentPair).values(**values, by_hand=True, dropped=False, placed=False, why={})
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["run_id", "proposal_id", "reviewer_id"], set_={"dropped": False, "by_hand": True}
        )
    )
    audit.record("assignment_run.add", run, {"proposal": proposal, "reviewer": reviewer})


@action("assignment.publish")
def publish_assignment(actor: Person, run: AssignmentRun) -> None:
    """Give the proposals to the reviewers, by a job, a proposal at a time; each that is refused says why."""
    _check_open(run)
    run.published_at, run.published_by_id = clock.now(), actor.id
    audit.record("assignment_run.publish", run)
    after_commit(wake_placing)


def wake_placing() -> None:
    """Have a worker place what was published."""
    queue.enqueue("reviews.place")


def _pair(run: AssignmentRun, proposal: str, reviewer: str) -> AssignmentPair:
    _check_open(run)
    rows = (
        select(AssignmentPair)
        .join(Proposal, Proposal.id == AssignmentPair.proposal_id)
        .join(Person, Person.id == AssignmentPair.reviewer_id)
        .where(AssignmentPair.run_id == run.id, Proposal.public_id == proposal, Person.public_id == reviewer)
    )
    found = db.session.scalar(rows)
    if found is None:
        raise Invalid(_("This pair is not in the assignment."), field="reviewer")
    return found


def _check_open(run: AssignmentRun) -> None:
    if run.settings.get("afresh"):
        raise WrongState(_("This is a trial over a round that was held: nothing of it is given out."))
    rows = select(AssignmentRun.state, AssignmentRun.published_at).where(AssignmentRun.id == run.id)
    state, published_at = db.session.execute(rows.with_for_update()).one()
    if state is not RunState.DONE or published_at is not None:
        raise WrongState(_("This assignment can’t be changed: it is being worked out, or published already."))


def claim_assignment() -> int | None:
    """Take on the next run; None when there is none."""
    run = queries.run_to_work_on()
    if run is None:
        return None
    run.state, run.started_at, run.progress = RunState.RUNNING, clock.now(), 5
    db.session.flush()
    return run.id


def assignment_inputs_for(run_id: int) -> tuple[dict[str, Any], str]:
    """What goes into a run, and its seed."""
    run = db.session.get_one(AssignmentRun, run_id)
    return queries.assignment_inputs(run.call, run.asked_by, run.settings), run.seed


def note_assignment_progress(run_id: int, percent: int) -> None:
    """Say how far a run is."""
    db.session.get_one(AssignmentRun, run_id).progress = percent


def work_out_assignment(inputs: dict[str, Any], seed: str, report: Callable[[int], None]) -> Found:
    """What comes of a run; no database."""
    import numpy as np
    import ortools
    import scipy

    from incubator.reviews.engines import assignment

    result, rows = assignment.assign_call(inputs, seed, report)
    versions = {
        "engine": assignment.ENGINE_VERSION, "ortools": ortools.__version__, "numpy": np.__version__,
        "scipy": scipy.__version__,
    }  # fmt: skip
    return Found(inputs, assignment.inputs_hash(inputs), result, rows, versions)


def store_assignment(run_id: int, found: Found) -> None:
    """Keep what a run proposes."""
    rows = found.rows
    run = db.session.get_one(AssignmentRun, run_id)
    asked = select(Proposal.public_id, Proposal.id).where(Proposal.public_id.in_([row["proposal"] for row in rows]))
    people = select(Person.public_id, Person.id).where(Person.public_id.in_([row["reviewer"] for row in rows]))
    proposals, reviewers = (dict(db.session.execute(one).all()) for one in (asked, people))
    pairs = [
        {
            "run_id": run.id, "proposal_id": proposals[row["proposal"]], "reviewer_id": reviewers[row["reviewer"]],
            "score": max(row["score"], 0), "why": row["why"], "by_hand": False, "dropped": False, "placed": False,
        }
        for row in rows
    ]  # fmt: skip
    if pairs:
        db.session.execute(insert(AssignmentPair), pairs)
    keep_found(run, found)


def fail_assignment(run_id: int) -> None:
    """Say that a run came to nothing; the log says why."""
    run = db.session.get_one(AssignmentRun, run_id)
    run.state, run.finished_at = RunState.FAILED, clock.now()


def place(run_id: int, proposal_id: int) -> bool:
    """Give one proposal of a published run to its reviewers; what is refused says why at its pairs."""
    run = db.session.get_one(AssignmentRun, run_id)
    actor, proposal = db.session.get_one(Person, run.published_by_id), db.session.get_one(Proposal, proposal_id)
    pairs = list(
        db.session.scalars(
            select(AssignmentPair)
            .where(
                AssignmentPair.run_id == run_id,
                AssignmentPair.proposal_id == proposal_id,
                ~AssignmentPair.dropped,
                ~AssignmentPair.placed,
            )
            .order_by(AssignmentPair.id)
            .with_for_update()
        )
    )
    step = _step_for(run, proposal)
    try:
        with attempt():
            step(actor, proposal, reviewers=[pair.reviewer for pair in pairs])
    except DomainError as refusal:
        for pair in pairs:
            pair.problem = str(refusal.message)
        return False
    for pair in pairs:
        pair.placed = True
    return True


def _step_for(run: AssignmentRun, proposal: Proposal) -> Callable[..., list[Review]]:
    """How a proposal of a run is given to its reviewers."""
    if "extra" in run.settings:
        return assign_more
    return assign if proposal.state is ProposalState.IN_REVIEW else put_to_committee
