"""Yes-or-no questions about sandboxes, for the permission table."""

from typing import Any

from incubator.cloud.models import BillDelivery, CloudWish, Sandbox, SandboxMember
from incubator.people.models import Person


def is_lead(actor: Any, sandbox: Sandbox | None) -> bool:
    """Who leads the venture that the sandbox belongs to."""
    return isinstance(actor, Person) and sandbox is not None and sandbox.venture.lead_id == actor.id


def is_member(actor: Any, member: SandboxMember | None) -> bool:
    """Whose access it is."""
    return isinstance(actor, Person) and member is not None and member.person_id == actor.id


def is_wish_maker(actor: Any, wish: CloudWish | None) -> bool:
    """Who asked for what a second person signs."""
    return isinstance(actor, Person) and wish is not None and wish.maker_id == actor.id


def is_bill_sender(actor: Any, delivery: BillDelivery | None) -> bool:
    """Who handed a bill in."""
    return isinstance(actor, Person) and delivery is not None and delivery.person_id == actor.id
