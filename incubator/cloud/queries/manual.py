"""Reading what people are to do at providers without an interface."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Row, Select, cast, func, literal, null, select
from sqlalchemy.orm import joinedload

from incubator.cloud.models import Lease, ManualAccount, ManualTask, Provider, Sandbox
from incubator.cloud.states import TaskState
from incubator.core.db import db
from incubator.people.access import within
from incubator.people.models import Person, Role

KEY: ColumnElement[str] = func.coalesce(Sandbox.remote_key, Sandbox.public_id)


def tasks_for(person: Person) -> Select[ManualTask]:
    """The tasks at the providers that an operator looks after."""
    return (
        select(ManualTask)
        .join(ManualAccount, ManualAccount.id == ManualTask.account_id)
        .join(Provider, Provider.id == ManualAccount.provider_id)
        .where(within(Provider.company_id, person, Role.CLOUD_OPERATOR))
        .options(joinedload(ManualTask.account).joinedload(ManualAccount.provider).joinedload(Provider.company))
    )


def open_tasks(person: Person) -> Sequence[Row[*tuple[Any, ...]]]:
    """What is to be done, the oldest first: public id, kind, provider's name, sandbox's number, since; at most 100."""
    found: Any = _open(person).with_only_columns(
        ManualTask.public_id, ManualTask.kind, Provider.name, Sandbox.number, ManualTask.created_at
    )
    return db.session.execute(found).all()


def sandbox_of(task: ManualTask) -> Sandbox | None:
    """The sandbox that a task's account is for."""
    account = task.account
    found = select(Sandbox).where(Sandbox.provider_id == account.provider_id, KEY.in_([account.key]))
    return db.session.scalar(
        found.options(joinedload(Sandbox.venture), joinedload(Sandbox.lease).joinedload(Lease.plan))
    )


def _open(person: Person) -> Select[Any]:
    return (
        select(ManualTask)
        .join(ManualAccount, ManualAccount.id == ManualTask.account_id)
        .join(Provider, Provider.id == ManualAccount.provider_id)
        .join(Sandbox, (Sandbox.provider_id == Provider.id) & (ManualAccount.key == KEY))
        .where(ManualTask.state == TaskState.OPEN, within(Provider.company_id, person, Role.CLOUD_OPERATOR))
        .order_by(ManualTask.id)
        .limit(100)
    )


def waiting(person: Person) -> Select[Any]:
    """The same, for the first page."""
    found: Any = (
        _open(person)
        .with_only_columns(
            literal("manual.task").label("kind"),
            Sandbox.number.label("title"),
            ("/sandboxes/tasks/" + ManualTask.public_id).label("address"),
            cast(null(), DateTime(timezone=True)).label("due_at"),
            ManualTask.created_at.label("since"),
        )
        .order_by(None)
        .limit(None)
    )
    chosen: Select[Any] = found
    return chosen
