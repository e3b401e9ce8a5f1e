"""Further people of the team who get into a sandbox, each with a secret of their own."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, exists, select

from incubator.cloud import vault
from incubator.cloud.drivers import Secret, capabilities_of
from incubator.cloud.models import Sandbox, SandboxMember
from incubator.cloud.services import operations, telling
from incubator.cloud.services.access import Gone
from incubator.cloud.states import MEMBER, Kind, MemberState, SandboxState
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.people.models import Person
from incubator.ventures.models import VentureMember
from incubator.web import formats

TO_DO = (MemberState.ASKED, MemberState.LEAVING)
LEFT = (SandboxMember.state.in_((MemberState.ASKED, MemberState.IN)), Person.left_on.is_not(None))


@action("sandbox.add_member")
def add_member(actor: Person, sandbox: Sandbox, *, person: Person) -> SandboxMember:
    """Let one more person of the venture in; who is in already gets a new secret.

    Raises Invalid for somebody who is not of the venture, WrongState while it does not run or where the provider knows
    one secret only.
    """
    operations.lock(sandbox)
    if sandbox.state is not SandboxState.ACTIVE:
        raise WrongState(_("People can be let in while the sandbox runs."))
    if not capabilities_of(sandbox.provider.driver).members:
        raise WrongState(_("This provider knows one secret a sandbox only."))
    if not _is_of_venture(sandbox, person) or person.id == sandbox.venture.lead_id:
        raise Invalid(_("Choose somebody of the venture’s team."), field="person")
    member = _row(sandbox, person)
    if member is None:
        member = SandboxMember(sandbox=sandbox, person=person)
        event = audit.created(member)
    elif member.state is MemberState.ASKED:
        return member
    else:
        member.ciphertext = member.shown_at = None
        event = MEMBER.move(member, "ask")
    operations.request(sandbox, Kind.MEMBERS, cause_id=event.id)
    return member


@action("sandbox.remove_member")
def remove_member(actor: Person, sandbox: Sandbox, *, member: SandboxMember) -> None:
    """End one person's access; what they made stays with the team."""
    operations.lock(sandbox)
    member.ciphertext = None
    event = MEMBER.move(member, "remove")
    if sandbox.state is SandboxState.ACTIVE:
        operations.request(sandbox, Kind.MEMBERS, cause_id=event.id)


def remove_who_left(sandbox: Sandbox) -> bool:
    """End the access of those who are not with the company any more; whether there were some. Run by the system."""
    gone = [member for member in db.session.scalars(_who_left(sandbox)) if MEMBER.allows(member, "remove")]
    for member in gone:
        member.ciphertext = None
        event = MEMBER.move(member, "remove")
        if sandbox.state is SandboxState.ACTIVE:
            operations.request(sandbox, Kind.MEMBERS, cause_id=event.id)
    return bool(gone)


def has_who_left() -> ColumnElement[bool]:
    """Whether a sandbox is to be looked at for the one above."""
    return exists().where(SandboxMember.sandbox_id == Sandbox.id, *LEFT, Person.id == SandboxMember.person_id)


def _who_left(sandbox: Sandbox) -> Select[SandboxMember]:
    found = select(SandboxMember).join(Person, Person.id == SandboxMember.person_id)
    return found.where(SandboxMember.sandbox_id == sandbox.id, *LEFT).with_for_update(of=SandboxMember)


@action("sandbox_member.reveal")
def reveal_member_secret(actor: Person, member: SandboxMember) -> Secret:
    """Show a member their own secret, once. Raises Gone (410) when that was."""
    operations.lock(member)
    if member.state is not MemberState.IN:
        raise WrongState(_("There are no access data yet."))
    if member.ciphertext is None:
        raise Gone(
            _(
                "The access data were shown on %(when)s and are not kept. Ask the lead for new ones.",
                when=formats.datetime(member.shown_at),
            )
        )
    secret = Secret(**json.loads(vault.decrypt(member.ciphertext)))
    member.ciphertext, member.shown_at = None, clock.now()
    audit.record("sandbox_member.reveal", member)
    return secret


def due(sandbox: Sandbox) -> list[SandboxMember]:
    """Whom the provider is still to let in or out."""
    found = select(SandboxMember).where(SandboxMember.sandbox_id == sandbox.id, SandboxMember.state.in_(TO_DO))
    return list(db.session.scalars(found.order_by(SandboxMember.id)))


def settled(sandbox: Sandbox, secrets: Mapping[int, Secret], removed: set[int]) -> None:
    """Write what the provider did; who was asked anew meanwhile stays due. Run by the operation."""
    for member in due(sandbox):
        if member.id in secrets and member.state is MemberState.ASKED:
            MEMBER.move(member, "let_in")
            member.ciphertext, member.shown_at = vault.encrypt(json.dumps(asdict(secrets[member.id]))), None
            telling.person(sandbox, member.person_id, "sandbox.member")
        elif member.id in removed and member.state is MemberState.LEAVING:
            MEMBER.move(member, "leave")


def forget(sandbox: Sandbox) -> None:
    """Nobody is in a closed sandbox any more."""
    for member in db.session.scalars(select(SandboxMember).where(SandboxMember.sandbox_id == sandbox.id)):
        member.ciphertext = None
        if MEMBER.allows(member, "remove"):
            MEMBER.move(member, "remove")
        if MEMBER.allows(member, "leave"):
            MEMBER.move(member, "leave")


def _row(sandbox: Sandbox, person: Person) -> SandboxMember | None:
    found = select(SandboxMember).where(SandboxMember.sandbox_id == sandbox.id, SandboxMember.person_id == person.id)
    return db.session.scalar(found.with_for_update())


def _is_of_venture(sandbox: Sandbox, person: Person) -> bool:
    found = exists().where(VentureMember.venture_id == sandbox.venture_id, VentureMember.person_id == person.id)
    return bool(db.session.scalar(select(found)))
