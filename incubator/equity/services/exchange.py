"""The Open Cap Format out and in: an export with what it leaves out, a file in with a dry run and a second person."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import services as approvals
from incubator.approvals.services import fingerprint
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity import queries
from incubator.equity.engines import ocf
from incubator.equity.engines.ocf.families import ISSUANCES
from incubator.equity.models import Issuer, OcfImport, OcfObject
from incubator.equity.services import arriving
from incubator.equity.services.book import book_of
from incubator.equity.services.plans import open_approval
from incubator.equity.states import OCF_IMPORT
from incubator.notifications.services import notify
from incubator.people.models import Person, Role

MOST_ITEMS = 50_000


def export(issuer: Issuer) -> tuple[bytes, list[ocf.Listed]]:
    """The zip of an issuer, every object valid by its schema, and what was left out.

    What came in goes out as it was written. Raises Invalid when an object would not be valid: nothing half-right
    leaves.
    """
    made, items, left = ocf.objects_of(book_of(issuer))
    kept = queries.objects_kept(issuer)
    names = _names(kept)
    own = [_renamed(item, names) for item in items if item["id"] not in names]
    everything = [found.item for found in kept if found.item["object_type"] != "ISSUER"] + own
    faults = ocf.errors_of([made, *everything])
    if faults:
        raise Invalid(_("An object would not be valid: %(fault)s", fault=faults[0]), code="invalid_export")
    now = clock.now().replace(microsecond=0).isoformat()
    return ocf.pack(made, everything, as_of=clock.today().isoformat(), generated_at=now), left


def left_out(issuer: Issuer) -> list[ocf.Listed]:
    """What an export would leave out."""
    return ocf.objects_of(book_of(issuer))[2]


def _names(kept: Sequence[OcfObject]) -> dict[str, str]:
    """The names that came in of what is ours by now: of a security its own, of all else the object's."""
    return {found.own_key: found.item["security_id"] if found.item["object_type"] in ISSUANCES else found.ocf_id
            for found in kept if found.own_key}  # fmt: skip


def _renamed(item: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """An object of ours that refers to what came in by the names it came with."""
    found = dict(item)
    for key in ("stakeholder_id", "stock_class_id", "security_id", "balance_security_id"):
        if found.get(key) in names:
            found[key] = names[found[key]]
    for key in ("stock_class_ids", "resulting_security_ids"):
        if key in found:
            found[key] = [names.get(value, value) for value in found[key]]
    return found


@action("ocf_import.create")
def create_import(actor: Person, issuer: Issuer, *, data: bytes) -> OcfImport:
    """Read a file and say what it would change. Raises Invalid at `file` for what is not the format, by object."""
    try:
        items = ocf.unpack(data)
    except ocf.OcfFileError as error:
        raise Invalid(_("This file cannot be read: %(why)s", why=str(error)), field="file") from error
    _check(items)
    found = OcfImport(
        issuer=issuer, company_id=issuer.company_id, maker=actor, items=items, sha256=fingerprint({"items": items}),
        difference=arriving.difference(issuer, items),
    )  # fmt: skip
    origin = audit.record("ocf_import.create", issuer, {"sha256": found.sha256.hex(), "by": actor.public_id})
    found.cause_id = origin.id
    db.session.add(found)
    db.session.flush()
    return found


def _check(items: list[dict[str, Any]]) -> None:
    if not 0 < len(items) <= MOST_ITEMS:
        raise Invalid(_("A file holds between 1 and %(most)s objects", most=f"{MOST_ITEMS:,}"), field="file")
    faults = ocf.errors_of(items)
    if faults:
        shown = "; ".join(faults[:5])
        raise Invalid(_("The file is not valid: %(faults)s", faults=shown), field="file", code="invalid_objects")
    ids = Counter(item["id"] for item in items)
    twice = [key for key, count in ids.items() if count > 1]
    if twice or max(map(len, ids)) > 200:
        raise Invalid(_("An id stands twice or is too long: %(id)s", id=(twice or [max(ids, key=len)])[0][:60]),
                      field="file")  # fmt: skip


@action("ocf_import.submit")
def submit_import(actor: Person, found: OcfImport) -> None:
    """Ask a second HR person to let a file in."""
    OCF_IMPORT.move(found, "submit", payload=content_of(found))
    name = found.issuer.name
    approvals.request(
        actor, found, title={"en": f"Cap table file for {name}", "zh": f"{name} 股权表导入"},
        address=f"/equity/imports/{found.public_id}", company=found.company, content=content_of(found),
        steps=[Role.HR], beneficiaries=arriving.gaining(found.issuer, found.items),
    )  # fmt: skip


def content_of(found: OcfImport) -> dict[str, Any]:
    """What is signed."""
    return {"issuer": found.issuer.public_id, "sha256": found.sha256.hex(), "difference": found.difference}


@action("ocf_import.refuse")
def refuse_import(actor: Person, found: OcfImport, *, reason: str) -> None:
    """Refuse a file with a reason."""
    approvals.refuse(actor, open_approval(found), reason=reason)
    OCF_IMPORT.move(found, "refuse", reason=reason)


@action("ocf_import.approve")
def approve_import(actor: Person, found: OcfImport) -> None:
    """Sign a file: what of it the register can hold enters, all or none; everything of it is kept as written."""
    db.session.execute(select(Issuer.id).where(Issuer.id == found.issuer_id).with_for_update(key_share=True))
    if arriving.difference(found.issuer, found.items) != found.difference:
        raise Invalid(_("The register has changed since the dry run; bring the file in anew"), code="stale_import")
    if not approvals.sign(actor, open_approval(found), content=content_of(found)):
        return
    event = OCF_IMPORT.move(found, "approve", payload=found.difference)
    read, keys = arriving.enter(found.issuer, found.items, event)
    for kept in read.kept:
        kept.own_key = kept.own_key or keys.get(kept.ocf_id)
    db.session.add_all(
        OcfObject(issuer_id=found.issuer_id, import_id=found.id, ocf_id=item["id"], own_key=keys.get(item["id"]),
                  item=item)
        for item in [*read.fresh, *_issuers(found.items, read.kept)]
    )  # fmt: skip
    notify(found.maker_id, "ocf_import.approved", f"/equity/imports/{found.public_id}", issuer=found.issuer.name)


def _issuers(items: list[dict[str, Any]], kept: Sequence[OcfObject]) -> list[dict[str, Any]]:
    """The issuer that the file is of, kept beside ours."""
    ids = {found.ocf_id for found in kept}
    return [item for item in items if item["object_type"] == "ISSUER" and item["id"] not in ids]
