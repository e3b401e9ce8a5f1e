"""What a gate asks of a venture, what follows from it once it is confirmed, and what the venture hands in to it."""

import datetime as dt
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.equity import services as equity
from incubator.files import services as files
from incubator.ledger.services import Overdrawn
from incubator.notifications.services import notify
from incubator.people.models import Person, Role
from incubator.people.queries import holders_of
from incubator.reviews import queries
from incubator.reviews.models import GateAnswer, Panel, PanelKind, PanelOutcome
from incubator.reviews.services.stopping import stop_venture
from incubator.ventures import services as ventures
from incubator.ventures.models import Tranche


def ask_of_venture(panel: Panel, asks: str, until_on: dt.date | None) -> None:
    """What must be shown at the gate that follows a hold, or changed by a pivot (with a day if wanted). Raises Invalid
    (asks, until_on)."""
    outcome = panel.outcome
    if panel.kind is not PanelKind.GATE or outcome not in queries.ASKING:
        return
    if not asks:
        raise Invalid(_("Say what the venture must show or change before its gate is set again."), field="asks")
    if outcome is PanelOutcome.HOLD and (until_on is None or until_on <= clock.today()):
        raise Invalid(_("Choose the day until which it is on hold, after today."), field="until_on")
    if until_on is not None and until_on <= clock.today():
        raise Invalid(_("Choose a day after today, or none."), field="until_on")
    panel.asks, panel.until_on = asks, until_on


@action("gate.answer")
def answer_gate(
    actor: Person, panel: Panel, *, text: str, data: bytes | IO[bytes] | None = None, name: str = ""
) -> GateAnswer:
    """Hand in, as the venture's lead, what a gate asked: words, and a file where there is one. The chair and the office
    are told; the reviewers of the next gate read it.

    Raises Invalid (text) for no words or what was handed in already, (file) for what files.keep refuses, WrongState
    once the gate was set again or the venture has ended.
    """
    db.session.execute(select(Panel.id).where(Panel.id == panel.id).with_for_update())
    if not queries.is_still_asked(panel):
        raise WrongState(_("The gate was set again, or the venture has ended: nothing is handed in to this any more."))
    words = text.strip()
    if not words:
        raise Invalid(_("Say what you have to show."), field="text")
    kept = files.keep(actor, data, name) if data is not None else None
    said = select(GateAnswer).where(GateAnswer.panel_id == panel.id, GateAnswer.text == words)
    if any((one.file and one.file.sha256) == (kept and kept.sha256) for one in db.session.scalars(said)):
        raise Invalid(_("This was handed in already."), field="text")
    answer = GateAnswer(panel=panel, author=actor, text=words, file=kept)
    payload = {"panel": panel.public_id, "file": kept.sha256.hex() if kept else None}
    audit.created(answer, cause_id=audit.event_of(panel, "panel.confirm").id, payload=payload)
    _tell_of_answer(panel)
    return answer


def _tell_of_answer(panel: Panel) -> None:
    """The chair who asked and the office that sets the gate again, but whom something keeps from the venture."""
    venture, chair = panel.tranche.venture if panel.tranche else None, panel.committee.chair
    people = {person.id: person for person in queries.office_of_panel(panel)}
    if chair is not None and queries.may_judge(panel, chair.person):
        people[chair.person_id] = chair.person
    for person_id in sorted(people):
        address = f"/panels/{panel.public_id}"
        notify(person_id, "venture.gate_answered", address, venture=venture.name if venture else "")


def follow_gate(panel: Panel, tranche: Tranche, cause_id: int) -> None:
    """Carry out a confirmed gate, in its transaction: what go opens opens together, or nothing is confirmed; that it
    happened is put to HR's signature for the grants that wait for it; the lead learns what a hold or a pivot asks.
    Raises Invalid where it can't be opened."""
    venture = tranche.venture
    if panel.outcome is PanelOutcome.FAIL:
        stop_venture(venture, reason=panel.reason or panel.brief, cause_id=cause_id)
        return
    if panel.outcome is PanelOutcome.PASS:
        try:
            ventures.pass_gate(tranche, cause_id=cause_id)
        except (Overdrawn, WrongState) as refusal:
            raise Invalid(refusal.message) from refusal
        equity.put_milestones(venture)
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
