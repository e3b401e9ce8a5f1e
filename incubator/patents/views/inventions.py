"""Inventions, for those who made them and for counsel who decides on them."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.approvals import queries as approvals
from incubator.patents import queries, services
from incubator.patents.forms import AssessmentForm, FilingDecisionForm, InventionForm, ReasonForm, SharesForm
from incubator.patents.models import Disclosure, InventorShare
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.proposals.models import Consent
from incubator.web.forms import Form
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

MORE_ROWS = 2
"""Empty rows for inventors from outside the venture."""


def _address(disclosure: Disclosure) -> str:
    return url_for("patents.invention", public_id=disclosure.public_id)


@bp.get("/inventions/", right=SIGNED_IN)
def inventions() -> ResponseReturnValue:
    """My inventions, my awards, and the ventures from which I may disclose."""
    return render_template(
        "patents/inventions.html",
        inventions=queries.mine(me()), awards=queries.my_awards(me()), ventures=queries.venture_names(me()),
    )  # fmt: skip


@bp.get("/inventions/new", right=SIGNED_IN)
def new_invention() -> ResponseReturnValue:
    """The form, with the venture's members and their shares in it."""
    venture = load(queries.ventures_of(me()), request.args.get("venture", ""))
    rows = [{"hr_number": member.person.hr_number, "share": member.share_bp} for member in venture.members]
    form = InventionForm(shares=rows + [{}] * MORE_ROWS)
    return render_template("patents/new_invention.html", form=form, venture=venture)


@bp.post("/inventions/new", right="disclosure.create")
def disclose() -> ResponseReturnValue:
    """Disclose an invention from a venture."""
    venture = load(queries.ventures_of(me()), request.args.get("venture", ""))
    form = InventionForm()
    made: list[Disclosure] = []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(
            services.disclose(me(), venture, **form.details, lang=_lang(), shares=queries.named(form.rows))
        )
    ):
        return see_other(_address(made[0]))
    return render_template("patents/new_invention.html", form=form, venture=venture, has_errors=True), form.status


def _lang() -> str:
    return "zh" if request.form.get("lang") == "zh" else "en"


@bp.get("/inventions/<public_id>", right=SIGNED_IN, records="disclosure.view")
def invention(public_id: str) -> ResponseReturnValue:
    """One invention: its text, its shares, what counsel decided, and my own answer if one is asked."""
    return _show(load(queries.of_page(me()), public_id))


def _show(disclosure: Disclosure, form: Form | None = None) -> ResponseReturnValue:
    mine = next((share for share in disclosure.shares if share.person_id == me().id), None)
    asked = mine if mine is not None and mine.consent == Consent.ASKED else None
    page = render_template(
        "patents/invention.html",
        disclosure=disclosure, asked=asked, form=form, matter=queries.matter_of(disclosure),
        approval=approvals.latest_of(disclosure), assessment=form or AssessmentForm(),
        decision=form or FilingDecisionForm(), refusal=ReasonForm(), has_errors=form is not None,
    )  # fmt: skip
    return page, form.status if form is not None else 200


def _mine(public_id: str) -> InventorShare:
    """My share in an invention that I may read."""
    disclosure = load(queries.visible_to(me()), public_id)
    return queries.share_in(disclosure, me())


@bp.post("/inventions/<public_id>/accept", right="inventor_share.accept")
def accept_share(public_id: str) -> ResponseReturnValue:
    """Agree to my share."""
    share = _mine(public_id)
    services.accept_share(me(), share)
    return see_other(_address(share.disclosure))


@bp.post("/inventions/<public_id>/decline", right="inventor_share.decline")
def decline_share(public_id: str) -> ResponseReturnValue:
    """Disagree with my share."""
    share = _mine(public_id)
    services.decline_share(me(), share, reason=request.form.get("reason", ""))
    return see_other(_address(share.disclosure))


@bp.get("/inventions/<public_id>/shares", right=SIGNED_IN)
def shares(public_id: str) -> ResponseReturnValue:
    """The shares, for the author to put others to the same persons."""
    disclosure = load(queries.of_page(me()), public_id)
    rows = [{"hr_number": share.person.hr_number, "share": share.share_bp} for share in disclosure.shares]
    return render_template("patents/shares.html", form=SharesForm(shares=rows), disclosure=disclosure)


@bp.post("/inventions/<public_id>/shares", right="disclosure.reshare")
def change_shares(public_id: str) -> ResponseReturnValue:
    """Put other shares to the same persons."""
    disclosure = load(queries.of_page(me()), public_id)
    form = SharesForm()
    if form.validate_on_submit() and form.accepts(
        lambda: services.change_shares(me(), disclosure, shares=queries.named(form.rows))
    ):
        return see_other(_address(disclosure))
    return render_template("patents/shares.html", form=form, disclosure=disclosure, has_errors=True), form.status


@bp.post("/inventions/<public_id>/assess", right="disclosure.assess")
def assess(public_id: str) -> ResponseReturnValue:
    """Write down what the search found."""
    disclosure = load(queries.of_page(me()), public_id)
    form = AssessmentForm()
    if form.validate_on_submit() and form.accepts(lambda: services.assess(me(), disclosure, **form.values)):
        return see_other(_address(disclosure))
    return _show(disclosure, form)


@bp.post("/inventions/<public_id>/propose", right="disclosure.propose_filing")
def propose_filing(public_id: str) -> ResponseReturnValue:
    """Propose to file; a second person signs."""
    disclosure = load(queries.of_page(me()), public_id)
    form = FilingDecisionForm()
    if form.validate_on_submit() and form.accepts(lambda: services.propose_filing(me(), disclosure, **form.details)):
        return see_other(_address(disclosure))
    return _show(disclosure, form)
