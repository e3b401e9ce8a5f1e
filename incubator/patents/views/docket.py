"""The docket: what was disclosed, what is at the office, and what happened there."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.core import clock
from incubator.patents import pages, queries, services
from incubator.patents.forms import CorrectionForm, EventForm, FilingForm
from incubator.patents.models import Matter, Office
from incubator.patents.states import MATTER
from incubator.patents.views.confirming import recorded
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.keyset import by_moment
from incubator.web.views import load, see_other

STEPS: dict[str, tuple[type[EventForm], Callable[..., Any]]] = {
    "file": (FilingForm, services.record_filing),
    "publish": (EventForm, services.record_publication),
    "examine": (EventForm, services.record_examination),
    "grant": (EventForm, services.record_grant),
}
"""What counsel can record: its form and its service."""
ABROAD = (Office.EPO, Office.USPTO)
"""Offices that grant patents outside of China."""


@bp.get("/patents/", right="patent.docket")
def docket() -> ResponseReturnValue:
    """All matters and disclosures in the reader's care."""
    page = by_moment(*queries.docket(me()))
    return render_template("patents/docket.html", page=page, rows=pages.docket_rows(page.rows))


@bp.get("/patents/<public_id>", right="matter.show")
def matter(public_id: str) -> ResponseReturnValue:
    """One matter with all its events."""
    found = load(queries.matter_page(me()), public_id)
    steps = [step for step in STEPS if MATTER.allows(found, step)]
    return render_template(
        "patents/matter.html",
        matter=found, steps=steps, live=queries.live(found.events), award=queries.award_of(found),
        deadlines=queries.deadlines_of(found), differences=queries.differences_of(me(), found),
        warnings=queries.number_warnings(found), day=clock.today(), owes_none=_owes_none(found),
    )  # fmt: skip


def _owes_none(found: Matter) -> bool:
    """Whether the rule on awards does not speak of patents of this office."""
    return found.office in ABROAD and not services.earns_award(found)


def _step_form(public_id: str, step: str) -> ResponseReturnValue:
    """Asks for the day of the step, and what shows it."""
    found = load(queries.matter_page(me()), public_id)
    owes_none = _owes_none(found)
    return render_template("patents/record.html", matter=found, step=step, form=STEPS[step][0](), owes_none=owes_none)


def _record(public_id: str, step: str) -> ResponseReturnValue:
    """Record it; with the grant the award is born."""
    found = load(queries.matter_page(me()), public_id)
    kind, service = STEPS[step]
    form = kind()
    done, shown = recorded(form, found, lambda: service(me(), found, **form.details), kind=step)
    if done:
        return see_other(url_for("patents.matter", public_id=public_id))
    shown |= {"matter": found, "step": step, "form": form, "owes_none": _owes_none(found)}
    page = render_template("patents/record.html", **shown)
    return page, shown.get("status", form.status)


for _step, (_kind, _service) in STEPS.items():
    _at, _right = f"/patents/<public_id>/{_step}", f"matter.{_step}"
    bp.add_url_rule(_at, f"{_step}_form", partial(_step_form, step=_step), right=_right)
    bp.add_url_rule(_at, _service.__name__, partial(_record, step=_step), methods=["POST"], right=_right)


def _form_of(kind: str) -> type[EventForm]:
    return FilingForm if kind == "file" else CorrectionForm


@bp.get("/patents/<public_id>/events/<event_id>", right="matter.correct")
def correct_form(public_id: str, event_id: str) -> ResponseReturnValue:
    """An event as it was recorded, to be put right."""
    found = load(queries.matter_page(me()), public_id)
    event = queries.event_in(found, event_id)
    form = _form_of(event.kind)(obj=event)
    return render_template("patents/correct.html", matter=found, event=event, form=form)


@bp.post("/patents/<public_id>/events/<event_id>", right="matter.correct")
def correct(public_id: str, event_id: str) -> ResponseReturnValue:
    """Put an event right by a new one."""
    found = load(queries.matter_page(me()), public_id)
    event = queries.event_in(found, event_id)
    form = _form_of(event.kind)()
    done, shown = recorded(
        form, found, lambda: services.correct(me(), found, event=event, **form.details), kind=event.kind, voided=event
    )
    if done:
        return see_other(url_for("patents.matter", public_id=public_id))
    page = render_template("patents/correct.html", matter=found, event=event, form=form, **shown)
    return page, shown.get("status", form.status)
