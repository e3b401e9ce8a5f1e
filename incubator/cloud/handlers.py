"""What follows from this package's own events."""

from incubator.cloud.events import OperationRequested
from incubator.cloud.services import operations
from incubator.core.outbox import subscribe


@subscribe(OperationRequested)
def wake_worker(event: OperationRequested) -> None:
    """Hand the operation's id to the queue; when it is lost, the reconciler hands it over again."""
    operations.wake(event.operation_id)
