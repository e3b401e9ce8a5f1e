"""Who is writing at which part of a draft: asked every few seconds while the page is open, kept for half a minute."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from incubator.people.session import leave_unseen, me
from incubator.proposals import queries, services
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load


@bp.get("/proposals/<public_id>/presence", right=SIGNED_IN)
def presence(public_id: str) -> ResponseReturnValue:
    """Note where I am, answer who else is where; nothing of it is kept in the database, and it keeps no session alive:
    what does is that somebody writes (autosave)."""
    leave_unseen()
    proposal = load(queries.for_writing(me()), public_id)
    field = request.args.get("field", "")[:60]
    others = services.note_presence(me(), proposal, field=field) if proposal.state in services.WRITABLE else []
    return render_template("proposals/presence.html", others=others)
