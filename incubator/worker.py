"""What runs jobs: an RQ worker that gives each job an application context and runs nothing but registered jobs.

It runs jobs in its own process (no fork a job): several workers share the load, the supervisor restarts one that
dies, and PostgreSQL says what is still to be done. Jobs that mostly wait for providers run beside it, in threads.
"""

import logging
import sys
from typing import Any

from rq import Queue
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker
from rq.worker.base import DequeueStrategy

from incubator import config
from incubator.app import create_app
from incubator.core import audit, jobs, queue
from incubator.core.answers import Answering
from incubator.core.db import db
from incubator.core.dispatch import Dispatcher

log = logging.getLogger(__name__)


class Refused(RuntimeError):
    """A job that is not in the registry."""


class AppWorker(SimpleWorker):
    """Runs each registered job in an application context; refuses everything else."""

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Check the allow-list before anything of the job is imported."""
        name = job.args[0] if job.args else None
        if job.func_name != queue_entry() or name not in jobs.registry:
            job.func_name, job.args = "incubator.worker.refuse", (str(name)[:80],)
        audit.request_id.set(job.meta.get("request_id"))
        try:
            return super().perform_job(job, queue, execution)
        finally:
            db.session.remove()
            audit.request_id.set(None)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """A job that failed is one line of ours: RQ writes the whole text of the error, values that were typed too."""
        log.error("a job failed", exc_info=exc_info, extra={"job": job.args[0], "job_id": job.id})


def queue_entry() -> str:
    """The one function that a queued job may name."""
    return queue.ENTRY


def refuse(name: str) -> None:
    """What runs in place of a job that nobody registered."""
    raise Refused(name)


def main() -> int:
    """Work on every queue until told to stop; SIGTERM finishes the jobs at hand."""
    try:
        settings = config.load()
        config.check_reachable(settings)
        app = create_app(settings)
    except config.ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    aside = Dispatcher(app, jobs.queues(aside=True), app.extensions["settings"].worker_calls)
    with app.app_context(), aside.running(), Answering(app).running():
        names = jobs.queues(aside=False)
        queues = [Queue(name, connection=queue.connection(), serializer=JSONSerializer) for name in names]
        worker = AppWorker(
            queues,
            connection=queue.connection(),
            serializer=JSONSerializer,
            worker_ttl=30,
            job_monitoring_interval=10,
            maintenance_interval=15,
        )
        # in turn, so that a flood of one kind holds up no other
        worker.work(logging_level=None, with_scheduler=False, dequeue_strategy=DequeueStrategy.ROUND_ROBIN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
