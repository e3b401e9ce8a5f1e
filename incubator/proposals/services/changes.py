"""Changing a team that has agreed: everybody whom a change affects agrees to it, or it does not happen. Leaving."""

from collections.abc import Sequence

from flask_babel import gettext as _

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.notifications.services import notify
from incubator.people import access
from incubator.people.models import Person
from incubator.people.predicates import SYSTEM
from incubator.proposals import queries
from incubator.proposals.engines import shares
from incubator.proposals.models import Consent, Proposal, TeamChange, TeamChangePart, TeamMember
from incubator.proposals.services import handing_in, moves, teams
from incubator.proposals.services.teams import TEAM, Share
from incubator.proposals.states import TEAM_CHANGE, ChangeState, ProposalState

CHANGEABLE = (
    ProposalState.SUBMITTED, ProposalState.SCREENING, ProposalState.RETURNED, ProposalState.IN_REVIEW,
    ProposalState.CLARIFICATION, ProposalState.DELIBERATION,
)  # fmt: skip
"""Handed in and not decided: from the decision on, the venture's own rules hold."""


@action("team_change.propose")
def propose_change(actor: Person, proposal: Proposal, *, members: Sequence[Share], reason: str) -> TeamChange:
    """Propose another team for one that has agreed (who is left out leaves it); whoever's share changes is asked.

    Raises Invalid as `set_team` does, or at reason; WrongState while another change is open or after the decision.
    """
    moves.lock(proposal)
    moves.require_state(proposal, CHANGEABLE)
    teams.check(proposal, members)
    if not reason.strip():
        raise Invalid(_("Say why the shares change; everybody concerned reads it."), field="reason")
    after = {share.person.id: share for share in members}
    return open_change(actor, proposal, after, reason=reason.strip(), cause=audit.event_of(proposal, "proposal.submit"))


def open_change(
    actor: Person,
    proposal: Proposal,
    after: dict[int, Share],
    *,
    reason: str,
    cause: AuditEvent,
    merged: Proposal | None = None,
) -> TeamChange:
    """Ask everybody whose share changes; after: the team as it is to be, by person id. The proposal is locked."""
    if queries.open_change(proposal) is not None:
        raise WrongState(_("Another change of the team waits for its answers."))
    change = TeamChange(proposal=proposal, merged=merged, proposer=actor, reason=reason)
    change.parts = _parts(proposal, after, actor)
    if all(part.before_bp == part.after_bp for part in change.parts):
        raise Invalid(_("These are the shares that stand already."), field="reason")
    said = [[part.person.public_id, part.before_bp, part.after_bp] for part in change.parts]
    audit.created(change, cause_id=cause.id, payload={"shares": said})
    for part in change.parts:
        if part.consent is Consent.ASKED:
            link = f"/team-changes/{change.public_id}"
            notify(part.person_id, "team_change.asked", link, name=actor.name, title=proposal.title)
    _settle(change)
    return change


def _parts(proposal: Proposal, after: dict[int, Share], actor: Person) -> list[TeamChangePart]:
    """Everybody with their share before and after; whoever keeps theirs, or proposes it, has nothing to answer."""
    before = {member.person_id: member for member in proposal.team}
    people = [member.person for member in proposal.team]
    people += [share.person for key, share in after.items() if key not in before]
    parts = []
    for person in people:
        old = before[person.id].share_bp if person.id in before else 0
        share = after.get(person.id)
        new = share.share_bp if share else 0
        settled = person.id == actor.id or old == new
        consent, moment = (Consent.ACCEPTED, clock.now()) if settled else (Consent.ASKED, None)
        words = teams.part_of(share.part) if share else ""
        values = {"before_bp": old, "after_bp": new, "consent": consent, "answered_at": moment, "part": words}
        parts.append(TeamChangePart(person=person, **values))
    return parts


@action("team_change.accept")
def accept_change(actor: Person, change: TeamChange) -> TeamChange:
    """Agree to one's own part; with the last answer the new team stands."""
    part = _mine(actor, change)
    part.consent, part.answered_at = Consent.ACCEPTED, clock.now()
    audit.record("team_change.accept", change, {"person": actor.public_id, "share_bp": part.after_bp})
    _settle(change)
    return change


@action("team_change.decline")
def decline_change(actor: Person, change: TeamChange, *, reason: str) -> TeamChange:
    """Disagree, with a reason; the team stays as it is."""
    part = _mine(actor, change)
    if not reason.strip():
        raise Invalid(_("Say why, so that the others understand."), field="reason")
    part.reason = reason.strip()
    part.consent, part.answered_at = Consent.DECLINED, clock.now()
    TEAM_CHANGE.move(change, "decline", reason=part.reason)
    change.closed_at = clock.now()
    link, title = f"/team-changes/{change.public_id}", change.proposal.title
    notify(change.proposer_id, "team_change.declined", link, name=actor.name, title=title)
    return change


@action("team_change.withdraw")
def withdraw_change(actor: Person, change: TeamChange) -> TeamChange:
    """Take the proposed change back."""
    _hold(change)
    TEAM_CHANGE.move(change, "withdraw")
    change.closed_at = clock.now()
    return change


def _hold(change: TeamChange) -> None:
    moves.lock(change.proposal)
    db.session.refresh(change)
    for part in change.parts:
        db.session.refresh(part)


def _mine(actor: Person, change: TeamChange) -> TeamChangePart:
    _hold(change)
    moves.require_state(change.proposal, CHANGEABLE)
    part = next((one for one in change.parts if one.person_id == actor.id), None)
    if change.state is not ChangeState.PROPOSED or part is None or part.consent is not Consent.ASKED:
        raise NotAllowed(_("This step is not yours to take here, or not now."))
    return part


def _settle(change: TeamChange) -> None:
    """With everybody's word the team becomes what was proposed."""
    if any(part.consent is not Consent.ACCEPTED for part in change.parts):
        return
    proposal = change.proposal
    TEAM_CHANGE.move(change, "agree")
    change.closed_at = clock.now()
    audit.record("proposal.change_team", proposal, {p.person.public_id: p.after_bp for p in change.parts})
    standing = {member.person_id: member for member in proposal.team}
    for part in change.parts:
        _apply(proposal, part, standing.get(part.person_id))
        link, title = f"/team-changes/{change.public_id}", proposal.title
        notify(part.person_id, "team_change.agreed", link, title=title)
    db.session.flush()
    db.session.expire(proposal, ["team"])
    handing_in.keep_out(proposal)


def _apply(proposal: Proposal, part: TeamChangePart, member: TeamMember | None) -> None:
    if part.after_bp == 0:
        if member is not None:
            access.withdraw(part.person_id, proposal, TEAM)
            db.session.delete(member)
        return
    if member is None:
        member = TeamMember(proposal=proposal, person=part.person, asked_at=part.change.created_at)
    member.part = part.part or member.part or ""
    member.share_bp, member.consent, member.answered_at = part.after_bp, Consent.ACCEPTED, part.answered_at
    db.session.add(member)
    db.session.flush()
    access.allow(part.person_id, proposal, TEAM)


@action("proposal.leave")
def leave(actor: Person, proposal: Proposal) -> Proposal:
    """Leave the team. The others' shares grow in proportion, nobody's shrinks: so nobody has to agree, all are told.

    In a draft the others keep what they have, and the proposer says what becomes of the rest.
    """
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.DRAFT, *CHANGEABLE))
    gone = queries.own_share(actor, proposal)
    before = {member.person_id: member.share_bp for member in proposal.team}
    audit.record("proposal.leave", proposal, {"person": actor.public_id, "share_bp": gone.share_bp})
    if (change := queries.open_change(proposal)) is not None:
        with audit.because(SYSTEM, "team_change.withdraw"):
            TEAM_CHANGE.move(change, "withdraw", reason="A member left meanwhile")
        change.closed_at = clock.now()
    access.withdraw(actor.id, proposal, TEAM)
    db.session.delete(gone)
    after = before if proposal.state is ProposalState.DRAFT else shares.without(before, actor.id)
    for member in proposal.team:
        if member is not gone:
            member.share_bp = after[member.person_id]
            link = moves.address(proposal, "/team")
            notify(member.person_id, "proposal.member_left", link, name=actor.name, title=proposal.title)
    db.session.flush()
    db.session.expire(proposal, ["team"])
    return proposal
