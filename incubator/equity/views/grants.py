"""Pages of grants."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core import clock
from incubator.core.actions import require
from incubator.core.errors import NotFound
from incubator.equity import pages, services
from incubator.equity.forms import (
    AcceptForm,
    DeclineForm,
    FactsForm,
    GrantForm,
    GrantVestingForm,
    ReasonForm,
    StepForm,
    TableForm,
)
from incubator.equity.models import EquityGrant, EquityPlan
from incubator.equity.services import typeset
from incubator.equity.tables import GrantRow
from incubator.equity.views.common import form_page, grant_of, plan_of, shown_page
from incubator.equity.views.routes import bp
from incubator.files.sending import send
from incubator.people.session import me
from incubator.web import sheets
from incubator.web.routes import SIGNED_IN
from incubator.web.views import see_other


@bp.get("/equity/plans/<public_id>/grants/new", right="equity_grant.create")
def new_grant(public_id: str) -> ResponseReturnValue:
    """The first page of the wizard: whom the grant is for, and how much."""
    plan = plan_of(public_id)
    require(me(), "equity_grant.create", plan)
    form = GrantForm(formdata=None, granted_on=max(clock.today(), plan.starts_on)).for_plan(plan, me().id)
    return form_page("equity/new_grant.html", form, **pages.drafting(plan))


@bp.post("/equity/plans/<public_id>/grants/new", right="equity_grant.create")
def create_grant(public_id: str) -> ResponseReturnValue:
    """Draft a grant with the plan's vesting; the next page changes that."""
    plan = plan_of(public_id)
    form, made = GrantForm().for_plan(plan, me().id), list[EquityGrant]()
    if form.validate_on_submit() and form.accepts(lambda: made.append(_draft(plan, form))):
        return see_other(url_for("equity.grant_vesting", public_id=made[0].public_id))
    return form_page("equity/new_grant.html", form, **pages.drafting(plan))


def _draft(plan: EquityPlan, form: GrantForm) -> EquityGrant:
    values = form.values
    terms = services.grants.usual_terms(plan.terms)
    return services.draft_grant(me(), plan, starts_on=values["granted_on"], **values, **terms)


@bp.get("/equity/grants/<public_id>/edit", right="equity_grant.create")
def edit_grant(public_id: str) -> ResponseReturnValue:
    """The first page of the wizard for a draft."""
    grant = grant_of(public_id)
    require(me(), "equity_grant.revise", grant)
    form = GrantForm(formdata=None, obj=pages.answers(grant)).for_plan(grant.plan, me().id)
    return form_page("equity/new_grant.html", form, **pages.drafting(grant.plan, grant))


@bp.post("/equity/grants/<public_id>/edit", right="equity_grant.revise")
def revise_grant(public_id: str) -> ResponseReturnValue:
    """Change whom a draft is for, and how much."""
    grant = grant_of(public_id)
    form = GrantForm().for_plan(grant.plan, me().id)
    if form.validate_on_submit() and form.accepts(lambda: services.revise(me(), grant, **form.values)):
        return see_other(url_for("equity.grant_vesting", public_id=public_id))
    return form_page("equity/new_grant.html", form, **pages.drafting(grant.plan, grant))


@bp.get("/equity/grants/<public_id>/vesting", right="equity_grant.create")
def grant_vesting(public_id: str) -> ResponseReturnValue:
    """The second page of the wizard: when the grant vests, with its chart."""
    grant = grant_of(public_id)
    require(me(), "equity_grant.revise", grant)
    form = GrantVestingForm(formdata=None)
    form.start_from_grant(grant.terms, grant.plan.terms, grant.starts_on)
    return form_page("equity/grant_vesting.html", form, **pages.vesting_page(grant))


@bp.post("/equity/grants/<public_id>/vesting", right="equity_grant.revise")
def revise_vesting(public_id: str) -> ResponseReturnValue:
    """Change when a draft vests; or only show what was typed as a chart."""
    grant, form, shown = grant_of(public_id), GrantVestingForm(), list[Any]()
    require(me(), "equity_grant.revise", grant)
    if form.validate_on_submit() and form.preview.data:
        form.accepts(lambda: shown.append(services.grants.preview(me(), grant, **form.values)))
    elif not form.errors and form.accepts(lambda: services.revise(me(), grant, **form.values)):
        return see_other(url_for("equity.grant_facts", public_id=public_id))
    return shown_page("equity/grant_vesting.html", form, **pages.vesting_page(grant, *shown))


@bp.get("/equity/grants/<public_id>/limits", right="equity_grant.create")
def grant_facts(public_id: str) -> ResponseReturnValue:
    """The third page of the wizard: what the rules ask, and every limit with its figures."""
    grant = grant_of(public_id)
    require(me(), "equity_grant.revise", grant)
    form = FactsForm(formdata=None).for_plan(grant.plan).start_from_facts(grant.plan, grant.facts)
    return form_page("equity/grant_facts.html", form, **pages.facts_page(grant))


@bp.post("/equity/grants/<public_id>/limits", right="equity_grant.revise")
def revise_facts(public_id: str) -> ResponseReturnValue:
    """Change what the rules ask of a draft; the last page checks it all."""
    grant = grant_of(public_id)
    form = FactsForm().for_plan(grant.plan)
    if form.validate_on_submit() and form.accepts(lambda: services.revise(me(), grant, **form.values)):
        return see_other(url_for("equity.check_grant", public_id=public_id))
    return form_page("equity/grant_facts.html", form, **pages.facts_page(grant))


@bp.get("/equity/grants/<public_id>/check", right="equity_grant.create")
def check_grant(public_id: str) -> ResponseReturnValue:
    """Everything that will be signed, before it is submitted."""
    grant = grant_of(public_id)
    require(me(), "equity_grant.create", grant)
    return form_page("equity/check_grant.html", StepForm(), **pages.check_page(grant))


@bp.post("/equity/grants/<public_id>/submit", right="equity_grant.submit")
def submit_grant(public_id: str) -> ResponseReturnValue:
    """Freeze a grant and ask for its approval."""
    grant, form = grant_of(public_id), StepForm()
    if form.validate_on_submit() and form.accepts(lambda: services.submit(me(), grant)):
        return see_other(url_for("equity.show_grant", public_id=public_id))
    return form_page("equity/check_grant.html", form, **pages.check_page(grant))


@bp.get("/equity/grants/<public_id>", right=SIGNED_IN)
def show_grant(public_id: str) -> ResponseReturnValue:
    """A grant: for its holder what vests when; for HR what is signed."""
    return render_template("equity/show_grant.html", form=ReasonForm(), **pages.grant_page(me(), grant_of(public_id)))


def _step(public_id: str, form: Any, call: Callable[[EquityGrant], Any]) -> ResponseReturnValue:
    """Take a step on a grant; a refusal that belongs to the form stands on the grant's page."""
    grant = grant_of(public_id)
    if form.validate_on_submit() and form.accepts(lambda: call(grant)):
        return see_other(url_for("equity.show_grant", public_id=public_id))
    return form_page("equity/show_grant.html", form, **pages.grant_page(me(), grant))


@bp.post("/equity/grants/<public_id>/approve", right="equity_grant.approve")
def approve_grant(public_id: str) -> ResponseReturnValue:
    """Sign a grant: the offer goes out."""
    return _step(public_id, StepForm(), lambda grant: services.approve(me(), grant))


@bp.post("/equity/grants/<public_id>/send-back", right="equity_grant.send_back")
def send_back_grant(public_id: str) -> ResponseReturnValue:
    """Return a grant to its maker."""
    form = ReasonForm()
    return _step(public_id, form, lambda grant: services.send_back(me(), grant, **form.values))


@bp.post("/equity/grants/<public_id>/cancel", right="equity_grant.cancel")
def cancel_grant(public_id: str) -> ResponseReturnValue:
    """Give up a grant before it is approved."""
    form = ReasonForm()
    return _step(public_id, form, lambda grant: services.cancel(me(), grant, **form.values))


@bp.post("/equity/grants/<public_id>/accept", right="equity_grant.accept")
def accept_grant(public_id: str) -> ResponseReturnValue:
    """Accept an offer."""
    form = AcceptForm()
    return _step(public_id, form, lambda grant: services.accept(me(), grant, **form.values))


@bp.post("/equity/grants/<public_id>/decline", right="equity_grant.decline")
def decline_grant(public_id: str) -> ResponseReturnValue:
    """Decline an offer."""
    form = DeclineForm()
    return _step(public_id, form, lambda grant: services.decline(me(), grant, **form.values))


@bp.post("/equity/grants/<public_id>/retract", right="equity_grant.retract")
def retract_grant(public_id: str) -> ResponseReturnValue:
    """Take an offer back before it is accepted."""
    form = ReasonForm()
    return _step(public_id, form, lambda grant: services.retract(me(), grant, **form.values))


@bp.get("/equity/grants/<public_id>/letter/<language>", right=SIGNED_IN, records="equity_grant.download")
def download_letter(public_id: str, language: str) -> ResponseReturnValue:
    """The letter as PDF; a minute after it was frozen it is there."""
    letter = typeset.letter_of(grant_of(public_id), language)
    if letter is None:
        raise NotFound(_("This letter is being written. Try again in a minute."))
    return send(letter.file)


@bp.get("/equity/plans/<public_id>/grants/import", right="equity_grant.create_many")
def import_grants(public_id: str) -> ResponseReturnValue:
    """The form of many grants at once."""
    plan = plan_of(public_id)
    require(me(), "equity_grant.create_many", plan)
    return form_page("equity/import_grants.html", TableForm(formdata=None), plan=plan)


@bp.post("/equity/plans/<public_id>/grants/import", right="equity_grant.create_many")
def create_grants(public_id: str) -> ResponseReturnValue:
    """Show what a table of grants comes to; sent again with `take`, submit them all."""
    plan, form, dry = plan_of(public_id), TableForm(), request.form.get("take") != "yes"
    require(me(), "equity_grant.create_many", plan)
    shown: dict[str, Any] = {"errors": [], "faults": [], "rows": []}
    if not form.validate_on_submit() or not form.accepts(lambda: shown.update(_many(plan, form, dry=dry))):
        return form_page("equity/import_grants.html", form, plan=plan)
    if not dry and not shown["errors"] and not shown["faults"]:
        return see_other(url_for("equity.show_plan", public_id=public_id))
    status = 422 if shown["errors"] or shown["faults"] else 200
    return render_template("equity/import_grants.html", form=form, plan=plan, **shown), status


def _many(plan: EquityPlan, form: TableForm, *, dry: bool) -> dict[str, Any]:
    """The faults of a table's shape, else those of its lines; and the lines."""
    sheet = sheets.read(*form.read(), GrantRow)
    if sheet.errors:
        return {"errors": sheet.errors}
    faults = services.grant_many(me(), plan, rows=sheet.rows, dry=dry)
    return {"faults": faults, "rows": sheet.rows}
