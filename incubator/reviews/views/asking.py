"""Pages beside a ranking that answer a question and save nothing: other budgets and weights, scores by criterion."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.people.session import me
from incubator.reviews import queries, ranking_file
from incubator.reviews.engines.deciding import Leftovers, Rule
from incubator.reviews.engines.what_if import Terms, reweighed, stand
from incubator.reviews.models import Round
from incubator.reviews.services.reviewing import engine_rubric
from incubator.reviews.views.reviewing import _position, _themes, bp
from incubator.reviews.what_if_forms import what_if_form
from incubator.web import sheets
from incubator.web.views import load

SHOWN = 100
MOST = 5_000


@bp.get("/rounds/<public_id>/criteria", right="round.list")
def criteria(public_id: str) -> ResponseReturnValue:
    """How the scores of each criterion lie, proposal by proposal, the most disputed first."""
    round_ = load(queries.rounds_visible_to(me()), public_id)
    themes, theme = _themes(round_)
    place = _position() | {"everything": False}
    found = queries.ranking(round_, me(), theme, **place | {"sort": place["sort"] or "-spread"})
    counts = queries.counts_of([entry.row.id for entry in found.entries])
    values = {"round": round_, "themes": themes, "chosen": theme, "found": found, "counts": counts}
    return render_template("reviews/criteria.html", **values)


@bp.get("/rounds/<public_id>/what-if", right="round.list")
def what_if(public_id: str) -> ResponseReturnValue:
    """Another budget or other weights: who would be above the line, and with what chance; nothing is saved."""
    round_ = load(queries.rounds_visible_to(me()), public_id)
    themes, theme = _themes(round_)
    form = what_if_form(round_, theme, request.args)
    is_asked = "budget" in request.args
    fine = not is_asked or form.validate()
    values: dict[str, Any] = {"round": round_, "themes": themes, "chosen": theme, "form": form, "rows": None}
    if fine:
        values |= _answer(round_, theme, form)
    html = render_template("reviews/what_if.html", is_asked=is_asked, has_errors=not fine, **values)
    return html, 200 if fine else 422


# Two thousand rows of stored figures are read in milliseconds and written in under a second: no job is needed.


@bp.get("/rounds/<public_id>/ranking.xlsx", right="round.list", records="ranking.export")
def ranking_sheet(public_id: str) -> ResponseReturnValue:
    """The ranking of a theme as a workbook, as I may see it."""
    round_ = load(queries.rounds_visible_to(me()), public_id)
    _all, theme = _themes(round_)
    run = queries.runs_of(round_, me()).done
    sort, only = request.args.get("sort"), request.args.get("only")
    run_id = run.id if run else None
    found = queries.ranking(round_, me(), theme, size=MOST, run_id=run_id, sort=sort, only=only)
    rows = [ranking_file.row(entry, theme) for entry in found.entries]
    return sheets.download(sheets.xlsx(_("Ranking"), ranking_file.columns(theme), rows), "ranking.xlsx")


def _answer(round_: Round, theme: Any, form: Any) -> dict[str, Any]:
    rule = Rule.from_data(round_.rule.data)
    run = queries.runs_of(round_, me()).done
    rows = queries.what_if_rows(round_, me(), theme.id, run, rule.quorum)
    entrants = [row[0] for row in rows]
    stops = rule.leftovers is Leftovers.STOP
    now = {one.key: one for one in stand(entrants, Terms(theme.budget, rule.minimum, stops))}
    rubric = form.rubric(engine_rubric(round_.rubric))
    totals = {one.key: reweighed(one, rubric) for one in entrants} if form.changes_weights else None
    then = stand(entrants, Terms(form.budget.data, rule.minimum, stops), totals)
    told = {row[0].key: row for row in rows}
    return {
        "rows": [(one, now[one.key], told[one.key]) for one in then[:SHOWN]],
        "enters": [told[one.key] for one in then if one.funded and not now[one.key].funded],
        "leaves": [told[one.key] for one in then if not one.funded and now[one.key].funded],
        "funded": (sum(one.funded for one in now.values()), sum(one.funded for one in then)),
        "count": len(then),
        "committed": sum(told[one.key][0].cost for one in then if one.funded),
    }
