"""Similar proposals: for authors the live ones they may see, for the office all that were ever handed in."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from incubator.core.actions import can
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load


@bp.get("/proposals/<public_id>/similar", right=SIGNED_IN)
def similar(public_id: str) -> ResponseReturnValue:
    """What is like this text; with title and summary in the address (while they are typed), what is like those."""
    proposal = load(queries.for_page(me()), public_id)
    version = queries.text_for(me(), proposal)
    typed = " ".join(request.args.get(name, "")[:2_000] for name in ("title", "answer_summary")).strip()
    text = typed or services.words_of(version.title, version.answers, proposal.call.form)
    everything = can(me(), "proposal.screen", proposal)
    found = queries.similar(me(), text, besides=proposal, everything=everything)
    page = {"proposal": proposal, "found": found, "everything": everything, "is_part": "HX-Request" in request.headers}
    return render_template("proposals/similar.html", **page)
