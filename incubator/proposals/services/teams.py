"""The team: who takes part with which share, and their consent."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.money import WHOLE
from incubator.notifications.services import notify
from incubator.people import access
from incubator.people.models import Person
from incubator.people.predicates import SYSTEM
from incubator.proposals import words
from incubator.proposals.engines import shares
from incubator.proposals.models import Consent, Proposal, TeamMember
from incubator.proposals.services import handing_in, moves
from incubator.proposals.states import ProposalState

TEAM = "team"
"""The source of the access rows that a place in a team gives."""
LARGEST = 20


@dataclass(frozen=True)
class Share:
    """A person's part in words and their contribution share in basis points."""

    person: Person
    part: str
    share_bp: int


@action("proposal.add_member")
def add_member(actor: Person, proposal: Proposal, *, person: Person, part: str = "") -> TeamMember:
    """Put a colleague on the team, at first without a share; they see it when they are asked."""
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.DRAFT,))
    if any(member.person_id == person.id for member in proposal.team):
        raise Invalid(_("%(name)s is on the team already.", name=person.name), field="person")
    if not person.is_active:
        raise Invalid(_("%(name)s has left the group.", name=person.name), field="person")
    if len(proposal.team) >= LARGEST:
        raise Invalid(_("A team has at most %(n)s people.", n=LARGEST), field="person")
    member = TeamMember(proposal=proposal, person=person, part=part_of(part), share_bp=0)
    db.session.add(member)
    db.session.flush()
    return member


@action("proposal.set_team")
def set_team(actor: Person, proposal: Proposal, *, members: Sequence[Share]) -> Proposal:
    """Say who takes part with which share; the shares sum to 100.00 %, the proposer is among them.

    Who is left out is off the team, and whoever had agreed is asked again.
    """
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.DRAFT,))
    check(proposal, members)
    before = {member.person_id: member for member in proposal.team}
    for gone in before.keys() - {share.person.id for share in members}:
        access.withdraw(gone, proposal, TEAM)
        db.session.delete(before[gone])
    for share in members:
        _set(proposal, before.get(share.person.id), share)
    db.session.flush()
    db.session.expire(proposal, ["team"])
    return proposal


def check(proposal: Proposal, members: Sequence[Share]) -> None:
    """Raise Invalid unless these people, the proposer among them, each have a share and the shares sum to the whole."""
    ids = [share.person.id for share in members]
    if len(set(ids)) < len(ids):
        raise Invalid(_("Somebody stands on the team twice."))
    if proposal.lead_id not in ids:
        raise Invalid(_("The proposer is part of the team."))
    if len(ids) > LARGEST:
        raise Invalid(_("A team has at most %(n)s people.", n=LARGEST))
    if left := [share.person.name for share in members if not share.person.is_active]:
        raise Invalid(_("%(name)s has left the group.", name=left[0]))
    numbers = [share.share_bp for share in members]
    if fault := shares.fault_of(numbers):
        raise Invalid(words.share_fault(fault, sum(numbers)))


def _set(proposal: Proposal, member: TeamMember | None, share: Share) -> None:
    if member is None:
        member = TeamMember(proposal=proposal, person=share.person)
        db.session.add(member)
    member.part, member.share_bp = part_of(share.part), share.share_bp
    member.consent = Consent.ACCEPTED if share.person.id == proposal.lead_id else Consent.ASKED
    member.asked_at = member.answered_at = member.counter_bp = member.counter_reason = None


def part_of(text: str) -> str:
    """A part in words, stripped. Raises Invalid for a long one."""
    text = text.replace("\x00", "").strip()
    if len(text) > 120:
        raise Invalid(_("Describe the part in at most %(n)s characters.", n=120))
    return text


@action("proposal.ask_team")
def ask_team(actor: Person, proposal: Proposal, *, begun_at: dt.datetime | None = None) -> Proposal:
    """Hand the draft to the team for consent; who proposes alone hands it in at once.

    The call must be open at begun_at, when the request began (now by default). Raises Invalid while something is
    missing.
    """
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.DRAFT,))
    moment = moves.require_open(proposal, begun_at)
    handing_in.require_complete(proposal)
    others = [member for member in proposal.team if member.person_id != proposal.lead_id]
    moves.move(proposal, "ask_team", payload={"shares": _shares(proposal)})
    for member in others:
        _ask(actor, member)
    if not others:
        handing_in.hand_in(proposal, moment)
    return proposal


def _shares(proposal: Proposal) -> dict[str, int]:
    return {member.person.public_id: member.share_bp for member in proposal.team}


def _ask(actor: Person, member: TeamMember) -> None:
    proposal = member.proposal
    member.consent, member.asked_at, member.answered_at = Consent.ASKED, clock.now(), None
    member.counter_bp = member.counter_reason = None
    access.allow(member.person_id, proposal, TEAM)
    link = moves.address(proposal, "/consent")
    notify(member.person_id, "proposal.team_asked", link, name=actor.name, title=proposal.title)


@action("proposal.accept_share")
def accept_share(actor: Person, member: TeamMember, *, begun_at: dt.datetime | None = None) -> Proposal:
    """Agree to one's share; the last consent hands the proposal in. The call must be open, as for `ask_team`."""
    proposal = _lock_for_answer(member)
    moment = moves.require_open(proposal, begun_at)
    member.consent, member.answered_at = Consent.ACCEPTED, clock.now()
    audit.record("proposal.accept_share", proposal, {"person": actor.public_id, "share_bp": member.share_bp})
    if all(one.consent is Consent.ACCEPTED for one in proposal.team):
        notify(proposal.lead_id, "proposal.team_accepted", moves.address(proposal), title=proposal.title)
        with audit.because(SYSTEM, "proposal.submit"):
            handing_in.hand_in(proposal, moment)
    return proposal


@action("proposal.decline_share")
def decline_share(actor: Person, member: TeamMember, *, reason: str) -> Proposal:
    """Refuse one's share, with a reason; the proposal is a draft again."""
    proposal = _lock_for_answer(member)
    reason = moves.require_reason(reason)
    member.consent, member.answered_at = Consent.DECLINED, clock.now()
    moves.move(proposal, "decline_team", reason=reason, payload={"person": actor.public_id})
    link = moves.address(proposal, "/team")
    notify(proposal.lead_id, "proposal.team_declined", link, name=actor.name, title=proposal.title)
    return proposal


@action("proposal.counter_share")
def counter_share(actor: Person, member: TeamMember, *, share_bp: int, reason: str) -> Proposal:
    """Propose another share of one's own than the one asked for, with a reason; the proposal is a draft again.

    Raises Invalid at share or reason.
    """
    proposal = _lock_for_answer(member)
    reason = moves.require_reason(reason)
    if not 0 < share_bp < WHOLE or share_bp == member.share_bp:
        raise Invalid(_("Enter another share than the one you are asked for, above 0 and below 100 %."), field="share")
    member.consent, member.answered_at = Consent.DECLINED, clock.now()
    member.counter_bp, member.counter_reason = share_bp, reason
    audit.record("proposal.counter_share", proposal, {"person": actor.public_id, "share_bp": share_bp}, reason=reason)
    moves.move(proposal, "decline_team", payload={"person": actor.public_id})
    link = moves.address(proposal, "/team")
    notify(proposal.lead_id, "proposal.share_countered", link, name=actor.name, title=proposal.title)
    return proposal


def adopt_counter(actor: Person, proposal: Proposal, member: TeamMember) -> Proposal:
    """Take over the share a member proposed; the proposer's own share makes up the difference.

    Raises Invalid where the proposer's share does not suffice.
    """
    if member.counter_bp is None:
        raise WrongState(_("There is no other share proposed."))
    difference = member.counter_bp - member.share_bp
    after = {one.person_id: one.share_bp for one in proposal.team}
    after[member.person_id] += difference
    after[proposal.lead_id] -= difference
    if after[proposal.lead_id] <= 0:
        raise Invalid(_("Your own share does not make up for it: set the shares yourself."))
    members = [Share(one.person, one.part, after[one.person_id]) for one in proposal.team]
    return set_team(actor, proposal, members=members)


def _lock_for_answer(member: TeamMember) -> Proposal:
    proposal = member.proposal
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.AWAITING_TEAM,))
    if member.consent is not Consent.ASKED:
        raise WrongState(_("You have answered already."))
    return proposal


@action("proposal.take_back")
def take_back(actor: Person, proposal: Proposal) -> Proposal:
    """Make a proposal that waits for its team a draft again, to change it."""
    moves.lock(proposal)
    moves.move(proposal, "decline_team", payload={"taken_back": True})
    return proposal
