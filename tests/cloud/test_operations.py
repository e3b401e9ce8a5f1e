"""What becomes of an operation when the provider misbehaves, when it is late, and when a person is needed."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from incubator.cloud import jobs, services
from incubator.cloud.drivers import Pending
from incubator.cloud.jobs.locks import sandbox_lock, worked_on
from incubator.cloud.models import Operation, Sandbox
from incubator.cloud.services import breaker, operations, progress
from incubator.cloud.services.progress import Fenced
from incubator.cloud.states import Kind, LeaseState, OperationState, SandboxState
from incubator.core import clock, queue
from incubator.core.db import db
from incubator.core.errors import NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.ledger.queries import prove
from incubator.notifications.models import Notice
from incubator.people.models import Person
from tests.cloud.conftest import World


def now_due(operation: Operation) -> None:
    """Let the waiting time of an operation be over."""
    with transaction():
        operation.due_at = operation.issue_at = clock.now() - dt.timedelta(seconds=1)


def run(world: World, sandbox: Sandbox, kind: Kind = Kind.PROVISION) -> Operation:
    """Run the sandbox's operation now, whatever it waits for."""
    operation = world.operation(sandbox, kind)
    now_due(operation)
    jobs.operate(operation.id)
    return operation


def kinds(person: Person) -> list[str]:
    return list(db.session.scalars(select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id)))


@pytest.mark.parametrize("fault", ["lost", "garbled", 500, 503])
def test_a_call_whose_answer_is_lost_is_looked_up_and_not_repeated(world: World, fault: object) -> None:
    world.loopback.faults = [("PUT", "/accounts", fault)]
    sandbox = world.order()
    operation = run(world, sandbox)
    assert (operation.state, operation.attempts, sandbox.state) == (
        OperationState.PENDING, 1, SandboxState.PROVISIONING,
    )  # fmt: skip
    assert operation.due_at > clock.now()
    assert not jobs.operate(operation.id)
    run(world, sandbox)
    assert (operation.state, sandbox.state) == (OperationState.DONE, SandboxState.ACTIVE)
    assert world.loopback.created == [sandbox.public_id]
    assert (operation.attempts, operation.error) == (0, None)


def test_what_was_made_by_hand_or_by_an_earlier_copy_is_adopted(world: World) -> None:
    sandbox = world.order()
    world.loopback.do("PUT", f"/accounts/{sandbox.public_id}", {})
    run(world, sandbox)
    assert sandbox.state is SandboxState.ACTIVE
    assert world.loopback.created == [sandbox.public_id]
    assert not [call for call in world.loopback.calls if call.startswith("PUT") and not call.endswith("limits")]


def test_a_conflict_over_our_own_key_is_adopted(world: World) -> None:
    sandbox = world.order()
    key = sandbox.public_id
    world.loopback.faults = [("GET", f"/accounts/{key}", 404), ("PUT", f"/accounts/{key}", 409)]
    world.loopback.do("PUT", f"/accounts/{key}", {})
    run(world, sandbox)
    assert (sandbox.state, sandbox.remote_name) == (SandboxState.ACTIVE, f"acct-{key}")


def test_a_conflict_over_somebody_elses_account_stops(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 409)]
    sandbox = world.order()
    operation = run(world, sandbox)
    assert (operation.state, sandbox.state) == (OperationState.DEAD, SandboxState.FAILED)


def test_a_provider_that_takes_its_time_is_asked_again(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", "late")]
    sandbox = world.order()
    operation = run(world, sandbox)
    assert (operation.state, operation.attempts) == (OperationState.WAITING, 0)
    run(world, sandbox)
    assert sandbox.state is SandboxState.ACTIVE


def test_a_busy_provider_is_asked_again_when_it_says_and_that_is_no_failed_try(world: World) -> None:
    world.loopback.retry_after, world.loopback.faults = "40", [("PUT", "/accounts", 429)]
    sandbox = world.order()
    operation = run(world, sandbox)
    assert (operation.state, operation.attempts) == (OperationState.PENDING, 0)
    assert 30 < (operation.due_at - clock.now()).total_seconds() <= 40


def test_wrong_credentials_pause_the_provider_and_not_the_others(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 401)]
    first, second = world.order(), world.order()
    run(world, first)
    assert world.partner.paused_until is not None
    operation = run(world, second)
    assert (operation.state, operation.due_at) == (OperationState.PENDING, world.partner.paused_until)
    elsewhere = world.order(provider="local")
    run(world, elsewhere)
    assert elsewhere.state is SandboxState.ACTIVE
    with transaction():
        services.close(world.lead, elsewhere)
    run(world, elsewhere, Kind.CLOSE)
    with transaction():
        world.partner.paused_until = clock.now()
    run(world, first)
    assert first.state is SandboxState.ACTIVE


def test_a_provider_that_never_answers_is_left_alone_then_tried_by_one_and_goes_on_when_it_answers(
    world: World, sign_in: Callable[..., FlaskClient]
) -> None:
    world.loopback.faults = [("GET", "/accounts", 503)] * (breaker.OPENS_AT + 1)
    ordered = [world.order() for _ in range(breaker.OPENS_AT + 2)]
    for sandbox in ordered[: breaker.OPENS_AT]:
        assert world.partner.paused_until is None
        run(world, sandbox)
    pause, calls = world.partner.paused_until, len(world.loopback.calls)
    assert pause is not None
    assert (world.operation(ordered[0]).attempts, world.partner.failures) == (1, breaker.OPENS_AT)
    assert run(world, ordered[-1]).due_at == pause
    assert len(world.loopback.calls) == calls
    assert "does not answer" in sign_in(world.operator).get("/sandboxes/operations").text
    elsewhere = world.order(provider="local")
    run(world, elsewhere)
    assert elsewhere.state is SandboxState.ACTIVE

    with transaction():
        services.close(world.lead, elsewhere)
    run(world, elsewhere, Kind.CLOSE)
    for answers in (False, True):
        with transaction():
            world.partner.paused_until = clock.now()
        run(world, ordered[0])
        assert (ordered[0].state is SandboxState.ACTIVE) is answers
        if not answers:
            assert run(world, ordered[-1]).due_at == world.partner.paused_until
    assert (world.partner.failures, world.partner.paused_until) == (0, None)
    run(world, ordered[-1])
    assert ordered[-1].state is SandboxState.ACTIVE


def test_a_refusal_goes_to_an_operator_at_once_and_the_lead_keeps_the_credits(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = world.order(limit=2000)
    operation = run(world, sandbox)
    assert (operation.state, operation.error) == (OperationState.DEAD, "QuotaExhausted: HTTP 507")
    assert (sandbox.state, sandbox.lease.state) == (SandboxState.FAILED, LeaseState.APPROVED)
    assert kinds(world.operator) == ["operation.dead"]
    with transaction():
        services.close(world.lead, sandbox)
    assert operation.state is OperationState.COMPENSATING
    run(world, sandbox, Kind.CLOSE)
    assert (operation.state, sandbox.state, sandbox.lease.state) == (
        OperationState.COMPENSATED, SandboxState.CLOSED, LeaseState.CANCELLED,
    )  # fmt: skip
    assert world.balances() == {"grant": 100_000, "hold": 0}


def test_after_too_many_tries_a_person_must_look(world: World) -> None:
    sandbox = world.order()
    operation = world.operation(sandbox)
    with transaction():
        operation.attempts = progress.MAX_ATTEMPTS
    world.loopback.faults = [("PUT", "/accounts", 500)]
    run(world, sandbox)
    assert (operation.state, sandbox.state) == (OperationState.DEAD, SandboxState.FAILED)


def test_what_nobody_foresaw_is_tried_again_too(world: World) -> None:
    with transaction():
        world.partner.driver = "moon"
    sandbox = world.order()
    operation = run(world, sandbox)
    assert (operation.state, operation.error) == (OperationState.PENDING, "KeyError: 'moon'")


def test_a_provider_without_an_address_is_waited_for(world: World) -> None:
    with transaction():
        world.partner.address = None
    sandbox = world.order()
    operation = run(world, sandbox)
    assert operation.error == "Unavailable: the provider's address is not set"


def test_an_account_that_vanished_before_its_hand_over_stops(world: World) -> None:
    world.loopback.faults = [("POST", "/access", 500)]
    sandbox = world.order()
    run(world, sandbox)
    del world.loopback.accounts[sandbox.public_id]
    operation = run(world, sandbox)
    assert (operation.state, operation.error) == (OperationState.DEAD, "NotFound: the account is gone")


def test_the_next_wait_is_longer(world: World) -> None:
    sandbox = world.order()
    waits = []
    for _ in range(4):
        world.loopback.faults = [("PUT", "/accounts", 500)]
        operation = run(world, sandbox)
        waits.append(round((operation.due_at - clock.now()).total_seconds()))
    assert waits == [1, 2, 4, 8]


def test_only_an_operator_tries_again_and_only_what_is_dead(world: World) -> None:
    sandbox = world.order()
    operation = world.operation(sandbox)
    with pytest.raises(NotAllowed), transaction():
        services.retry(world.lead, operation)
    with pytest.raises(WrongState), transaction():
        services.retry(world.operator, operation)


def test_nothing_is_tried_again_while_the_sandbox_is_being_closed(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = world.order()
    operation = run(world, sandbox)
    with transaction():
        services.close(world.lead, sandbox)
    with pytest.raises(WrongState), transaction():
        services.retry(world.operator, operation)


def test_a_sandbox_that_fails_for_good_gives_its_credits_back_and_another_try_takes_them_again(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = world.order(limit=2000)
    operation = run(world, sandbox)
    assert (sandbox.state, world.balances()) == (SandboxState.FAILED, {"grant": 100_000, "hold": 0})
    kinds = set(db.session.scalars(select(Notice.kind).where(Notice.person_id == world.lead.id)))
    assert "sandbox.failed" in kinds
    with transaction():
        services.retry(world.operator, operation)
    assert world.balances() == {"grant": 98_000, "hold": 2000}
    world.loopback.faults = [("PUT", "/accounts", 507)]
    run(world, sandbox)
    assert world.balances() == {"grant": 100_000, "hold": 0}
    with transaction():
        services.retry(world.operator, operation)
    run(world, sandbox)
    assert (sandbox.state, world.balances()) == (SandboxState.ACTIVE, {"grant": 98_000, "hold": 2000})
    with transaction():
        services.close(world.lead, sandbox)
    run(world, sandbox, Kind.CLOSE)
    assert (sandbox.state, world.balances()["grant"], prove().holds) == (SandboxState.CLOSED, 100_000, True)


def test_a_failed_sandbox_is_not_tried_again_without_credits(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = world.order(limit=60_000)
    operation = run(world, sandbox)
    world.order(limit=60_000)
    with pytest.raises(WrongState, match=r"Only ¥400\.00"), transaction():
        services.retry(world.operator, operation)
    assert (sandbox.state, world.balances()) == (SandboxState.FAILED, {"grant": 40_000, "hold": 60_000})


def test_a_failed_sandbox_that_is_closed_gives_nothing_back_twice(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = world.order()
    run(world, sandbox)
    with transaction():
        services.close(world.lead, sandbox)
    run(world, sandbox, Kind.CLOSE)
    assert (sandbox.state, world.balances()) == (SandboxState.CLOSED, {"grant": 100_000, "hold": 0})


def test_a_second_copy_steps_aside_while_the_first_holds_the_lock(world: World) -> None:
    sandbox = world.order()
    with sandbox_lock(sandbox.id) as is_mine:
        assert is_mine
        with sandbox_lock(sandbox.id) as also_mine:
            assert not also_mine
        assert worked_on() == {sandbox.id}
        assert jobs.operate(world.operation(sandbox).id) is False
    assert worked_on() == set()
    assert jobs.operate(world.operation(sandbox).id) is True


def test_an_older_copy_cannot_write_any_more(world: World) -> None:
    sandbox = world.order()
    operation = world.operation(sandbox)
    with transaction():
        old = progress.claim(operation.id)
    with transaction():
        new = progress.claim(operation.id)
    assert old is not None
    assert new is not None
    assert (old.fence, new.fence) == (1, 2)
    for write in (
        lambda: progress.record(old, [lambda *_: None]),
        lambda: progress.set_back(old, RuntimeError()),
        lambda: progress.wait(old, Pending("", 5)),
    ):
        with pytest.raises(Fenced), transaction():
            write()
    with transaction():
        progress.record(new, [lambda *_: None])
    assert [step.key for step in operation.steps if step.done_at] == ["hold", "create"]


def test_an_operation_that_is_not_there_or_done_does_nothing(world: World) -> None:
    sandbox = world.order()
    operation = run(world, sandbox)
    assert jobs.operate(operation.id) is False
    assert jobs.operate(0) is False


def test_a_freeze_that_is_overtaken_by_the_closing_is_done_without_an_act(world: World) -> None:
    sandbox = world.order()
    run(world, sandbox)
    with transaction():
        services.renew_access(world.lead, sandbox)
    asked = world.operation(sandbox, Kind.ACCESS)
    with transaction():
        work = progress.claim(asked.id)
    assert work is not None
    with transaction():
        services.close(world.lead, sandbox)
    with pytest.raises(Fenced), transaction():
        progress.record(work, [lambda *_: None])
    assert sandbox.state is SandboxState.CLOSING


def test_what_the_closing_took_over_is_not_done_any_more(world: World) -> None:
    sandbox = world.order()
    run(world, sandbox)
    with transaction():
        services.renew_access(world.lead, sandbox)
    asked = world.operation(sandbox, Kind.ACCESS)
    with transaction():
        services.close(world.lead, sandbox)
    assert jobs.operate(asked.id) is False
    assert asked.state is OperationState.COMPENSATING


def test_what_is_asked_twice_is_one_operation(world: World) -> None:
    sandbox = world.order()
    run(world, sandbox)
    with transaction():
        services.renew_access(world.lead, sandbox)
        services.renew_access(world.lead, sandbox)
    found = db.session.scalars(select(Operation).where(Operation.kind == Kind.ACCESS)).all()
    assert len(found) == 1


def test_what_was_asked_for_but_is_not_needed_any_more_is_done(world: World) -> None:
    sandbox = world.order()
    run(world, sandbox)
    with world.make.acting():
        operations.request(sandbox, Kind.UNFREEZE, cause_id=sandbox.cause_id)
    operation = run(world, sandbox, Kind.UNFREEZE)
    assert (operation.state, operation.steps[0].done_at) == (OperationState.DONE, None)


def test_what_cannot_be_deleted_is_quarantined_until_an_operator_tries_again(world: World) -> None:
    sandbox = world.order()
    run(world, sandbox)
    with transaction():
        services.close(world.lead, sandbox)
    world.loopback.faults = [("DELETE", "/accounts", 400)]
    operation = run(world, sandbox, Kind.CLOSE)
    assert (operation.state, sandbox.state) == (OperationState.DEAD, SandboxState.QUARANTINED)
    assert world.balances()["hold"] > 0
    with transaction():
        services.retry(world.operator, operation)
    run(world, sandbox, Kind.CLOSE)
    assert (operation.state, sandbox.state) == (OperationState.DONE, SandboxState.CLOSED)
    assert world.balances()["hold"] == 0


def test_what_is_still_there_after_it_was_deleted_is_quarantined(world: World) -> None:
    sandbox = world.order()
    run(world, sandbox)
    with transaction():
        services.close(world.lead, sandbox)
    world.loopback.faults = [("DELETE", "/accounts", "undone")]
    operation = run(world, sandbox, Kind.CLOSE)
    assert operation.error == f"NotEmpty: still there: acct-{sandbox.public_id}"
    assert sandbox.state is SandboxState.QUARANTINED


def test_a_sandbox_is_closed_before_anything_was_made(world: World) -> None:
    sandbox = world.order()
    with transaction():
        services.close(world.lead, sandbox)
    run(world, sandbox, Kind.CLOSE)
    assert (sandbox.state, sandbox.lease.state) == (SandboxState.CLOSED, LeaseState.CANCELLED)
    assert world.loopback.created == []
    assert world.balances() == {"grant": 100_000, "hold": 0}


def test_a_new_password_needs_a_running_sandbox(world: World) -> None:
    sandbox = world.order()
    with pytest.raises(WrongState), transaction():
        services.renew_access(world.lead, sandbox)
    with pytest.raises(WrongState), transaction():
        services.reveal_secret(world.lead, sandbox)


def test_the_reconciler_hands_over_what_is_due_and_waits_longer_each_time(world: World) -> None:
    sandbox = world.order()
    operation = world.operation(sandbox)
    now_due(operation)
    assert jobs.reconcile() == [operation.id]
    assert jobs.reconcile() == []
    waits = []
    for _ in range(7):
        queue.connection().flushdb()
        now_due(operation)
        assert jobs.reconcile() == [operation.id]
        waits.append(round((operation.issue_at - clock.now()).total_seconds()))
    assert waits == [10, 20, 40, 80, 160, 160, 160]


def test_the_reconciler_leaves_alone_what_waits_in_the_queue(world: World) -> None:
    waits, lost = world.operation(world.order()), world.operation(world.order())
    queue.connection().flushdb()
    queue.enqueue("cloud.operate", waits.id)
    now_due(waits)
    now_due(lost)
    assert jobs.reconcile() == [lost.id]
    assert waits.issues == 0


def test_what_was_interrupted_goes_before_what_waits(world: World) -> None:
    waits, interrupted = world.operation(world.order()), world.operation(world.order())
    queue.connection().flushdb()
    now_due(waits)
    with transaction():
        assert progress.claim(interrupted.id) is not None  # and its worker is killed
    assert jobs.reconcile() == [waits.id]
    now_due(interrupted)
    assert jobs.reconcile() == [interrupted.id]
    lane = Queue(queue.lane_of("cloud", world.partner.id), connection=queue.connection(), serializer=JSONSerializer)
    assert [job.args for job in lane.jobs] == [["cloud.operate", interrupted.id], ["cloud.operate", waits.id]]


def test_a_new_operation_is_the_outboxs_before_it_is_the_reconcilers(world: World) -> None:
    operation = world.operation(world.order())
    assert operation.due_at < operation.issue_at <= operation.due_at + dt.timedelta(seconds=5)
    assert jobs.reconcile() == []


def test_the_reconciler_leaves_alone_what_somebody_is_at(world: World) -> None:
    sandbox = world.order()
    operation = world.operation(sandbox)
    now_due(operation)
    with sandbox_lock(sandbox.id):
        assert jobs.reconcile() == []
    assert jobs.reconcile() == [operation.id]


def test_the_reconciler_leaves_alone_what_is_done_or_dead(world: World) -> None:
    done, dead = world.order(), world.order()
    run(world, done)
    world.loopback.faults = [("PUT", "/accounts", 507)]
    run(world, dead)
    now_due(world.operation(done))
    now_due(world.operation(dead))
    assert jobs.reconcile() == []
