"""Handing a file in, looking at what it is going to do, and applying it: all of it or nothing."""

from typing import IO

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid
from incubator.files import services as files
from incubator.files import storage
from incubator.files.engines.kinds import Kind
from incubator.files.models import File
from incubator.patents.models import Disclosure, ImportKind, PatentImport
from incubator.patents.services.exchange import disclosures, matters
from incubator.patents.services.exchange.plans import Item, Plan
from incubator.people.models import Person

TABLES = (Kind.XLSX, Kind.TEXT)
__all__ = ["Item", "Plan", "apply", "planned", "receive"]


@action("patent_import.create")
def receive(
    actor: Person, disclosure: Disclosure | None, *, kind: ImportKind, data: bytes | IO[bytes] | None, name: str
) -> PatentImport:
    """Keep a file to be looked at. Raises Invalid at file for none, or one that cannot be read."""
    if data is None:
        raise Invalid(_("Choose a file."), field="file")
    file = _kept_xml(data, name) if kind == ImportKind.FAMILY else files.keep(actor, data, name, accept=TABLES)
    record = PatentImport(kind=kind, file=file, author=actor, disclosure=disclosure)
    planned(actor, record)
    db.session.add(record)
    audit.record("patent_import.create", record, {"kind": kind.value, "file": file.sha256.hex()})
    return record


def _kept_xml(data: bytes | IO[bytes], name: str) -> File:
    """XML is no kind of file that people may hand in to be shown; here it is parsed first, and never sent again."""
    content = data if isinstance(data, bytes) else data.read(files.LARGEST + 1)
    if len(content) > files.LARGEST:
        raise Invalid(_("This file is larger than %(size)s MB. Choose a smaller one.", size=25), field="file")
    matters.members_of(content)
    return files.keep_own(content, f"{name.rsplit('/', 1)[-1][:120] or 'family'}", "application/xml")


def planned(actor: Person, record: PatentImport) -> Plan:
    """What the file is going to do. Raises Invalid at file for one that cannot be read at all."""
    if record.kind == ImportKind.FAMILY:
        return matters.plan_family(actor, record)
    kinds = {ImportKind.DISCLOSURES: disclosures.plan, ImportKind.MATTERS: matters.plan}
    return kinds[record.kind](actor, storage.read(record.file.sha256), record.file.name)


@action("patent_import.apply")
def apply(actor: Person, record: PatentImport) -> None:
    """Do what the file asks for, in one step; applied before, it does nothing.

    Raises Invalid (field 'file') naming the line that could not be done; then nothing was.
    """
    held = select(PatentImport).where(PatentImport.id == record.id).with_for_update()
    db.session.scalars(held, execution_options={"populate_existing": True}).one()
    if record.applied_at is not None:
        return
    plan = planned(actor, record)
    if not plan.is_ready:
        raise Invalid(_("Put the faults of the file right first, and hand it in anew."), field="file")
    event = audit.record("patent_import.apply", record, {"lines": len(plan.items)})
    with audit.because(actor, "patent_import.apply", parent_id=event.id):
        for item in plan.items:
            _do(actor, item)
    record.report = [[str(item.line), item.title, item.outcome] for item in plan.items]
    record.applied_at = clock.now()


def _do(actor: Person, item: Item) -> None:
    try:
        if item.act is not None:
            item.act(actor)
    except DomainError as refusal:
        words = _("Line %(line)s (%(title)s): %(why)s", line=item.line, title=item.title, why=refusal.message)
        raise Invalid(words, field="file") from refusal
