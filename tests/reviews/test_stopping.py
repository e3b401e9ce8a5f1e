"""A venture that a gate killed: what runs is ended by its rule, also what was ordered beside the stop."""

from collections.abc import Callable

from flask.testing import FlaskClient

from incubator.cloud.states import LeaseState, SandboxState
from incubator.core import audit
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from incubator.reviews import jobs, queries
from incubator.reviews.services import stopping
from tests.cloud.conftest import World, loopback, world

__all__ = ["loopback", "world"]


def test_sandboxes_of_a_stopped_venture_end_and_the_list_says_what_is_left(
    world: World, sign_in: Callable[..., FlaskClient]
) -> None:
    running, asked, beside = (world.order(limit=500) for _ in range(3))
    with world.make.acting():
        running.state, running.lease.state = SandboxState.ACTIVE, LeaseState.RUNNING
        beside.lease.state = LeaseState.CANCELLED  # as if it were not there yet
    with world.make.acting():
        event = audit.record("panel.confirm", world.venture)
        stopping.stop_venture(world.venture, reason="No customer.", cause_id=event.id)
    assert (running.lease.state, asked.state, beside.state) == (LeaseState.GRACE, "closing", "requested")
    with transaction():
        beside.state, beside.lease.state = SandboxState.PROVISIONING, LeaseState.APPROVED
    assert jobs.close_sandboxes() == 0
    with transaction():
        beside.state = SandboxState.ACTIVE
        beside.lease.state = LeaseState.RUNNING
    assert (jobs.close_sandboxes(), jobs.close_sandboxes(), beside.lease.state) == (1, 0, LeaseState.GRACE)
    office = world.make.person(world.venture.company, Role.OFFICE)
    page = sign_in(office).get(f"/ventures/{world.venture.public_id}").text
    assert ("Sandboxes that are not closed: 3." in page, "Plan the next" in page) == (True, False)
    assert ("Credits are left." in page, "No grant can vest any more." in page) == (True, True)
    assert "No grant can vest" not in sign_in(world.lead).get(f"/ventures/{world.venture.public_id}").text
    with world.make.acting():
        event = audit.record("panel.confirm", world.venture)
        stopping.stop_venture(world.venture, reason="Once more.", cause_id=event.id)
    db.session.expire_all()
    assert queries.closing_of(world.venture).tranches == 0
