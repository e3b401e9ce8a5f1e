"""Yes-or-no questions about inventions, matters and awards, for the permission table."""

from typing import Any

from incubator.patents.models import Award, Deadline, DeadlineDifference, Disclosure, Family, InventorShare, Matter
from incubator.people.models import Person, Role
from incubator.people.predicates import has_role
from incubator.proposals.models import Consent
from incubator.ventures.models import Venture


def is_venture_member(actor: Any, venture: Venture | None) -> bool:
    """Somebody who works in the venture."""
    if not isinstance(actor, Person) or venture is None:
        return False
    return any(member.person_id == actor.id for member in venture.members)


def is_author(actor: Any, disclosure: Disclosure | None) -> bool:
    """Who wrote the disclosure."""
    return isinstance(actor, Person) and disclosure is not None and disclosure.author_id == actor.id


def is_inventor(actor: Any, disclosure: Disclosure | None) -> bool:
    """Somebody with a share in the invention, or asked whether they have one."""
    if not isinstance(actor, Person) or disclosure is None:
        return False
    return any(share.person_id == actor.id for share in disclosure.shares)


def is_asked(actor: Any, share: InventorShare | None) -> bool:
    """The inventor whose share this is, while it waits for an answer."""
    if not isinstance(actor, Person) or share is None:
        return False
    return share.person_id == actor.id and share.consent == Consent.ASKED


def is_its_counsel(actor: Any, thing: Disclosure | Family | Matter | Deadline | DeadlineDifference | None) -> bool:
    """IP counsel of the company who did not take part in the invention."""
    if not has_role(Role.IP_COUNSEL)(actor, thing):
        return False
    if isinstance(thing, Deadline | DeadlineDifference):
        return not is_inventor(actor, thing.matter.disclosure)
    return not is_inventor(actor, thing.disclosure if isinstance(thing, Matter | Family) else thing)


def is_some_counsel(actor: Any, _chosen: object) -> bool:
    """IP counsel anywhere; a step on many asks for each one's own right."""
    return has_role(Role.IP_COUNSEL)(actor, None)


def is_awarded(actor: Any, award: Award | None) -> bool:
    """Somebody who gets a part of the award."""
    if not isinstance(actor, Person) or award is None:
        return False
    return any(share.person_id == actor.id for share in award.shares)
