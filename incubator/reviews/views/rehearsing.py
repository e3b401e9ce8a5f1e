"""The dry run of a call before it opens."""

from flask import render_template
from flask.typing import ResponseReturnValue

from incubator.calls import queries as calls
from incubator.people.session import me
from incubator.reviews import services
from incubator.reviews.engines.deciding import Decided
from incubator.reviews.queries.explaining import explain
from incubator.reviews.queries.told import result_of
from incubator.reviews.views.reviewing import bp
from incubator.web.views import load


@bp.get("/calls/manage/<public_id>/dry-run", right="call.manage")
def dry_run(public_id: str) -> ResponseReturnValue:
    """Play the call on sample data; a page that writes nothing."""
    call = load(calls.managed_by(me()), public_id)
    played = services.rehearse(call)

    def told(one: Decided) -> str:
        return explain(result_of(one), played.currency)

    return render_template("reviews/dry_run.html", call=call, played=played, explain=told)
