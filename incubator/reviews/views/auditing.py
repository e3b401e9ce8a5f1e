"""Pages of whoever checks a round: its runs and decisions worked out again."""

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.people.session import me
from incubator.reviews import queries, services
from incubator.reviews.views.reviewing import bp
from incubator.web.views import load, see_other


@bp.get("/rounds/<public_id>/replay", right="round.list")
def replays(public_id: str) -> ResponseReturnValue:
    """The stored runs of a round, each with what came of working it out again."""
    round_ = load(queries.rounds_visible_to(me()), public_id)
    rows = queries.replayable(round_, me())
    return render_template("reviews/replays.html", round=round_, rows=rows, is_busy=any(_is_busy(row) for row in rows))


def _is_busy(row: object) -> bool:
    return getattr(row, "again", None) in {"waiting", "running"}


@bp.post("/rounds/<public_id>/replay", right="round.replay")
def replay_run(public_id: str) -> ResponseReturnValue:
    """Have one of them worked out again."""
    round_ = load(queries.rounds_visible_to(me()), public_id)
    services.replay_run(me(), round_, run=request.form.get("run", "").replace("\x00", ""))
    flash(_("It is being worked out again from what was stored."))
    return see_other(f"/rounds/{public_id}/replay")
