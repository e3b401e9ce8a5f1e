"""Pages of issuers, cap tables, rounds, issued units and the board."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.core import clock
from incubator.core.actions import require
from incubator.core.errors import Invalid
from incubator.equity import pages, queries, services
from incubator.equity.forms import (
    ClassForm,
    EntryForm,
    HolderForm,
    IssuerFields,
    IssuerForm,
    PatentEntryForm,
    ReasonForm,
    RoundForm,
)
from incubator.equity.models import CapitalEntry, Issuer
from incubator.equity.views.common import form_page
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web import sheets
from incubator.web.views import load, see_other


def issuer_of(public_id: str) -> Issuer:
    """An issuer that the reader may see."""
    return load(queries.issuers_visible_to(me()), public_id)


def entry_of(public_id: str) -> CapitalEntry:
    """An entry that the reader may see."""
    return load(queries.entries_visible_to(me()), public_id)


def _at(issuer: Issuer) -> ResponseReturnValue:
    return see_other(url_for("equity.show_issuer", public_id=issuer.public_id))


@bp.get("/equity/issuers/", right="issuer.list")
def issuers() -> ResponseReturnValue:
    """The issuers in my scope."""
    return render_template("equity/issuers.html", rows=queries.issuer_list(me()), **pages.labels())


@bp.get("/equity/issuers/new", right="issuer.create")
def new_issuer() -> ResponseReturnValue:
    """The form of an issuer."""
    form = IssuerForm(formdata=None).for_companies(queries.companies_for_issuers(me()))
    return form_page("equity/new_issuer.html", form)


@bp.post("/equity/issuers/new", right="issuer.create")
def create_issuer() -> ResponseReturnValue:
    """Register an issuer."""
    form, made = IssuerForm().for_companies(queries.companies_for_issuers(me())), []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.create_issuer(me(), form.companies[form.company.data], **form.values))
    ):
        return _at(made[0])
    return form_page("equity/new_issuer.html", form)


@bp.get("/equity/issuers/<public_id>", right="issuer.list")
def show_issuer(public_id: str) -> ResponseReturnValue:
    """An issuer's cap table on a day."""
    asked = {name: request.args.get(name, "") for name in ("on", "code", "after")}
    return render_template("equity/show_issuer.html", **pages.issuer_page(me(), issuer_of(public_id), **asked))


@bp.get("/equity/issuers/<public_id>/cap-table", right="issuer.list", records="cap_table.export")
def export_cap_table(public_id: str) -> ResponseReturnValue:
    """The cap table of a class on a day as XLSX or CSV."""
    issuer = issuer_of(public_id)
    security = queries.class_of(issuer, request.args.get("code", "")) or queries.classes_of(issuer)[0]
    day = pages.day_asked(request.args.get("on", ""))
    rows = pages.cap_table_rows(issuer, security, day)
    name = f"cap-table-{security.code}-{(day or clock.today()).isoformat()}"
    return _table(name, list(pages.COLUMNS), rows)


def _table(name: str, columns: list[sheets.Column], rows: list[dict[str, Any]]) -> ResponseReturnValue:
    if request.args.get("format") == "csv":
        return sheets.download(sheets.csv(columns, rows), f"{name}.csv")
    return sheets.download(sheets.xlsx(name[:31], columns, rows), f"{name}.xlsx")


@bp.get("/equity/issuers/<public_id>/rounds", right="issuer.list")
def rounds(public_id: str) -> ResponseReturnValue:
    """What a round would change; nothing is stored."""
    return render_template("equity/rounds.html", **_round(public_id))


def _round(public_id: str) -> dict[str, Any]:
    form = RoundForm(formdata=request.args)
    form.validate()
    return pages.round_page(issuer_of(public_id), form)


@bp.get("/equity/issuers/<public_id>/rounds/export", right="issuer.list", records="round.export")
def export_round(public_id: str) -> ResponseReturnValue:
    """The same as XLSX or CSV."""
    return _table("round", list(pages.ROUND_COLUMNS), _round(public_id)["rows"])


@bp.get("/equity/issuers/<public_id>/edit", right="issuer.revise")
def edit_issuer(public_id: str) -> ResponseReturnValue:
    """The form of what is recorded of an issuer."""
    issuer = issuer_of(public_id)
    require(me(), "issuer.revise", issuer)
    form = IssuerFields(formdata=None, obj=issuer, **issuer.articles)
    return form_page("equity/edit_issuer.html", form, issuer=issuer)


@bp.post("/equity/issuers/<public_id>/edit", right="issuer.revise")
def revise_issuer(public_id: str) -> ResponseReturnValue:
    """Change what is recorded of an issuer."""
    issuer, form = issuer_of(public_id), IssuerFields()
    if form.validate_on_submit() and form.accepts(lambda: services.revise_issuer(me(), issuer, **form.values)):
        return _at(issuer)
    return form_page("equity/edit_issuer.html", form, issuer=issuer)


@bp.get("/equity/issuers/<public_id>/classes/new", right="security_class.create")
def new_class(public_id: str) -> ResponseReturnValue:
    """The form of a class."""
    issuer = issuer_of(public_id)
    require(me(), "security_class.create", issuer)
    return form_page("equity/new_class.html", ClassForm(formdata=None), issuer=issuer)


@bp.post("/equity/issuers/<public_id>/classes/new", right="security_class.create")
def create_class(public_id: str) -> ResponseReturnValue:
    """Add a class."""
    issuer, form = issuer_of(public_id), ClassForm()
    if form.validate_on_submit() and form.accepts(lambda: services.create_class(me(), issuer, **form.values)):
        return _at(issuer)
    return form_page("equity/new_class.html", form, issuer=issuer)


@bp.get("/equity/issuers/<public_id>/holders/new", right="holder.create")
def new_holder(public_id: str) -> ResponseReturnValue:
    """The form of a holder who is no employee."""
    issuer = issuer_of(public_id)
    require(me(), "holder.create", issuer)
    return form_page("equity/new_holder.html", HolderForm(formdata=None), issuer=issuer)


@bp.post("/equity/issuers/<public_id>/holders/new", right="holder.create")
def create_holder(public_id: str) -> ResponseReturnValue:
    """Record a holder."""
    issuer, form = issuer_of(public_id), HolderForm()
    if form.validate_on_submit() and form.accepts(lambda: services.create_holder(me(), issuer, **form.values)):
        return _at(issuer)
    return form_page("equity/new_holder.html", form, issuer=issuer)


@bp.get("/equity/issuers/<public_id>/entries/new", right="capital_entry.create")
def new_entry(public_id: str) -> ResponseReturnValue:
    """The form of issued units, one holder or a file."""
    issuer = issuer_of(public_id)
    require(me(), "capital_entry.create", issuer)
    form = EntryForm(formdata=None, effective_on=clock.today()).for_issuer(issuer)
    return form_page("equity/new_entry.html", form, issuer=issuer, faults=[], **pages.contributed(issuer))


@bp.post("/equity/issuers/<public_id>/entries/new", right="capital_entry.create")
def create_entry(public_id: str) -> ResponseReturnValue:
    """Draft issued units; a file with faults changes nothing and names them by line (20,000 lines take a second)."""
    issuer = issuer_of(public_id)
    require(me(), "capital_entry.create", issuer)
    form, made, faults = EntryForm().for_issuer(issuer), [], []

    def draft() -> None:
        lines = [form.line] if not form.file.data else []
        if form.file.data:
            lines, found = pages.lines_of_file(issuer, form.chosen, form.file.data)
            faults.extend(found)
            if faults:
                raise Invalid(faults[0].message, field="file")
        details = {"effective_on": form.effective_on.data, "evidence": form.evidence.data, "lines": lines}
        made.append(services.draft_entry(me(), form.chosen, **details))

    if form.validate_on_submit() and form.accepts(draft):
        return see_other(url_for("equity.show_entry", public_id=made[0].public_id))
    return form_page("equity/new_entry.html", form, issuer=issuer, faults=faults, **pages.contributed(issuer))


@bp.post("/equity/issuers/<public_id>/entries/patent", right="capital_entry.from_patent")
def create_patent_entry(public_id: str) -> ResponseReturnValue:
    """Draft the inventors' part of what contributing a patent formed."""
    issuer, made = issuer_of(public_id), []
    records = pages.contributed(issuer)["open_records"]
    form = PatentEntryForm().for_issuer(issuer, records)
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.draft_patent_entry(me(), form.chosen, **form.values))
    ):
        return see_other(url_for("equity.show_entry", public_id=made[0].public_id))
    own = EntryForm(formdata=None, effective_on=clock.today()).for_issuer(issuer)
    page = {"issuer": issuer, "faults": [], "patent_errors": form} | pages.contributed(issuer, form)
    return render_template("equity/new_entry.html", form=own, has_errors=True, **page), form.status


@bp.get("/equity/entries/<public_id>", right="capital_entry.create")
def show_entry(public_id: str) -> ResponseReturnValue:
    """An entry: its lines beside what stands."""
    page = pages.entry_page(me(), entry_of(public_id))
    return render_template("equity/show_entry.html", form=ReasonForm(formdata=None), **page)


def _entry_step(public_id: str, form: ReasonForm, call: Any) -> ResponseReturnValue:
    entry = entry_of(public_id)
    if form.validate_on_submit() and form.accepts(lambda: call(entry)):
        return redirect(url_for("equity.show_entry", public_id=public_id), 303)
    return form_page("equity/show_entry.html", form, **pages.entry_page(me(), entry))


@bp.post("/equity/entries/<public_id>/submit", right="capital_entry.submit")
def submit_entry(public_id: str) -> ResponseReturnValue:
    """Ask for the second signature."""
    services.submit_entry(me(), entry_of(public_id))
    return see_other(url_for("equity.show_entry", public_id=public_id))


@bp.post("/equity/entries/<public_id>/approve", right="capital_entry.approve")
def approve_entry(public_id: str) -> ResponseReturnValue:
    """Sign: the units are issued."""
    services.approve_entry(me(), entry_of(public_id))
    return see_other(url_for("equity.show_entry", public_id=public_id))


@bp.post("/equity/entries/<public_id>/refuse", right="capital_entry.refuse")
def refuse_entry(public_id: str) -> ResponseReturnValue:
    """Refuse with a reason."""
    form = ReasonForm()
    return _entry_step(public_id, form, lambda entry: services.refuse_entry(me(), entry, **form.values))


@bp.post("/equity/entries/<public_id>/correct", right="capital_entry.correct")
def correct_entry(public_id: str) -> ResponseReturnValue:
    """Take an entry back by counter-entries."""
    form = ReasonForm()
    return _entry_step(public_id, form, lambda entry: services.correct_entry(me(), entry, **form.values))


@bp.get("/equity/board", right="equity.board")
def board() -> ResponseReturnValue:
    """Pool use, dilution and cost, in totals."""
    return render_template("equity/board.html", **pages.board_page(me()))
