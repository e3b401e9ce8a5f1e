"""Awards and remuneration, for HR who calculate, check, pay and, when something changed, replace them."""

import re

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.approvals import queries as approvals
from incubator.core.errors import NotFound
from incubator.core.money import MINOR_DIGITS
from incubator.files.sending import send as _send
from incubator.patents import queries, services
from incubator.patents.engines.payroll import payroll_file
from incubator.patents.forms import PaymentForm, ReasonForm
from incubator.patents.models import Award
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.forms import Form
from incubator.web.keyset import by_key
from incubator.web.routes import SIGNED_IN
from incubator.web.sheets import download
from incubator.web.views import load, see_other

MONTH = re.compile(r"^[0-9]{4}-(0[1-9]|1[0-2])$")


@bp.get("/awards/", right="award.list")
def awards() -> ResponseReturnValue:
    """All awards in the reader's care."""
    return render_template("patents/awards.html", page=by_key(*queries.award_list(me())))


@bp.get("/awards/<public_id>", right="award.show")
def award(public_id: str) -> ResponseReturnValue:
    """One award with its calculation, its signatures and its payroll lines."""
    return _show(load(queries.award_page(me()), public_id))


def _show(found: Award, refused: Form | None = None) -> ResponseReturnValue:
    payment = refused if isinstance(refused, PaymentForm) else PaymentForm(formdata=None)
    why = refused if isinstance(refused, ReasonForm) else ReasonForm(formdata=None)
    page = render_template(
        "patents/award.html", award=found, approval=approvals.latest_of(found), lines=queries.payroll_lines(found),
        letters=queries.letters_of(found), later=queries.replacement_of(found), form=payment,
        why=why.within("return"), has_errors=refused is not None,
    )  # fmt: skip
    return page, refused.status if refused is not None else 200


def _address(award: Award) -> str:
    return url_for("patents.award", public_id=award.public_id)


@bp.post("/awards/<public_id>/calculate", right="award.calculate")
def calculate(public_id: str) -> ResponseReturnValue:
    """Compute it and put it to a second person."""
    services.calculate(me(), load(queries.awards_visible_to(me()), public_id))
    return see_other(url_for("patents.award", public_id=public_id))


@bp.post("/awards/<public_id>/approve", right="award.approve")
def approve(public_id: str) -> ResponseReturnValue:
    """Sign it as the second person."""
    services.approve(me(), load(queries.awards_visible_to(me()), public_id))
    return see_other(url_for("patents.award", public_id=public_id))


@bp.post("/awards/<public_id>/return", right="award.return")
def send_back(public_id: str) -> ResponseReturnValue:
    """Decline to sign, with a reason."""
    award, form = load(queries.award_page(me()), public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.send_back(me(), award, **form.values)):
        return see_other(_address(award))
    return _show(award, form)


@bp.post("/awards/<public_id>/pay", right="award.pay")
def pay(public_id: str) -> ResponseReturnValue:
    """Record the payment."""
    award = load(queries.award_page(me()), public_id)
    form = PaymentForm()
    if form.validate_on_submit() and form.accepts(lambda: services.pay(me(), award, **form.values)):
        return see_other(_address(award))
    return _show(award, form)


@bp.get("/awards/<public_id>/recalculation", right="award.recalculate")
def recalculation(public_id: str) -> ResponseReturnValue:
    """What it would come to now, and why that differs."""
    return _recalculation(load(queries.award_page(me()), public_id), ReasonForm(formdata=None))


def _recalculation(award: Award, form: ReasonForm) -> ResponseReturnValue:
    anew = services.content_anew(award)
    names = queries.names_of(part[0] for part in (*services.content_of(award)["parts"], *anew["parts"]))
    page = render_template(
        "patents/recalculation.html", award=award, anew=anew, changes=services.changes_of(award), names=names,
        later=queries.replacement_of(award), form=form, has_errors=form.is_submitted(),
    )  # fmt: skip
    return page, form.status


@bp.post("/awards/<public_id>/replace", right="award.recalculate")
def replace(public_id: str) -> ResponseReturnValue:
    """Put to approval what takes its place."""
    award, form = load(queries.award_page(me()), public_id), ReasonForm()
    made: list[Award] = []
    if form.validate_on_submit() and form.accepts(lambda: made.append(services.replace(me(), award, **form.values))):
        return see_other(_address(made[0]))
    return _recalculation(award, form)


@bp.get("/awards/<public_id>/payroll.csv", right="award.list", records="award.export")
def payroll(public_id: str) -> ResponseReturnValue:
    """The award's payroll lines as a file; the same bytes each time."""
    award = load(queries.awards_visible_to(me()), public_id)
    return download(payroll_file(queries.payroll_lines(award), MINOR_DIGITS), f"payroll-{award.number}.csv")


@bp.get("/awards/<public_id>/letters/<file_id>", right="award.show", records="award.read_letter")
def award_letter(public_id: str, file_id: str) -> ResponseReturnValue:
    """An inventor's letter."""
    award = load(queries.awards_visible_to(me()), public_id)
    return _send(queries.letter_in(award, file_id))


@bp.get("/awards/mine/<file_id>", right=SIGNED_IN)
def my_letter(file_id: str) -> ResponseReturnValue:
    """My own letter."""
    return _send(queries.letter_to(me(), file_id))


@bp.get("/payroll/", right="payroll.list")
def months() -> ResponseReturnValue:
    """The months in which inventors are paid, with what they come to."""
    return render_template("patents/payroll.html", months=queries.payroll_months(me()))


@bp.get("/payroll/<month>.csv", right="payroll.list", records="payroll.export")
def payroll_month(month: str) -> ResponseReturnValue:
    """The lines of a month as payroll takes them; the same bytes each time. That they left is noted on the reader's
    company."""
    g.loaded = me().company
    if not MONTH.match(month):
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return download(payroll_file(queries.payroll_of(me(), month), MINOR_DIGITS), f"payroll-{month}.csv")
