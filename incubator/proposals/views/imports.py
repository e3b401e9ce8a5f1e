"""Drafts from a table with the files beside it, for the office of a call.

A request, not a job: at most 200 drafts, some seconds' work, all or none.
"""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from incubator.calls import queries as calls
from incubator.calls.models import Call
from incubator.core.actions import require
from incubator.people.session import me
from incubator.proposals import services
from incubator.proposals.forms.lists import ImportForm
from incubator.proposals.services.lines import Plan, model_for, plan, unpack
from incubator.proposals.views.routes import bp
from incubator.web import sheets
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


def _load(public_id: str) -> Call:
    call = load(calls.managed_by(me()), public_id)
    require(me(), "proposal.import", call)
    return call


@bp.get("/calls/<public_id>/import", right=SIGNED_IN)
def importing(public_id: str) -> ResponseReturnValue:
    """The form, and the columns of the table."""
    return _page(_load(public_id), ImportForm(formdata=None), Plan())


@bp.get("/calls/<public_id>/import.xlsx", right=SIGNED_IN)
def empty_import(public_id: str) -> ResponseReturnValue:
    """The table to be filled in: a column a question."""
    return sheets.download(
        sheets.xlsx("proposals", sheets.columns_of(model_for(_load(public_id))), []), "proposals.xlsx"
    )


@bp.post("/calls/<public_id>/import", right="proposal.import")
def import_drafts(public_id: str) -> ResponseReturnValue:
    """Look at what a table would make, or make it."""
    call, form, found = _load(public_id), ImportForm(), list[Plan]()
    if not form.validate() or not form.accepts(lambda: found.append(_plan(call, form))):
        return _page(call, form, Plan())
    if found[0].faults or not form.is_confirmed:
        return _page(call, form, found[0])
    if not form.accepts(lambda: services.import_drafts(me(), call, plan=found[0])):
        return _page(call, form, found[0])
    number = len(found[0].drafts)
    flash(
        ngettext(
            "%(num)s draft is made; its proposer is told.", "%(num)s drafts are made; their proposers are told.", number
        )
    )
    return see_other(f"/calls/{public_id}")


def _plan(call: Call, form: ImportForm) -> Plan:
    data = form.file.data.stream.read(sheets.LARGEST_FILE + 1)
    return plan(call, *unpack(data, form.file.data.filename or ""))


def _page(call: Call, form: ImportForm, found: Plan) -> ResponseReturnValue:
    page = {"call": call, "form": form, "plan": found, "columns": sheets.columns_of(model_for(call))}
    has_errors = bool(form.errors or found.faults)
    return render_template("proposals/import.html", has_errors=has_errors, **page), 422 if has_errors else 200
