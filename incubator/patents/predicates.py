"""Yes-or-no questions about inventions, matters and awards, for the permission table."""

from typing import Any

from incubator.patents.models import Award, Disclosure, InventorShare, PatentImport, ShareChange
from incubator.people.models import Person, Role
from incubator.people.predicates import has_role
from incubator.proposals.models import Consent
from incubator.ventures.models import Venture

FIGURES = (Role.IP_COUNSEL, Role.FINANCE, Role.HR)
"""Roles that see what a granted patent earned; a granted patent is public."""


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


def is_its_counsel(actor: Any, thing: Any) -> bool:
    """IP counsel of the company who did not take part in the invention that the thing is, or belongs to."""
    if not has_role(Role.IP_COUNSEL)(actor, thing):
        return False
    return not is_inventor(actor, _disclosure_of(thing))


def _disclosure_of(thing: Any) -> Disclosure | None:
    """A disclosure, or that of a matter, of a secret, of a review, or of what is recorded of a patent."""
    if thing is None or isinstance(thing, Disclosure):
        return thing
    found: Disclosure = thing.disclosure if hasattr(thing, "disclosure") else thing.matter.disclosure
    return found


def is_proposer(actor: Any, change: ShareChange | None) -> bool:
    """Who proposed the change of the shares."""
    return isinstance(actor, Person) and change is not None and change.proposer_id == actor.id


def is_concerned(actor: Any, change: ShareChange | None) -> bool:
    """Somebody whose answer to the change of the shares is still wanted."""
    if not isinstance(actor, Person) or change is None:
        return False
    return any(part.person_id == actor.id and part.consent == Consent.ASKED for part in change.parts)


def keeps_figures(actor: Any, thing: Any) -> bool:
    """Counsel or finance of the company, who record what a patent earns, and are none of its inventors."""
    if not has_role(Role.IP_COUNSEL, Role.FINANCE)(actor, thing):
        return False
    return not is_inventor(actor, _disclosure_of(thing))


def may_see_figures(actor: Any, venture: Venture) -> bool:
    """Counsel, finance or HR of the venture's company, who see what its patents earn."""
    return has_role(*FIGURES)(actor, venture)


def is_some_counsel(actor: Any, _chosen: object) -> bool:
    """IP counsel anywhere; a step on many asks for each one's own right."""
    return has_role(Role.IP_COUNSEL)(actor, None)


def may_import(actor: Any, disclosure: Disclosure | None) -> bool:
    """IP counsel; for a family's file counsel of its invention. Each line of a table asks for its own right."""
    return is_its_counsel(actor, disclosure) if disclosure is not None else has_role(Role.IP_COUNSEL)(actor, None)


def is_importer(actor: Any, record: PatentImport | None) -> bool:
    """The IP counsel who handed the file in."""
    mine = record is None or (isinstance(actor, Person) and record.author_id == actor.id)
    return mine and has_role(Role.IP_COUNSEL)(actor, None)


def is_awarded(actor: Any, award: Award | None) -> bool:
    """Somebody who gets a part of the award."""
    if not isinstance(actor, Person) or award is None:
        return False
    return any(share.person_id == actor.id for share in award.shares)
