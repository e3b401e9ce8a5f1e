"""What happens to ventures: they are chartered, get credits, and enter their stages.

Only a tranche is planned by an action of its own; the rest is called by the release of a decision, a confirmed gate,
or the hand-over of a sandbox.
"""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.calls.models import CreditPool
from incubator.core import audit
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.ledger import services as ledger
from incubator.ledger.models import Entry
from incubator.ledger.services import Leg, Overdrawn
from incubator.notifications.services import notify
from incubator.people.access import allow
from incubator.people.models import Person
from incubator.proposals import services as proposals
from incubator.proposals.models import Consent, Proposal
from incubator.ventures.models import CreditGrant, Tranche, Venture, VentureMember
from incubator.ventures.states import LIFE, RUNNING, TRANCHE, VentureState


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


@action("tranche.plan")
def plan_tranche(actor: Person, venture: Venture, *, amount: int, due_on: dt.date) -> Tranche:
    """Plan the next payment of money to a venture (minor units of its proposal's currency); a gate makes it due.

    Raises Invalid for an amount that is not above zero, or a day before that of the tranche before it.
    """
    locked = select(Venture.id).where(Venture.id == venture.id).with_for_update()
    db.session.execute(locked)
    if venture.state not in RUNNING:
        raise WrongState(_("This venture has ended: no more is paid to it."))
    last = select(Tranche).where(Tranche.venture_id == venture.id).order_by(Tranche.number.desc()).limit(1)
    before = db.session.scalar(last)
    if amount <= 0:
        raise Invalid(_("Enter an amount above zero."), field="amount")
    if before is not None and due_on < before.due_on:
        raise Invalid(_("Choose a day after that of the tranche before it."), field="due_on")
    tranche = Tranche(
        venture=venture, number=before.number + 1 if before else 1, amount=amount, due_on=due_on,
        currency=venture.proposal.currency,
    )  # fmt: skip
    payload = {"number": tranche.number, "amount": amount, "due_on": due_on.isoformat()}
    audit.created(tranche, cause_id=venture.cause_id, payload=payload)
    return tranche


def let_fall_due(tranche: Tranche, *, cause_id: int) -> None:
    """Make a planned tranche due, and tell the lead. Called by the confirmed gate (no right of its own)."""
    TRANCHE.move(tranche, "fall_due", cause_id=cause_id)
    venture = tranche.venture
    notify(venture.lead_id, "venture.tranche_due", f"/ventures/{venture.public_id}", venture=venture.name)


def stop(venture: Venture, *, reason: str, cause_id: int) -> None:
    """End a venture that a gate killed: what is not paid yet is cancelled, and its team is told.

    What follows by rule (no orders, unspent credits back, vesting) hangs on its state; nothing happens to one that has
    ended already but that its open tranches are cancelled. Called by the confirmed gate (no right of its own).
    """
    locked = select(Venture).where(Venture.id == venture.id).with_for_update()
    db.session.scalars(locked.execution_options(populate_existing=True)).one()
    event_id = cause_id
    if LIFE.allows(venture, "stop"):
        event_id = LIFE.move(venture, "stop", reason=reason, cause_id=cause_id).id
        for person_id in sorted({venture.lead_id, *(member.person_id for member in venture.members)}):
            notify(person_id, "venture.stopped", f"/ventures/{venture.public_id}", venture=venture.name)
    unpaid = select(Tranche).where(Tranche.venture_id == venture.id, Tranche.state.in_(TRANCHE.steps["cancel"][0]))
    for tranche in db.session.scalars(unpaid.order_by(Tranche.number).with_for_update()):
        TRANCHE.move(tranche, "cancel", cause_id=event_id)
