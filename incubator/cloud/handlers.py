"""What follows from this package's own events."""

from sqlalchemy import select

from incubator.cloud.events import OperationRequested
from incubator.cloud.models import Operation, Sandbox
from incubator.cloud.services import operations
from incubator.core.db import db
from incubator.core.outbox import subscribe


@subscribe(OperationRequested)
def wake_worker(event: OperationRequested) -> None:
    """Hand the operation's id to its provider's queue; when it is lost, the reconciler hands it over again."""
    of = select(Sandbox.provider_id).join(Operation, Operation.sandbox_id == Sandbox.id)
    operations.wake(event.operation_id, db.session.scalars(of.where(Operation.id == event.operation_id)).one())
