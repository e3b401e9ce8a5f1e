"""Files in and out: inventions, applications and families to be read, awards to be taken away."""

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from incubator.core.errors import DomainError, Invalid
from incubator.core.money import Money
from incubator.patents import queries, services
from incubator.patents.forms import ImportForm
from incubator.patents.models import ImportKind, PatentImport
from incubator.patents.services import exchange
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.sheets import DAY, INT, MONEY, Column, Row, columns_of, csv, download, xlsx
from incubator.web.views import load, see_other
from incubator.web.words import local_words, word

MODELS: dict[str, type[Row]] = {"disclosures": exchange.DisclosureLine, "matters": exchange.MatterLine}
AWARDS = [
    Column("number", _l("Award")),
    Column("kind", _l("Kind")),
    Column("state", _l("State")),
    Column("patent", _l("Patent")),
    Column("company", _l("Company")),
    Column("amount", _l("Amount"), MONEY),
    Column("currency", _l("Currency")),
    Column("inventors", _l("Inventors"), INT),
    Column("due_on", _l("Due by"), DAY),
    Column("paid_on", _l("Paid on"), DAY),
]
"""What a table of awards holds."""


@bp.get("/patents/imports/", right="patent_import.create")
def imports() -> ResponseReturnValue:
    """Asks for a file, and shows those that I handed in."""
    return render_template("patents/imports.html", form=ImportForm(), imports=queries.imports_of(me()))


@bp.post("/patents/imports/", right="patent_import.create")
def receive_import() -> ResponseReturnValue:
    """Keep a file, to be looked at before anything is done."""
    form = ImportForm()
    made: list[PatentImport] = []
    if form.validate_on_submit() and form.accepts(lambda: made.append(_received(form))):
        return see_other(url_for("patents.patent_import", public_id=made[0].public_id))
    page = render_template("patents/imports.html", form=form, imports=queries.imports_of(me()), has_errors=True)
    return page, form.status


def _received(form: ImportForm) -> PatentImport:
    given, kind = form.file.data, ImportKind(form.kind.data)
    disclosure = queries.by_number(me(), form.invention.data or "") if kind == ImportKind.FAMILY else None
    name = (given.filename or "") if given else ""
    return exchange.receive(me(), disclosure, kind=kind, data=given.stream if name else None, name=name)


@bp.get("/patents/imports/template/<kind>.xlsx", right="patent_import.create")
def import_template(kind: str) -> ResponseReturnValue:
    """An empty table with the columns that are read."""
    model = MODELS.get(kind, exchange.MatterLine)
    return download(xlsx(kind, columns_of(model), []), f"{kind}.xlsx")


@bp.get("/patents/imports/<public_id>", right="patent_import.create")
def patent_import(public_id: str) -> ResponseReturnValue:
    """What a file is going to do, or what came of it."""
    return _show(load(queries.imports_visible_to(me()), public_id))


def _show(record: PatentImport, refusal: DomainError | None = None) -> ResponseReturnValue:
    plan, fault = None, refusal
    if record.applied_at is None:
        try:
            plan = exchange.planned(me(), record)
        except Invalid as error:
            fault = fault or error
    page = render_template("patents/import.html", record=record, plan=plan, fault=fault, has_errors=refusal is not None)
    return page, 422 if refusal is not None else 200


@bp.post("/patents/imports/<public_id>/apply", right="patent_import.apply")
def apply_import(public_id: str) -> ResponseReturnValue:
    """Do what the file asks for, all of it or nothing."""
    record = load(queries.imports_visible_to(me()), public_id)
    form = ImportForm(formdata=None)
    if form.accepts(lambda: services.apply_import(me(), record)):
        return see_other(url_for("patents.patent_import", public_id=public_id))
    failed = [message for field in form for message in field.errors] + list(form.form_errors)
    return _show(record, Invalid(failed[0], field="file"))


@bp.get("/awards/export", right="award.list", records="award.export")
def export_awards() -> ResponseReturnValue:
    """All awards in the reader's care as a table; that it left is noted on the reader's company."""
    g.loaded = me().company
    rows = [
        row._asdict() | {
            "kind": word("award_kind", row.owed_for), "state": word("award", row.state),
            "company": local_words(row.company), "patent": row.application_number,
            "amount": Money(row.currency, row.amount),
        }
        for row in queries.awards_exported(me())
    ]  # fmt: skip
    if request.args.get("format") == "csv":
        return download(csv(AWARDS, rows), "awards.csv")
    return download(xlsx(_l("Inventor awards"), AWARDS, rows), "awards.xlsx")
