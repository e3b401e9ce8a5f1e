"""Deliveries of bills: handed in or found, released or rejected by a second person; whose a sub-account is."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.cloud import vault
from incubator.cloud.bill_states import BILL, BillKind, BillSource, BillState, ChargedBy
from incubator.cloud.models import BillDelivery, BillOwner, BillPeriod, Provider, Sandbox
from incubator.cloud.services import billing, telling
from incubator.core import audit, clock, queue
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.transaction import after_commit
from incubator.files import scanning
from incubator.files import services as files
from incubator.files.engines.faults import FaultError
from incubator.files.models import File
from incubator.files.words import WORDS
from incubator.people.models import Person
from incubator.ventures.predicates import is_on_team

LARGEST_UPLOAD = 25 * 1024 * 1024
LARGEST_FOUND = 2 * 1024**3
JOB = "cloud.take_bills"
MEDIA = {
    BillKind.CSV: "text/csv",
    BillKind.CSV_GZ: "application/gzip",
    BillKind.PARQUET: "application/vnd.apache.parquet",
}
ENDS = {BillKind.CSV: ".csv", BillKind.CSV_GZ: ".csv.gz", BillKind.PARQUET: ".parquet"}


def kind_of(start: bytes) -> BillKind | None:
    """What a file is, by its first bytes and never by its name; None for what is no bill."""
    if start.startswith(b"PAR1"):
        return BillKind.PARQUET
    if start.startswith(b"\x1f\x8b"):
        return BillKind.CSV_GZ
    return None if not start.strip() or b"\x00" in start[:4096] else BillKind.CSV


@action("bill_delivery.upload")
def upload(
    actor: Person,
    provider: Provider,
    *,
    file: IO[bytes] | None,
    name: str,
    declared_rows: int | None = None,
    declared_total: Decimal | None = None,
) -> BillDelivery:
    """Hand a bill in; a job reads it. declared: what its sender says it holds, rows and whole units of all charges.

    Raises Invalid on field 'file' for what is no CSV, packed CSV or Parquet, too large, or refused by the scanner.
    """
    if provider.charged_by is not ChargedBy.BILL:
        raise Invalid(_("This provider is charged by the meter: its bills are not taken."), field="file")
    data = file.read(LARGEST_UPLOAD + 1) if file is not None else b""
    if not data:
        raise Invalid(_("Choose a file"), field="file")
    if len(data) > LARGEST_UPLOAD:
        raise Invalid(_("This file is too large to be handed in here. Leave it in the folder or bucket."), field="file")
    kind = kind_of(data)
    if kind is None:
        raise Invalid(_("Choose a CSV, CSV.gz or Parquet file."), field="file")
    try:
        scanning.scan(data)
    except FaultError as error:
        raise Invalid(WORDS[error.fault], field="file") from error
    kept = files.keep_own(data, plain_name(name, kind), MEDIA[kind])
    made = BillDelivery(
        provider=provider, source=BillSource.UPLOAD, name=kept.name, kind=kind, file=kept, person_id=actor.id,
        declared_rows=declared_rows, declared_total=declared_total,
    )  # fmt: skip
    return _received(made)


def plain_name(name: str, kind: BillKind) -> str:
    """A name to show: no folders, no signs that tools trip over; its end says what the file is."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign if sign.isalnum() or sign in " ._-()" else "_" for sign in bare).strip(" .")
    for end in ENDS.values():
        kept = kept.removesuffix(end)
    return f"{kept[:120] or 'bill'}{ENDS[kind]}"


def found(
    provider: Provider,
    source: BillSource,
    *,
    origin: str,
    path: Path,
    kind: BillKind,
    declared_rows: int | None = None,
    declared_total: Decimal | None = None,
) -> BillDelivery | None:
    """Take over a scratch file that a folder or a bucket had; None when this very version of it is here already.

    No right of its own: the job that looks calls it.
    """
    if is_known(provider, source, origin):
        path.unlink()
        return None
    kept: File = files.keep_scratch(path, plain_name(origin.split("\n", maxsplit=1)[0], kind), MEDIA[kind])
    made = BillDelivery(
        provider=provider, source=source, origin=origin, name=kept.name, kind=kind, file=kept,
        declared_rows=declared_rows, declared_total=declared_total,
    )  # fmt: skip
    return _received(made)


def is_known(provider: Provider, source: BillSource, origin: str) -> bool:
    """Whether this version of a file was taken over before."""
    known = select(BillDelivery.id).where(
        BillDelivery.provider_id == provider.id, BillDelivery.source == source, BillDelivery.origin == origin
    )
    return db.session.scalar(known) is not None


def origins(provider: Provider, source: BillSource) -> set[str]:
    """Every version of a file that was taken over before."""
    known = select(BillDelivery.origin).where(BillDelivery.provider_id == provider.id, BillDelivery.source == source)
    return set(db.session.scalars(known))


def _received(made: BillDelivery) -> BillDelivery:
    payload = {
        "provider": made.provider.public_id, "source": made.source.value, "sha256": made.file.sha256.hex(),
        "size": made.file.size, "rows": made.declared_rows,
        "total": None if made.declared_total is None else f"{made.declared_total:f}",
    }  # fmt: skip
    event = audit.record("bill_delivery.receive", made.provider, payload)
    audit.created(made, cause_id=event.id, payload=payload)
    wake(made.provider_id)
    return made


def wake(provider_id: int) -> None:
    """Let a worker read what waits, once it is safe in the database."""
    after_commit(lambda: _enqueue(provider_id))


def _enqueue(provider_id: int) -> None:
    queue.enqueue(JOB, provider_id)


@action("bill_delivery.release")
def release(actor: Person, delivery: BillDelivery, *, reason: str) -> None:
    """Let a held delivery be booked in spite of what was found; by another person than whoever handed it in.

    Raises WrongState when a newer delivery of one of its periods was booked meanwhile.
    """
    _decide(actor, delivery, reason)
    if _newer(delivery):
        raise WrongState(_("A newer bill of the same period is booked already: this one can only be rejected."))
    BILL.move(delivery, "release", reason=reason.strip())
    delivery.tries = 0
    wake(delivery.provider_id)


@action("bill_delivery.reject")
def reject(actor: Person, delivery: BillDelivery, *, reason: str) -> None:
    """Leave a held delivery unbooked for good, and what it alone froze open; by another person than whoever handed it
    in."""
    _decide(actor, delivery, reason)
    BILL.move(delivery, "reject", reason=reason.strip())
    billing.forget(delivery)


def _decide(actor: Person, delivery: BillDelivery, reason: str) -> None:
    billing.lock(delivery)
    if delivery.state is BillState.HELD and not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    if BILL.allows(delivery, "reject"):
        delivery.decided_by_id, delivery.decided_at, delivery.reason = actor.id, clock.now(), reason.strip()


def _newer(delivery: BillDelivery) -> bool:
    periods = {(one["seller"], one["account"], one["period"]) for one in delivery.figures}
    rows = db.session.execute(
        select(BillPeriod.seller, BillPeriod.account, BillPeriod.begins_on).where(
            BillPeriod.provider_id == delivery.provider_id, BillPeriod.delivery_id > delivery.id
        )
    )
    return any((row[0], row[1], row[2].isoformat()) in periods for row in rows)


@action("bill_owner.name")
def name_owner(
    actor: Person,
    provider: Provider,
    *,
    sub_account: str,
    sandbox: Sandbox | None,
    reason: str,
    begins_on: dt.date | None = None,
    ends_on: dt.date | None = None,
) -> BillOwner:
    """Say whose a sub-account is that a bill names and nobody knows: what it was charged leaves suspense, and what it
    is charged later never goes there. begins_on, ends_on: the first and last day that it is (UTC, as bills have them);
    without them always. Raises Invalid."""
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    if begins_on is not None and ends_on is not None and ends_on < begins_on:
        raise Invalid(_("The last day is before the first."), field="ends_on")
    if sandbox is None or sandbox.provider_id != provider.id:
        raise Invalid(_("Choose a sandbox of this provider"), field="sandbox")
    if is_on_team(actor, sandbox.venture):
        raise Invalid(_("You work in this venture: somebody else must say that it pays."), field="sandbox")
    billing.lock_provider(provider)
    periods = billing.periods_of(provider, sub_account)
    if not sub_account or not periods:
        raise Invalid(_("No bill names this account."), field="sub_account")
    made = BillOwner(
        provider_id=provider.id, sub_account=sub_account, sandbox=sandbox, person_id=actor.id, reason=reason.strip(),
        begins_on=begins_on, ends_on=ends_on,
    )  # fmt: skip
    told = {
        "sub_account": sub_account, "sandbox": sandbox.public_id,
        "begins_on": begins_on and begins_on.isoformat(), "ends_on": ends_on and ends_on.isoformat(),
    }  # fmt: skip
    event = audit.record("bill_owner.name", sandbox, told, reason=reason.strip())
    audit.created(made, cause_id=event.id, payload=told)
    locked = billing.locked(periods)
    billing.lock_sandboxes(provider, locked, billing.sub_accounts_of(locked))
    for period in locked:
        if period.delivery_id is not None:
            billing.settle(period, period.delivery_id, made.cause_id)
    telling.lead(sandbox, "sandbox.account_named", account=sub_account)
    return made


@action("provider.set_bill_source")
def set_source(
    actor: Actor, provider: Provider, *, address: str, bucket: str, prefix: str, region: str, key_id: str, secret: str
) -> None:
    """Say in which bucket a provider's bills lie, and with which key they are read; empty: in none.

    secret: kept encrypted; empty: the one that is kept stays. Raises Invalid.
    """
    if provider.charged_by is not ChargedBy.BILL:
        raise Invalid(_("This provider is charged by the meter: its bills are not taken."), field="bucket")
    if bucket and not address.startswith(("http://", "https://")):
        raise Invalid(_("Enter an address, such as https://cloud.example.com/api"), field="address")
    if bucket and not secret and provider.bill_secret is None:
        raise Invalid(_("Enter the secret key"), field="secret")
    said = {"address": address, "bucket": bucket, "prefix": prefix, "region": region, "key_id": key_id}
    provider.bill_source = said if bucket else {}
    if secret or not bucket:
        provider.bill_secret = vault.encrypt(secret) if bucket else None
    audit.record("provider.set_bill_source", provider, said | {"secret": bool(secret)})
