"""What a gate asks of a venture, and what follows from it once it is confirmed."""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.ledger.services import Overdrawn
from incubator.notifications.services import notify
from incubator.people.models import Person, Role
from incubator.people.queries import holders_of
from incubator.reviews import queries
from incubator.reviews.models import Panel, PanelKind, PanelOutcome
from incubator.reviews.services.stopping import stop_venture
from incubator.ventures import services as ventures
from incubator.ventures.models import Tranche


def ask_of_venture(panel: Panel, asks: str, until_on: dt.date | None) -> None:
    """What must be shown at the gate that follows a hold, or changed by a pivot. Raises Invalid (asks, until_on)."""
    outcome = panel.outcome
    if panel.kind is not PanelKind.GATE or outcome not in (PanelOutcome.HOLD, PanelOutcome.PIVOT):
        return
    if not asks:
        raise Invalid(_("Say what the venture must show or change before its gate is set again."), field="asks")
    if outcome is PanelOutcome.HOLD and (until_on is None or until_on <= clock.today()):
        raise Invalid(_("Choose the day until which it is on hold, after today."), field="until_on")
    panel.asks, panel.until_on = asks, until_on if outcome is PanelOutcome.HOLD else None


def follow_gate(panel: Panel, tranche: Tranche, cause_id: int) -> None:
    """Carry out a confirmed gate, in its transaction: what go opens opens together, or nothing is confirmed; HR learns
    that grants may wait for it, the lead what a hold or a pivot asks. Raises Invalid where it can't be opened."""
    venture = tranche.venture
    if panel.outcome is PanelOutcome.FAIL:
        stop_venture(venture, reason=panel.reason or panel.brief, cause_id=cause_id)
        return
    if panel.outcome is PanelOutcome.PASS:
        try:
            ventures.pass_gate(tranche, cause_id=cause_id)
        except (Overdrawn, WrongState) as refusal:
            raise Invalid(refusal.message) from refusal
        kind, people = "venture.gate_passed", holders_of(Role.HR, venture.company)
    else:
        if panel.outcome is PanelOutcome.HOLD:
            if panel.until_on is None:  # decided before a hold had to name its day
                raise Invalid(_("Send this back to the chair: it does not say until when the venture is on hold."))
            ventures.hold(venture, until_on=panel.until_on)
        kind, people = "venture.gate_asks", select(Person).where(Person.id == venture.lead_id)
    for person in db.session.scalars(people):
        if person.id != venture.lead_id and not queries.may_judge(panel, person):
            continue
        notify(person.id, kind, f"/ventures/{venture.public_id}", venture=venture.name)
