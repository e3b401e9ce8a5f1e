"""Merging: one proposal goes on in another; its team comes in with a credit that everybody affected agrees to."""

from flask_babel import gettext as _

from incubator.core.actions import action, can
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.proposals import queries
from incubator.proposals.engines import shares
from incubator.proposals.models import Proposal
from incubator.proposals.services import changes, moves, teams
from incubator.proposals.services.changes import CHANGEABLE
from incubator.proposals.services.teams import Share


@action("proposal.merge")
def merge(actor: Person, proposal: Proposal, *, survivor: Proposal, reason: str, credit_bp: int) -> Proposal:
    """Let a screened proposal go on in another one of the same call; reason: read by both teams.

    credit_bp: the part of the survivor's whole that the merged team is to share, 0 to 9,999 basis points. It moves by a
    change of the team that everybody affected is asked for. Raises Invalid at survivor, credit or reason.
    """
    for one in sorted((proposal, survivor), key=lambda found: found.id):
        moves.lock(one)  # in one order, so that two officers who merge both ways do not wait for each other
    reason = moves.require_reason(reason)
    _check(actor, proposal, survivor)
    if not 0 <= credit_bp < 10_000:
        raise Invalid(_("Enter a share from 0 to below 100 %."), field="credit")
    proposal.survivor = survivor
    payload = {"survivor": survivor.public_id, "credit_bp": credit_bp}
    event = moves.move(proposal, "merge", reason=reason, payload=payload)
    for lead_id in {proposal.lead_id, survivor.lead_id}:
        seen = proposal if lead_id == proposal.lead_id else survivor
        values = {"title": proposal.title, "survivor": survivor.title, "number": survivor.number}
        notify(lead_id, "proposal.merged", moves.address(seen), **values)
    if credit_bp:
        after = _after(proposal, survivor, credit_bp)
        changes.open_change(actor, survivor, after, reason=reason, cause=event, merged=proposal)
    db.session.flush()
    return proposal


def _check(actor: Person, proposal: Proposal, survivor: Proposal) -> None:
    if survivor.id == proposal.id:
        raise Invalid(_("Choose another proposal than this one."), field="survivor")
    if survivor.call_id != proposal.call_id or survivor.state not in CHANGEABLE:
        raise Invalid(_("Choose a proposal of the same call that is handed in and not decided."), field="survivor")
    if not can(actor, "proposal.merge", survivor):
        raise Invalid(_("You are close to the team of that proposal: somebody else must merge them."), field="survivor")
    if queries.open_change(survivor) is not None:
        raise WrongState(_("Another change of the team waits for its answers."))


def _after(proposal: Proposal, survivor: Proposal, credit_bp: int) -> dict[int, Share]:
    own = {member.person_id: member.share_bp for member in survivor.team}
    coming = {member.person_id: member.share_bp for member in proposal.team}
    people = {member.person_id: member for member in (*proposal.team, *survivor.team)}
    if len(people) > teams.LARGEST:
        raise Invalid(_("A team has at most %(n)s people.", n=teams.LARGEST), field="survivor")
    after = shares.joined(own, coming, credit_bp)
    if min(after.values()) <= 0:
        raise Invalid(_("The credit is too small to give everybody a share above 0 %."), field="credit")
    return {key: Share(people[key].person, people[key].part, share) for key, share in after.items()}
