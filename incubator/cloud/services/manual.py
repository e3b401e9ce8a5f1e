"""What people did at a provider without an interface: they say so, and the operation that waits goes on."""

import json
from dataclasses import asdict

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.cloud import vault
from incubator.cloud.drivers import Secret
from incubator.cloud.events import OperationRequested
from incubator.cloud.models import ManualAccount, ManualTask, Operation, Sandbox
from incubator.cloud.states import RUNNABLE, TASK, AccountState, TaskKind
from incubator.core import clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.outbox import publish
from incubator.people.models import Person

NEEDS_REFERENCE = (TaskKind.CREATE,)
NEEDS_SECRET = (TaskKind.CREATE, TaskKind.ACCESS)
LONGEST_LIST = 50
AFTER = {
    TaskKind.CREATE: AccountState.ACTIVE,
    TaskKind.FREEZE: AccountState.FROZEN,
    TaskKind.UNFREEZE: AccountState.ACTIVE,
}


@action("manual_task.complete")
def complete_task(
    actor: Person, task: ManualTask, *, reference: str = "", secret: Secret | None = None, left: list[str] | None = None
) -> None:
    """Say that a task is done. reference: what the provider calls the account (a new one); secret: how the team gets
    in (a new account, new access data); left: what could not be removed (a deletion), one name a line.

    Raises Invalid at the field that is missing, WrongState when it was done or dropped already.
    """
    account = _locked(task.account_id)
    db.session.refresh(task)
    TASK.move(task, "complete", payload={"kind": task.kind.value, "left": left or []})
    if task.kind in NEEDS_REFERENCE:
        account.reference = _reference(account, reference)
    if task.kind in NEEDS_SECRET:
        if secret is None or not secret.host or not secret.password:
            raise Invalid(_("Enter where the team finds it, and the password."), field="host")
        account.ciphertext = vault.encrypt(json.dumps(asdict(secret)))
    if task.kind is TaskKind.DELETE:
        account.leftovers = list(left or [])[:LONGEST_LIST]
        account.state = account.state if left else AccountState.GONE
    account.state = AFTER.get(task.kind, account.state)
    task.done_at, task.done_by_id = clock.now(), actor.id
    _wake(account)


def _reference(account: ManualAccount, reference: str) -> str:
    reference = reference.strip()
    if not reference:
        raise Invalid(_("Enter what the provider calls the account."), field="reference")
    taken = select(ManualAccount.key).where(
        ManualAccount.provider_id == account.provider_id,
        ManualAccount.reference == reference,
        ManualAccount.id != account.id,
        ManualAccount.state != AccountState.GONE,
    )
    if db.session.scalar(taken.limit(1)) is not None:
        raise Invalid(_("Another sandbox has this account."), field="reference")
    return reference


def _locked(account_id: int) -> ManualAccount:
    found = select(ManualAccount).where(ManualAccount.id == account_id).with_for_update()
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def _wake(account: ManualAccount) -> None:
    """What waits for it is due now."""
    key = func.coalesce(Sandbox.remote_key, Sandbox.public_id)
    waiting = (
        select(Operation)
        .join(Sandbox, Sandbox.id == Operation.sandbox_id)
        .where(Sandbox.provider_id == account.provider_id, key == account.key, Operation.state.in_(RUNNABLE))
        .with_for_update(of=Operation, key_share=True)
    )
    for operation in db.session.scalars(waiting):
        operation.due_at = operation.issue_at = clock.now()
        publish(OperationRequested(operation.id))
