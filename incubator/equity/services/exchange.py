"""The Open Cap Format out and in: an export with what it leaves out, a file in with a dry run and a second person."""

import datetime as dt
from collections import Counter
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import services as approvals
from incubator.approvals.services import fingerprint
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import MINOR_DIGITS
from incubator.equity import queries
from incubator.equity.engines import ocf
from incubator.equity.engines.ocf.reading import decimals_of
from incubator.equity.models import (
    EquityHolder,
    HolderKind,
    Instrument,
    Issuer,
    OcfImport,
    OcfObject,
    SecurityClass,
)
from incubator.equity.services import register
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
    names = {found.own_key: found.ocf_id for found in kept if found.own_key}
    own = [_renamed(item, names) for item in items if not _came_in(item, names)]
    everything = [found.item for found in kept if found.item["object_type"] != "ISSUER"] + own
    faults = ocf.errors_of([made, *everything])
    if faults:
        raise Invalid(_("An object would not be valid: %(fault)s", fault=faults[0]), code="invalid_export")
    now = clock.now().replace(microsecond=0).isoformat()
    return ocf.pack(made, everything, as_of=clock.today().isoformat(), generated_at=now), left


def left_out(issuer: Issuer) -> list[ocf.Listed]:
    """What an export would leave out."""
    return ocf.objects_of(book_of(issuer))[2]


def _came_in(item: dict[str, Any], names: dict[str, str]) -> bool:
    """Whether an object is one that came in: a holder or class, or the first entry of a security."""
    if item["object_type"] == "TX_STOCK_ISSUANCE":
        return item["security_id"] in names
    return item["id"] in names


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


def dry_run(issuer: Issuer, items: list[dict[str, Any]]) -> dict[str, Any]:
    """What a file would change: counts by kind, and why what is only kept is kept. Nothing is written."""
    known = {found.ocf_id: found.item for found in queries.objects_kept(issuer)}
    fresh = [item for item in items if item["id"] not in known]
    reading = ocf.read([item for item in fresh if item["object_type"] != "ISSUER"])
    changed = [
        item["id"] for item in items if item["id"] in known and ocf.canonical(item) != ocf.canonical(known[item["id"]])
    ]
    return {
        "holders": len(reading.stakeholders), "classes": len(reading.classes), "issuances": len(reading.issuances),
        "kept": dict(Counter(reading.kept.values())), "known": len(items) - len(fresh), "changed": sorted(changed)[:50],
    }  # fmt: skip


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
        difference=dry_run(issuer, items),
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
        steps=[Role.HR],
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
    """Sign a file: its holders, classes and issuances enter, all or none; everything of it is kept as written."""
    db.session.execute(select(Issuer.id).where(Issuer.id == found.issuer_id).with_for_update(key_share=True))
    if dry_run(found.issuer, found.items) != found.difference:
        raise Invalid(_("The register has changed since the dry run; bring the file in anew"), code="stale_import")
    if not approvals.sign(actor, open_approval(found), content=content_of(found)):
        return
    event = OCF_IMPORT.move(found, "approve", payload=found.difference)
    known = {kept.ocf_id: kept.own_key for kept in queries.objects_kept(found.issuer)}
    fresh = [item for item in found.items if item["id"] not in known]
    keys = _enter(found.issuer, fresh, event)
    db.session.add_all(
        OcfObject(issuer_id=found.issuer_id, import_id=found.id, ocf_id=item["id"], own_key=keys.get(item["id"]),
                  item=item)
        for item in fresh
    )  # fmt: skip
    notify(found.maker_id, "ocf_import.approved", f"/equity/imports/{found.public_id}", issuer=found.issuer.name)


def _enter(issuer: Issuer, items: list[dict[str, Any]], event: AuditEvent) -> dict[str, str]:
    """Holders, classes and issuances into the tables; our key of each object that has one."""
    reading = ocf.read([item for item in items if item["object_type"] != "ISSUER"])
    holders = {key: _holder(issuer, item) for key, item in reading.stakeholders.items()}
    classes = {key: _class(issuer, item, reading) for key, item in reading.classes.items()}
    _refuse_over_authorised(reading, classes)
    db.session.flush()
    keys = {key: holder.public_id for key, holder in holders.items()}
    keys |= {key: one.public_id for key, one in classes.items()}
    for item in reading.issuances.values():
        one = classes[item["stock_class_id"]]
        made = register.issue(
            one, holder=keys[item["stakeholder_id"]], instrument=Instrument.SHARE,
            quantity=ocf.units_of(item["quantity"], one.decimals) or 0,
            effective_on=dt.date.fromisoformat(item["date"]), event=event, price_minor=_price(item),
            details={"ocf": item["id"]},
        )  # fmt: skip
        keys[item["id"]] = made.public_id
    return keys


def _refuse_over_authorised(reading: ocf.Reading, classes: dict[str, SecurityClass]) -> None:
    """A file that issues more than it authorises is refused as a whole."""
    issued = Counter[str]()
    for item in reading.issuances.values():
        one = classes[item["stock_class_id"]]
        issued[item["stock_class_id"]] += ocf.units_of(item["quantity"], one.decimals) or 0
    for key, units in issued.items():
        if units > classes[key].total_units:
            raise Invalid(_("The file issues more of class %(name)s than it authorises", name=classes[key].code[:60]),
                          code="over_authorised")  # fmt: skip


def _price(item: dict[str, Any]) -> int | None:
    """The price in minor units where it is whole in them and in a currency we hold; otherwise the object keeps it."""
    price = item["share_price"]
    digits = MINOR_DIGITS.get(price["currency"])
    return ocf.units_of(price["amount"], digits) if digits is not None else None


def _holder(issuer: Issuer, item: dict[str, Any]) -> EquityHolder:
    kind = HolderKind.INDIVIDUAL if item["stakeholder_type"] == "INDIVIDUAL" else HolderKind.COMPANY
    made = EquityHolder(company_id=issuer.company_id, kind=kind, name=item["name"]["legal_name"][:200])
    db.session.add(made)
    return made


def _class(issuer: Issuer, item: dict[str, Any], reading: ocf.Reading) -> SecurityClass:
    decimals = decimals_of(item, list(reading.issuances.values()))
    currency = next((found["share_price"]["currency"] for found in reading.issuances.values()
                     if found["stock_class_id"] == item["id"]), "CNY")  # fmt: skip
    made = SecurityClass(
        issuer=issuer, code=f"{item['name'][:27]}-{item['id'][-12:]}", unit={"en": "shares", "zh": "股"},
        decimals=decimals, total_units=ocf.units_of(item["initial_shares_authorized"], decimals) or 1,
        currency=currency if currency in MINOR_DIGITS else "CNY", issued_units=0,
    )  # fmt: skip
    db.session.add(made)
    return made
