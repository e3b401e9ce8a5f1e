"""Inventors' shares: answering one's own, putting others, and changing agreed ones with everybody's word."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.patents import queries, services
from incubator.patents.forms import ChangeForm, ReasonForm, SharesForm
from incubator.patents.models import Disclosure, InventorShare
from incubator.patents.views.inventions import MORE_ROWS, address, show
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


def _mine(public_id: str) -> InventorShare:
    """My share in an invention that I may read."""
    disclosure = load(queries.of_page(me()), public_id)
    return queries.share_in(disclosure, me())


def _rows(disclosure: Disclosure) -> list[dict[str, object]]:
    return [{"hr_number": share.person.hr_number, "share": share.share_bp} for share in disclosure.shares]


@bp.post("/inventions/<public_id>/accept", right="inventor_share.accept")
def accept_share(public_id: str) -> ResponseReturnValue:
    """Agree to my share."""
    share = _mine(public_id)
    services.accept_share(me(), share)
    return see_other(address(share.disclosure))


@bp.post("/inventions/<public_id>/decline", right="inventor_share.decline")
def decline_share(public_id: str) -> ResponseReturnValue:
    """Disagree with my share."""
    share, form = _mine(public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.decline_share(me(), share, **form.values)):
        return see_other(address(share.disclosure))
    return show(share.disclosure, decline=form.within("decline"))


@bp.get("/inventions/<public_id>/shares", right=SIGNED_IN)
def shares(public_id: str) -> ResponseReturnValue:
    """The shares, for the author to put others to the same persons."""
    disclosure = load(queries.of_page(me()), public_id)
    return render_template("patents/shares.html", form=SharesForm(shares=_rows(disclosure)), disclosure=disclosure)


@bp.post("/inventions/<public_id>/shares", right="disclosure.reshare")
def change_shares(public_id: str) -> ResponseReturnValue:
    """Put other shares to the same persons."""
    disclosure = load(queries.of_page(me()), public_id)
    form = SharesForm()
    if form.validate_on_submit() and form.accepts(
        lambda: services.change_shares(me(), disclosure, shares=queries.named(form.rows))
    ):
        return see_other(address(disclosure))
    return render_template("patents/shares.html", form=form, disclosure=disclosure, has_errors=True), form.status


@bp.get("/inventions/<public_id>/change", right=SIGNED_IN)
def new_change(public_id: str) -> ResponseReturnValue:
    """The agreed shares, to propose others."""
    disclosure = load(queries.of_page(me()), public_id)
    form = ChangeForm(shares=_rows(disclosure) + [{}] * MORE_ROWS)
    return render_template("patents/change.html", form=form, disclosure=disclosure)


@bp.post("/inventions/<public_id>/change", right="share_change.propose")
def propose_change(public_id: str) -> ResponseReturnValue:
    """Propose other shares."""
    disclosure = load(queries.of_page(me()), public_id)
    form = ChangeForm()
    if form.validate_on_submit() and form.accepts(
        lambda: services.propose_change(
            me(), disclosure, shares=queries.named(form.rows), reason=form.reason.data or ""
        )
    ):
        return see_other(address(disclosure))
    return render_template("patents/change.html", form=form, disclosure=disclosure, has_errors=True), form.status


@bp.post("/inventions/<public_id>/change/accept", right="share_change.accept")
def accept_change(public_id: str) -> ResponseReturnValue:
    """Agree to my part of the change."""
    change = queries.open_change(load(queries.of_page(me()), public_id))
    services.accept_change(me(), change)
    return see_other(url_for("patents.invention", public_id=public_id))


@bp.post("/inventions/<public_id>/change/decline", right="share_change.decline")
def decline_change(public_id: str) -> ResponseReturnValue:
    """Disagree: the shares stay as they are."""
    change, form = queries.open_change(load(queries.of_page(me()), public_id)), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.decline_change(me(), change, **form.values)):
        return see_other(address(change.disclosure))
    return show(change.disclosure, decline_change=form.within("decline_change"))


@bp.post("/inventions/<public_id>/change/withdraw", right="share_change.withdraw")
def withdraw_change(public_id: str) -> ResponseReturnValue:
    """Take the change back."""
    change = queries.open_change(load(queries.of_page(me()), public_id))
    services.withdraw_change(me(), change)
    return see_other(address(change.disclosure))
