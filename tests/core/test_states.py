from enum import StrEnum
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from incubator.core import states
from incubator.core.audit import AuditPayload
from incubator.core.db import db
from incubator.core.errors import WrongState
from incubator.proposals.models import Proposal
from incubator.proposals.states import LIFE, ProposalState


def test_a_step_moves_and_writes_its_event(make):
    proposal = make.proposal(state=ProposalState.SUBMITTED)

    with make.acting():
        event = LIFE.move(proposal, "screen", reason="complete", payload={"note": 1})

    assert (proposal.state, event.name, event.reason) == (ProposalState.SCREENING, "proposal.screen", "complete")
    payload = db.session.scalars(select(AuditPayload).where(AuditPayload.event_id == event.id)).one()
    assert payload.payload == {"from": "submitted", "to": "screening", "note": 1}


def test_a_step_from_the_wrong_state_is_refused_in_words(make):
    proposal = make.proposal(state=ProposalState.DRAFT)

    with pytest.raises(WrongState, match="Draft"), make.acting():
        LIFE.move(proposal, "screen")
    assert proposal.state == ProposalState.DRAFT


def test_a_step_with_several_ends_needs_to_be_told_which(make):
    proposal = make.proposal(state=ProposalState.DELIBERATION)

    with pytest.raises(ValueError, match="does not lead"), make.acting():
        LIFE.move(proposal, "decide")
    with pytest.raises(ValueError, match="does not lead"), make.acting():
        LIFE.move(proposal, "decide", to=ProposalState.DRAFT)
    with make.acting():
        LIFE.move(proposal, "decide", to=ProposalState.SHELVED)
    assert proposal.state == ProposalState.SHELVED


def test_a_machine_is_known_by_its_name():
    class Lamp(StrEnum):
        OFF = "off"
        ON = "on"

    machine = states.StateMachine("lamp", {"switch_on": ((Lamp.OFF,), Lamp.ON)})
    try:
        assert states.machines["lamp"] is machine
        assert machine.allows(SimpleNamespace(state=Lamp.OFF), "switch_on")
        assert not machine.allows(SimpleNamespace(state=Lamp.ON), "switch_on")
    finally:
        del states.machines["lamp"]


def test_the_slower_of_two_people_is_told(make):
    proposal = make.proposal(state=ProposalState.SUBMITTED)
    faster = db.update(Proposal).where(Proposal.id == proposal.id).values(version=proposal.version + 1)

    with pytest.raises(StaleDataError), make.acting():
        db.session.execute(faster, execution_options={"synchronize_session": False})
        LIFE.move(proposal, "screen")
