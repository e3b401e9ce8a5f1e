"""What happens to ventures: they are chartered, get credits, and enter their stages.

None of these is an action of its own: the release of a decision, or the hand-over of a sandbox, calls them.
"""

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.calls.models import CreditPool
from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import WrongState
from incubator.ledger import services as ledger
from incubator.ledger.models import Entry
from incubator.ledger.services import Leg, Overdrawn
from incubator.notifications.services import notify
from incubator.people.access import allow
from incubator.proposals import services as proposals
from incubator.proposals.models import Consent, Proposal
from incubator.ventures.models import CreditGrant, Venture, VentureMember
from incubator.ventures.states import LIFE, VentureState


def charter(proposal: Proposal, *, cause_id: int) -> Venture:
    """Open the venture of an accepted proposal, bound to the version that was decided on, with its agreed shares.

    Called by the release of the decision (no right of its own); cause_id: the event of that release.
    """
    version = proposal.submitted_version
    if version is None:
        raise WrongState(_("A proposal that was never handed in has no venture."))
    proposals.charter(proposal, cause_id=cause_id)
    venture = Venture(
        number=proposal.number,
        name=version.title,
        proposal=proposal,
        proposal_version=version,
        company=proposal.company,
        lead=proposal.lead,
    )
    audit.created(venture, cause_id=cause_id, payload={"version": version.number})
    _take_over_team(venture, proposal)
    return venture


def _take_over_team(venture: Venture, proposal: Proposal) -> None:
    for member in proposal.team:
        if member.consent is not Consent.ACCEPTED:
            continue
        venture.members.append(VentureMember(person=member.person, part=member.part, share_bp=member.share_bp))
        allow(member.person_id, venture, "team")
        notify(member.person_id, "venture.chartered", f"/ventures/{venture.public_id}", venture=venture.name)


def grant_credit(venture: Venture, *, pool: CreditPool, amount: int, cause_id: int) -> CreditGrant:
    """Give a venture cloud credits (minor units) from a pool; the same cause again answers the first grant.

    Called by the release of the decision (no right of its own). Raises Overdrawn when the pool holds less.
    """
    source = ledger.account_of("pool", pool, pool.currency)
    target = ledger.account_of("grant", venture, pool.currency)
    key = f"grant-{venture.public_id}-{pool.public_id}-{cause_id}"
    try:
        entry = ledger.post(
            key, [Leg(source, -amount), Leg(target, amount)], memo=f"Credits for {venture.number}", cause_id=cause_id
        )
    except Overdrawn as short:
        words = _("The credit pool does not hold enough for %(venture)s.", venture=venture.name)
        raise Overdrawn(words, short.account, short.available) from short
    return _of_entry(entry) or _grant(venture, pool, amount, entry, cause_id)


def _of_entry(entry: Entry) -> CreditGrant | None:
    return db.session.scalar(select(CreditGrant).where(CreditGrant.entry_id == entry.id))


def _grant(venture: Venture, pool: CreditPool, amount: int, entry: Entry, cause_id: int) -> CreditGrant:
    grant = CreditGrant(venture=venture, pool=pool, amount=amount, currency=pool.currency, entry=entry)
    audit.created(grant, cause_id=cause_id, payload={"amount": amount, "currency": pool.currency})
    notify(venture.lead_id, "venture.credits", f"/ventures/{venture.public_id}", venture=venture.name)
    return grant


def open_sandbox(venture: Venture) -> None:
    """Enter the sandbox stage with the first sandbox that is handed over; later ones change nothing.

    Called by the hand-over (no right of its own).
    """
    locked = select(Venture).where(Venture.id == venture.id).with_for_update(key_share=True)
    db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if venture.state is VentureState.CHARTERED:
        LIFE.move(venture, "open_sandbox")
