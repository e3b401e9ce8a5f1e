"""Pages of steps on grants in force."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.core import clock
from incubator.core.actions import require
from incubator.equity import pages, queries, services
from incubator.equity.forms import ExerciseForm, ReasonForm, StepAskForm
from incubator.equity.models import EquityGrant, EquityStep
from incubator.equity.pages import life
from incubator.equity.services import vesting
from incubator.equity.views.common import form_page, grant_of
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


def step_of(public_id: str) -> EquityStep:
    """A step that the reader may see."""
    return load(queries.steps_visible_to(me()), public_id)


def _ask_form(form: StepAskForm, grant: EquityGrant) -> StepAskForm:
    return form.for_grant(
        grant, life.kinds_for(grant), vesting.events_of(grant.terms), life.movements_to_correct(grant)
    )


def _at(step: EquityStep) -> ResponseReturnValue:
    return see_other(url_for("equity.show_step", public_id=step.public_id))


@bp.get("/equity/grants/<public_id>/steps/new", right="equity_step.propose")
def new_step(public_id: str) -> ResponseReturnValue:
    """What may happen to a grant in force."""
    grant = grant_of(public_id)
    require(me(), "equity_step.propose", grant)
    form = _ask_form(StepAskForm(formdata=None, effective_on=clock.today(), kind=request.args.get("kind")), grant)
    return form_page("equity/new_step.html", form, **life.ask_page(grant))


@bp.post("/equity/grants/<public_id>/steps/new", right="equity_step.propose")
def propose_step(public_id: str) -> ResponseReturnValue:
    """Ask for a step; a second person signs it."""
    grant, made = grant_of(public_id), []
    form = _ask_form(StepAskForm(), grant)
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.propose_step(me(), grant, **form.values))
    ):
        return _at(made[0])
    return form_page("equity/new_step.html", form, **life.ask_page(grant))


@bp.post("/equity/grants/<public_id>/exercise", right="equity_grant.exercise")
def exercise_grant(public_id: str) -> ResponseReturnValue:
    """Ask, as the holder, to exercise vested units."""
    grant, made = grant_of(public_id), []
    form = ExerciseForm().for_grant(grant)
    if form.validate_on_submit() and form.accepts(lambda: made.append(services.exercise(me(), grant, **form.values))):
        return _at(made[0])
    return form_page("equity/show_grant.html", ReasonForm(formdata=None), **pages.grant_page(me(), grant, form))


@bp.get("/equity/steps/<public_id>", right=SIGNED_IN)
def show_step(public_id: str) -> ResponseReturnValue:
    """A step: what it asks for, what it will do, who signs."""
    return render_template("equity/show_step.html", form=ReasonForm(), **life.step_page(me(), step_of(public_id)))


@bp.post("/equity/steps/<public_id>/approve", right="equity_step.approve")
def approve_step(public_id: str) -> ResponseReturnValue:
    """Sign a step; the last signature carries it out."""
    step = step_of(public_id)
    services.approve_step(me(), step)
    return _at(step)


@bp.post("/equity/steps/<public_id>/refuse", right="equity_step.refuse")
def refuse_step(public_id: str) -> ResponseReturnValue:
    """Refuse a step with a reason."""
    step, form = step_of(public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.refuse_step(me(), step, **form.values)):
        return _at(step)
    return form_page("equity/show_step.html", form, **life.step_page(me(), step))


@bp.post("/equity/steps/<public_id>/cancel", right="equity_step.cancel")
def cancel_step(public_id: str) -> ResponseReturnValue:
    """Take a step back."""
    step = step_of(public_id)
    services.cancel_step(me(), step)
    return _at(step)
