"""Pages of plans on value growth."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from incubator.core import clock
from incubator.core.actions import require
from incubator.equity import queries, services
from incubator.equity.forms import HappeningForm, PartForm, ReasonForm, RepaymentForm, SettlementForm
from incubator.equity.models import EquityPlan, GrowthSettlement
from incubator.equity.pages import growth as pages
from incubator.equity.services import growing
from incubator.equity.views.common import form_page, shown_page
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web.views import load, see_other


def growth_plan_of(public_id: str) -> EquityPlan:
    """A plan that the reader settles or signs."""
    return load(queries.growth_plans_visible_to(me()), public_id)


def settlement_of(public_id: str) -> GrowthSettlement:
    """A settlement that the reader may see."""
    return load(queries.settlements_visible_to(me()), public_id)


def _plan_page(plan: EquityPlan, form: Any = None, happening: Any = None, **shown: Any) -> ResponseReturnValue:
    settling = form or SettlementForm(formdata=None, first_due_on=clock.today())
    settling.for_appraisals(queries.usable_appraisals(plan))
    sent = happening if happening is not None else settling
    return shown_page(
        "equity/growth.html", sent, settling=settling, happening=happening or HappeningForm(formdata=None),
        **pages.growth_page(me(), plan, **shown),
    )  # fmt: skip


@bp.get("/equity/plans/<public_id>/growth", right="growth.list")
def show_growth(public_id: str) -> ResponseReturnValue:
    """A plan on value growth with its settlements."""
    return _plan_page(growth_plan_of(public_id))


@bp.post("/equity/plans/<public_id>/growth/happenings", right="growth.record")
def record_happening(public_id: str) -> ResponseReturnValue:
    """Enter what changed value without growth."""
    plan, form = growth_plan_of(public_id), HappeningForm()
    require(me(), "growth.record", plan)
    if form.validate_on_submit() and form.accepts(lambda: services.record_happening(me(), plan, **form.values)):
        return see_other(url_for("equity.show_growth", public_id=public_id))
    return _plan_page(plan, happening=form)


@bp.post("/equity/plans/<public_id>/growth", right="growth_settlement.create")
def settle_growth(public_id: str) -> ResponseReturnValue:
    """Show what a settlement comes to; when that is confirmed, ask for the signatures."""
    plan = growth_plan_of(public_id)
    require(me(), "growth_settlement.create", plan)
    form = SettlementForm().for_appraisals(queries.usable_appraisals(plan))
    shown, made = list[growing.Computed](), list[GrowthSettlement]()
    if not form.validate_on_submit() or not form.accepts(lambda: shown.append(_computed(plan, form))):
        return _plan_page(plan, form)
    if form.confirmed.data == "yes" and form.accepts(
        lambda: made.append(services.settle_growth(me(), plan, **form.values))
    ):
        return see_other(url_for("equity.show_settlement", public_id=made[0].public_id))
    return _plan_page(plan, form, computed=shown[0])


def _computed(plan: EquityPlan, form: SettlementForm) -> growing.Computed:
    values = form.values
    return growing.compute(plan, values["value"], values["first_due_on"], day=clock.today())


def _page(settlement: GrowthSettlement, form: Any, **forms: Any) -> ResponseReturnValue:
    correcting = forms.get("correcting") or SettlementForm(formdata=None, first_due_on=clock.today())
    correcting.for_appraisals(queries.usable_appraisals(settlement.plan))
    repaying = forms.get("repaying") or RepaymentForm(formdata=None, settled_on=clock.today())
    return form_page("equity/show_settlement.html", form, correcting=correcting, repaying=repaying,
                     reason_form=forms.get("reason_form") or ReasonForm(formdata=None),
                     **pages.settlement_page(me(), settlement))  # fmt: skip


@bp.get("/equity/growth/<public_id>", right="growth.list")
def show_settlement(public_id: str) -> ResponseReturnValue:
    """A settlement with its awards and parts."""
    return _page(settlement_of(public_id), ReasonForm(formdata=None))


@bp.post("/equity/growth/<public_id>/approve", right="growth_settlement.approve")
def approve_growth(public_id: str) -> ResponseReturnValue:
    """Sign a settlement."""
    settlement, form = settlement_of(public_id), PartForm()
    if form.validate_on_submit() and form.accepts(lambda: services.approve_growth(me(), settlement)):
        return see_other(url_for("equity.show_settlement", public_id=public_id))
    return _page(settlement, form)


@bp.post("/equity/growth/<public_id>/refuse", right="growth_settlement.refuse")
def refuse_growth(public_id: str) -> ResponseReturnValue:
    """Refuse a settlement with a reason."""
    settlement, form = settlement_of(public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.refuse_growth(me(), settlement, **form.values)):
        return see_other(url_for("equity.show_settlement", public_id=public_id))
    return _page(settlement, form, reason_form=form)


@bp.post("/equity/growth/<public_id>/correct", right="growth_settlement.create")
def correct_growth(public_id: str) -> ResponseReturnValue:
    """Ask for a clawback: the same growth by a lower value."""
    settlement, made = settlement_of(public_id), list[GrowthSettlement]()
    require(me(), "growth_settlement.create", settlement.plan)
    form = SettlementForm().for_appraisals(queries.usable_appraisals(settlement.plan))
    if form.validate_on_submit() and form.accepts(lambda: made.append(_corrected(settlement, form))):
        return see_other(url_for("equity.show_settlement", public_id=made[0].public_id))
    return _page(settlement, form, correcting=form)


def _corrected(settlement: GrowthSettlement, form: SettlementForm) -> GrowthSettlement:
    return services.settle_growth(me(), settlement.plan, **form.values, corrects=settlement)


@bp.post("/equity/growth/<public_id>/hand-over", right="growth_settlement.hand_over")
def hand_over(public_id: str) -> ResponseReturnValue:
    """Ask for the transfer of a part's units."""
    settlement, form = settlement_of(public_id), PartForm()
    if form.validate_on_submit() and form.accepts(lambda: services.hand_over(me(), settlement, **form.values)):
        return see_other(url_for("equity.show_settlement", public_id=public_id))
    return _page(settlement, form)


@bp.post("/equity/growth/<public_id>/repaid", right="growth_settlement.record_repayment")
def record_repayment(public_id: str) -> ResponseReturnValue:
    """Record that a holder has paid back."""
    settlement, form = settlement_of(public_id), RepaymentForm()
    if form.validate_on_submit() and form.accepts(lambda: services.record_repayment(me(), settlement, **form.values)):
        return see_other(url_for("equity.show_settlement", public_id=public_id))
    return _page(settlement, form, repaying=form)
