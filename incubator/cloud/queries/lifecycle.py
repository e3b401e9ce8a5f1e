"""Reading who gets into a sandbox, copies of it, and what operators may repair."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import DateTime, Row, Select, cast, exists, literal, null, select
from sqlalchemy.orm import joinedload

from incubator.cloud.models import (
    Finding,
    Lease,
    Provider,
    Sandbox,
    SandboxExport,
    SandboxMember,
)
from incubator.cloud.states import FindingKind, MemberState, SandboxState
from incubator.core.db import db
from incubator.files.models import File
from incubator.people.access import within
from incubator.people.models import Person, Role
from incubator.ventures.models import VentureMember


def members_of(sandbox: Sandbox) -> list[SandboxMember]:
    """Who has, gets or loses access of their own."""
    return list(
        db.session.scalars(
            select(SandboxMember)
            .where(SandboxMember.sandbox_id == sandbox.id, SandboxMember.state != MemberState.OUT)
            .options(joinedload(SandboxMember.person))
            .order_by(SandboxMember.id)
        )
    )


def may_be_let_in(sandbox: Sandbox) -> list[Person]:
    """People of the venture without access of their own, the lead apart."""
    has = exists().where(
        SandboxMember.sandbox_id == sandbox.id,
        SandboxMember.person_id == Person.id,
        SandboxMember.state.in_((MemberState.ASKED, MemberState.IN)),
    )
    return list(
        db.session.scalars(
            select(Person)
            .join(VentureMember, VentureMember.person_id == Person.id)
            .where(VentureMember.venture_id == sandbox.venture_id, Person.id != sandbox.venture.lead_id, ~has)
            .where(Person.left_on.is_(None))
            .order_by(Person.name, Person.id)
        )
    )


def memberships(person: Person) -> Select[SandboxMember]:
    """A person's own accesses."""
    return select(SandboxMember).where(SandboxMember.person_id == person.id)


def members_of_led(person: Person) -> Select[SandboxMember]:
    """The accesses to sandboxes of ventures that a person leads."""
    return (
        select(SandboxMember)
        .join(Sandbox, Sandbox.id == SandboxMember.sandbox_id)
        .where(Sandbox.venture.has(lead_id=person.id))
    )


def exports_of(sandbox: Sandbox) -> list[Row[str, Any, Any, int]]:
    """The copies that can still be downloaded: public id, made at, kept until, bytes; newest first."""
    return list(
        db.session.execute(
            select(SandboxExport.public_id, SandboxExport.created_at, SandboxExport.expires_at, File.size)
            .join(File, File.id == SandboxExport.file_id)
            .where(SandboxExport.sandbox_id == sandbox.id)
            .order_by(SandboxExport.id.desc())
            .limit(10)
        ).all()
    )


def downloadable(person: Person) -> Select[SandboxExport]:
    """The copies of a person's own ventures: what is in a sandbox is its team's."""
    mine = select(VentureMember.venture_id).where(VentureMember.person_id == person.id)
    return (
        select(SandboxExport)
        .join(Sandbox, Sandbox.id == SandboxExport.sandbox_id)
        .where(SandboxExport.file_id.is_not(None), Sandbox.venture_id.in_(mine))
        .options(joinedload(SandboxExport.file))
    )


def quarantined_for(person: Person) -> Sequence[Row[*tuple[Any, ...]]]:
    """What could not be emptied, with its list: public id, number, provider, names of what is left, since."""
    found: Any = (
        select(Sandbox.public_id, Sandbox.number, Provider.name, Sandbox.leftovers, Lease.currency, Lease.ends_at)
        .join(Provider, Provider.id == Sandbox.provider_id)
        .join(Lease, Lease.id == Sandbox.lease_id)
        .where(Sandbox.state == SandboxState.QUARANTINED, within(Provider.company_id, person, Role.CLOUD_OPERATOR))
        .order_by(Sandbox.id)
        .limit(100)
    )
    return db.session.execute(found).all()


def adoptable_for(person: Person) -> Select[Sandbox]:
    """Sandboxes that failed or were lost, at providers that an operator looks after."""
    return (
        select(Sandbox)
        .join(Provider, Provider.id == Sandbox.provider_id)
        .where(
            Sandbox.state.in_((SandboxState.FAILED, SandboxState.LOST)),
            within(Provider.company_id, person, Role.CLOUD_OPERATOR),
        )
        .options(joinedload(Sandbox.provider).joinedload(Provider.company))
        .order_by(Sandbox.id)
    )


def orphans_for(person: Person) -> Select[Finding]:
    """Accounts that are nobody's, at providers that an operator looks after."""
    return (
        select(Finding)
        .join(Provider, Provider.id == Finding.provider_id)
        .where(
            Finding.kind == FindingKind.ORPHAN,
            Finding.closed_at.is_(None),
            within(Provider.company_id, person, Role.CLOUD_OPERATOR),
        )
        .options(joinedload(Finding.provider).joinedload(Provider.company))
        .order_by(Finding.id)
    )


def orphans_at(sandbox: Sandbox) -> list[Finding]:
    """Accounts that are nobody's at a sandbox's provider; at most 100."""
    found = select(Finding).where(
        Finding.provider_id == sandbox.provider_id,
        Finding.kind == FindingKind.ORPHAN,
        Finding.closed_at.is_(None),
        Finding.asked_at.is_(None),
    )
    return list(db.session.scalars(found.order_by(Finding.id).limit(100)))


def unseen_access(person: Person) -> Select[Any]:
    """Access data of a member that they have not seen yet."""
    found: Any = (
        select(
            literal("sandbox.member").label("kind"),
            Sandbox.name.label("title"),
            ("/sandboxes/" + Sandbox.public_id).label("address"),
            cast(null(), DateTime(timezone=True)).label("due_at"),
            SandboxMember.created_at.label("since"),
        )
        .join(SandboxMember, SandboxMember.sandbox_id == Sandbox.id)
        .where(
            SandboxMember.person_id == person.id,
            SandboxMember.ciphertext.is_not(None),
            Sandbox.state == SandboxState.ACTIVE,
        )
    )
    chosen: Select[Any] = found
    return chosen
