"""Pages of plans."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.core import clock
from incubator.core.actions import require
from incubator.equity import pages, queries, services
from incubator.equity.forms import PlanForm, ReasonForm
from incubator.equity.tables import PLAN_GRANTS
from incubator.equity.views.common import form_page, plan_of
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web import keyset, sheets
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/equity/", right="equity.list")
def index() -> ResponseReturnValue:
    """The plans in my scope, in totals."""
    rows, key = queries.plan_list(me())
    return render_template("equity/index.html", page=keyset.by_key(rows, key), quantity=pages.quantity)


@bp.get("/equity/plans/new", right="equity_plan.create")
def new_plan() -> ResponseReturnValue:
    """The form of a plan for a venture."""
    venture = load(queries.ventures_for_plans(me()), request.args.get("venture", ""))
    form = PlanForm(formdata=None, starts_on=clock.today(), months=48, every_months=12, cliff_months=12)
    form.for_vehicles(queries.vehicles_of(venture))
    return form_page("equity/new_plan.html", form, venture=venture)


@bp.post("/equity/plans/new", right="equity_plan.create")
def create_plan() -> ResponseReturnValue:
    """Draft a plan and ask for its approval."""
    venture = load(queries.ventures_for_plans(me()), request.args.get("venture", ""))
    form, made = PlanForm().for_vehicles(queries.vehicles_of(venture)), []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.create_plan(me(), venture, **form.values))
    ):
        return see_other(url_for("equity.show_plan", public_id=made[0].public_id))
    return form_page("equity/new_plan.html", form, venture=venture)


@bp.get("/equity/plans/<public_id>", right=SIGNED_IN)
def show_plan(public_id: str) -> ResponseReturnValue:
    """A plan with its pool, terms and grants."""
    return render_template("equity/show_plan.html", **pages.plan_page(me(), plan_of(public_id)), form=ReasonForm())


@bp.post("/equity/plans/<public_id>/approve", right="equity_plan.approve")
def approve_plan(public_id: str) -> ResponseReturnValue:
    """Sign a plan."""
    services.approve_plan(me(), plan_of(public_id))
    return see_other(url_for("equity.show_plan", public_id=public_id))


@bp.post("/equity/plans/<public_id>/refuse", right="equity_plan.refuse")
def refuse_plan(public_id: str) -> ResponseReturnValue:
    """Refuse a plan with a reason."""
    plan, form = plan_of(public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.refuse_plan(me(), plan, **form.values)):
        return see_other(url_for("equity.show_plan", public_id=public_id))
    return form_page("equity/show_plan.html", form, **pages.plan_page(me(), plan))


@bp.post("/equity/plans/<public_id>/close", right="equity_plan.close")
def close_plan(public_id: str) -> ResponseReturnValue:
    """Close a plan: nothing more is granted from it."""
    plan, form = plan_of(public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.close_plan(me(), plan, **form.values)):
        return see_other(url_for("equity.show_plan", public_id=public_id))
    return form_page("equity/show_plan.html", form, **pages.plan_page(me(), plan))


@bp.get("/equity/plans/<public_id>/export", right="equity_plan.export", records="equity_plan.export")
def export_plan(public_id: str) -> ResponseReturnValue:
    """The grants of a plan as a table (XLSX); who took it is recorded."""
    plan = plan_of(public_id)
    require(me(), "equity_plan.export", plan)
    rows = pages.plan_rows(plan)
    return sheets.download(sheets.xlsx("grants", PLAN_GRANTS, rows), f"plan-{plan.venture.number}.xlsx")
