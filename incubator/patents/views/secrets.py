"""The register of trade secrets, and security reviews before a filing abroad."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.approvals import queries as approvals
from incubator.patents import queries, services
from incubator.patents.engines.security import timetable
from incubator.patents.forms import SECURITY, ReasonForm, SecretForm, details
from incubator.patents.models import SecurityReview, TradeSecret
from incubator.patents.states import SECURITY_REVIEW
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.forms import Form
from incubator.web.views import load, see_other

STEPS: dict[str, Callable[..., Any]] = {
    "request": services.request_review,
    "notify": services.record_notice,
    "clear": services.clear_review,
    "refuse": services.refuse_review,
}
"""The service of each step of a security review."""


@bp.get("/secrets/", right="trade_secret.list")
def secrets() -> ResponseReturnValue:
    """All that is kept secret in the reader's care."""
    return render_template("patents/secrets.html", secrets=queries.register(me()))


@bp.get("/secrets/<public_id>", right="trade_secret.list")
def secret(public_id: str) -> ResponseReturnValue:
    """One entry of the register."""
    return _show_secret(load(queries.secret_page(me()), public_id))


def _show_secret(secret: TradeSecret, **refused: Form) -> ResponseReturnValue:
    """refused: the form that came back, by its name on the page."""
    forms: dict[str, Form] = {
        "form": SecretForm(formdata=None, data={"measures": secret.measures}),
        "lifting": ReasonForm(formdata=None), "refusing": ReasonForm(formdata=None),
    }  # fmt: skip
    shown = forms | refused
    page = render_template(
        "patents/secret.html", secret=secret, approval=approvals.latest_of(secret), has_errors=bool(refused),
        reads=queries.reads(me(), secret.disclosure), form=shown["form"], lifting=shown["lifting"].within("lift"),
        refusing=shown["refusing"].within("refuse"),
    )  # fmt: skip
    return page, 422 if refused else 200


@bp.post("/secrets/<public_id>/review", right="trade_secret.review")
def review_secret(public_id: str) -> ResponseReturnValue:
    """Look at it again."""
    secret = load(queries.secret_page(me()), public_id)
    form = SecretForm()
    if form.validate_on_submit() and form.accepts(lambda: services.review_secret(me(), secret, **form.values)):
        return see_other(url_for("patents.secret", public_id=public_id))
    return _show_secret(secret, form=form)


@bp.post("/secrets/<public_id>/lift", right="trade_secret.propose_lift")
def propose_lift(public_id: str) -> ResponseReturnValue:
    """Propose to lift it."""
    secret, form = load(queries.secret_page(me()), public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.propose_lift(me(), secret, **form.values)):
        return see_other(url_for("patents.secret", public_id=public_id))
    return _show_secret(secret, lifting=form)


@bp.post("/secrets/<public_id>/approve", right="trade_secret.approve_lift")
def approve_lift(public_id: str) -> ResponseReturnValue:
    """Sign that it is lifted."""
    services.approve_lift(me(), load(queries.secret_page(me()), public_id))
    return see_other(url_for("patents.secret", public_id=public_id))


@bp.post("/secrets/<public_id>/refuse", right="trade_secret.refuse_lift")
def refuse_lift(public_id: str) -> ResponseReturnValue:
    """Decline to sign, with a reason."""
    secret, form = load(queries.secret_page(me()), public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.refuse_lift(me(), secret, **form.values)):
        return see_other(url_for("patents.secret", public_id=public_id))
    return _show_secret(secret, refusing=form)


@bp.get("/patents/security/<public_id>", right="patent.docket")
def security_review(public_id: str) -> ResponseReturnValue:
    """One security review: what was asked, what the office's periods are, and what can be recorded now."""
    return _show_review(load(queries.security_reviews_visible_to(me()), public_id))


def _show_review(review: SecurityReview, step: str = "", form: Form | None = None) -> ResponseReturnValue:
    forms: dict[str, Form] = {
        name: kind(formdata=None) for name, kind in SECURITY.items() if SECURITY_REVIEW.allows(review, name)
    }  # fmt: skip
    when = timetable(review.requested_on) if review.requested_on else None
    shown = forms | ({step: form} if form is not None else {})
    for name, one in shown.items():
        one.within(name)
    page = render_template(
        "patents/security.html", review=review, forms=shown, when=when, form=form, has_errors=form is not None
    )  # fmt: skip
    return page, form.status if form is not None else 200


def _take(public_id: str, step: str) -> ResponseReturnValue:
    """Record what the office was asked, or what it answered."""
    review = load(queries.security_reviews_visible_to(me()), public_id)
    form = SECURITY[step]()
    if form.validate_on_submit() and form.accepts(lambda: STEPS[step](me(), review, **details(form))):
        return see_other(url_for("patents.security_review", public_id=public_id))
    return _show_review(review, step, form)


for _step, _service in STEPS.items():
    bp.add_url_rule(
        f"/patents/security/<public_id>/{_step}", _service.__name__, partial(_take, step=_step),
        methods=["POST"], right=f"security_review.{_step}",
    )  # fmt: skip
