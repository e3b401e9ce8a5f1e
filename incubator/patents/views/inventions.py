"""Inventions, for those who made them and for counsel who decides on them."""

import datetime as dt

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.approvals import queries as approvals
from incubator.core import clock
from incubator.files.sending import send
from incubator.patents import queries, services
from incubator.patents.engines.completeness import missing
from incubator.patents.engines.novelty import findings
from incubator.patents.forms import (
    AssessmentForm,
    AttachForm,
    DaysForm,
    DecisionForm,
    DescriptionForm,
    InventionForm,
    QuestionForm,
    ReasonForm,
)
from incubator.patents.models import Disclosure, Matter
from incubator.patents.states import ShareChangeState
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.proposals.models import Consent
from incubator.web.forms import Form
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

MORE_ROWS = 2
"""Empty rows for inventors from outside the venture."""
FORMS: dict[str, type[Form]] = {
    "assessment": AssessmentForm, "decision": DecisionForm, "question": QuestionForm, "decline": ReasonForm,
    "decline_change": ReasonForm, "attachment": AttachForm,
}  # fmt: skip
"""The forms of an invention's page, by their names there; that of its days besides."""


def address(disclosure: Disclosure) -> str:
    """Where an invention is shown."""
    return url_for("patents.invention", public_id=disclosure.public_id)


@bp.get("/inventions/", right=SIGNED_IN)
def inventions() -> ResponseReturnValue:
    """My inventions, my awards, and the ventures from which I may disclose."""
    awards = queries.my_awards(me())
    return render_template(
        "patents/inventions.html",
        inventions=queries.mine(me()), awards=awards, totals=queries.my_totals(awards),
        units=queries.units_owed_to(me()),
        ventures=queries.venture_names(me()),
    )  # fmt: skip


@bp.get("/inventions/new", right=SIGNED_IN)
def new_invention() -> ResponseReturnValue:
    """The form, with the venture's name, its members and their shares in it."""
    venture = load(queries.ventures_of(me()), request.args.get("venture", ""))
    rows = [{"hr_number": member.person.hr_number, "share": member.share_bp} for member in venture.members]
    form = InventionForm(shares=rows + [{}] * MORE_ROWS, title=venture.name)
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
        return see_other(address(made[0]))
    return render_template("patents/new_invention.html", form=form, venture=venture, has_errors=True), form.status


def _lang() -> str:
    return "zh" if request.form.get("lang") == "zh" else "en"


@bp.get("/inventions/<public_id>", right=SIGNED_IN, records="disclosure.view")
def invention(public_id: str) -> ResponseReturnValue:
    """One invention: its text, its shares, what counsel decided, and my own answer if one is asked."""
    return show(load(queries.of_page(me()), public_id))


def show(disclosure: Disclosure, **refused: Form) -> ResponseReturnValue:
    """The page of an invention, with the form that was refused in its place (by its name in FORMS)."""
    form = next(iter(refused.values()), None)
    mine = next((share for share in disclosure.shares if share.person_id == me().id), None)
    asked = mine if mine is not None and mine.consent == Consent.ASKED else None
    files, changes = queries.files_of(disclosure), queries.changes_of(disclosure)
    checks = services.completeness(disclosure, len(files))
    matter, review, secret = queries.fate_of(disclosure)
    page = render_template(
        "patents/invention.html",
        disclosure=disclosure, asked=asked, matter=matter, files=files, refused=set(refused),
        approval=approvals.latest_of(disclosure), changes=changes, checks=checks, lacks=missing(checks),
        change=next((one for one in changes if one.state == ShareChangeState.PROPOSED), None),
        findings=findings(disclosure.shown, _counted_from(matter)),
        review=review, secret=secret, has_errors=form is not None,
        forms=_forms(disclosure) | refused, may_revise=services.may_revise(disclosure),
    )  # fmt: skip
    return page, form.status if form is not None else 200


def _forms(disclosure: Disclosure) -> dict[str, Form]:
    """The forms of the page as they come first, by name."""
    fresh: dict[str, Form] = {name: kind(formdata=None).within(name) for name, kind in FORMS.items()}
    return fresh | {"days": DaysForm(formdata=None, obj=disclosure)}


def _counted_from(matter: Matter | None) -> dt.date:
    """The day for which novelty is judged: the filing, or today while there is none."""
    return matter.filed_on if matter is not None and matter.filed_on is not None else clock.today()


@bp.get("/inventions/<public_id>/edit", right=SIGNED_IN)
def edit_invention(public_id: str) -> ResponseReturnValue:
    """The text and the days, for the author to complete."""
    disclosure = load(queries.of_page(me()), public_id)
    return render_template("patents/edit_invention.html", form=DescriptionForm.of(disclosure), disclosure=disclosure)


@bp.post("/inventions/<public_id>/edit", right="disclosure.revise")
def revise(public_id: str) -> ResponseReturnValue:
    """Put other words and days down."""
    disclosure = load(queries.of_page(me()), public_id)
    form = DescriptionForm()
    if form.validate_on_submit() and form.accepts(lambda: services.revise(me(), disclosure, **form.details)):
        return see_other(address(disclosure))
    return render_template("patents/edit_invention.html", form=form, disclosure=disclosure, has_errors=True), 422


@bp.post("/inventions/<public_id>/days", right="disclosure.set_days")
def set_days(public_id: str) -> ResponseReturnValue:
    """Say anew what the public has seen or is going to see."""
    disclosure = load(queries.of_page(me()), public_id)
    form = DaysForm()
    if form.validate_on_submit() and form.accepts(lambda: services.set_days(me(), disclosure, **form.days)):
        return see_other(address(disclosure))
    return show(disclosure, days=form)


@bp.post("/inventions/<public_id>/files", right="disclosure.attach")
def attach(public_id: str) -> ResponseReturnValue:
    """Keep a file with the disclosure."""
    disclosure = load(queries.of_page(me()), public_id)
    form = AttachForm()
    if form.validate_on_submit() and form.accepts(lambda: services.attach(me(), disclosure, **form.details)):
        return see_other(address(disclosure))
    return show(disclosure, attachment=form.within("attachment"))


@bp.get("/inventions/<public_id>/files/<file_id>", right=SIGNED_IN, records="disclosure.view")
def disclosure_file(public_id: str, file_id: str) -> ResponseReturnValue:
    """One file, for those who may read the text."""
    return send(queries.file_in(load(queries.visible_to(me()), public_id), file_id))


@bp.post("/inventions/<public_id>/ask", right="disclosure.ask")
def ask(public_id: str) -> ResponseReturnValue:
    """Ask the author to complete it."""
    disclosure = load(queries.of_page(me()), public_id)
    form = QuestionForm()
    if form.validate_on_submit() and form.accepts(lambda: services.ask(me(), disclosure, **form.values)):
        return see_other(address(disclosure))
    return show(disclosure, question=form.within("question"))


@bp.post("/inventions/<public_id>/assess", right="disclosure.assess")
def assess(public_id: str) -> ResponseReturnValue:
    """Write down what the search found."""
    disclosure = load(queries.of_page(me()), public_id)
    form = AssessmentForm()
    if form.validate_on_submit() and form.accepts(lambda: services.assess(me(), disclosure, **form.values)):
        return see_other(address(disclosure))
    return show(disclosure, assessment=form.within("assessment"))


@bp.post("/inventions/<public_id>/propose", right="disclosure.propose")
def propose(public_id: str) -> ResponseReturnValue:
    """Propose what becomes of it; a second person signs."""
    disclosure = load(queries.of_page(me()), public_id)
    form = DecisionForm()
    if form.validate_on_submit() and form.accepts(lambda: services.propose(me(), disclosure, **form.details)):
        return see_other(address(disclosure))
    return show(disclosure, decision=form.within("decision"))
