"""Who proposes is told to the committee's chair only after the decision (design: who may see what)."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from incubator.core import clock
from incubator.core.db import db
from incubator.people import access
from incubator.people.models import Person, Role, RoleGrant
from incubator.people.queries import holders_of
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from tests.make import Make

SignIn = Callable[[Person], FlaskClient]


def opened(make: Make, fields: list[str] | None) -> tuple[Proposal, Person]:
    proposal = make.proposal(state=ProposalState.IN_REVIEW, title="Heat from server rooms")
    reader = make.person(proposal.company, Role.CHAIR, name="Qin Zheng")
    make.event(proposal, "proposal.submit")
    with make.acting() as cause:
        cause.parent_id = proposal.cause_id
        access.allow(reader.id, proposal, "committee", fields=fields)
    return proposal, reader


def seen(browser: FlaskClient, proposal: Proposal) -> tuple[bool, bool]:
    """Whether the proposer's name stands on the page, and among the hits of a search."""
    page = browser.get(f"/proposals/{proposal.public_id}").text
    hits = browser.get("/search", query_string={"q": "server rooms"}).text
    assert ("Heat from server rooms" in page, proposal.number in hits) == (True, True)
    return "Lin Yue" in page, "Lin Yue" in hits


def test_a_row_that_opens_the_text_alone_does_not_name_the_authors(make: Make, sign_in: SignIn) -> None:
    proposal, reader = opened(make, ["text"])
    assert seen(sign_in(reader), proposal) == (False, False)


def test_after_the_decision_they_are_named(make: Make, sign_in: SignIn) -> None:
    proposal, reader = opened(make, ["text"])
    with make.acting():
        proposal.state = ProposalState.REJECTED
    assert seen(sign_in(reader), proposal) == (True, True)


def test_a_row_that_opens_everything_names_them(make: Make, sign_in: SignIn) -> None:
    proposal, reader = opened(make, None)
    assert seen(sign_in(reader), proposal) == (True, True)


def test_a_role_that_has_ended_is_not_told_and_not_counted(make: Make) -> None:
    officer = make.person(make.company(), Role.OFFICE)
    former = make.person(officer.company)
    day: Any = clock.today().replace(year=2020)
    make.add(RoleGrant(person=former, company_id=officer.company_id, role=Role.OFFICE, from_on=day, until_on=day))
    assert [person.id for person in db.session.scalars(holders_of(Role.OFFICE, officer.company))] == [officer.id]
