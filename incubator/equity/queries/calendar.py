"""The windows of a holder: to answer an offer, to exercise after leaving, and when issued units are free of a lock."""

import datetime as dt
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import clock
from incubator.core.db import db
from incubator.equity.engines.transfers import Lot, lock_of, lots_left
from incubator.equity.models import (
    EquityGrant,
    EquityStep,
    EquityTransaction,
    Instrument,
    Issuer,
    Movement,
    SecurityClass,
    StepKind,
)
from incubator.equity.states import GrantState, StepState
from incubator.people.models import Person
from incubator.web.calendar import CalendarEntry
from incubator.web.formats import number
from incubator.web.words import local_words


def windows_of(person: Person) -> list[CalendarEntry]:
    """The last days of a person's windows: to answer an offer, to exercise after leaving; two queries."""
    today, own = clock.today(), EquityGrant.holder_id == person.id
    offers = db.session.execute(
        select(EquityGrant.public_id, EquityGrant.number, EquityGrant.answer_by_on)
        .where(own, EquityGrant.state == GrantState.OFFERED, EquityGrant.answer_by_on >= today)
        .order_by(EquityGrant.id)
        .limit(50)
    )
    found = [
        CalendarEntry(f"equity.offer-{row.public_id}", row.answer_by_on,
                      _("Last day to accept the offer of grant %(number)s", number=row.number),
                      f"/equity/grants/{row.public_id}")
        for row in offers
    ]  # fmt: skip
    return [*found, *_exercises(person, today)]


def _exercises(person: Person, today: dt.date) -> list[CalendarEntry]:
    """Windows of exercise that a departure has set."""
    details = db.session.scalars(
        select(EquityStep.details)
        .where(EquityStep.person_id == person.id, EquityStep.kind == StepKind.DEPARTURE)
        .where(EquityStep.state == StepState.DONE, EquityStep.effective_on >= today - dt.timedelta(days=3_660))
        .order_by(EquityStep.id)
    )
    lines = [line for one in details for line in one["lines"] if line["until"] and line["until"] >= today.isoformat()]
    return [
        CalendarEntry(f"equity.window-{line['grant'].lower()}", dt.date.fromisoformat(line["until"]),
                      _("Last day to exercise what has vested of grant %(number)s", number=line["grant"]),
                      "/equity/mine")
        for line in lines
    ]  # fmt: skip


def lock_days_of(person: Person) -> list[CalendarEntry]:
    """The days from which units a person holds are free of their lock-up, and may be transferred; two statements."""
    lots = {key: some for key, some in lots_of_person(person).items() if some}
    if not lots:
        return []
    rows = db.session.execute(
        select(SecurityClass.public_id, SecurityClass.unit, SecurityClass.decimals, Issuer.name, Issuer.articles)
        .join(Issuer, Issuer.id == SecurityClass.issuer_id)
        .where(SecurityClass.public_id.in_(lots))
        .order_by(SecurityClass.id)
    )
    return [entry for row in rows for entry in _lock_days(row, lots[row.public_id], clock.today())]


def _lock_days(row: Any, lots: list[Lot], today: dt.date) -> list[CalendarEntry]:
    free: dict[dt.date, int] = {}
    for lot in lots:
        lock = lock_of(lot.acquired_on, int(row.articles.get("lock_months") or 0))
        if lock is not None and lock.free_from >= today:
            free[lock.free_from] = free.get(lock.free_from, 0) + lot.units
    return [
        CalendarEntry(f"equity.free-{row.public_id}-{day:%Y%m%d}", day,
                      _("%(units)s %(unit)s of %(issuer)s are free of the lock-up: the transfer window opens",
                        units=number(Decimal(units).scaleb(-row.decimals), row.decimals), unit=local_words(row.unit),
                        issuer=row.name),
                      "/equity/mine")
        for day, units in sorted(free.items())
    ]  # fmt: skip


def lots_of_person(person: Person) -> dict[str, list[Lot]]:
    """The lots of issued units a person has, by the public id of their class, oldest first; one statement.

    A balance that stays in the same hand is no acquisition, and a correction takes back what it names.
    """
    row = EquityTransaction
    reversed_ = select(row.reverses_id).where(row.reverses_id.is_not(None))
    found = db.session.execute(
        select(row.class_public_id, row.effective_on, row.quantity)
        .where(row.holder_public_id == person.public_id, row.instrument == Instrument.SHARE, row.quantity != 0)
        .where(row.kind.not_in((Movement.BALANCE, Movement.CORRECTION)), row.id.not_in(reversed_))
        .order_by(row.id)
    )
    entries: dict[str, list[Lot]] = {}
    for key, day, units in found:
        entries.setdefault(key, []).append(Lot(day, units))
    return {key: lots_left(lots) for key, lots in entries.items()}
