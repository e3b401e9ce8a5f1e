"""Carrying a text on into a new call."""

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls import queries as calls
from incubator.core.db import db
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/proposals/<public_id>/carry-on", right=SIGNED_IN)
def carry_on(public_id: str) -> ResponseReturnValue:
    """The calls that take the text now."""
    proposal = load(queries.for_writing(me()), public_id)
    if proposal.state not in services.ENDED or proposal.lead_id != me().id:
        return see_other(f"/proposals/{public_id}")
    found = db.session.scalars(calls.open_for(me())).all()
    return render_template("proposals/carry_on.html", proposal=proposal, calls=found)


@bp.post("/proposals/<public_id>/carry-on", right="proposal.copy_on")
def copy_on(public_id: str) -> ResponseReturnValue:
    """Begin a new draft with this text in one of them."""
    proposal = load(queries.for_writing(me()), public_id)
    call = load(calls.visible_to(me()), request.form.get("call", ""))
    draft = services.copy_on(me(), proposal, call=call)
    flash(_("The text is carried on. Look through it: the new call may ask other things."))
    return see_other(f"/proposals/{draft.public_id}/edit")
