"""Pages of leavers and movers, and of what HR has to do."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import require
from incubator.core.errors import Invalid
from incubator.equity import queries, services
from incubator.equity.forms import DepartureForm, TableForm
from incubator.equity.pages import life
from incubator.equity.pages.common import quantity, step_words
from incubator.equity.services import leaving
from incubator.equity.services.bulk import leavers_by_number
from incubator.equity.tables import LeaverRow
from incubator.equity.views.common import form_page
from incubator.equity.views.routes import bp
from incubator.equity.words import REASONS
from incubator.people.models import Person
from incubator.people.session import me
from incubator.web import keyset, sheets
from incubator.web.views import see_other


@bp.get("/equity/due", right="equity.due")
def due() -> ResponseReturnValue:
    """What is due: signatures, vestings of the month, leavers, lapses, payments."""
    return render_template("equity/due.html", **life.due_page(me()))


@bp.get("/equity/leavers", right="equity_step.depart")
def leavers() -> ResponseReturnValue:
    """Departures and moves, newest first, and whom the directory has marked."""
    rows, key = queries.departures(me())
    return render_template(
        "equity/leavers.html", page=keyset.by_key(rows, key), **_marked(), step_words=step_words,
        form=TableForm(formdata=None),
    )  # fmt: skip


def _marked() -> dict[str, Any]:
    """Whom the directory has marked as a leaver, or moved to another company."""
    return {"marked": queries.leavers(me()), "moved": queries.movers(me())}


def _person(hr_number: str) -> Person:
    """Whoever has this HR number and holds grants in the reader's care."""
    found = leavers_by_number(me(), [hr_number.strip()])
    if not found:
        raise Invalid(_("Nobody with this HR number holds grants in your care"), field="hr_number")
    return next(iter(found.values()))


def _outcome(form: DepartureForm) -> dict[str, Any]:
    """What the departure on the form does, and to whom."""
    person = _person(form.hr_number.data)
    grants = leaving.grants_settled_by(me(), person, form.reason.data)
    values = leaving.values_for(grants, form.value_minor.data)
    lines = leaving.preview(grants, reason=form.reason.data, last_day=form.last_day.data, values=values)
    return {"person": person, "lines": life.preview_lines(lines)}


@bp.get("/equity/leavers/new", right="equity_step.depart")
def new_departure() -> ResponseReturnValue:
    """Who leaves or moves, when, and why."""
    number = request.args.get("hr_number", "")
    left_on = next((one.left_on for one in queries.leavers(me()) if one.hr_number == number), None)
    why = request.args.get("reason", "")
    form = DepartureForm(formdata=None, hr_number=number, last_day=left_on, reason=why if why in REASONS else None)
    return form_page("equity/new_departure.html", form, person=None, lines=[], quantity=quantity)


@bp.post("/equity/leavers/new", right="equity_step.depart")
def depart() -> ResponseReturnValue:
    """Show what a departure does; when that is confirmed, ask for the second signature."""
    require(me(), "equity_step.depart")
    form, shown, made = DepartureForm(), dict[str, Any](), []
    if not form.validate_on_submit() or not form.accepts(lambda: shown.update(_outcome(form))):
        return form_page("equity/new_departure.html", form, person=None, lines=[], quantity=quantity)
    if form.confirmed.data == "yes" and form.accepts(
        lambda: made.append(services.depart(me(), shown["person"], **_details(form)))
    ):
        return see_other(url_for("equity.show_step", public_id=made[0].public_id))
    return render_template(
        "equity/new_departure.html", form=form, quantity=quantity, **shown
    ), 422 if form.errors else 200


def _details(form: DepartureForm) -> dict[str, Any]:
    return {name: form.data[name] for name in ("reason", "last_day", "value_minor", "note")}


@bp.post("/equity/leavers/import", right="equity_step.import_leavers")
def import_leavers() -> ResponseReturnValue:
    """Show what a table of leavers comes to; sent again with `take`, ask for them all."""
    require(me(), "equity_step.import_leavers")
    form, dry = TableForm(), request.form.get("take") != "yes"
    told: dict[str, Any] = {"errors": [], "faults": [], "shown": []}
    taken = form.validate_on_submit() and form.accepts(lambda: told.update(_take(form, dry=dry)))
    if taken and not dry and not told["errors"] and not told["faults"]:
        return see_other(url_for("equity.leavers"))
    rows, key = queries.departures(me())
    page = render_template(
        "equity/leavers.html", page=keyset.by_key(rows, key), **_marked(), step_words=step_words,
        form=form, quantity=quantity, **told,
    )  # fmt: skip
    return page, 200 if taken and not told["errors"] and not told["faults"] else 422


def _take(form: TableForm, *, dry: bool) -> dict[str, Any]:
    """The faults of the table's shape, else those of its lines; and what each line comes to."""
    sheet = sheets.read(*form.read(), LeaverRow)
    if sheet.errors:
        return {"errors": sheet.errors}
    faults, shown = services.import_leavers(me(), me().company, rows=sheet.rows, dry=dry)
    return {"faults": faults, "shown": [] if faults else life.shown_leavers(shown)}
