"""Bills that were delivered are read and booked; folders and buckets are looked at for new ones."""

import csv
import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from incubator.cloud.bill_states import BillKind, BillState, ChargedBy
from incubator.cloud.engines import focus
from incubator.cloud.jobs import bill_files, bill_sources
from incubator.cloud.jobs.each import hand_over
from incubator.cloud.jobs.locks import one_at_a_time, session_lock
from incubator.cloud.models import BillDelivery, Provider
from incubator.cloud.services import billing
from incubator.core import audit, settings
from incubator.core.db import db
from incubator.core.jobs import job
from incubator.core.transaction import transaction
from incubator.files import services as files
from incubator.files import storage
from incubator.files.models import File
from incubator.people.predicates import SYSTEM

log = logging.getLogger(__name__)
SPACE = 7_317 << 40
"""Keeps the numbers of these locks apart from others; a provider's id is added."""
LOOKING = 7_321 << 40
WAITING = (BillState.RECEIVED, BillState.RELEASED)


@job("cloud.take_bills", queue="bills")
def take_bills(provider_id: int) -> int:
    """Read and book what waits of a provider, in the order in which it came; how many deliveries.

    One worker a provider: the lock is of a session, so that a killed one leaves nothing locked, and a delivery that was
    not booked as a whole is as if it had never been read. What a killed one left on disk goes first.
    """
    taken = 0
    with provider_lock(provider_id) as is_mine:
        if is_mine:
            _clean(provider_id)
        while is_mine and (found := _next(provider_id)) is not None:
            take(provider_id, *found)
            taken += 1
    return taken


@job("cloud.take_waiting_bills", every=300)
def take_waiting_bills() -> list[int]:
    """Have taken, each provider's for itself, what a lost wake-up or a killed worker left; returns these' ids."""
    with transaction():
        waiting = select(BillDelivery.provider_id).where(BillDelivery.state.in_(WAITING)).distinct()
        ids = db.session.scalars(waiting.order_by(BillDelivery.provider_id)).all()
    return hand_over("cloud.take_bills", ids)


@job("cloud.look_for_bills", every=300)
def look_for_bills() -> list[int]:
    """Have the folders and buckets looked at of providers that charge by bill, each for itself; returns their ids."""
    with transaction():
        ids = db.session.scalars(
            select(Provider.id).where(Provider.charged_by == ChargedBy.BILL).order_by(Provider.id)
        ).all()
    return hand_over("cloud.look_for_bills_at", ids)


@job("cloud.look_for_bills_at", queue="cloud", aside=True)
@one_at_a_time(LOOKING)
def look_for_bills_at(provider_id: int) -> int:
    """Take over new files from the folder and bucket of a provider; how many."""
    return bill_sources.look(provider_id)


@contextmanager
def provider_lock(provider_id: int) -> Iterator[bool]:
    """Try to be the one that reads a provider's bills; False when another is."""
    with session_lock(SPACE + provider_id) as is_mine:
        yield is_mine


def _next(provider_id: int) -> tuple[int, bytes, BillKind] | None:
    """(id, hash, kind) of the oldest that waits."""
    with transaction():
        row = db.session.execute(
            select(BillDelivery.id, File.sha256, BillDelivery.kind)
            .join(File, File.id == BillDelivery.file_id)
            .where(BillDelivery.provider_id == provider_id, BillDelivery.state.in_(WAITING))
            .order_by(BillDelivery.id)
            .limit(1)
        ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def take(provider_id: int, delivery_id: int, sha256: bytes, kind: BillKind) -> None:
    """Read one delivery (no transaction is held meanwhile) and book it, hold it, or refuse it, in one transaction."""
    if not _begun(delivery_id):
        return
    try:
        with _on_disk(provider_id, sha256) as (path, folder):
            bill = bill_files.read(path, kind, folder)
        findings = _findings(bill.reading)
    except bill_files.UnreadableError as error:
        with transaction():
            delivery = db.session.get_one(BillDelivery, delivery_id)
            with audit.because(SYSTEM, "bill_delivery.refuse", parent_id=delivery.cause_id):
                billing.refuse(delivery, error.trouble, error.detail)
        return
    with transaction():
        delivery = db.session.get_one(BillDelivery, delivery_id)
        kept = None if findings is None else files.keep_scratch(findings, "findings.csv", "text/csv")
        with audit.because(SYSTEM, "bill_delivery.post", parent_id=delivery.cause_id):
            billing.take(delivery, bill.reading, bill.version, kept)


def _begun(delivery_id: int) -> bool:
    with transaction():
        delivery = db.session.get_one(BillDelivery, delivery_id)
        with audit.because(SYSTEM, "bill_delivery.hold", parent_id=delivery.cause_id):
            return billing.begin(delivery)


def _scratch() -> Path:
    scratch = settings.current().home / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return scratch


def _clean(provider_id: int) -> None:
    """Remove what killed tries of a provider left. Its lock is held, so nobody is at work there."""
    for left in _scratch().glob(f"bill-{provider_id}-*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _on_disk(provider_id: int, sha256: bytes) -> Iterator[tuple[Path, Path]]:
    """(the file, a folder to work in). A file that is kept elsewhere is fetched."""
    with tempfile.TemporaryDirectory(prefix=f"bill-{provider_id}-", dir=_scratch()) as own:
        path, folder = storage.path_of(sha256), Path(own)
        if not path.exists():
            path = folder / "fetched"
            with path.open("wb") as file:
                file.writelines(storage.stream(sha256))
        yield path, folder


def _findings(reading: focus.Reading) -> Path | None:
    """A scratch file that names every fault (so many as were told); None where there is none."""
    if not reading.faults:
        return None
    path = storage.scratch()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "column", "reason", "given"])
        writer.writerows(_lines(reading.faults))
    return path


def _lines(faults: Iterable[focus.Fault]) -> Iterator[tuple[int, str, str, str]]:
    """A text that a spreadsheet would run begins with an apostrophe."""
    for one in faults:
        given = one.given[:500]
        yield one.row, one.column, one.reason, f"'{given}" if given[:1] in {"=", "+", "-", "@", "\t"} else given
