"""How a venture begins and gets its credits."""

import pytest
from sqlalchemy import select

from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import WrongState
from incubator.ledger.models import Account, Entry
from incubator.ledger.services import Overdrawn
from incubator.notifications.models import Notice
from incubator.people.models import Access
from incubator.proposals.models import Consent, Proposal, TeamMember
from incubator.proposals.states import ProposalState
from incubator.ventures import queries, services
from incubator.ventures.models import CreditGrant, Venture
from incubator.ventures.states import VentureState
from tests.make import Make


@pytest.fixture
def proposal(make: Make) -> Proposal:
    call = make.call()
    lead, member = make.person(call.company, name="Lin Yue"), make.person(call.company, name="Zhao Min")
    return make.proposal(call, lead, state=ProposalState.ACCEPTED, shares={lead: 6000, member: 4000})


def chartered(make: Make, proposal: Proposal) -> Venture:
    release = make.event(proposal, "decision.release")
    with make.acting():
        return services.charter(proposal, cause_id=release.id)


def test_a_venture_takes_over_the_team_with_its_agreed_shares(make: Make, proposal: Proposal) -> None:
    venture = chartered(make, proposal)
    assert (venture.number, venture.name, venture.state) == (proposal.number, proposal.title, VentureState.CHARTERED)
    assert (venture.proposal_version, venture.lead, venture.company) == (
        proposal.submitted_version, proposal.lead, proposal.company,
    )  # fmt: skip
    assert [(m.person_id, m.share_bp) for m in venture.members] == [(m.person_id, m.share_bp) for m in proposal.team]


def test_it_knows_the_release_that_led_to_it(make: Make, proposal: Proposal) -> None:
    venture = chartered(make, proposal)
    assert venture.cause_id == audit.event_of(proposal, "decision.release").id
    assert audit.event_of(venture, "venture.create").parent_id == venture.cause_id
    assert audit.event_of(proposal, "proposal.charter").parent_id == venture.cause_id


def test_the_team_sees_it_and_is_told(make: Make, proposal: Proposal) -> None:
    venture = chartered(make, proposal)
    people = [member.person_id for member in proposal.team]
    access = db.session.execute(
        select(Access.person_id, Access.source).where(Access.subject_type == "venture", Access.subject_id == venture.id)
    )
    assert sorted(tuple(row) for row in access) == [(person, "team") for person in people]
    told = db.session.scalars(select(Notice.person_id).where(Notice.kind == "venture.chartered"))
    assert sorted(told) == people


def test_who_did_not_agree_to_a_share_is_no_member(make: Make, proposal: Proposal) -> None:
    make.add(TeamMember(proposal=proposal, person=make.person(), share_bp=0, consent=Consent.DECLINED))
    assert len(chartered(make, proposal).members) == 2


def test_a_proposal_never_handed_in_has_no_venture(make: Make) -> None:
    draft = make.proposal()
    with pytest.raises(WrongState), make.acting():
        services.charter(draft, cause_id=draft.cause_id)


def balances() -> dict[str, int]:
    rows = db.session.execute(select(Account.kind, Account.balance).where(Account.kind != "external"))
    return {row.kind: row.balance for row in rows}


def test_credits_move_from_the_pool_to_the_venture_once_a_cause(make: Make, proposal: Proposal) -> None:
    venture, pool = chartered(make, proposal), make.pool(make.theme(proposal.company), amount=1000)
    cause = audit.event_of(proposal, "decision.release").id
    with make.acting():
        first = services.grant_credit(venture, pool=pool, amount=700, cause_id=cause)
        again = services.grant_credit(venture, pool=pool, amount=700, cause_id=cause)
    assert first is again
    assert balances() == {"pool": 300, "grant": 700}
    assert (first.amount, first.currency, first.cause_id) == (700, "CNY", cause)
    assert db.session.get_one(Entry, first.entry_id).cause_id == cause
    assert queries.credits_of(venture) == queries.Credits("CNY", 700, 700)


def test_a_pool_gives_no_more_than_it_holds(make: Make, proposal: Proposal) -> None:
    venture, pool = chartered(make, proposal), make.pool(make.theme(proposal.company), amount=1000)
    with pytest.raises(Overdrawn) as short, make.acting():
        services.grant_credit(venture, pool=pool, amount=1001, cause_id=venture.cause_id)
    assert short.value.available == 1000
    assert db.session.scalars(select(CreditGrant)).all() == []
    assert queries.credits_of(venture) == queries.Credits("CNY", 0, 0)


def test_the_first_sandbox_opens_the_sandbox_stage_and_later_ones_change_nothing(make: Make) -> None:
    venture = make.venture()
    for _ in range(2):
        with make.acting():
            services.open_sandbox(venture)
    assert venture.state is VentureState.SANDBOX
    assert audit.event_of(venture, "venture.open_sandbox")
