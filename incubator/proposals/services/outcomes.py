"""After a decision that was not the one hoped for: the appeal, the shelf and what it waits for."""

import datetime as dt
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.calls.models import Call
from incubator.core import audit, clock, outbox
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person, Role
from incubator.people.queries import holders_of
from incubator.proposals import queries
from incubator.proposals.events import AppealReferred
from incubator.proposals.models import Appeal, Proposal, ShelfTrigger
from incubator.proposals.predicates import has_part_in
from incubator.proposals.services import moves
from incubator.proposals.states import ProposalState

DAYS_TO_APPEAL = 30
"""Days from the decision in which a proposer may appeal, to the end of the last."""
DAYS_TO_ANSWER = 30
MOST_TRIGGERS = 10


def appeal_ends(proposal: Proposal) -> dt.datetime:
    """Until when the outcome that stands may be appealed against: 24:00 of the last day in the company's zone."""
    zone = ZoneInfo(proposal.company.time_zone)
    return clock.end_of(proposal.state_at.astimezone(zone).date() + dt.timedelta(days=DAYS_TO_APPEAL), zone)


@action("proposal.appeal")
def appeal(actor: Person, proposal: Proposal, *, reason: str, begun_at: dt.datetime | None = None) -> Appeal:
    """Appeal against an outcome, once and in time, with the reasons; the office answers within 30 days."""
    moves.lock(proposal)
    reason = moves.plain(reason)
    if not reason:
        raise Invalid(_("Say what was overlooked or judged wrongly."), field="reason")
    if len(reason) > 4_000:
        raise Invalid(_("Shorten this to at most %(n)s characters.", n=4_000), field="reason")
    if queries.appeal_of(proposal) is not None:
        raise WrongState(_("This proposal has been appealed for once; that was the one time."))
    if (begun_at or clock.now()) >= appeal_ends(proposal):
        raise WrongState(_("The time to appeal is over."))
    before = proposal.state
    event = moves.move(proposal, "appeal")
    zone = ZoneInfo(proposal.company.time_zone)
    proposal.answer_by = clock.end_of(clock.today(zone) + dt.timedelta(days=DAYS_TO_ANSWER), zone)
    made = Appeal(proposal=proposal, before=before, reason=reason)
    audit.created(made, cause_id=event.id, payload={"before": before.value})
    _tell_office(proposal, "proposal.appealed")
    return made


@action("proposal.answer_appeal")
def answer_appeal(actor: Person, proposal: Proposal, *, upheld: bool, answer: str) -> Proposal:
    """Answer an appeal with reasons. Dismissed: the state before. Upheld, of one that was found not eligible: it is
    checked again; against a decision: it stays appealed until the committee has decided anew, by the same signatures.
    """
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.APPEALED,))
    made = queries.appeal_of(proposal)
    if made is None or made.answered_at is not None:
        raise WrongState(_("There is no appeal to answer."))
    text = moves.plain(answer)
    if not text:
        raise Invalid(_("Give the reasons; the proposer reads them."), field="answer")
    if len(text) > 4_000:
        raise Invalid(_("Shorten this to at most %(n)s characters.", n=4_000), field="answer")
    made.upheld, made.answer, made.answered_by, made.answered_at = upheld, text, actor, clock.now()
    if upheld and made.before is not ProposalState.INELIGIBLE:
        _refer(proposal)
    else:
        to = ProposalState.SCREENING if upheld else made.before
        moves.move(proposal, "answer_appeal", to=to, payload={"upheld": upheld})
        proposal.answer_by = None
    link = moves.address(proposal, "/appeal")
    notify(proposal.lead_id, "proposal.appeal_answered", link, title=proposal.title)
    return proposal


def _refer(proposal: Proposal) -> None:
    """Put a proposal whose appeal was upheld to its committee, which decides anew within 30 days."""
    zone = ZoneInfo(proposal.company.time_zone)
    proposal.answer_by = clock.end_of(clock.today(zone) + dt.timedelta(days=DAYS_TO_ANSWER), zone)
    audit.record("proposal.refer_appeal", proposal)
    outbox.publish(AppealReferred(proposal_id=proposal.id))


@action("proposal.set_trigger")
def set_trigger(
    actor: Person, proposal: Proposal, *, on_day: dt.date | None = None, word: str | None = None
) -> ShelfTrigger:
    """Say when a shelved proposal is to be looked at again: on a day, or when a call with a word is open.

    Raises Invalid at on_day or word; exactly one of them is given.
    """
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.SHELVED,))
    word = moves.plain(word or "") or None
    if (on_day is None) == (word is None):
        raise Invalid(_("Name a day or a word, one of them."), field="on_day")
    if on_day is not None and on_day <= clock.today():
        raise Invalid(_("Name a day after today."), field="on_day")
    if word is not None and not 2 <= len(word) <= 60:
        raise Invalid(_("A word has 2 to 60 characters."), field="word")
    if len(queries.triggers(proposal)) >= MOST_TRIGGERS:
        raise Invalid(_("At most %(n)s at a time. Take one away first.", n=MOST_TRIGGERS), field="word")
    trigger = ShelfTrigger(proposal=proposal, set_by=actor, on_day=on_day, word=word)
    cause = audit.event_of(proposal, "proposal.create")
    audit.created(trigger, cause_id=cause.id, payload={"on_day": on_day.isoformat() if on_day else None})
    return trigger


@action("proposal.drop_trigger")
def drop_trigger(actor: Person, proposal: Proposal, *, trigger: ShelfTrigger) -> None:
    """Take a trigger away."""
    moves.lock(proposal)
    trigger.dropped_at = clock.now()
    audit.record("proposal.drop_trigger", proposal, {"trigger": trigger.public_id})


@action("proposal.fire_trigger")
def fire_trigger(actor: Actor, proposal: Proposal, *, trigger: ShelfTrigger, call: Call | None = None) -> None:
    """Note that what a shelved proposal waits for has come, and tell its office and its proposer."""
    moves.lock(proposal)
    trigger.fired_at, trigger.call = clock.now(), call
    payload = {"trigger": trigger.public_id, "call": call.public_id if call else None}
    audit.record("proposal.fire_trigger", proposal, payload)
    notify(proposal.lead_id, "proposal.trigger_fired", moves.address(proposal), title=proposal.title)
    _tell_office(proposal, "proposal.trigger_fired")


def _tell_office(proposal: Proposal, kind: str) -> None:
    for officer in db.session.scalars(holders_of(Role.OFFICE, proposal.company)):
        if queries.sees(officer, proposal) and not has_part_in(officer, proposal):
            page = "/appeal" if kind == "proposal.appealed" else "/shelf"
            notify(officer.id, kind, moves.address(proposal, page), title=proposal.title)


def due_triggers(limit: int) -> list[tuple[ShelfTrigger, Call | None]]:
    """Triggers of shelved proposals whose day has come, or whose word an open call has; locked, the oldest first."""
    waiting = (
        select(ShelfTrigger)
        .join(Proposal, Proposal.id == ShelfTrigger.proposal_id)
        .where(
            ShelfTrigger.fired_at.is_(None),
            ShelfTrigger.dropped_at.is_(None),
            Proposal.state == ProposalState.SHELVED,
        )
    )
    today = clock.today()
    by_day = waiting.where(ShelfTrigger.on_day <= today).order_by(ShelfTrigger.id).limit(limit)
    found: list[tuple[ShelfTrigger, Call | None]] = [
        (trigger, None) for trigger in db.session.scalars(by_day.with_for_update(of=ShelfTrigger, skip_locked=True))
    ]
    by_word = queries.triggers_with_a_call(waiting).limit(limit)
    return found + [(trigger, call) for trigger, call in db.session.execute(by_word)]
