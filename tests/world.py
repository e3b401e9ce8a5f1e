"""One thing of every kind with the people around it, and persons of every role who have no part in any of them."""

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import Any

from sqlalchemy import select

from incubator.approvals import services as approvals
from incubator.calls.models import Visibility
from incubator.calls.states import CallState
from incubator.calls.templates import IDEA
from incubator.cloud import services as cloud
from incubator.cloud import vault
from incubator.cloud.bill_states import BILL, ChargedBy
from incubator.cloud.models import (
    Finding,
    Lease,
    ManualAccount,
    ManualTask,
    Operation,
    Plan,
    Sandbox,
    SandboxMember,
)
from incubator.cloud.services import asking, bills, months
from incubator.cloud.states import (
    Desired,
    FindingKind,
    LeaseState,
    MemberState,
    OperationState,
    SandboxState,
    TaskKind,
)
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity import services as grants
from incubator.equity.models import EquityPlan, PartState
from incubator.equity.services import exchange as capital_exchange
from incubator.equity.services import transfers
from incubator.ledger import services as ledger
from incubator.ledger.models import Account
from incubator.patents import jobs as patent_jobs
from incubator.patents import services as patents
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import (
    CostPurpose,
    CostStage,
    Deadline,
    DeadlineDifference,
    DeadlineRun,
    DifferenceKind,
    ImportKind,
    Matter,
    SecurityReview,
    TradeSecret,
)
from incubator.patents.services import exchange
from incubator.patents.states import DeadlineState, Decision
from incubator.people import access
from incubator.people import services as people
from incubator.people.models import Company, Person, Role, RoleGrant
from incubator.people.models import ImportKind as DirectoryKind
from incubator.people.predicates import SYSTEM
from incubator.proposals import services as proposals
from incubator.proposals.models import BatchStep, Confidentiality, Consent, Proposal
from incubator.proposals.services import Share
from incubator.proposals.states import ProposalState
from incubator.reviews import jobs as review_jobs
from incubator.reviews import services as reviews
from incubator.reviews.models import PanelKind, PanelOutcome
from incubator.rules.models import RuleVersion
from incubator.transparency import services as transparency
from incubator.ventures import services as ventures
from tests.equity.capital import Capital
from tests.equity.scene import Scene as Equity
from tests.equity.test_growth import VALUED, Growth, paid
from tests.make import Make
from tests.patents.scene import Scene as Patents
from tests.reviews.conftest import KEYS, Story, content
from tests.tracing import untraced

ROLES = tuple(Role)
OCF = (
    b'{"file_type": "OCF_STAKEHOLDERS_FILE", "items": [{"object_type": "STAKEHOLDER", "id": "s",'
    b' "name": {"legal_name": "Fund"}, "stakeholder_type": "INSTITUTION"}]}'
)


@dataclass
class World:
    """things: public id by name. people: by name; a role's name is somebody who holds it over all companies here and
    has no part in anything; `stranger` holds every role, elsewhere; `employee` holds none."""

    make: Make
    things: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    companies: list[Company] = field(default_factory=list)
    elsewhere: Company | None = None


@untraced
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
    _of_capital(world, Capital(equity))
    _bystanders(world, story.company)
    return world


def _of_calls(world: World, story: Story) -> None:
    form = IDEA.as_data()
    draft = world.make.call(story.company, committee=story.call.committee, state=CallState.DRAFT, form=form)
    world.things |= {"call": story.call.public_id, "draft_call": draft.public_id}
    world.things |= {"question": "summary", "section": "idea"}
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
    _of_steps(world, story)


def _of_steps(world: World, story: Story) -> None:
    """Proposals with questions, an appeal, a trigger, and a change of the team."""
    author, mate, make = world.people["author"], world.people["mate"], world.make
    shares = {author: 6_000, mate: 4_000}
    changing = make.proposal(story.call, author, state=ProposalState.SCREENING, shares=shares)
    other = make.proposal(story.call, author, state=ProposalState.SCREENING, shares=shares)
    asked = make.proposal(story.call, author, state=ProposalState.IN_REVIEW)
    shelved, appealed = (make.proposal(story.call, author, state=ProposalState.SHELVED) for _ in range(2))
    draft = db.session.scalars(select(Proposal).where(Proposal.public_id == world.things["draft_proposal"])).one()
    for one in (changing, other):
        with make.acting():
            audit.record("proposal.submit", one)
            access.allow(mate.id, one, "team")
    with transaction():
        members = [Share(author, "", 5_000), Share(mate, "", 5_000)]
        change = proposals.propose_change(author, other, members=members, reason="Fair.")
        day = clock.today() + dt.timedelta(days=3)
        proposals.ask(story.chair, asked, questions=[proposals.Asked("How?")], due_on=day)
        proposals.appeal(author, appealed, reason="It was overlooked.")
        trigger = proposals.set_trigger(story.office, shelved, word="heat")
        entry = proposals.add_background(author, draft, company=author.company, what="A patent")
        key = world.things["submitted_proposal"]
        submitted = db.session.scalars(select(Proposal).where(Proposal.public_id == key)).one()
        order = proposals.Order(BatchStep.CLASSIFY, confidentiality=Confidentiality.CONFIDENTIAL)
        batch = proposals.take_step(story.office, [submitted], order=order)
        view = people.save_view(author, "proposals", name="Drafts", query="state=draft")
    world.things |= {
        "changing_proposal": changing.public_id, "team_change": change.public_id, "asked_proposal": asked.public_id,
        "shelved_proposal": shelved.public_id, "appealed_proposal": appealed.public_id, "trigger": trigger.public_id,
        "background": entry.public_id, "other_proposal": other.public_id,
        "screening_batch": batch.public_id, "saved_view": view.public_id,
    }  # fmt: skip
    _of_talk(world, story, changing)


def _of_talk(world: World, story: Story, proposal: Proposal) -> None:
    """Talk about a proposal, an offer to join its team, and a question about one of another company."""
    author, make = world.people["author"], world.make
    friend = world.people["friend"] = make.person(story.company, name="Friend")
    with make.acting():
        audit.record("test.happened", proposal)
        access.allow(friend.id, proposal, "friend")
    world.elsewhere = make.company()
    far = make.call(world.elsewhere, visibility=Visibility.JOINABLE)
    hidden = make.proposal(far, make.person(far.company), state=ProposalState.SUBMITTED)
    found = select(Proposal).where(Proposal.public_id == world.things["screening_proposal"])
    opened = make.proposal(far, author, state=ProposalState.SUBMITTED)
    with make.acting():
        audit.record("test.happened", opened)
        access.allow(friend.id, opened, "friend")
    with transaction():
        opening = proposals.open_to_colleagues(author, opened, summary="A pump", wanted="A welder")
        told = proposals.offer_to_join(friend, opened, skills="Welding")
        comment = proposals.write_comment(author, proposal, text="Look at page 2.")
        offer = proposals.offer_to_join(friend, proposal, skills="Pumps")
        asked = proposals.ask_likeness(
            story.office, db.session.scalars(found).one(), other=hidden, question="A pump that needs no bearing?"
        )
    world.things |= {
        "comment": comment.public_id, "join_offer": offer.public_id, "likeness": asked.public_id,
        "hidden_proposal": hidden.public_id, "opened_proposal": opened.public_id, "opening": opening.public_id,
        "opening_offer": told.public_id,
    }  # fmt: skip


def _complete(proposal: Proposal) -> Proposal:
    version = proposals.drafts.queries.newest(proposal)
    version.answers = {"summary": "Reuse the heat."}
    for member in proposal.team:
        member.consent = Consent.ACCEPTED if member.person_id == proposal.lead_id else Consent.ASKED
    return proposal


def _of_reviews(world: World, story: Story) -> None:
    _of_assignments(world, story)
    author = world.people["author"]
    proposal = story.proposal(lead=author, title="Under review")
    fresh, written = story.put(proposal, story.first, story.second)
    with transaction():
        reviews.declare(story.second, written, has_conflict=False)
        reviews.save(story.second, written, content=content(4))
    managed = story.make.person(story.company, manager=story.third)
    (sealed, other) = story.put(story.proposal(lead=managed, title="Sealed once"), story.first, story.second)
    story.review(sealed, 4)
    with transaction():
        wish = reviews.ask_hand_over(story.second, written, to=story.third.public_id, reason="Away")
    world.things["hand_over"] = wish.public_id
    helper = story.make.person(story.company)
    with transaction():
        asked = reviews.ask_help(story.second, written, hr_number=helper.hr_number, reason="Chemistry")
    world.things["sub_review"] = asked.public_id
    mate = world.people["mate"]
    with transaction():
        reviews.declare(story.second, other, has_conflict=False)
        approved = reviews.ask_help(story.second, other, hr_number=mate.hr_number, reason="Chemistry")
        reviews.answer_help(story.office, approved, approves=True)
    world.things["approved_help"] = approved.public_id
    world.things |= {"sealed_review": sealed.public_id, "conflicted": story.third.public_id}
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
    with transaction():
        table = reviews.convene(decided.chair, decided.round)
    (row,) = reviews.deciding.queries.agenda(table, decided.chair)
    with transaction():
        reviews.note_presence(decided.chair, table, here=[decided.chair.public_id])
    world.things |= {"item": row.public_id, "member_key": decided.chair.public_id}
    world.people |= {
        "decided_author": judged.lead, "decided_chair": decided.chair, "decided_member": decided.third,
    }  # fmt: skip
    world.companies.append(decided.company)
    _of_panels(world, story)


def _of_panels(world: World, story: Story) -> None:
    """A gate that is judged, one that is decided and waits for a second member, and one that asks something."""
    found = []
    for lead in (None, None, world.people["author"]):
        proposal = world.make.proposal(story.call, lead, state=ProposalState.ACCEPTED)
        venture = world.make.venture(proposal)
        with transaction():
            tranche = ventures.plan_tranche(story.office, venture, amount=100, due_on=clock.today())
            found.append(
                reviews.open_panel(
                    story.office, reviews.subject_of(PanelKind.GATE, tranche), committee=story.call.committee,
                    rubric=story.call.rubric, rule=story.call.rule, reviewers=[story.first, story.second],
                    due_on=clock.today(), brief="As set.",
                )
            )  # fmt: skip
    judged, decided, asking = found
    given = reviews.Judgement(dict.fromkeys(KEYS, 4))
    with transaction():
        reviews.clear_panel_review(story.second, judged.reviews[1])
        for review in (*decided.reviews, *asking.reviews):
            reviews.clear_panel_review(review.reviewer, review)
            reviews.seal_panel_review(review.reviewer, review, judgement=given)
        reviews.decide_panel(story.chair, decided)
        reviews.decide_panel(story.chair, asking, outcome=PanelOutcome.PIVOT, reason="Early.", asks="Two customers.")
        reviews.confirm_panel(story.third, asking)
    world.things |= {
        "asking_gate": asking.public_id,
        "panel": judged.public_id, "decided_panel": decided.public_id, "gated_venture": venture.public_id,
        "panel_review": judged.reviews[0].public_id, "panel_draft": judged.reviews[1].public_id,
    }  # fmt: skip


def _of_assignments(world: World, story: Story) -> None:
    settings = {"reviews": 2, "least": 0, "most": 9, "unknown": 20, "per_company": None, "seats": [],
                "needs_senior": False, "fair": False, "partial": False, "members": {}}  # fmt: skip
    with transaction():
        run = reviews.prepare_assignment(story.office, story.call, settings=settings)
    review_jobs.assign_reviewers()
    world.things["assignment"] = run.public_id


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
        _of_cloud_repairs(world, sandbox, scene)
    world.things |= {
        "venture": venture.public_id, "offer": plan.offer.public_id, "plan": plan.public_id,
        "sandbox": sandbox.public_id, "operation": operation.public_id,
        "cloud_provider": plan.offer.provider.public_id, "cloud_company": scene.company.public_id,
    }  # fmt: skip
    world.people |= {"its_operator": operator}
    _of_credits(world, scene.company, plan, operator)


def _of_credits(world: World, company: Company, plan: Plan, operator: Person) -> None:
    """A price that waits for finance, and a bill that nobody can be charged with."""
    with transaction():
        wish = asking.propose_price(
            operator, plan, price_unit=Decimal(60), max_cost_hour=Decimal(60), valid_from=clock.now(), reason="Dearer"
        )
    with world.make.acting():
        event = audit.record("bill.import", company)
        months.put_in_suspense(company, currency="CNY", amount=700, key="bill", memo="A bill", cause_id=event.id)
    suspense = db.session.scalars(select(Account).where(Account.kind == "suspense")).one()
    world.things |= {"wish": wish.public_id, "suspense": suspense.public_id}
    _of_bills(world, company, operator)


def _of_bills(world: World, company: Company, operator: Person) -> None:
    """A provider that charges by bill, and a bill of it that waits for finance."""
    with transaction():
        provider = cloud.add_provider(
            operator, company, code="by-bill", name={"en": "By bill", "zh": "按账单"}, driver="manual",
            charged_by=ChargedBy.BILL,
        )  # fmt: skip
        held = bills.upload(operator, provider, file=BytesIO(b"a,b\n1,2\n"), name="bill.csv")
    with world.make.acting():
        BILL.move(held, "hold")
    world.things |= {"billed_provider": provider.public_id, "held_bill": held.public_id}


def _of_cloud_repairs(world: World, sandbox: Sandbox, scene: Patents) -> None:
    """Somebody with access, a sandbox that was lost, an account that is nobody's, a task for a person."""
    provider, now = sandbox.provider, clock.now()
    sealed = vault.encrypt(json.dumps(asdict(_secret())))
    member = SandboxMember(sandbox=sandbox, person=scene.mate, state=MemberState.IN, ciphertext=sealed)
    ordered = (
        "venture",
        "plan",
        "person",
        "spend_limit",
        "reserve",
        "currency",
        "days",
        "cause_id",
        "price_hour",
        "price_gb_hour",
    )
    with_lease = {name: getattr(sandbox.lease, name) for name in ordered}
    lost = Sandbox(
        number="SB-LOST01", name="Lost", lease=Lease(state=LeaseState.RUNNING, **with_lease), venture=sandbox.venture,
        company_id=sandbox.company_id, provider=provider, state=SandboxState.LOST, cause_id=sandbox.cause_id,
    )  # fmt: skip
    orphan = Finding(
        provider_id=provider.id, kind=FindingKind.ORPHAN, key="stray", first_at=now, last_at=now,
    )  # fmt: skip
    limits = {"connections": 1, "disk_mb": 1, "settings": {}}
    account = ManualAccount(provider_id=provider.id, key="by-hand", limits=limits)
    task = ManualTask(account=account, kind=TaskKind.CREATE)
    db.session.add_all([member, lost, orphan, account, task])
    db.session.flush()
    ledger.account_of("hold", lost, lost.lease.currency)
    world.things |= {
        "sandbox_member": member.public_id, "lost_sandbox": lost.public_id, "orphan": orphan.public_id,
        "manual_task": task.public_id, "mate_of_sandbox": scene.mate.public_id,
    }  # fmt: skip


def _secret() -> Any:
    return cloud.access.Secret(host="localhost", port=5432, database="sb_x", user="sb_x", password="not-a-real-one")


def _of_patents(world: World, scene: Patents) -> None:
    asked = scene.taken_up()
    assessed = scene.assessed()
    proposed = scene.proposed()
    filed, second, third = (scene.filed(dt.date(year, 3, 1)) for year in (2021, 2022, 2023))
    award, matter = scene.granted(matter=second), scene.matter()
    _more_of_patents(world, scene)
    calculated = scene.calculated(scene.granted(matter=third))
    _of_deadlines(world, scene, filed)
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


def _more_of_patents(world: World, scene: Patents) -> None:
    changing = scene.agreed()
    with transaction():
        patents.propose_change(
            scene.lead, changing, shares=[(scene.lead, 5000), (scene.mate, 5000)], reason="He built it."
        )
    kept, lifting = scene.decided(Decision.KEEP_SECRET), scene.decided(Decision.KEEP_SECRET)
    secrets = {one.disclosure_id: one for one in db.session.scalars(select(TradeSecret))}
    with transaction():
        patents.propose_lift(scene.counsel, secrets[lifting.id], reason="It leaked.")
    scene.decided(Decision.FILE, kind=PatentKind.INVENTION, office="EPO")
    paid = scene.in_payroll(scene.granted(dt.date(2024, 6, 3), scene.filed(dt.date(2020, 3, 1))))
    with transaction():
        use = patents.record_use(
            scene.counsel, paid.matter, mode=Mode.OWN_USE, from_on=dt.date(2025, 1, 1), to_on=dt.date(2025, 12, 31),
            income=1_000_000, evidence="Audited",
        )  # fmt: skip
        columns = "invention,office,kind,number,filed_on"
        record = exchange.receive(
            scene.counsel, None, kind=ImportKind.MATTERS, data=columns.encode(), name="matters.csv"
        )
    world.things |= {
        "changing_disclosure": changing.public_id, "kept_secret": secrets[kept.id].public_id,
        "secret": secrets[lifting.id].public_id,
        "security_review": db.session.scalars(select(SecurityReview)).one().public_id,
        "paid_award": paid.public_id, "granted_matter": paid.matter.public_id, "use": use.public_id,
        "import": record.public_id, "rule_kind": "award",
    }  # fmt: skip


def _of_deadlines(world: World, scene: Patents, filed: Matter) -> None:
    patent_jobs.recompute()
    deadlines = list(
        db.session.scalars(select(Deadline).where(Deadline.matter_id == filed.id, Deadline.duty).order_by(Deadline.id))
    )
    open_, dropping = deadlines[:2]
    with transaction():
        patents.deadlines.propose_drop(scene.counsel, dropping, reason="No market.")
        cost = patents.add_cost(
            scene.counsel, filed, stage=CostStage.PLANNED, purpose=CostPurpose.OFFICE, full_amount=90_000,
            currency="CNY", on_day=clock.today(),
        )  # fmt: skip
    twin = _copied(open_, key="closed", state=DeadlineState.DONE, done_on=clock.today())
    other = _copied(open_, key="differing")
    with transaction():
        db.session.add_all([twin, other])
        db.session.flush()
        run = db.session.scalars(select(DeadlineRun).limit(1)).one()
        difference = DeadlineDifference(
            deadline=other, matter_id=filed.id, company_id=filed.company_id, run=run, kind=DifferenceKind.GONE,
            before={"due_on": "2027-01-04"}, after={}, place=1,
        )  # fmt: skip
        db.session.add(difference)
    world.things |= {
        "deadline": open_.public_id, "dropping_deadline": dropping.public_id, "closed_deadline": twin.public_id,
        "difference": difference.public_id, "family": filed.family.public_id, "cost": cost.public_id,
        "counsel_number": scene.counsel.hr_number,
    }  # fmt: skip


def _copied(one: Deadline, **changes: Any) -> Deadline:
    names = {column.name for column in Deadline.__table__.c} - {"id", "public_id"}
    return Deadline(**{name: getattr(one, name) for name in names} | changes)


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
    world.things |= _in_force(scene, plan) | _of_growth(scene)
    world.people |= {
        "grant_maker": scene.maker, "grant_checker": scene.checker, "holder": scene.lead,
        "venture_member": scene.member, "case_auditor": scene.auditor,
    }  # fmt: skip


def _of_growth(scene: Equity) -> dict[str, str]:
    """A plan on value growth: what waits for its signatures, what is done with a part to be paid back, a stand-in."""
    growth = Growth(scene, "value_growth", 10_000_000, rate_bps=400)
    done = growth.settled(growth.worth(2_000_000_000), first_due_on=VALUED)
    paid(done, growth.finance, scene.maker)
    lower = growth.worth(1_100_000_000, VALUED + dt.timedelta(days=1))
    claw = growth.settled(lower, first_due_on=clock.today(), corrects=done, reason="Withdrawn")
    later = growth.worth(3_000_000_000, VALUED + dt.timedelta(days=2))
    waiting = growth.asked(later, first_due_on=clock.today())
    other = Growth(scene, "value_growth", 10_000_000, rate_bps=400)
    settled = other.settled(other.worth(2_000_000_000, VALUED + dt.timedelta(days=3)), first_due_on=clock.today())
    with transaction():
        given = approvals.delegate(
            scene.checker, None, to=scene.member, role="hr", from_on=clock.today() + dt.timedelta(days=30),
            to_on=clock.today() + dt.timedelta(days=31), reason="Leave",
        )  # fmt: skip
    repay = next(part for part in claw.parts if part.state is PartState.REPAY)
    return {
        "growth_plan": other.plan.public_id, "waiting_settlement": waiting.public_id, "clawback": claw.public_id,
        "part": repay.public_id, "settlement": settled.public_id, "money_part": settled.parts[0].public_id,
        "value": later.public_id, "other_value": settled.value.public_id, "delegation": given.public_id,
        "member_number": scene.member.hr_number,
    }  # fmt: skip


def _in_force(scene: Equity, plan: EquityPlan) -> dict[str, str]:
    """A grant in force, a step that waits for its signature, and two batches of what a right in money came to."""
    day = clock.today()
    live, stepped = scene.live(plan, units=3_000), scene.live(plan, units=4_000)
    with transaction():
        step = grants.propose_step(
            scene.maker, stepped, kind="repricing", price_minor=100, effective_on=day, reason="As agreed"
        )
    finance = scene.make.person(scene.company, Role.FINANCE)
    past = dt.date(2025, 1, 1)
    rights = scene.plan(kind="phantom", starts_on=past)
    found = {"live_grant": live.public_id, "waiting_step": step.public_id, "holder_number": scene.lead.hr_number}
    for name in ("prepared_batch", "sent_batch"):
        right = scene.live(rights, granted_on=past, starts_on=past, units=8_000)
        with transaction():
            asked = grants.exercise(scene.lead, right, units=1_000, value_minor=480)
        for signer in (scene.checker, finance):
            with transaction():
                grants.approve_step(signer, asked)
        with transaction():
            batch = grants.prepare_batch(scene.maker, scene.company, period="2026-11", currency="CNY")
        found[name] = batch.public_id
    with transaction():
        grants.send_batch(finance, batch)
    return found


def _of_capital(world: World, capital: Capital) -> None:
    scene = capital.scene
    drafted, waiting = capital.drafted((scene.lead, 1)), capital.submitted((scene.lead, 2))
    entered = capital.issued((capital.holder("Old Fund"), 3))
    capital.issued((scene.lead, 5_000), (scene.member, 3_000), (capital.vehicle, 1_000))
    asked, noticed = capital.requested(units=10), capital.noticed(units=10)
    waived, priced, approved, settled = [capital.answered(capital.noticed(units=10), 0, 0, 0) for _ in range(4)]
    appraisal = capital.appraisal()
    with transaction():
        transfers.price_transfer(scene.maker, priced, appraisal=appraisal)
    capital.approved(approved)
    capital.settled(capital.approved(settled))
    world.things |= {
        "issuer": capital.issuer.public_id, "security": capital.security.public_id,
        "buyer_id": capital.buyer.public_id, "equity_company": scene.company.public_id,
        "draft_entry": drafted.public_id, "waiting_entry": waiting.public_id, "entered_entry": entered.public_id,
        "waiting_appraisal": capital.appraisal(approved=False).public_id, "appraisal": appraisal.public_id,
        "requested_transfer": asked.public_id, "noticed_transfer": noticed.public_id,
        "answer": noticed.answers[1].public_id, "waived_transfer": waived.public_id,
        "priced_transfer": priced.public_id, "approved_transfer": approved.public_id,
        "settled_transfer": settled.public_id,
    }  # fmt: skip
    _of_exchange(world, capital)
    world.people["capital_finance"] = capital.finance


def _of_exchange(world: World, capital: Capital) -> None:
    for name in ("draft_import", "waiting_import"):
        with transaction():
            found = capital_exchange.create_import(capital.scene.maker, capital.issuer, data=OCF)
        world.things[name] = found.public_id
    with transaction():
        capital_exchange.submit_import(capital.scene.maker, found)


def _bystanders(world: World, home: Company) -> None:
    for role in ROLES:
        person = world.make.person(home, role, name=f"Any {role.value}")
        for company in world.companies[1:]:
            world.make.add(RoleGrant(person=person, company_id=company.id, role=role, from_on=clock.today()))
        world.people[role.value] = person
    with transaction():
        table = people.ask_for_import(world.people["hr"], DirectoryKind.PEOPLE, data=b"hr_number", name="people.csv")
        world.things["directory_import"] = table.public_id
    world.people["employee"] = world.make.person(home, name="Any employee")
    world.people["stranger"] = world.make.person(world.elsewhere, *ROLES, name="Stranger")
