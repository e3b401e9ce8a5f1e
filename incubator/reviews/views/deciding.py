"""Pages beside a round's decisions: many at once, letters before they go, the dossier, fairness."""

import datetime as dt
from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from incubator.core import clock
from incubator.core.actions import require
from incubator.files import letters
from incubator.files.sending import send
from incubator.people.queries import group_of
from incubator.people.session import me
from incubator.reviews import queries, services
from incubator.reviews.forms import BulkForm, ReasonForm
from incubator.reviews.models import Decision
from incubator.reviews.queries.dossiers import Line, as_mapping, dossier, told_lines
from incubator.reviews.queries.fairness import fairness as fairness_of
from incubator.reviews.views.reviewing import bp
from incubator.web import sheets
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other
from incubator.web.words import local_words

MOST = 200
COLUMNS = (
    sheets.Column("part", _l("Part")),
    sheets.Column("item", _l("Item")),
    sheets.Column("text", _l("Value")),
    sheets.Column("number", _l("Whole number"), sheets.INT),
    sheets.Column("unit", _l("Unit")),
)


@bp.get("/rounds/<public_id>/decisions-in-bulk", right=SIGNED_IN)
def many_decisions(public_id: str) -> ResponseReturnValue:
    """The decisions of a round to tick, and what to do with those ticked."""
    return _bulk_page(public_id, BulkForm(), [])


@bp.post("/rounds/<public_id>/decisions-in-bulk", right="decision.override")
def decisions_in_bulk(public_id: str) -> ResponseReturnValue:
    """Take the step on each; the answer says for each whether it was taken, or why not."""
    round_, form = load(queries.decisions_visible_to(me()), public_id), BulkForm()
    require(me(), "decision.override", round_)
    if not form.validate_on_submit():
        return _bulk_page(public_id, form, [])
    chosen = queries.chosen_decisions(round_, me(), form.ids[:MOST])
    if form.takes_back:
        done = services.reconsider_many(me(), chosen, reason=form.words)
    else:
        done = services.decide_many(me(), chosen, outcome=form.outcome_chosen, reason=form.words)
    return _bulk_page(public_id, BulkForm(formdata=None), done)


def _bulk_page(public_id: str, form: BulkForm, done: list[Any]) -> tuple[str, int]:
    round_ = load(queries.decisions_visible_to(me()), public_id)
    kept = queries.kept_from(me(), round_)
    rows = [row for theme in queries.themes_of(round_) for row in queries.decisions_page(round_, me(), theme.id, kept)]
    html = render_template(
        "reviews/bulk.html", round=round_, rows=rows[:MOST], form=form, done=done, has_errors=bool(form.errors)
    )
    return html, 422 if form.errors else 200


@bp.get("/decisions/<public_id>/reconsider", right=SIGNED_IN)
def reconsidering(public_id: str) -> ResponseReturnValue:
    """Why a signed decision goes back to the table."""
    return _reconsider_page(load(queries.decision_visible_to(me()), public_id), ReasonForm())


@bp.post("/decisions/<public_id>/reconsider", right="decision.reconsider")
def reconsider(public_id: str) -> ResponseReturnValue:
    """Take a signed decision back; its letters are void."""
    decision, form = load(queries.decision_visible_to(me()), public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.reconsider(me(), decision, **form.values)):
        flash(_("The decision is back at the table. Letters written for it are void."))
        return see_other(f"/rounds/{decision.round.public_id}/decision")
    return _reconsider_page(decision, form)


def _reconsider_page(decision: Decision, form: ReasonForm) -> tuple[str, int]:
    html = render_template("reviews/reconsider.html", decision=decision, form=form, has_errors=form.status == 422)
    return html, form.status


@bp.get("/decisions/<public_id>/letter-<language>.pdf", right=SIGNED_IN)
def letter_preview(public_id: str, language: str) -> ResponseReturnValue:
    """A letter before it is released, for who decides; void ones say so in their name."""
    decision = load(queries.decision_visible_to(me()), public_id)
    require(me(), "decision.hold", decision)
    return send(queries.letter_preview(decision, language))


# One decision is some fifty lines: its table takes milliseconds and its PDF 0.3 s, so no job is needed.


@bp.get("/decisions/<public_id>/dossier.xlsx", right=SIGNED_IN)
def dossier_sheet(public_id: str) -> ResponseReturnValue:
    """A decision with every number behind it that I may have, as a workbook."""
    decision = load(queries.decision_visible_to(me()), public_id)
    rows = [as_mapping(line) for line in dossier(decision, me())]
    return sheets.download(sheets.xlsx(decision.number, COLUMNS, rows), f"{decision.number}.xlsx")


@bp.get("/decisions/<public_id>/dossier.pdf", right=SIGNED_IN)
def dossier_pdf(public_id: str) -> ResponseReturnValue:
    """The same, typeset."""
    decision = load(queries.decision_visible_to(me()), public_id)
    language = "zh" if str(get_locale()).startswith("zh") else "en"
    data = letters.pdf("letter", _typeset(decision, dossier(decision, me()), clock.today()), language)
    return sheets.download(data, f"{decision.number}.pdf")


def _typeset(decision: Decision, lines: list[Line], today: dt.date) -> letters.Letter:
    body: list[str | letters.Table] = []
    for part, found in told_lines(lines):
        body.append(part)
        body.append({"head": [_("Item"), _("Value")], "rows": [[line.item, line.text] for line in found]})
    return {
        "group": local_words(group_of(decision.proposal.company).name),
        "number": decision.number,
        "date": today,
        "to": [local_words(decision.round.committee.name)],
        "title": _("Dossier of the decision on “%(title)s”", title=decision.proposal.title),
        "body": body,
        "closing": [_("Made for %(name)s, with what %(name)s may see.", name=me().name)],
    }


@bp.get("/rounds/<public_id>/fairness", right="round.list")
def fairness(public_id: str) -> ResponseReturnValue:
    """How companies and languages fared in a round, without showing small groups."""
    round_ = load(queries.rounds_visible_to(me()), public_id)
    return render_template("reviews/fairness.html", round=round_, found=fairness_of(round_, me()))
