"""Families: the applications for one invention at all offices, who looks after each, and what its fees are cut by."""

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import WHOLE
from incubator.core.transaction import after_commit
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import Disclosure, Family, Matter, Office
from incubator.patents.services import security
from incubator.patents.services.waking import wake
from incubator.people import queries as people
from incubator.people.models import Person, Role

KINDS = {
    Office.WIPO: (PatentKind.INVENTION, PatentKind.UTILITY_MODEL),
    Office.EPO: (PatentKind.INVENTION,),
    Office.USPTO: (PatentKind.INVENTION, PatentKind.DESIGN),
}
"""The kinds that an office grants; the Chinese one grants all."""


def family_of(disclosure: Disclosure, *, cause_id: int) -> Family:
    """The family of an invention, founded when there is none yet."""
    db.session.flush()
    found = db.session.scalar(select(Family).where(Family.disclosure_id == disclosure.id))
    if found is not None:
        return found
    family = Family(number=keys.spoken("F"), disclosure=disclosure, company=disclosure.company)
    audit.created(family, cause_id=cause_id, payload={"number": family.number})
    return family


@action("matter.add")
def add_matter(actor: Person, family: Family, *, office: Office, kind: PatentKind) -> Matter:
    """Prepare one more application of a family at an office. Raises Invalid at kind for one the office has not."""
    if kind not in KINDS.get(office, tuple(PatentKind)):
        raise Invalid(_("This office does not grant that kind of patent."), field="kind")
    cause = audit.record("matter.add", family, {"office": office.value, "kind": kind.value})
    matter = Matter(
        number=keys.spoken("P"), family=family, disclosure=family.disclosure, company=family.company,
        office=office.value, kind=kind, counsel=actor,
    )  # fmt: skip
    audit.created(matter, cause_id=cause.id, payload={"number": matter.number, "kind": kind.value})
    security.begin(matter, cause_id=cause.id)
    return matter


@action("matter.assign")
def assign(actor: Person, matter: Matter, *, counsel: str) -> None:
    """Let an IP counsel of the company look after an application. counsel: their HR number.

    Raises Invalid at counsel for somebody who is none, or who took part in the invention.
    """
    person = people.by_hr_number(counsel.strip())
    holders = set(db.session.scalars(people.holders_of(Role.IP_COUNSEL, matter.company)).unique())
    if person is None or person not in holders:
        raise Invalid(_("Enter the HR number of an IP counsel of this company."), field="counsel")
    if any(share.person_id == person.id for share in matter.disclosure.shares):
        raise Invalid(_("Who took part in an invention does not look after its applications."), field="counsel")
    matter.counsel = person
    audit.record("matter.assign", matter, {"counsel": person.public_id})


@action("matter.reduce")
def reduce_fees(actor: Person, matter: Matter, *, reduction_bp: int, reason: str) -> None:
    """Enter by how much the office reduces this application's fees (basis points), and its notice."""
    if not 0 <= reduction_bp <= WHOLE:
        raise Invalid(_("Enter a percentage between 0 and 100."), field="reduction_bp")
    if not reason.strip():
        raise Invalid(_("Say which notice of the office grants it."), field="reason")
    matter.reduction_bp, matter.stale_at = reduction_bp, clock.now()
    audit.record("matter.reduce", matter, {"reduction_bp": reduction_bp}, reason=reason.strip())
    after_commit(wake)
