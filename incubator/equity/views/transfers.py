"""Pages of transfers: the request, first refusal, price, approval, settlement."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.core.db import db
from incubator.core.errors import NotFound
from incubator.equity import pages, queries
from incubator.equity.forms import AnswerForm, PriceForm, ReasonForm, SettleForm, StepForm, TransferForm
from incubator.equity.models import EquityTransfer, SecurityClass
from incubator.equity.services import transfers as services
from incubator.equity.views.common import form_page
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


def transfer_of(public_id: str) -> EquityTransfer:
    """A transfer that the reader may see."""
    return load(queries.transfers_visible_to(me()), public_id)


def _class() -> SecurityClass:
    found = db.session.scalar(queries.class_to_sell(me(), request.args.get("class", "")))
    if found is None:
        raise NotFound("")
    return found


@bp.get("/equity/transfers/", right=SIGNED_IN)
def transfers() -> ResponseReturnValue:
    """Transfers I may see, and the classes I may sell units of."""
    return render_template("equity/transfers.html", rows=queries.transfer_list(me()), windows=pages.windows(me()),
                           quantity=pages.quantity)  # fmt: skip


@bp.get("/equity/transfers/new", right=SIGNED_IN)
def new_transfer() -> ResponseReturnValue:
    """The form of a request."""
    security = _class()
    form = TransferForm(formdata=None).of_class(security, me())
    return form_page("equity/new_transfer.html", form, security=security)


@bp.post("/equity/transfers/new", right="transfer.request")
def request_transfer() -> ResponseReturnValue:
    """Ask for a transfer; the lock is checked at once."""
    security = _class()
    form, made = TransferForm().of_class(security, me()), []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.request_transfer(me(), security, **form.values))
    ):
        return see_other(url_for("equity.show_transfer", public_id=made[0].public_id))
    return form_page("equity/new_transfer.html", form, security=security)


@bp.get("/equity/transfers/<public_id>", right=SIGNED_IN)
def show_transfer(public_id: str) -> ResponseReturnValue:
    """A transfer: its terms, where first refusal stands, the next step."""
    return render_template("equity/show_transfer.html", **pages.transfer_page(me(), transfer_of(public_id)))


def _step(public_id: str, form: Any, call: Any) -> ResponseReturnValue:
    transfer = transfer_of(public_id)
    if form.validate_on_submit() and form.accepts(lambda: call(transfer)):
        return see_other(url_for("equity.show_transfer", public_id=public_id))
    page = pages.transfer_page(me(), transfer, form=form)
    return form_page("equity/show_transfer.html", page.pop("form"), **page)


@bp.post("/equity/transfers/<public_id>/notice", right="transfer.give_notice")
def give_notice(public_id: str) -> ResponseReturnValue:
    """Give notice to those who come first."""
    return _step(public_id, StepForm(), lambda transfer: services.give_notice(me(), transfer))


@bp.post("/equity/transfers/<public_id>/answers/<key>", right="transfer.answer")
def answer_notice(public_id: str, key: str) -> ResponseReturnValue:
    """Take or waive."""
    transfer = transfer_of(public_id)
    given = queries.answer_for(transfer, key)
    if given is None:
        raise NotFound("")
    form = AnswerForm().of_transfer(transfer)
    return _step(public_id, form, lambda _transfer: services.answer(me(), given, **form.values))


@bp.post("/equity/transfers/<public_id>/close", right="transfer.close_notice")
def close_notice(public_id: str) -> ResponseReturnValue:
    """End a notice whose time is over."""
    return _step(public_id, StepForm(), lambda transfer: services.close_notice(me(), transfer))


@bp.post("/equity/transfers/<public_id>/price", right="transfer.price")
def price_transfer(public_id: str) -> ResponseReturnValue:
    """Hold the price against an appraisal and ask for approval."""
    form = PriceForm().of_class(transfer_of(public_id).security)
    return _step(public_id, form, lambda transfer: services.price_transfer(me(), transfer, **form.values))


@bp.post("/equity/transfers/<public_id>/approve", right="transfer.approve")
def approve_transfer(public_id: str) -> ResponseReturnValue:
    """Sign as the second person."""
    return _step(public_id, StepForm(), lambda transfer: services.approve_transfer(me(), transfer))


@bp.post("/equity/transfers/<public_id>/refuse", right="transfer.refuse")
def refuse_transfer(public_id: str) -> ResponseReturnValue:
    """Refuse with a reason."""
    form = ReasonForm()
    return _step(public_id, form, lambda transfer: services.refuse_transfer(me(), transfer, **form.values))


@bp.post("/equity/transfers/<public_id>/withdraw", right="transfer.withdraw")
def withdraw_transfer(public_id: str) -> ResponseReturnValue:
    """Give a transfer up."""
    form = ReasonForm()
    return _step(public_id, form, lambda transfer: services.withdraw_transfer(me(), transfer, **form.values))


@bp.post("/equity/transfers/<public_id>/settle", right="transfer.settle")
def settle_transfer(public_id: str) -> ResponseReturnValue:
    """Enter a paid transfer in the register."""
    form = SettleForm()
    return _step(public_id, form, lambda transfer: services.settle_transfer(me(), transfer, **form.values))


@bp.post("/equity/transfers/<public_id>/reverse", right="transfer.reverse")
def reverse_transfer(public_id: str) -> ResponseReturnValue:
    """Take a settled transfer back by counter-entries."""
    form = ReasonForm()
    return _step(public_id, form, lambda transfer: services.reverse_transfer(me(), transfer, **form.values))
