"""Pages of calls: for employees, and for the office that runs them."""

from collections.abc import Sequence
from typing import TypeVar

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls import queries, services
from incubator.calls.forms import CallForm, CloseForm, ExtendForm, call_form, extend_form
from incubator.calls.models import Call, DecisionRuleVersion, RubricVersion
from incubator.calls.standard_forms import RubricForm, RuleForm, rubric_form, rule_form
from incubator.calls.states import CallState
from incubator.calls.templates import FormTemplate
from incubator.calls.views.routes import bp
from incubator.core import clock
from incubator.core.actions import require
from incubator.core.db import db
from incubator.people.models import Company
from incubator.people.session import me
from incubator.web import keyset
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

V = TypeVar("V", RubricVersion, DecisionRuleVersion)


@bp.get("/", right=SIGNED_IN)
def index() -> ResponseReturnValue:
    """Calls that take my proposal now, and those to come."""
    now_open = db.session.scalars(queries.open_for(me())).all()
    coming = db.session.scalars(queries.coming_for(me())).all()
    return render_template("calls/index.html", calls=now_open, coming=coming)


@bp.get("/<public_id>", right=SIGNED_IN)
def show(public_id: str) -> ResponseReturnValue:
    """What a call asks, until when, with what money, and how it is judged."""
    return _show(load(queries.visible_to(me()), public_id))


def _show(found: Call, refusal: CloseForm | None = None) -> ResponseReturnValue:
    call, now = queries.whole(found), clock.now()
    values = {"call": call, "is_open": call.is_open_at(now), "is_early": now < call.opens_at, "refusal": refusal}
    values["sections"] = FormTemplate.of(call.form).sections
    return render_template("calls/show.html", **values), 422 if refusal else 200


# ---- The office


@bp.get("/manage", right="call.manage")
def manage() -> ResponseReturnValue:
    """The calls of my companies, newest first."""
    rows = queries.managed_columns(me())
    page = keyset.by_moment(rows, Call.created_at, Call.public_id)
    return render_template("calls/manage.html", page=page, companies=queries.offices(me()))


@bp.get("/manage/new", right="call.create")
def new() -> ResponseReturnValue:
    """The form of a new call of one of my companies."""
    company = _company(request.args.get("company", ""))
    return _form(call_form(company), None)


@bp.post("/manage/new", right="call.create")
def create_call() -> ResponseReturnValue:
    """Draft a call."""
    form = call_form(_company(request.args.get("company", "")))
    if form.validate() and form.accepts(lambda: services.create_call(me(), form.company, **form.details)):
        flash(_("The draft of the call is kept."))
        return see_other(url_for("calls.manage"))
    return _form(form, None)


@bp.get("/manage/<public_id>/edit", right="call.update")
def edit(public_id: str) -> ResponseReturnValue:
    """The form of a draft; a published call stands as it is."""
    call = load(queries.managed_by(me()), public_id)
    if call.state is not CallState.DRAFT:
        return see_other(url_for("calls.show", public_id=public_id))
    return _form(call_form(call.company, call), call)


@bp.post("/manage/<public_id>/edit", right="call.update")
def update_call(public_id: str) -> ResponseReturnValue:
    """Change a draft."""
    call = load(queries.managed_by(me()), public_id)
    form = call_form(call.company, call)
    if form.validate() and form.accepts(lambda: services.update_call(me(), call, **form.details)):
        return see_other(url_for("calls.show", public_id=public_id))
    return _form(form, call)


@bp.post("/<public_id>/publish", right="call.publish")
def publish(public_id: str) -> ResponseReturnValue:
    """Open it to employees; what is missing is shown in its form."""
    call = load(queries.managed_by(me()), public_id)
    form = call_form(call.company, call, fresh=True)
    if form.accepts(lambda: services.publish(me(), call)):
        return see_other(url_for("calls.show", public_id=public_id))
    return _form(form, call)


@bp.post("/<public_id>/close", right="call.close")
def close(public_id: str) -> ResponseReturnValue:
    """Take no more proposals, with a reason where its day has not come."""
    call, form = load(queries.managed_by(me()), public_id), CloseForm()
    if form.validate() and form.accepts(lambda: services.close(me(), call, reason=form.reason.data or "")):
        return see_other(url_for("calls.show", public_id=public_id))
    return _show(call, form)


@bp.get("/manage/<public_id>/extend", right="call.extend")
def extension(public_id: str) -> ResponseReturnValue:
    """The days of a published call, to be moved."""
    call = load(queries.managed_by(me()), public_id)
    return _extension(call, extend_form(call))


@bp.post("/manage/<public_id>/extend", right="call.extend")
def extend(public_id: str) -> ResponseReturnValue:
    """Close it later than it said."""
    call = load(queries.managed_by(me()), public_id)
    form = extend_form(call)
    if form.validate() and form.accepts(lambda: services.extend(me(), call, **form.details(call))):
        flash(_("The call is extended. Who has a draft is told."))
        return see_other(url_for("calls.show", public_id=public_id))
    return _extension(call, form)


def _extension(call: Call, form: ExtendForm) -> ResponseReturnValue:
    html = render_template("calls/extension.html", call=call, form=form, has_errors=bool(form.errors))
    return html, 422 if form.errors else 200


@bp.post("/<public_id>/copy", right="call.copy")
def copy_call(public_id: str) -> ResponseReturnValue:
    """Draft a call like this one, a year later."""
    copy = services.copy_call(me(), load(queries.managed_by(me()), public_id))
    flash(_("This is a copy, with every day a year later. Change what is different and publish it."))
    return see_other(url_for("calls.edit", public_id=copy.public_id))


def _company(public_id: str) -> Company:
    mine = {company.public_id: company for company in queries.offices(me())}
    return mine.get(public_id) or next(iter(mine.values()), None) or abort(404)


def _form(form: CallForm, call: Call | None) -> ResponseReturnValue:
    page = {"form": form, "call": call, "company": form.company, "has_errors": bool(form.errors)}
    return render_template("calls/edit.html", **page), 422 if form.errors else 200


# ---- What a call hangs on: rubrics and decision rules


@bp.get("/standards", right="rubric.publish")
def standards() -> ResponseReturnValue:
    """Every version of the rubrics and of the decision rules; a published one stands as it is."""
    rubrics, rules = queries.rubric_versions(), queries.rule_versions()
    return render_template("calls/standards.html", rubrics=rubrics, rules=rules)


@bp.get("/rubrics/<public_id>/next", right="rubric.publish")
def next_rubric(public_id: str) -> ResponseReturnValue:
    """The form of a rubric's next version."""
    return _rubric_page(rubric_form(_version(queries.rubric_versions(), public_id)), public_id)


@bp.post("/rubrics/<public_id>/next", right="rubric.publish")
def publish_rubric(public_id: str) -> ResponseReturnValue:
    """Publish it; calls of the next round can choose it."""
    require(me(), "rubric.publish")
    rubric = _version(queries.rubric_versions(), public_id)
    form = rubric_form(rubric)
    if form.validate() and form.accepts(
        lambda: services.publish_rubric(me(), _office(), code=rubric.code, **form.details)
    ):
        flash(_("The new version is published."))
        return see_other(url_for("calls.standards"))
    return _rubric_page(form, public_id)


def _rubric_page(form: RubricForm, public_id: str) -> ResponseReturnValue:
    page = {"form": form, "key": public_id, "has_errors": bool(form.errors)}
    return render_template("calls/rubric.html", **page), 422 if form.errors else 200


@bp.get("/rules/<public_id>/next", right="decision_rule.publish")
def next_rule(public_id: str) -> ResponseReturnValue:
    """The form of a decision rule's next version."""
    return _rule_page(rule_form(_version(queries.rule_versions(), public_id)), public_id)


@bp.post("/rules/<public_id>/next", right="decision_rule.publish")
def publish_rule(public_id: str) -> ResponseReturnValue:
    """Publish it; calls of the next round can choose it."""
    require(me(), "decision_rule.publish")
    rule = _version(queries.rule_versions(), public_id)
    form = rule_form(rule)
    if form.validate() and form.accepts(
        lambda: services.publish_decision_rule(me(), _office(), code=rule.code, **form.details)
    ):
        flash(_("The new version is published."))
        return see_other(url_for("calls.standards"))
    return _rule_page(form, public_id)


def _rule_page(form: RuleForm, public_id: str) -> ResponseReturnValue:
    page = {"form": form, "key": public_id, "has_errors": bool(form.errors)}
    return render_template("calls/rule.html", **page), 422 if form.errors else 200


def _version(versions: Sequence[V], public_id: str) -> V:
    return next((one for one in versions if one.public_id == public_id), None) or abort(404)


def _office() -> Company:
    return _company("")
