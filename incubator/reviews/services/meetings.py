"""A committee at its table: convened, present, one proposal after the other, with minutes and votes."""

from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.people.models import Person
from incubator.reviews import queries
from incubator.reviews.models import Choice, Meeting, MeetingItem, MeetingPresence, MeetingVote, Round
from incubator.reviews.models.meetings import MINUTES_EACH
from incubator.reviews.queries.meetings import AT_TABLE, to_discuss


@action("meeting.convene")
def convene(actor: Person, round_: Round) -> Meeting:
    """Open the meeting of a closed round: everything in deliberation stands on the agenda, what is open first."""
    queries.lock(round_)
    if round_.state not in AT_TABLE[:2]:
        raise WrongState(_("The committee meets once the reviews are closed, and before the release."))
    if queries.meeting_of(round_) is not None:
        raise WrongState(_("The meeting is open already."))
    meeting = Meeting(round_id=round_.id)
    audit.created(meeting, cause_id=round_.cause_id)
    rows = [
        {
            "public_id": keys.public_id(), "version": 1, "meeting_id": meeting.id, "proposal_id": proposal_id,
            "position": position, "allotted": MINUTES_EACH, "ballot": 0, "minutes": "",
        }
        for position, proposal_id in enumerate(to_discuss(round_), 1)
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(MeetingItem), rows)
    return meeting


@action("meeting.note_presence")
def note_presence(actor: Person, meeting: Meeting, *, here: Collection[str]) -> None:
    """Say who is at the table (public ids of members)."""
    _check_running(meeting)
    members = {row.public_id: row.id for row in queries.at_table(meeting)}
    ids = sorted(members[key] for key in here if key in members)
    db.session.execute(delete(MeetingPresence).where(MeetingPresence.meeting_id == meeting.id))
    if ids:
        db.session.execute(insert(MeetingPresence), [{"meeting_id": meeting.id, "person_id": one} for one in ids])
    audit.record("meeting.note_presence", meeting, {"here": sorted(key for key in here if key in members)})


@action("meeting.open_item")
def open_item(actor: Person, item: MeetingItem) -> None:
    """Turn to a proposal; the one before it is closed. Its first vote is open."""
    _check_runs(actor, item)
    now = clock.now()
    before = select(MeetingItem).where(
        MeetingItem.meeting_id == item.meeting_id,
        MeetingItem.opened_at.is_not(None),
        MeetingItem.closed_at.is_(None),
        MeetingItem.id != item.id,
    )
    for other in db.session.scalars(before):
        other.closed_at = now
    db.session.flush()
    item.opened_at, item.closed_at = now, None
    item.ballot = max(item.ballot, 1)
    audit.record("meeting.open_item", item, {"ballot": item.ballot})


@action("meeting.close_item")
def close_item(actor: Person, item: MeetingItem, *, minutes: str, allotted: int) -> None:
    """End the talk about a proposal, with what was said."""
    note(actor, item, minutes=minutes, allotted=allotted)
    if item.opened_at is None or item.closed_at is not None:
        raise WrongState(_("This item is not open."))
    item.closed_at = clock.now()
    audit.record("meeting.close_item", item)


@action("meeting.note")
def note(actor: Person, item: MeetingItem, *, minutes: str, allotted: int) -> None:
    """Write the minutes of an item, and how long it may take."""
    _check_runs(actor, item)
    if not 1 <= allotted <= 240:
        raise Invalid(_("Enter from 1 to 240 minutes."), field="allotted")
    item.minutes, item.allotted = minutes.strip(), allotted
    db.session.flush()
    audit.record("meeting.note", item)


@action("meeting.vote_again")
def vote_again(actor: Person, item: MeetingItem) -> None:
    """Open a second vote on the open item; the first stays on record."""
    _check_runs(actor, item)
    _check_open(item)
    if item.ballot >= 9:
        raise WrongState(_("There have been nine votes on this item."))
    item.ballot += 1
    audit.record("meeting.vote_again", item, {"ballot": item.ballot})


@action("meeting.move_item")
def move_item(actor: Person, item: MeetingItem, *, up: bool) -> None:
    """Change places with the neighbour on the agenda that the actor sees."""
    _check_runs(actor, item)
    shown = [row.id for row in queries.agenda(item.meeting, actor)]
    at = shown.index(item.id) + (-1 if up else 1)
    if 0 <= at < len(shown):
        other = db.session.get_one(MeetingItem, shown[at])
        item.position, other.position = other.position, item.position
        audit.record("meeting.move_item", item, {"to": item.position})


@action("meeting.vote")
def vote(actor: Person, item: MeetingItem, *, choice: Choice) -> None:
    """A present member's vote in the open ballot; it stands once given.

    Raises NotAllowed for somebody who is not at the table or must leave the room, WrongState for a second vote.
    """
    _check_running(item.meeting)
    here = {row.id for row in queries.at_table(item.meeting) if row.is_here}
    if actor.id not in here or queries.is_conflicted(actor, item.proposal):
        raise NotAllowed(_("Only members who are at the table and may judge this proposal vote on it."))
    _check_open(item)
    values = {
        "item_id": item.id, "ballot": item.ballot, "person_id": actor.id, "choice": choice, "created_at": clock.now(),
    }  # fmt: skip
    made = db.session.scalar(insert(MeetingVote).values(**values).on_conflict_do_nothing().returning(MeetingVote.id))
    if made is None:
        raise WrongState(_("You have voted already. The chair can open a second vote."))
    audit.record("meeting.vote", item, {"ballot": item.ballot, "choice": choice.value})


@action("meeting.end")
def end(actor: Person, meeting: Meeting) -> None:
    """End the meeting; what was said and voted stands."""
    _check_running(meeting)
    now = clock.now()
    still = select(MeetingItem).where(
        MeetingItem.meeting_id == meeting.id, MeetingItem.opened_at.is_not(None), MeetingItem.closed_at.is_(None)
    )
    for item in db.session.scalars(still):
        item.closed_at = now
    meeting.ended_at = now
    audit.record("meeting.end", meeting)


def _check_running(meeting: Meeting) -> None:
    rows = select(Meeting.ended_at).where(Meeting.id == meeting.id).with_for_update()
    if db.session.scalar(rows) is not None:
        raise WrongState(_("The meeting is over: its minutes stand."))


def _check_open(item: MeetingItem) -> None:
    db.session.refresh(item, ["opened_at", "closed_at", "ballot"])
    if item.opened_at is None or item.closed_at is not None:
        raise WrongState(_("This item is not open."))


def _check_runs(actor: Person, item: MeetingItem) -> None:
    """The chair leads; where the chair must leave the room, any member who may stay does."""
    _check_running(item.meeting)
    chair = queries.chair_of(item.round)
    leads = chair is None or actor.id == chair.id or queries.is_conflicted(chair, item.proposal)
    if not leads or queries.is_conflicted(actor, item.proposal):
        raise NotAllowed(_("The chair leads the meeting; for this step ask the chair."))
