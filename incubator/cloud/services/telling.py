"""Who hears what about a sandbox."""

from typing import Any

from incubator.cloud.models import Sandbox
from incubator.core.db import db
from incubator.notifications.services import notify
from incubator.people.models import Role
from incubator.people.queries import holders_of


def lead(sandbox: Sandbox, kind: str, **values: Any) -> None:
    """Tell the lead of its venture."""
    notify(sandbox.venture.lead_id, kind, f"/sandboxes/{sandbox.public_id}", sandbox=sandbox.number, **values)


def person(sandbox: Sandbox, person_id: int, kind: str, **values: Any) -> None:
    """Tell one person of its team."""
    notify(person_id, kind, f"/sandboxes/{sandbox.public_id}", sandbox=sandbox.number, **values)


def operators(sandbox: Sandbox, kind: str) -> None:
    """Tell those who look after its provider."""
    for person in db.session.scalars(holders_of(Role.CLOUD_OPERATOR, sandbox.provider.company)):
        notify(person.id, kind, "/sandboxes/operations", sandbox=sandbox.number)
