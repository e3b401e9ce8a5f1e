"""Doing what was asked at providers, and picking up what nobody is at."""

import datetime as dt
import logging
from collections.abc import Sequence

from sqlalchemy import BigInteger, all_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import joinedload

from incubator.cloud.drivers import DriverError, Pending
from incubator.cloud.jobs.locks import sandbox_lock, worked_on
from incubator.cloud.models import Operation
from incubator.cloud.services import operations, progress, steps
from incubator.cloud.services.progress import Fenced, Work
from incubator.cloud.states import RUNNABLE, OperationState
from incubator.core import clock, queue
from incubator.core.db import db, written
from incubator.core.jobs import job
from incubator.core.transaction import transaction

log = logging.getLogger(__name__)
EVERY = 5
BATCH = 500
LONGEST_ISSUE = 5


@job("cloud.operate", queue="cloud", aside=True)
def operate(operation_id: int) -> bool:
    """Bring an operation as far as it goes; False when another copy is at its sandbox or nothing is to be done."""
    with transaction():
        sandbox_id = db.session.scalar(select(Operation.sandbox_id).where(Operation.id == operation_id))
    if sandbox_id is None:
        return False
    with sandbox_lock(sandbox_id) as is_mine:
        return is_mine and _take_up(operation_id)


def _take_up(operation_id: int) -> bool:
    with transaction():
        work = progress.claim(operation_id)
    if work is None:
        return False
    try:
        return all(_step(work, keys) for keys in steps.together(work))
    except Fenced:
        return False


def _step(work: Work, keys: Sequence[str]) -> bool:
    """One step, or several that are recorded as one: the provider's part without a transaction, the record in one."""
    try:
        writes = [steps.run(work, key) for key in keys]
    except Pending as pending:
        with transaction():
            progress.wait(work, pending)
        return False
    except DriverError as error:
        log.warning("a provider did not do it", extra={"operation": work.operation_id, "reason": type(error).__name__})
        with transaction():
            progress.set_back(work, error)
        return False
    except Exception as error:
        log.exception("a step broke", extra={"operation": work.operation_id, "steps": list(keys)})
        with transaction():
            progress.set_back(work, error)
        return False
    with transaction():
        progress.record(work, writes)
    return True


@job("cloud.reconcile", every=EVERY)
def reconcile() -> list[int]:
    """Hand every operation that is due, waits in no queue and that nobody is at to the queue again; the ids.

    What was interrupted goes before what waits. The next time it is longer until it is handed over once more.
    """
    now = clock.now()
    waiting = [int(number) for (number,) in queue.waiting("cloud.operate")]
    with transaction():
        busy = worked_on()
        found = db.session.scalars(
            select(Operation)
            .where(written(Operation.state, *RUNNABLE), Operation.due_at <= now, Operation.issue_at <= now)
            .where(Operation.id != all_(literal(waiting, ARRAY(BigInteger))))
            .order_by(Operation.issue_at, Operation.id)
            .limit(BATCH)
            .options(joinedload(Operation.sandbox, innerjoin=True))
            .with_for_update(of=Operation, skip_locked=True, key_share=True)
        ).all()
        free = [operation for operation in found if operation.sandbox_id not in busy]
        for operation in free:
            operation.issue_at = now + dt.timedelta(seconds=EVERY * 2 ** min(operation.issues, LONGEST_ISSUE))
            operation.issues += 1
            was_interrupted = operation.state is OperationState.RUNNING
            operations.wake(operation.id, operation.sandbox.provider_id, is_first=was_interrupted)
        return [operation.id for operation in free]
