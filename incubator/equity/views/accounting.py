"""Pages of the accounts: fair values and expense by period."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.equity import pages, queries, services
from incubator.equity.forms import ValueForm
from incubator.equity.models import EquityGrant
from incubator.equity.views.common import form_page
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web import sheets
from incubator.web.views import load, see_other


def grant_to_value(public_id: str) -> EquityGrant:
    """An approved grant whose cost the reader accounts for."""
    return load(queries.grants_for_accounts(me()), public_id)


@bp.get("/equity/expense", right="grant_value.list")
def expense() -> ResponseReturnValue:
    """The expense of grants by year or month; ?format=xlsx or csv is the same as a file."""
    page = pages.expense_page(me(), request.args.get("by", ""), request.args.get("year", type=int))
    if request.args.get("format") in ("csv", "xlsx"):
        rows, columns = pages.export_rows(page), list(pages.EXPENSE_COLUMNS)
        if request.args["format"] == "csv":
            return sheets.download(sheets.csv(columns, rows), "expense.csv")
        return sheets.download(sheets.xlsx("expense", columns, rows), "expense.xlsx")
    return render_template("equity/expense.html", **page)


@bp.get("/equity/expense/<public_id>", right="grant_value.create")
def new_value(public_id: str) -> ResponseReturnValue:
    """The form of a grant's fair value."""
    grant = grant_to_value(public_id)
    return form_page("equity/value.html", ValueForm(formdata=None), grant=grant,
                     value=services.values_of([grant]).get(grant.id))  # fmt: skip


@bp.post("/equity/expense/<public_id>", right="grant_value.create")
def value_grant(public_id: str) -> ResponseReturnValue:
    """Record a grant's fair value."""
    grant, form = grant_to_value(public_id), ValueForm()
    if form.validate_on_submit() and form.accepts(lambda: services.value_grant(me(), grant, **form.values)):
        return see_other(url_for("equity.expense"))
    return form_page("equity/value.html", form, grant=grant, value=services.values_of([grant]).get(grant.id))
