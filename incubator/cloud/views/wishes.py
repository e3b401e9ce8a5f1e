"""Pages of what takes a second person: the list, one wish with what it says, and the signatures."""

from decimal import Decimal
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import TextAreaField
from wtforms.validators import Length

from incubator.approvals import predicates as signing
from incubator.approvals import queries as signatures
from incubator.approvals.states import Verdict
from incubator.calls.models import CreditPool, Theme
from incubator.cloud import market_words as words
from incubator.cloud.market_states import WishKind
from incubator.cloud.models import CloudWish, Provider
from incubator.cloud.queries import crediting as queries
from incubator.cloud.services import wishes
from incubator.cloud.views.catalogue import price
from incubator.cloud.views.months import in_full
from incubator.cloud.views.routes import bp
from incubator.core.db import db
from incubator.people.session import me
from incubator.ventures.states import VentureState
from incubator.web.forms import Form, Required
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


class RefusalForm(Form):
    """Why it is refused."""

    reason = TextAreaField(_l("Reason"), [Required(_l("Give a reason.")), Length(max=1000)])


@bp.get("/cloud/wishes/", right=SIGNED_IN)
def wish_list() -> ResponseReturnValue:
    """What was asked for and is mine to see, what waits first."""
    kind = request.args.get("kind", "")
    found = queries.wishes_seen(me()).order_by(CloudWish.state != Verdict.WAITING, CloudWish.id.desc()).limit(100)
    if kind in set(WishKind):
        found = found.where(CloudWish.kind == kind)
    rows = db.session.scalars(found).all()
    return render_template("cloud/wishes.html", wishes=rows, words=words, kind=kind)


@bp.get("/cloud/wishes/<public_id>", right=SIGNED_IN)
def wish(public_id: str) -> ResponseReturnValue:
    """One wish."""
    return _page(_wish(public_id), RefusalForm(formdata=None))


def _wish(public_id: str) -> CloudWish:
    return load(queries.wishes_seen(me()), public_id)


def _page(found: CloudWish, form: Form) -> ResponseReturnValue:
    approval = signatures.latest_of(found)
    waits = approval is not None and found.state is Verdict.WAITING
    values: dict[str, Any] = {
        "wish": found, "form": form, "approval": approval, "words": words, "price": price,
        "may_sign": waits and approval is not None and signing.can_sign(me(), approval),
        "may_cancel": waits and found.maker_id == me().id, "named": _named(found), "decimal": Decimal, "rate": in_full,
        "stages": ", ".join(str(words.STAGES[VentureState(one)]) for one in found.content.get("stages", ())),
    }  # fmt: skip
    return render_template("cloud/wish.html", has_errors=bool(form.errors), **values), form.status


def _named(found: CloudWish) -> dict[str, Any]:
    """The names of what the content gives public ids of."""
    models: dict[str, Any] = {"provider": Provider, "theme": Theme}
    named = {
        key: db.session.scalar(select(model.name).where(model.public_id == found.content[key]))
        for key, model in models.items()
        if found.content.get(key)
    }
    if found.content.get("pool"):
        pool = db.session.scalars(select(CreditPool).where(CreditPool.public_id == found.content["pool"])).one()
        named |= {"theme": pool.theme.name, "year": pool.year}
    return named


@bp.post("/cloud/wishes/<public_id>/approve", right="cloud_wish.approve")
def approve_wish(public_id: str) -> ResponseReturnValue:
    """Sign."""
    wishes.approve(me(), _wish(public_id))
    return see_other(f"/cloud/wishes/{public_id}")


@bp.post("/cloud/wishes/<public_id>/refuse", right="cloud_wish.refuse")
def refuse_wish(public_id: str) -> ResponseReturnValue:
    """Refuse, with a reason."""
    found, form = _wish(public_id), RefusalForm()
    if form.validate_on_submit() and form.accepts(lambda: wishes.refuse(me(), found, reason=form.reason.data)):
        return see_other(f"/cloud/wishes/{public_id}")
    return _page(found, form)


@bp.post("/cloud/wishes/<public_id>/cancel", right="cloud_wish.cancel")
def cancel_wish(public_id: str) -> ResponseReturnValue:
    """Take it back."""
    wishes.cancel(me(), _wish(public_id))
    return see_other(f"/cloud/wishes/{public_id}")
