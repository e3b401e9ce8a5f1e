"""Background work: one registry is both the allow-list of what a worker may run and the periodic table."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from incubator.core.db import Model, Timestamp

log = logging.getLogger(__name__)
F = TypeVar("F", bound=Callable[..., object])
DEFAULT = "default"


@dataclass(frozen=True)
class Job:
    """A function that workers may run by name.

    every: seconds between periodic runs, None for on demand only. aside: it mostly waits for others' servers, so that
    several run at a time in one worker; then all jobs of its queue do.
    """

    name: str
    function: Callable[..., object]
    queue: str
    every: int | None
    aside: bool = False


registry: dict[str, Job] = {}


class PeriodicRun(Model):
    """When a periodic job was last handed to the queue."""

    __tablename__ = "periodic_run"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    last_at: Mapped[Timestamp]


def job(name: str, *, queue: str = DEFAULT, every: int | None = None, aside: bool = False) -> Callable[[F], F]:
    """Register a job. Its arguments are ids: plain integers or public ids, never secrets or personal data."""

    def decorate(function: F) -> F:
        registry[name] = Job(name, function, queue, every, aside)
        return function

    return decorate


def queues(*, aside: bool) -> list[str]:
    """The queues whose jobs run side by side, or one after the other."""
    return sorted({entry.queue for entry in registry.values() if entry.aside is aside})


def run(name: str, *arguments: int | str) -> None:
    """What the worker calls: look the job up in the registry and run it. Raises KeyError for anything else."""
    entry = registry[name]
    log.info("job started", extra={"job": name, "arguments": list(arguments)})
    entry.function(*arguments)
    log.info("job done", extra={"job": name, "arguments": list(arguments)})
