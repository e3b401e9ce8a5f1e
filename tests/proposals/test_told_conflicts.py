"""A conflict that only the records tell hides a proposal at once, everywhere, before anybody writes it down."""

from contextvars import ContextVar
from typing import Any

import pytest
from sqlalchemy import select

from incubator.calls.models import CommitteeMember, Seat
from incubator.core import audit
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people import access, reader
from incubator.people.models import Access, Effect, Person, Role
from incubator.portfolio.queries import portfolio
from incubator.proposals import queries
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews.models import Conflict, ConflictKind, ConflictLift
from incubator.ventures.models import VentureMember

TITLE = "Heat from server rooms"


@pytest.fixture
def officer(make: Any, call: Any) -> Person:
    """Somebody of the office, who has a room next to nobody."""
    return make.person(call.company, Role.OFFICE, name="Bai Yun")  # type: ignore[no-any-return]


@pytest.fixture
def proposal(make: Any, call: Any, lead: Person) -> Proposal:
    """Handed in and in review."""
    return make.proposal(call, lead, state=ProposalState.IN_REVIEW)  # type: ignore[no-any-return]


def _same_center(make: Any, officer: Person, lead: Person) -> None:
    with transaction():
        officer.cost_center = lead.cost_center = "C-7"


def _becomes_manager(make: Any, officer: Person, lead: Person) -> None:
    with transaction():
        lead.manager_id = officer.id


def _becomes_report(make: Any, officer: Person, lead: Person) -> None:
    with transaction():
        officer.manager_id = lead.id


def _works_in_the_same_venture(make: Any, officer: Person, lead: Person) -> None:
    venture = make.venture(make.proposal(lead=make.person(), state=ProposalState.ACCEPTED))
    for person in (officer, lead):
        make.add(VentureMember(venture=venture, person=person, share_bp=0))


def _proposed_together(make: Any, officer: Person, lead: Person) -> None:
    other = make.call()
    make.proposal(other, lead, state=ProposalState.REJECTED, title="Another one", shares={lead: 6000, officer: 4000})


@pytest.mark.parametrize(
    "happens", [_same_center, _becomes_manager, _becomes_report, _works_in_the_same_venture, _proposed_together]
)
def test_what_the_records_tell_hides_at_once(
    happens: Any, make: Any, officer: Person, lead: Person, proposal: Proposal
) -> None:
    assert _seen(officer, proposal) == (True, True, True, 1)
    happens(make, officer, lead)
    assert db.session.scalars(select(Access).where(Access.effect == Effect.DENY)).all() == []
    assert _seen(officer, proposal) == (False, False, False, 0)
    assert _sees(lead, proposal)


def _seen(officer: Person, proposal: Proposal) -> tuple[bool, bool, bool, int]:
    """By the page, the office's list, search, and the portfolio's figures."""
    listed = [row.number for row in db.session.execute(queries.board(officer))]
    found = [row.number for row in queries.search(officer, "server rooms").rows]
    counted = portfolio(officer).states.get(ProposalState.IN_REVIEW, 0)
    return _sees(officer, proposal), proposal.number in listed, proposal.number in found, counted


def _sees(person: Person, proposal: Proposal) -> bool:
    return queries.sees(person, proposal)


def test_every_page_of_the_officer_hides_it(
    make: Any, officer: Person, lead: Person, proposal: Proposal, sign_in: Any
) -> None:
    browser, at = sign_in(officer), f"/proposals/{proposal.public_id}"
    pages = ["/screening/", "/screening/export.csv", "/search?q=server+rooms", "/portfolio/"]
    assert [TITLE in browser.get(page).text for page in pages[:3]] == [True] * 3
    assert browser.get(at).status_code == 200
    _same_center(make, officer, lead)
    assert [TITLE in browser.get(page).text for page in pages] == [False] * 4
    assert [browser.get(at + page).status_code for page in ("", "/text", "/dossier")] == [404] * 3


def test_what_was_lifted_is_seen_again_and_one_kind_lifts_no_other(
    make: Any, officer: Person, lead: Person, proposal: Proposal
) -> None:
    _same_center(make, officer, lead)
    event = make.event(proposal)
    conflict = make.add(
        Conflict(person_id=officer.id, proposal_id=proposal.id, kind=ConflictKind.COST_CENTER, cause_id=event.id)
    )
    make.add(ConflictLift(conflict=conflict, lifted_by=lead, reason="Another floor.", cause_id=event.id))
    assert _sees(officer, proposal)
    _becomes_manager(make, officer, lead)
    assert not _sees(officer, proposal)


@pytest.mark.parametrize("reads", [False, True])
def test_without_a_role_a_seat_in_its_committee_hides_it_and_nearness_alone_does_not(
    make: Any, call: Any, lead: Person, proposal: Proposal, reads: bool
) -> None:
    member, colleague = (make.person(call.company, cost_center=lead.cost_center or "C-9") for _ in range(2))
    make.add(CommitteeMember(committee=call.committee, person=member, seat=Seat.MEMBER))
    with transaction():
        lead.cost_center = member.cost_center
        with audit.because(lead, "proposal.submit"):
            audit.record("proposal.submit", proposal)
            for person in (member, colleague):
                access.allow(person.id, proposal, "given")
    with reader.nobody_yet():
        for person, sees in ((member, False), (colleague, True)):
            if reads:
                reader.begin(person)
            assert _sees(person, proposal) is sees


@pytest.mark.parametrize("keeps", [True, False])
def test_what_a_page_has_looked_up_holds_to_its_end_and_a_step_asks_anew(
    make: Any, officer: Person, lead: Person, proposal: Proposal, keeps: bool, monkeypatch: Any
) -> None:
    monkeypatch.setattr(reader, "is_reading", ContextVar("reads", default=keeps))
    with reader.nobody_yet():
        reader.begin(officer)
        assert _seen_ids(officer) == [proposal.id]
        _same_center(make, officer, lead)
        assert _seen_ids(officer) == ([proposal.id] if keeps else [])
        reader.begin(officer)
        assert _seen_ids(officer) == []


def _seen_ids(person: Person) -> list[int]:
    return list(db.session.scalars(queries.visible_to(person).with_only_columns(Proposal.id)))
