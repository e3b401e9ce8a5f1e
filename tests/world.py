"""One thing of every kind with the people around it, and persons of every role who have no part in any of them."""

import datetime as dt
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from sqlalchemy import select

from incubator.calls.states import CallState
from incubator.cloud import services as cloud
from incubator.cloud.models import Operation, Plan
from incubator.cloud.states import Desired, OperationState, SandboxState
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Company, Person, Role, RoleGrant
from incubator.people.predicates import SYSTEM
from incubator.proposals import services as proposals
from incubator.proposals.models import Consent, Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews import services as reviews
from incubator.rules.models import RuleVersion
from incubator.transparency import services as transparency
from incubator.ventures import services as ventures
from tests.equity.scene import Scene as Equity
from tests.make import Make
from tests.patents.scene import Scene as Patents
from tests.reviews.conftest import Story, content

ROLES = tuple(Role)


@dataclass
class World:
    """things: public id by name. people: by name; a role's name is somebody who holds it over all companies here and
    has no part in anything; `stranger` holds every role, elsewhere; `employee` holds none."""

    make: Make
    things: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    companies: list[Company] = field(default_factory=list)


def build(make: Make) -> World:
    """Play everything through the services."""
    world = World(make)
    story, patents, equity = Story(make), Patents(make), Equity(make)
    world.companies = [story.company, patents.company, equity.group]
    _of_calls(world, story)
    _of_proposals(world, story)
    _of_reviews(world, story)
    _of_cloud(world, patents)
    _of_patents(world, patents)
    _of_equity(world, equity)
    _bystanders(world, story.company)
    return world


def _of_calls(world: World, story: Story) -> None:
    draft = world.make.call(story.company, committee=story.call.committee, state=CallState.DRAFT)
    world.things |= {"call": story.call.public_id, "draft_call": draft.public_id}
    world.things |= {
        "company": story.company.public_id, "committee": draft.committee.public_id, "theme": story.theme.public_id,
        "rubric": draft.rubric.public_id, "decision_rule": draft.rule.public_id,
    }  # fmt: skip
    world.people |= {"its_office": story.office, "its_chair": story.chair}


def _of_proposals(world: World, story: Story) -> None:
    author = world.make.person(story.company, name="Author")
    mate = world.make.person(story.company, name="Mate")
    world.people |= {"author": author, "mate": mate}
    world.things["author_id"] = author.public_id
    for state in (
        ProposalState.DRAFT, ProposalState.SUBMITTED, ProposalState.SCREENING, ProposalState.RETURNED,
        ProposalState.WITHDRAWN,
    ):  # fmt: skip
        proposal = world.make.proposal(story.call, author, state=state)
        world.things[f"{state.value}_proposal"] = proposal.public_id
        if state is ProposalState.DRAFT:
            with transaction():
                attachment = proposals.attach(author, proposal, file=BytesIO(b"Measured: 42"), name="measured.txt")
            world.things["attachment"] = attachment.public_id
            world.things["version"] = proposals.drafts.queries.newest(proposal).public_id
    waiting = world.make.proposal(
        story.call, author, state=ProposalState.DRAFT, shares={author: 6_000, mate: 4_000}
    )  # fmt: skip
    with transaction():
        proposals.ask_team(author, _complete(waiting))
    world.things["waiting_proposal"] = waiting.public_id


def _complete(proposal: Proposal) -> Proposal:
    version = proposals.drafts.queries.newest(proposal)
    version.answers = {"summary": "Reuse the heat."}
    for member in proposal.team:
        member.consent = Consent.ACCEPTED if member.person_id == proposal.lead_id else Consent.ASKED
    return proposal


def _of_reviews(world: World, story: Story) -> None:
    author = world.people["author"]
    proposal = story.proposal(lead=author, title="Under review")
    fresh, written = story.put(proposal, story.first, story.second)
    with transaction():
        reviews.declare(story.second, written, has_conflict=False)
        reviews.save(story.second, written, content=content(4))
    world.things |= {
        "proposal_in_review": proposal.public_id, "review": fresh.public_id, "draft_review": written.public_id,
        "round": story.round.public_id,
    }  # fmt: skip
    world.people |= {"reviewer_1": story.first, "reviewer_2": story.second, "member": story.third}
    decided = Story(world.make)
    judged = decided.reviewed((5, 5, 5, 5), (4, 4, 4, 4))
    decided.decided()
    decision = reviews.deciding.queries.current_decisions(decided.round)[0]
    world.things |= {"decided_round": decided.round.public_id, "decision": decision.public_id}
    world.people |= {
        "decided_author": judged.lead, "decided_chair": decided.chair, "decided_member": decided.third,
    }  # fmt: skip
    world.companies.append(decided.company)


def _of_cloud(world: World, scene: Patents) -> None:
    make, venture = world.make, scene.venture
    pool = make.pool(make.theme(scene.company), amount=1_000_000)
    operator = make.person(scene.company, Role.CLOUD_OPERATOR, name="Operator")
    with make.acting():
        ventures.grant_credit(
            venture, pool=pool, amount=1_000_000, cause_id=audit.event_of(venture, "venture.create").id
        )  # fmt: skip
        cloud.install_local_provider(operator, scene.company)
    plan = db.session.scalars(select(Plan).where(Plan.code == "small")).one()
    with transaction():
        sandbox = cloud.order(scene.lead, venture, plan=plan, limit=2_000, days=30)
    operation = db.session.scalars(select(Operation).where(Operation.sandbox_id == sandbox.id)).one()
    with transaction():
        operation.state = OperationState.DEAD
        sandbox.state, sandbox.desired = SandboxState.ACTIVE, Desired.ACTIVE
    with make.acting(SYSTEM):
        cloud.access.keep(sandbox, _secret())
        cloud.metering.start(sandbox)
    world.things |= {
        "venture": venture.public_id, "offer": plan.offer.public_id, "plan": plan.public_id,
        "sandbox": sandbox.public_id, "operation": operation.public_id,
    }  # fmt: skip
    world.people |= {"its_operator": operator}


def _secret() -> Any:
    return cloud.access.Secret(host="localhost", port=5432, database="sb_x", user="sb_x", password="not-a-real-one")


def _of_patents(world: World, scene: Patents) -> None:
    asked = scene.disclose()
    assessed = scene.assessed()
    proposed = scene.proposed()
    filed, second, third = (scene.filed(dt.date(year, 3, 1)) for year in (2021, 2022, 2023))
    award, matter = scene.granted(matter=second), scene.matter()
    calculated = scene.calculated(scene.granted(matter=third))
    world.things |= {
        "disclosure": asked.public_id, "assessed_disclosure": assessed.public_id,
        "proposed_disclosure": proposed.public_id, "matter": matter.public_id, "filed_matter": filed.public_id,
        "matter_event": filed.events[0].public_id, "award": award.public_id,
        "calculated_award": calculated.public_id, "inventor_number": scene.lead.hr_number,
        "co_inventor_number": scene.mate.hr_number,
    }  # fmt: skip
    world.people |= {
        "inventor": scene.lead, "co_inventor": scene.mate, "its_counsel": scene.counsel, "ip_office": scene.office,
        "award_maker": scene.hr_a, "award_checker": scene.hr_b,
    }  # fmt: skip
    world.things["rule"] = db.session.scalars(select(RuleVersion).order_by(RuleVersion.id).limit(1)).one().public_id


def _of_equity(world: World, scene: Equity) -> None:
    scene.install_rules()
    waiting, plan = scene.drafted_plan(), scene.plan()
    draft = scene.draft(plan)
    submitted = scene.submitted(plan, units=1_000)
    offered = scene.offered(plan, units=2_000)
    with transaction():
        case = transparency.open_case(scene.auditor, offered, reason="The yearly audit", days=3)
    world.things |= {
        "waiting_plan": waiting.public_id, "equity_plan": plan.public_id, "draft_grant": draft.public_id,
        "submitted_grant": submitted.public_id, "offered_grant": offered.public_id, "case": case.public_id,
        "equity_venture": scene.venture.public_id, "holder_id": scene.lead.public_id,
        "member_id": scene.member.public_id, "grant_number": offered.number,
        "letter_hash": (offered.letter_hash or b"").hex(),
    }  # fmt: skip
    world.people |= {
        "grant_maker": scene.maker, "grant_checker": scene.checker, "holder": scene.lead,
        "venture_member": scene.member, "case_auditor": scene.auditor,
    }  # fmt: skip


def _bystanders(world: World, home: Company) -> None:
    for role in ROLES:
        person = world.make.person(home, role, name=f"Any {role.value}")
        for company in world.companies[1:]:
            world.make.add(RoleGrant(person=person, company_id=company.id, role=role, from_on=clock.today()))
        world.people[role.value] = person
    world.people["employee"] = world.make.person(home, name="Any employee")
    world.people["stranger"] = world.make.person(world.make.company(), *ROLES, name="Stranger")
