"""Who sees which venture, and what of it."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from incubator.core import audit
from incubator.core.db import db
from incubator.people.access import allow, deny
from incubator.people.models import Person, Role
from incubator.proposals.states import ProposalState
from incubator.ventures import queries
from incubator.ventures.models import Venture
from incubator.ventures.states import VentureState
from tests.make import Make

SignIn = Callable[..., FlaskClient]


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


@pytest.fixture
def venture(make: Make) -> Venture:
    call = make.call()
    lead, member = make.person(call.company, name="Lin Yue"), make.person(call.company, name="Zhao Min")
    proposal = make.proposal(call, lead, state=ProposalState.ACCEPTED, shares={lead: 6000, member: 4000})
    return make.venture(proposal)


def test_the_page_shows_where_it_stands_the_team_and_where_it_came_from(venture: Venture, sign_in: SignIn) -> None:
    page = text(sign_in(venture.lead).get(f"/ventures/{venture.public_id}").text)
    assert "Heat from server rooms" in page
    assert "Chartered" in page
    assert "60.00%" in page
    assert "Zhao Min" in page
    assert f"Proposal {venture.number}" in page
    assert "No sandbox yet" in page


@pytest.mark.parametrize(
    ("role", "status", "team"),
    [
        (Role.OFFICE, 200, True),
        (Role.CHAIR, 200, True),
        (Role.HR, 200, False),
        (Role.CLOUD_OPERATOR, 200, False),
        (Role.FINANCE, 200, False),
        (Role.AUDITOR, 200, False),
        (Role.IP_COUNSEL, 404, False),
        (Role.REVIEWER, 404, False),
        (Role.ADMINISTRATOR, 404, False),
    ],
)
def test_what_a_role_sees(make: Make, venture: Venture, sign_in: SignIn, role: Role, status: int, team: bool) -> None:
    page = sign_in(make.person(venture.company, role)).get(f"/ventures/{venture.public_id}")
    assert page.status_code == status
    assert ("Zhao Min" in page.text) is team


def test_a_case_opens_the_team_and_a_conflict_closes_the_page(make: Make, venture: Venture, sign_in: SignIn) -> None:
    auditor = make.person(venture.company, Role.AUDITOR)
    with make.acting():
        audit.record("test.happened", venture)
        allow(auditor.id, venture, "case")
    assert "Zhao Min" in sign_in(auditor).get(f"/ventures/{venture.public_id}").text
    with make.acting():
        audit.record("test.happened", venture)
        deny(auditor.id, venture, "conflict")
    assert sign_in(auditor).get(f"/ventures/{venture.public_id}").status_code == 404


def test_a_proposal_one_may_not_see_is_not_linked(make: Make, venture: Venture, sign_in: SignIn) -> None:
    address, link = f"/ventures/{venture.public_id}", f"/proposals/{venture.proposal.public_id}"
    assert link in sign_in(venture.lead).get(address).text
    assert link not in sign_in(make.person(venture.company, Role.HR)).get(address).text


def test_the_list_holds_what_one_may_see(make: Make, venture: Venture, sign_in: SignIn) -> None:
    other = make.venture()
    page = sign_in(venture.lead).get("/ventures/").text
    assert venture.number in page
    assert other.number not in page
    assert "No ventures yet" in text(sign_in(make.person()).get("/ventures/").text)


def test_a_proposal_shows_the_venture_it_became(venture: Venture, sign_in: SignIn) -> None:
    page = sign_in(venture.lead).get(f"/proposals/{venture.proposal.public_id}")
    assert f"/ventures/{venture.public_id}" in page.text


def test_only_ventures_at_work_are_led(make: Make, venture: Venture) -> None:
    def led(person: Person) -> list[Venture]:
        return list(db.session.scalars(queries.led_by(person)))

    assert led(venture.lead) == [venture]
    assert led(venture.members[1].person) == []
    with make.acting():
        venture.state = VentureState.STOPPED
    assert led(venture.lead) == []
