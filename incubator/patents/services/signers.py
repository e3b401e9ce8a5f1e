"""Who signs as the second person: another IP counsel of the company where one may, otherwise the office."""

from collections.abc import Iterable

from incubator.core.db import db
from incubator.patents.models import Disclosure
from incubator.people import queries as people
from incubator.people.models import Person, Role


def second_signer(actor: Person, disclosure: Disclosure) -> Role:
    """The role that is asked: of counsel nobody may who made it, invented it, or reports to one of them."""
    concerned = {actor.id, *(share.person_id for share in disclosure.shares)}
    counsel: Iterable[Person] = db.session.scalars(people.holders_of(Role.IP_COUNSEL, disclosure.company)).unique()
    free = [one for one in counsel if not concerned & {one.id, one.manager_id}]
    return Role.IP_COUNSEL if free else Role.OFFICE
