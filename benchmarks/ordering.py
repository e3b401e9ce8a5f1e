"""A venture with credits, two providers, and orders from the product's own services."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from benchmarks.provider import TOKEN, Provider
from benchmarks.world import World, build
from incubator.calls import services as calls
from incubator.cloud import services as cloud
from incubator.cloud.models import Plan
from incubator.core import audit, clock, keys
from incubator.core.db import db
from incubator.people.models import Person
from incubator.people.predicates import SYSTEM
from incubator.proposals.models import Consent, Proposal, ProposalVersion, TeamMember
from incubator.proposals.states import ProposalState
from incubator.ventures import services as ventures
from incubator.ventures.models import Venture

LIMIT = 20_00
"""Minor units that each order may spend: enough for the reserve and for the run."""


@dataclass
class Orders:
    """Who orders what, by key."""

    lead_id: int
    venture_id: int
    plans: dict[str, int]


def prepare(partner: Provider, total: int) -> Orders:
    """Everything that `total` orders need. Called within a transaction."""
    world = build(1)
    venture = venture_of(world)
    amount = LIMIT * total
    pool = calls.create_pool(SYSTEM, world.group, theme=world.theme, year=clock.today().year + 1, amount=amount)
    with audit.because(SYSTEM, "decision.release"):
        cause = audit.event_of(venture, "venture.create").id
        ventures.grant_credit(venture, pool=pool, amount=amount, cause_id=cause)
    local = cloud.install_local_provider(SYSTEM, world.group)
    small = select(Plan).where(Plan.code == "small", Plan.offer.has(provider_id=local.id))
    plans = {"partner": _partner(world, partner), "local": db.session.scalars(small).one()}
    db.session.flush()
    return Orders(venture.lead_id, venture.id, {key: plan.id for key, plan in plans.items()})


def venture_of(world: World) -> Venture:
    """An accepted proposal's venture."""
    lead, now = world.everybody, clock.now()
    with audit.because(lead, "proposal.create"):
        proposal = Proposal(
            number=keys.spoken("V"), call=world.call, theme=world.theme, company=world.group, lead=lead,
            title="Heat from server rooms", lang="en", state=ProposalState.ACCEPTED, asked=LIMIT,
        )  # fmt: skip
        audit.created(proposal, cause_id=audit.event_of(world.call, "call.publish").id)
        version = ProposalVersion(
            proposal=proposal, number=1, author=lead, title=proposal.title, answers={}, saved_at=now, frozen_at=now,
            hash=hashlib.sha256(b"heat").digest(),
        )  # fmt: skip
        member = TeamMember(proposal=proposal, person=lead, share_bp=10_000, consent=Consent.ACCEPTED)
        db.session.add_all([version, member])
        db.session.flush()
        proposal.submitted_at, proposal.submitted_version = now, version
    with audit.because(SYSTEM, "decision.release"):
        cause = audit.record("decision.release", proposal)
        return ventures.charter(proposal, cause_id=cause.id)


def _partner(world: World, provider: Provider) -> Plan:
    row = cloud.add_provider(
        SYSTEM, world.group, code="partner", name={"en": "Partner cloud", "zh": "合作云"}, driver="http",
        address=provider.address, token=TOKEN,
    )  # fmt: skip
    offer = cloud.add_offer(
        SYSTEM, row, code="db", name={"en": "Database", "zh": "数据库"}, summary={"en": "One", "zh": "一个"},
        category="data", tags=["SQL"], ready_seconds=1,
    )  # fmt: skip
    return cloud.add_plan(
        SYSTEM, offer, code="small", name={"en": "Small", "zh": "小型"}, price_hour=Decimal(100),
        price_gb_hour=Decimal(0), max_cost_hour=Decimal(100), connections=5, disk_mb=10,
    )  # fmt: skip


def order(orders: Orders, provider: str, number: int) -> None:
    """Order sandboxes, all in the running transaction."""
    lead = db.session.get_one(Person, orders.lead_id)
    venture = db.session.get_one(Venture, orders.venture_id)
    plan = db.session.get_one(Plan, orders.plans[provider])
    for _ in range(number):
        cloud.order(lead, venture, plan=plan, limit=LIMIT, days=30)
