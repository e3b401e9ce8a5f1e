"""The whole chain through everybody's services, and the auditor's walk along it."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from incubator.cloud import services as cloud
from incubator.cloud.models import Plan
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.equity import services as equity
from incubator.equity.models import EquityGrant
from incubator.people import access
from incubator.people.models import Person, Role
from incubator.reviews.models import Review
from incubator.rules import services as rules
from incubator.transparency import queries, services
from incubator.transparency.models import CaseGrant
from incubator.ventures.models import Venture
from tests.equity.scene import PLAN
from tests.equity.test_views import page
from tests.make import Make
from tests.patents.scene import Scene as PatentScene
from tests.reviews.conftest import Story


class Patents(PatentScene):
    """The steps of an invention in a venture that the committee made."""

    def __init__(self, make: Make, venture: Venture) -> None:
        self.make = make
        self.company, self.venture, self.lead = venture.company, venture, venture.lead
        self.counsel = make.person(self.company, Role.IP_COUNSEL)
        self.office = make.person(self.company, Role.OFFICE)
        self.hr_a, self.hr_b = make.person(self.company, Role.HR), make.person(self.company, Role.HR)
        with transaction():
            rules.install_packs()


def venture_of(make: Make) -> Venture:
    """A venture that two reviewers scored, the rule decided and the committee released."""
    story = Story(make)
    story.reviewed((5, 4, 4, 4), (4, 4, 4, 4), asked=30_000_000)
    story.held()
    story.step("release")
    return db.session.scalars(select(Venture)).one()


def share_of(patents: Patents) -> EquityGrant:
    """A grant in force."""
    hr_a, hr_b, venture, today = patents.hr_a, patents.hr_b, patents.venture, clock.today()
    with transaction():
        plan = equity.create_plan(hr_a, venture, **(PLAN | {"starts_on": today}))
    with transaction():
        equity.approve_plan(hr_b, plan)
    with transaction():
        grant = equity.draft_grant(
            hr_a, plan, holder=venture.lead, units=48_000, price_minor=120, granted_on=today, starts_on=today,
            months=48, every_months=12, cliff_months=12, allocation="CUMULATIVE_ROUND_DOWN",
        )  # fmt: skip
        equity.submit(hr_a, grant)
    with transaction():
        equity.approve(hr_b, grant)
    with transaction():
        equity.accept(venture.lead, grant, letter_hash=(grant.letter_hash or b"").hex())
    return grant


def order_sandbox(make: Make, venture: Venture) -> None:
    """A sandbox, ordered from the house's own provider."""
    operator = make.person(venture.company, Role.CLOUD_OPERATOR)
    with transaction():
        provider = cloud.install_local_provider(operator, venture.company)
    plan = db.session.scalars(select(Plan).where(Plan.code == "small", Plan.offer.has(provider_id=provider.id))).one()
    with transaction():
        cloud.order(venture.lead, venture, plan=plan, limit=2_000, days=30)


def chain(make: Make) -> tuple[EquityGrant, CaseGrant, Person]:
    """A share with all that led to it and all at its sides, and an auditor's case on it."""
    patents = Patents(make, venture_of(make))
    order_sandbox(make, patents.venture)
    patents.in_payroll(patents.granted(matter=patents.filed(matter=patents.matter(patents.assessed(
        [(patents.lead, 10_000)]
    )))))  # fmt: skip
    grant = share_of(patents)
    auditor = make.person(patents.company, Role.AUDITOR, name="Bai Lu")
    with transaction():
        case = services.open_case(auditor, grant, reason="Yearly check", days=14)
    db.session.expire_all()
    return grant, case, auditor


def test_the_walk_along_the_whole_chain(make: Make) -> None:
    grant, case, auditor = chain(make)
    walk = queries.walk("equity_grant", grant.id, auditor)
    assert [step.kind for step in walk.line] == ["equity_grant", "venture", "decision", "proposal", "call"]
    assert sorted(step.kind for step in walk.sides) == [
        "award", "credit_grant", "disclosure", "equity_plan", "lease", "matter", "review", "review", "sandbox",
    ]  # fmt: skip
    found = [(step.kind, step.findings) for step in (*walk.line, *walk.sides) if not step.is_sound]
    assert (found, walk.is_sound) == ([], True)
    decision = walk.line[2]
    assert [event.after for event in decision.events if event.after][-1] == "released"
    assert (decision.rule or "").startswith("rule-")
    award = next(step for step in walk.sides if step.kind == "award")
    assert award.rule == "cn.patent.award v2"
    reviewers = {step.title for step in walk.sides if step.kind == "review"}
    assert reviewers == {"Gao Min", "He Wen"}
    opened = {kind for kind, _id in queries.readable(case)}
    assert opened == {"equity_grant", "equity_plan", "venture", "decision", "proposal", "credit_grant", "lease",
                      "sandbox", "matter", "award", "review"}  # fmt: skip
    disclosure = next(step for step in walk.sides if step.kind == "disclosure")
    assert (disclosure.title, disclosure.address) == (None, None)


def test_every_link_of_the_walk_opens_for_the_auditor(make: Make, sign_in: Callable[..., FlaskClient]) -> None:
    _grant, case, auditor = chain(make)
    browser = sign_in(auditor)
    text = page(browser, f"/audit/cases/{case.public_id}")
    links = set(re.findall(r'class="aside"><a href="([^"]+)"', text))
    kinds = sorted(link.split("/")[1] for link in links)
    assert kinds == [
        "awards", "calls", "equity", "equity", "patents", "proposals", "reviews", "reviews", "rounds", "sandboxes",
        "ventures",
    ]  # fmt: skip
    assert {link: browser.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_an_invention_that_is_not_filed_stays_closed_to_a_case(make: Make) -> None:
    patents = Patents(make, venture_of(make))
    matter = patents.matter(patents.assessed([(patents.lead, 10_000)]))
    grant = share_of(patents)
    auditor = make.person(patents.company, Role.AUDITOR)
    with transaction():
        case = services.open_case(auditor, grant, reason="Yearly check", days=14)
    walk = queries.walk("equity_grant", grant.id, auditor)
    assert ("matter", matter.id) in {(step.kind, step.id) for step in walk.sides}
    assert ("matter", matter.id) not in queries.readable(case)


def test_reviews_are_linked_while_the_case_opens_their_proposal_and_no_longer(
    make: Make, sign_in: Callable[..., FlaskClient]
) -> None:
    _grant, case, auditor = chain(make)
    reviews = db.session.scalars(select(Review).order_by(Review.id)).all()
    addresses = [f"/reviews/{review.public_id}" for review in reviews]
    browser = sign_in(auditor)
    text = page(browser, f"/audit/cases/{case.public_id}")
    assert [address in text for address in addresses] == [True, True]
    assert [review.reviewer.name in page(browser, a) for review, a in zip(reviews, addresses, strict=True)] == [
        True, True,
    ]  # fmt: skip
    with make.acting():
        audit.record("test.conflict", reviews[0].proposal)
        access.deny(auditor.id, reviews[0].proposal, "conflict")
    assert [address in page(browser, f"/audit/cases/{case.public_id}") for address in addresses] == [False, False]
    for address in addresses:
        page(browser, address, 404)
    other = make.person(case.company, Role.AUDITOR)
    assert {step.address for step in queries.walk("equity_grant", case.subject_id, other).sides if step.kind == "review"
            } == {None}  # fmt: skip
    with transaction():
        access.withdraw(auditor.id, reviews[0].proposal, "conflict")
        services.close_case(auditor, case)
    for address in addresses:
        page(browser, address, 404)
