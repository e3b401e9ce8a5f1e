"""Drafts from a table, made by the office in the proposers' names: each is theirs to go on with and to hand in, and
everybody of a team is asked as always."""

from flask_babel import gettext as _

from incubator.calls.models import Call
from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.files import services as files
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.proposals.models import Attachment, Consent, Proposal, ProposalVersion, TeamMember
from incubator.proposals.services import attachments, moves
from incubator.proposals.services.lines import Plan, Planned


@action("proposal.import")
def import_drafts(actor: Person, call: Call, *, plan: Plan) -> list[Proposal]:
    """Make the drafts of a plan, all or none; the proposers are told. Raises Invalid at file, WrongState when the call
    takes no proposals now."""
    if not call.is_open_at(clock.now()):
        raise WrongState(_("The call is closed: it takes no more proposals."))
    if plan.faults:
        raise Invalid(_("Lines have faults: nothing is taken."), field="file")
    event = audit.record("proposal.import", call, {"proposals": len(plan.drafts)})
    return [_draft(actor, call, one, event.id) for one in plan.drafts]


def _draft(actor: Person, call: Call, planned: Planned, cause_id: int) -> Proposal:
    proposal = Proposal(
        number=keys.spoken("V"), call=call, company=planned.lead.company, lead=planned.lead, title=planned.title,
        lang=planned.lang, theme=planned.theme, asked=planned.asked,
    )  # fmt: skip
    audit.created(proposal, cause_id=cause_id, payload={"call": call.public_id, "imported": True})
    version = ProposalVersion(
        proposal=proposal, number=1, author=actor, title=planned.title, answers=planned.answers, saved_at=clock.now()
    )
    db.session.add(version)
    for share in planned.team:
        consent = Consent.ACCEPTED if share.person.id == planned.lead.id else Consent.ASKED
        place = {"person": share.person, "part": share.part[:120], "share_bp": share.share_bp, "consent": consent}
        db.session.add(TeamMember(proposal=proposal, **place))
    if len(planned.files) > attachments.MOST:
        raise Invalid(
            _("A proposal has at most %(n)s attachments. Remove one first.", n=attachments.MOST), field="file"
        )
    for field, name, data in planned.files:
        kept = files.keep(actor, data, name)
        db.session.add(Attachment(proposal=proposal, file=kept, added_in=1, field=field))
    db.session.flush()
    notify(planned.lead.id, "proposal.imported", moves.address(proposal, "/edit"), title=proposal.title)
    return proposal
