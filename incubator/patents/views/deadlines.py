"""Deadlines: the docket, one of them with its trace, what a recomputation would change, and a year's fees."""

from typing import Any

from flask import flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from incubator.approvals import queries as approvals
from incubator.core import clock
from incubator.core.actions import can
from incubator.core.errors import Invalid
from incubator.core.money import Money
from incubator.files import services as files
from incubator.files.models import File
from incubator.files.sending import send
from incubator.patents import pages, queries
from incubator.patents.forms import CompletionForm, ReasonForm
from incubator.patents.models import Deadline, DeadlineDifference, Office
from incubator.patents.queries import Filter
from incubator.patents.services import deadlines as services
from incubator.patents.states import DeadlineState
from incubator.patents.views.reasons import why
from incubator.patents.views.routes import bp
from incubator.people.models import Person
from incubator.people.session import me
from incubator.web import sheets
from incubator.web.forms import Form
from incubator.web.keyset import SIZE, by_key
from incubator.web.sheets import DAY, MONEY, Column
from incubator.web.views import load, see_other
from incubator.web.words import local_words, word

COLUMNS = [
    Column("number", _l("Application")),
    Column("office", _l("Office")),
    Column("application_number", _l("Number at the office")),
    Column("deadline", _l("Deadline")),
    Column("due_on", _l("Due on"), DAY),
    Column("grace_until", _l("Grace until"), DAY),
    Column("state", _l("State")),
    Column("provisional", _l("Provisional")),
    Column("counsel", _l("Counsel")),
    Column("fee", _l("Fee"), MONEY),
    Column("currency", _l("Currency")),
]


def _filter() -> Filter:
    """What the address asks for; a word that is none of ours shows all."""
    given = request.args
    office = given.get("office", "")
    return Filter(
        state=given.get("state", "open"), urgency=given.get("due", ""),
        office=office if office in set(Office) else "", counsel=given.get("counsel", "")[:16],
    )  # fmt: skip


@bp.get("/patents/deadlines/", right="deadline.list")
def deadlines() -> ResponseReturnValue:
    """What is due, the earliest first, by counsel, office and urgency."""
    shown = _filter()
    page = by_key(*queries.deadline_docket(me(), shown))
    bulk = can(me(), "deadline.bulk") and shown.state == DeadlineState.OPEN
    return render_template(
        "patents/deadlines.html",
        page=page, shown=shown, counsel=tuple(queries.counsel_of_docket(me())), offices=list(Office), bulk=bulk,
        rows=pages.deadline_rows(page.rows, clock.today(), bulk=bulk),
    )  # fmt: skip


@bp.get("/patents/deadlines/export", right="deadline.list", records="deadline.export")
def export_deadlines() -> ResponseReturnValue:
    """The docket as it is filtered, as CSV or XLSX; that it left is noted on the reader's company.

    Raises Invalid for more rows than fit into a request.
    """
    g.loaded = me().company
    rows = queries.exported(me(), _filter())
    if len(rows) > queries.LIMIT:
        raise Invalid(_("These are more than %(n)s rows. Choose a filter first.", n=f"{queries.LIMIT:,}"))
    table = [_row(row) for row in rows]
    if request.args.get("format") == "xlsx":
        return sheets.download(sheets.xlsx(_("Deadlines"), COLUMNS, table), "deadlines.xlsx")
    return sheets.download(sheets.csv(COLUMNS, table), "deadlines.csv")


def _row(row: Any) -> dict[str, Any]:
    named = local_words(row.rule) + (f" {row.year}" if row.year is not None else "")
    return {
        "number": row.number, "office": row.office, "application_number": row.application_number, "deadline": named,
        "due_on": row.due_on, "grace_until": row.grace_until, "state": word("deadline", row.state.value),
        "provisional": _("yes") if row.provisional else _("no"), "counsel": row.counsel,
        "fee": Money(row.fee_currency, row.fee_amount) if row.fee_amount is not None else None,
        "currency": row.fee_currency,
    }  # fmt: skip


@bp.post("/patents/deadlines/bulk", right="deadline.bulk")
def deadlines_in_bulk() -> ResponseReturnValue:
    """Acknowledge those that are ticked, or propose to let them pass."""
    kept_filter: dict[str, Any] = request.args.to_dict()
    back, form = url_for("patents.deadlines", **kept_filter), ReasonForm()
    chosen, drops = queries.chosen(me(), request.form.getlist("id")[:SIZE]), request.form.get("step") == "drop"
    if drops and not form.validate_on_submit():
        return _why_drop(form, chosen, back)

    def drop(actor: Person, one: Deadline) -> None:
        services.propose_drop(actor, one, reason=form.reason.data)

    _say(*services.in_bulk(me(), chosen, step=drop if drops else services.acknowledge))
    return see_other(back)


def _why_drop(form: ReasonForm, chosen: list[Deadline], back: str) -> ResponseReturnValue:
    sent = [("step", "drop"), *(("id", one.public_id) for one in chosen)]
    return why(
        form, _("Propose to let them pass"), _("Propose to let them pass"), back=back, sent=sent,
        crumbs=[(_("Deadlines"), back)], facts=[f"{one.matter.number}: {one.due_on.isoformat()}" for one in chosen],
    )  # fmt: skip


def _say(taken: int, refused: Any) -> None:
    if taken:
        flash(ngettext("%(num)s done.", "%(num)s done.", taken))
    for words in refused:
        flash(words, "info")


@bp.get("/patents/deadlines/<public_id>", right="deadline.list")
def deadline(public_id: str) -> ResponseReturnValue:
    """One deadline: how the day came about, what can be done, and who did what."""
    return _show(load(queries.deadline_page(me()), public_id))


def _show(found: Deadline, form: Form | None = None) -> ResponseReturnValue:
    page = render_template(
        "patents/deadline.html",
        deadline=found, readable=queries.may_see_title(me(), found), approval=approvals.latest_of(found),
        completion=form if isinstance(form, CompletionForm) else CompletionForm(formdata=None),
        why=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None), form=form, has_errors=form is not None,
        day=clock.today(),
    )  # fmt: skip
    return page, form.status if form is not None else 200


def _address(found: Deadline) -> str:
    return url_for("patents.deadline", public_id=found.public_id)


@bp.post("/patents/deadlines/<public_id>/acknowledge", right="deadline.acknowledge")
def acknowledge_deadline(public_id: str) -> ResponseReturnValue:
    """I have seen it and take care of it."""
    found = load(queries.deadline_page(me()), public_id)
    services.acknowledge(me(), found)
    return see_other(_address(found))


@bp.post("/patents/deadlines/<public_id>/complete", right="deadline.complete")
def complete_deadline(public_id: str) -> ResponseReturnValue:
    """It was met, and this shows it."""
    found = load(queries.deadline_page(me()), public_id)
    form = CompletionForm()
    if form.validate_on_submit() and form.accepts(
        lambda: services.complete(me(), found, **form.details, file=kept(form))
    ):
        return see_other(_address(found))
    return _show(found, form)


def kept(form: Any) -> File | None:
    """The file of a form, kept; None when none was chosen."""
    given = form.file.data
    return files.keep(me(), given.stream, given.filename) if given and given.filename else None


@bp.get("/patents/deadlines/<public_id>/file", right="deadline.list")
def file_of_deadline(public_id: str) -> ResponseReturnValue:
    """The file that shows that it was met; to those who may read what the application is about."""
    found = load(queries.deadline_page(me()), public_id)
    return send(queries.file_for(me(), found))


@bp.post("/patents/deadlines/<public_id>/propose-drop", right="deadline.propose_drop")
def propose_drop(public_id: str) -> ResponseReturnValue:
    """Propose to let it pass; a second person signs."""
    found = load(queries.deadline_page(me()), public_id)
    form = ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.propose_drop(me(), found, **form.values)):
        return see_other(_address(found))
    return _show(found, form)


@bp.post("/patents/deadlines/<public_id>/drop", right="deadline.drop")
def drop_deadline(public_id: str) -> ResponseReturnValue:
    """Sign as the second person."""
    found = load(queries.deadline_page(me()), public_id)
    services.drop(me(), found)
    return see_other(_address(found))


@bp.post("/patents/deadlines/<public_id>/refuse-drop", right="deadline.refuse_drop")
def refuse_drop(public_id: str) -> ResponseReturnValue:
    """Decline to sign, with a reason."""
    found = load(queries.deadline_page(me()), public_id)
    form = ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.refuse_drop(me(), found, **form.values)):
        return see_other(_address(found))
    return _show(found, form)


@bp.post("/patents/deadlines/<public_id>/reopen", right="deadline.reopen")
def reopen_deadline(public_id: str) -> ResponseReturnValue:
    """Open a closed one again, with a reason."""
    found = load(queries.deadline_page(me()), public_id)
    form = ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.reopen(me(), found, **form.values)):
        return see_other(_address(found))
    return _show(found, form)


@bp.get("/patents/differences/", right="deadline.bulk")
def differences() -> ResponseReturnValue:
    """What recomputations would change, before it applies."""
    return render_template("patents/differences.html", page=by_key(*queries.differences(me())))


@bp.post("/patents/differences/bulk", right="deadline.bulk")
def differences_in_bulk() -> ResponseReturnValue:
    """Apply those that are ticked."""
    chosen = queries.differences_chosen(me(), request.form.getlist("id")[:SIZE])
    taken, refused = services.in_bulk(me(), chosen, step=services.apply)
    _say(taken, refused)
    return see_other(url_for("patents.differences"))


def _difference(public_id: str) -> DeadlineDifference:
    return load(queries.differences_visible_to(me()), public_id)


@bp.post("/patents/differences/<public_id>/apply", right="deadline_difference.apply")
def apply_difference(public_id: str) -> ResponseReturnValue:
    """Let a deadline be as the recomputation says."""
    found = _difference(public_id)
    services.apply(me(), found)
    return see_other(url_for("patents.matter", public_id=found.matter.public_id))


@bp.post("/patents/differences/<public_id>/discard", right="deadline_difference.discard")
def discard_difference(public_id: str) -> ResponseReturnValue:
    """Leave it as it stands, with a reason."""
    found, form = _difference(public_id), ReasonForm()
    back = url_for("patents.matter", public_id=found.matter.public_id)
    if form.validate_on_submit() and form.accepts(lambda: services.discard(me(), found, **form.values)):
        return see_other(back)
    title, crumbs = _("Leave as it stands"), [(found.matter.number, back)]
    return why(form, title, title, back=back, crumbs=crumbs, facts=[local_words(found.deadline.rule.title)])


@bp.get("/patents/forecast", right="deadline.list")
def forecast() -> ResponseReturnValue:
    """A year's fees by month, a chart a currency."""
    return render_template("patents/forecast.html", forecasts=queries.forecast(me()))
