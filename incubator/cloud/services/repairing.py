"""What an operator does where the product stops by itself: undo, take over an account, give one up."""

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.cloud.models import Finding, Operation, Sandbox
from incubator.cloud.services import ending, operations
from incubator.cloud.states import (
    SANDBOX,
    Desired,
    FindingKind,
    Kind,
    OperationState,
    SandboxState,
)
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.people.models import Person


@action("operation.compensate")
def compensate(actor: Person, operation: Operation) -> None:
    """Give a dead operation up and undo what it left behind.

    A set-up is undone by an operation of its own that looks for the account and deletes it; the others leave nothing.
    Raises WrongState for a freeze and a closing, which have to come about.
    """
    operations.lock(operation.sandbox)
    operations.lock(operation)
    if operation.state is not OperationState.DEAD:
        raise WrongState(_("Only what has stopped can be given up."))
    if operation.kind is Kind.PROVISION and operation.sandbox.state is SandboxState.FAILED:
        ending.close(actor, operation.sandbox)
    elif operation.kind in {*operations.WITHOUT_TRACE, Kind.PROVISION}:
        operations.abandon(operation)
    else:
        raise WrongState(_("This has to come about: try it again when the provider has been seen to."))


@action("sandbox.adopt")
def adopt(actor: Person, sandbox: Sandbox, *, finding: Finding | None) -> None:
    """Give a sandbox that failed or was lost an account that is nobody's, such as its own under another name.

    It is looked up, limited and handed over anew. Raises Invalid when the account is another provider's or is taken.
    """
    operations.lock(sandbox)
    if not SANDBOX.allows(sandbox, "adopt"):
        raise WrongState(_("Only a sandbox that failed or was lost can take an account over."))
    if finding is not None:
        operations.lock(finding)
    if finding is None or not _is_free(sandbox, finding):
        raise Invalid(_("Choose an account of the same provider that is nobody’s."), field="finding")
    sandbox.remote_key = finding.key if finding.key != sandbox.public_id else None
    sandbox.desired = Desired.ACTIVE
    event = SANDBOX.move(sandbox, "adopt", payload={"key": finding.key})
    operations.hold_again(sandbox)
    finding.closed_at = clock.now()
    dead = operations.open_operation(sandbox, Kind.PROVISION)
    if dead is not None:
        operations.abandon(dead)
    operations.request(sandbox, Kind.PROVISION, cause_id=event.id)


def _is_free(sandbox: Sandbox, finding: Finding) -> bool:
    """Nobody's, not given up, and never under the key of another sandbox, whose closing would delete it."""
    key = func.coalesce(Sandbox.remote_key, Sandbox.public_id)
    taken = select(Sandbox.id).where(
        Sandbox.provider_id == sandbox.provider_id, Sandbox.id != sandbox.id, key == finding.key
    )
    return (
        finding.kind is FindingKind.ORPHAN
        and finding.closed_at is None
        and finding.asked_at is None
        and finding.provider_id == sandbox.provider_id
        and db.session.scalar(taken) is None
    )


@action("finding.give_up")
def give_up(actor: Person, finding: Finding) -> None:
    """Have an account that is nobody's deleted at its provider, with everything in it."""
    operations.lock(finding)
    if finding.kind is not FindingKind.ORPHAN or finding.closed_at is not None:
        raise WrongState(_("Only an account that is nobody’s can be deleted from here."))
    if finding.asked_at is None:
        finding.asked_at, finding.asked_by_id = clock.now(), actor.id
        audit.record("finding.give_up", finding, {"key": finding.key})
