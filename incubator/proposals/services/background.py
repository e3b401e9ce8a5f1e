"""Background IP: what the companies of a team had before and bring along, written down before it is handed in."""

from flask_babel import gettext as _

from incubator.core import audit
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.people.models import Company, Person
from incubator.proposals import queries
from incubator.proposals.models import BackgroundIp, Proposal
from incubator.proposals.services import moves
from incubator.proposals.services.drafts import WRITABLE

MOST = 20
LONGEST = 500


@action("proposal.add_background")
def add_background(actor: Person, proposal: Proposal, *, company: Company, what: str, terms: str = "") -> BackgroundIp:
    """Say what a company of the team brings along, and on which terms. Raises Invalid at company, what or terms."""
    moves.lock(proposal)
    moves.require_state(proposal, WRITABLE)
    if company.id not in {member.person.company_id for member in proposal.team}:
        raise Invalid(_("Choose a company of the team."), field="company")
    what, terms = moves.plain(what), moves.plain(terms)
    if not what:
        raise Invalid(_("Say what it is: a patent number, know-how, a data set."), field="what")
    for name, text in (("what", what), ("terms", terms)):
        if len(text) > LONGEST:
            raise Invalid(_("Shorten this to at most %(n)s characters.", n=LONGEST), field=name)
    if len(queries.background(proposal)) >= MOST:
        raise Invalid(_("A proposal names at most %(n)s.", n=MOST), field="what")
    entry = BackgroundIp(proposal=proposal, company=company, stated_by=actor, what=what, terms=terms)
    db.session.add(entry)
    db.session.flush()
    audit.record("proposal.add_background", proposal, {"company": company.public_id, "entry": entry.public_id})
    return entry


@action("proposal.remove_background")
def remove_background(actor: Person, proposal: Proposal, *, entry: BackgroundIp) -> None:
    """Take one back; what was handed in before keeps it."""
    moves.lock(proposal)
    moves.require_state(proposal, WRITABLE)
    audit.record("proposal.remove_background", proposal, {"entry": entry.public_id})
    db.session.delete(entry)
    db.session.flush()
