"""Pages of the office: who reviews what, proposed by machine, changed by hand, published."""

from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls import queries as calls
from incubator.calls.models import Call
from incubator.core.actions import require
from incubator.people.session import me
from incubator.reviews import queries, services
from incubator.reviews.assignment_forms import AssignmentForm, MoreForm, PairForm, TrialForm, assignment_form
from incubator.reviews.models import AssignmentRun, Round
from incubator.reviews.views.reviewing import bp, method_page
from incubator.reviews.words import WHY
from incubator.web.views import load, see_other


@bp.get("/calls/<public_id>/reviewers", right="assignment.prepare")
def reviewers(public_id: str) -> ResponseReturnValue:
    """Settings of the next assignment of a call, and those before it."""
    call = _managed(public_id)
    return _settings_page(call, assignment_form(call, queries.members_of(call), queries.runs_of_call(call, me())))


@bp.post("/calls/<public_id>/reviewers", right="assignment.prepare")
def prepare_assignment(public_id: str) -> ResponseReturnValue:
    """Have an assignment worked out."""
    call = _managed(public_id)
    form = assignment_form(call, queries.members_of(call), queries.runs_of_call(call, me()))
    made: list[AssignmentRun] = []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.prepare_assignment(me(), call, settings=form.settings))
    ):
        return see_other(f"/assignments/{made[0].public_id}")
    return _settings_page(call, form)


def _managed(public_id: str) -> Call:
    call = load(calls.managed_by(me()), public_id)
    require(me(), "assignment.prepare", call)
    return call


def _settings_page(call: Call, form: AssignmentForm) -> tuple[str, int]:
    values = {"call": call, "form": form, "has_errors": form.status == 422}
    values |= {"waiting": len(queries.to_assign(call, me())), "runs": queries.runs_of_call(call, me())}
    return render_template("reviews/assign.html", **values), form.status


@bp.get("/rounds/<public_id>/afresh", right="assignment.prepare")
def afresh(public_id: str) -> ResponseReturnValue:
    """How a round that was held would be given out afresh: the loads to try it under."""
    round_ = load(queries.rounds_visible_to(me()), public_id)
    require(me(), "round.try_assignment", round_)
    return _trial_page(round_, TrialForm(formdata=None, data={"reviews": max(1, queries.quorum_of(round_.rule))}))


@bp.post("/rounds/<public_id>/afresh", right="round.try_assignment")
def try_assignment(public_id: str) -> ResponseReturnValue:
    """Have it worked out."""
    round_, form = load(queries.rounds_visible_to(me()), public_id), TrialForm()
    made: list[AssignmentRun] = []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.try_assignment(me(), round_, settings=form.settings))
    ):
        return see_other(f"/assignments/{made[0].public_id}")
    return _trial_page(round_, form)


def _trial_page(round_: Round, form: TrialForm) -> tuple[str, int]:
    values = {
        "proposals": queries.count_of_round(round_.call, me()),
        "members": len(queries.members_of(round_.call, with_left=True)),
    }
    tried = queries.runs_of_call(round_.call, me(), afresh=True)
    html = render_template(
        "reviews/afresh.html", round=round_, form=form, runs=tried, has_errors=form.status == 422, **values
    )
    return html, form.status


@bp.post("/rounds/<public_id>/ask-more", right="round.ask_more")
def ask_more(public_id: str) -> ResponseReturnValue:
    """Have it worked out who reviews some proposals once more, where the ranking leaves them open."""
    round_, form = load(queries.rounds_visible_to(me()), public_id), MoreForm()
    made: list[AssignmentRun] = []
    if form.validate_on_submit() and form.accepts(lambda: made.append(services.ask_more(me(), round_, **form.values))):
        return see_other(f"/assignments/{made[0].public_id}")
    return method_page(round_, form)


@bp.post("/rounds/<public_id>/remind", right="round.remind")
def remind_now(public_id: str) -> ResponseReturnValue:
    """Remind everybody who has not sealed yet."""
    n = services.remind_now(me(), load(queries.rounds_visible_to(me()), public_id))
    if n:
        flash(_("Reminders went out: %(n)s, one for each review that is not sealed.", n=n))
    else:
        flash(_("Everybody was reminded today already."), "info")
    return see_other(f"/rounds/{public_id}")


@bp.get("/assignments/<public_id>", right="assignment.look_at")
def assignment(public_id: str) -> ResponseReturnValue:
    """What a run proposes, with why this one and why not each better one."""
    return _run_page(_run(public_id), PairForm())


@bp.post("/assignments/<public_id>/drop", right="assignment.change")
def drop_pair(public_id: str) -> ResponseReturnValue:
    """Take a pair out, or put it back."""
    run, form = _run(public_id), PairForm()
    if form.validate_on_submit() and form.accepts(lambda: services.drop_pair(me(), run, **form.values)):
        return see_other(f"/assignments/{public_id}")
    return _run_page(run, form)


@bp.post("/assignments/<public_id>/add", right="assignment.add")
def add_pair(public_id: str) -> ResponseReturnValue:
    """Add a pair by hand."""
    run, form = _run(public_id), PairForm()
    if form.validate_on_submit() and form.accepts(lambda: services.add_pair(me(), run, **form.values)):
        return see_other(f"/assignments/{public_id}")
    return _run_page(run, form)


@bp.post("/assignments/<public_id>/publish", right="assignment.publish")
def publish_assignment(public_id: str) -> ResponseReturnValue:
    """Give the proposals to the reviewers."""
    services.publish_assignment(me(), _run(public_id))
    flash(_("The proposals are being given to their reviewers."))
    return see_other(f"/assignments/{public_id}")


def _run(public_id: str) -> AssignmentRun:
    return load(queries.runs_visible_to(me()), public_id)


def _run_page(run: AssignmentRun, form: PairForm) -> tuple[str, int]:
    pairs = queries.pairs_of(run)
    values: dict[str, Any] = {"run": run, "form": form, "pairs": pairs, "names": queries.names_of(run, pairs)}
    is_open = run.state == "done" and run.published_at is None and "afresh" not in run.settings
    if is_open:
        extra = run.settings.get("extra")
        shown = [one for one in queries.to_assign(run.call, me()) if extra is None or one.public_id in extra]
        form.offer(shown, queries.members_of(run.call))
    values["round"] = queries.round_of(run.call) if run.settings.keys() & {"extra", "afresh"} else None
    html = render_template("reviews/assignment.html", is_open=is_open, why=WHY, has_errors=form.status == 422, **values)
    return html, form.status
