"""The windows of a holder: to answer an offer, to exercise after leaving, and when issued units are free of a lock."""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import clock
from incubator.core.db import db
from incubator.equity.engines.transfers import Lot, lots_left
from incubator.equity.models import EquityGrant, EquityStep, EquityTransaction, Instrument, Movement, StepKind
from incubator.equity.states import GrantState, StepState
from incubator.people.models import Person
from incubator.web.calendar import CalendarEntry


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
