"""What happens to ventures: they are chartered, get credits, and enter their stages.

Only a tranche is planned by an action of its own; the rest is called by the release of a decision, a confirmed gate,
or the hand-over of a sandbox.
"""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.calls.models import CreditPool
from incubator.core import audit, clock
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
from incubator.ventures.states import BY_GATE, LIFE, RUNNING, TRANCHE, VentureState


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

    Called by the release of the decision (no right of its own). Raises Overdrawn when the pool holds less, WrongState
    for a venture on hold.
    """
    if venture.held_until is not None:
        raise WrongState(_("This venture is on hold: it gets no new money or credits until a gate lets it go on."))
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
def plan_tranche(
    actor: Person,
    venture: Venture,
    *,
    amount: int,
    due_on: dt.date,
    stage: VentureState | None = None,
    credit: int | None = None,
) -> Tranche:
    """Plan the next payment of money to a venture (minor units of its proposal's currency); a gate makes it due.

    stage, credit (minor units): what else the gate opens; credits come from the pool of the venture's first. Raises
    Invalid for an amount that is not above zero, a day or a stage before that of the tranche before it, credits
    without a pool.
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
    _check_opens(venture, stage, credit)
    tranche = Tranche(
        venture=venture, number=before.number + 1 if before else 1, amount=amount, due_on=due_on,
        currency=venture.proposal.currency, stage=stage, credits=credit,
    )  # fmt: skip
    payload = {
        "number": tranche.number, "amount": amount, "due_on": due_on.isoformat(),
        "stage": stage.value if stage else None, "credits": credit,
    }  # fmt: skip
    audit.created(tranche, cause_id=venture.cause_id, payload=payload)
    return tranche


def _check_opens(venture: Venture, stage: VentureState | None, credit: int | None) -> None:
    """Raises Invalid (field stage, credits)."""
    planned = select(Tranche.stage).where(Tranche.venture_id == venture.id, Tranche.stage.is_not(None))
    order = list(BY_GATE)
    passed = {*db.session.scalars(planned), venture.state} & set(order)
    ahead = order[max((order.index(one) + 1 for one in passed), default=0) :]
    if stage is not None and stage not in ahead[:1]:
        raise Invalid(_("Choose the stage that follows the last one reached or planned."), field="stage")
    if credit is not None and credit <= 0:
        raise Invalid(_("Enter an amount above zero."), field="credits")
    if credit is not None and _first_pool(venture) is None:
        words = _("This venture was granted no credits yet: there is no pool to take them from.")
        raise Invalid(words, field="credits")


def _first_pool(venture: Venture) -> CreditPool | None:
    rows = select(CreditPool).join(CreditGrant, CreditGrant.pool_id == CreditPool.id)
    return db.session.scalar(rows.where(CreditGrant.venture_id == venture.id).order_by(CreditGrant.id).limit(1))


def pass_gate(tranche: Tranche, *, cause_id: int) -> None:
    """Open what a gate was set over: a hold ends, the stage is entered, the credits are granted, and the tranche falls
    due, of which the lead is told. Called by the confirmed gate (no right of its own).

    Raises WrongState for a venture that is on hold or does not stand at the stage before, Overdrawn when the pool
    holds less.
    """
    venture = _locked(tranche.venture)
    if venture.held_until is not None and venture.held_until > clock.today():
        raise WrongState(_("The venture is on hold until %(day)s.", day=venture.held_until.isoformat()))
    venture.held_until = None
    if tranche.stage is not None and tranche.stage is not venture.state:
        if not LIFE.allows(venture, BY_GATE[tranche.stage]):
            raise WrongState(_("The venture does not stand at the stage before the one that this gate opens."))
        LIFE.move(venture, BY_GATE[tranche.stage], cause_id=cause_id)
    pool = _first_pool(venture) if tranche.credits else None
    if pool is not None and tranche.credits:
        grant_credit(venture, pool=pool, amount=tranche.credits, cause_id=cause_id)
    _let_fall_due(tranche, cause_id=cause_id)


def hold(venture: Venture, *, until_on: dt.date) -> None:
    """Put a venture on hold: what runs goes on, nothing new is granted. Of two holds the later day counts. Called by
    the confirmed gate, whose event says so (no right of its own)."""
    held = _locked(venture)
    held.held_until = max(held.held_until or until_on, until_on)


def _locked(venture: Venture) -> Venture:
    rows = select(Venture).where(Venture.id == venture.id).with_for_update()
    return db.session.scalars(rows.execution_options(populate_existing=True)).one()


def _let_fall_due(tranche: Tranche, *, cause_id: int) -> None:
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
