"""Pages of the accounts: fair values and expense by period."""

from typing import Any

from flask import g, render_template, request, url_for
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
    """The expense of grants by year or month."""
    return render_template("equity/expense.html", **_asked())


def _asked() -> dict[str, Any]:
    return pages.expense_page(me(), request.args.get("by", ""), request.args.get("year", type=int))


@bp.get("/equity/expense/export", right="grant_value.list", records="expense.export")
def export_expense() -> ResponseReturnValue:
    """The same as XLSX or CSV; that it left is noted on the reader's company."""
    g.loaded = me().company
    rows, columns = pages.export_rows(_asked()), list(pages.EXPENSE_COLUMNS)
    if request.args.get("format") == "csv":
        return sheets.download(sheets.csv(columns, rows), "expense.csv")
    return sheets.download(sheets.xlsx("expense", columns, rows), "expense.xlsx")


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
