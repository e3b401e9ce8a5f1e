"""Taking employees and companies in from a table: hand in, look at what it would change, take in."""

from flask import abort, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import require
from incubator.core.db import db
from incubator.people import queries, services
from incubator.people.forms import ImportForm
from incubator.people.models import DirectoryImport, ImportKind
from incubator.people.services.lines import CompanyRow, PersonRow
from incubator.people.session import me
from incubator.people.views.routes import bp
from incubator.web import sheets
from incubator.web.views import load, see_other

MOST = 50
MODELS: dict[str, type[sheets.Row]] = {"people": PersonRow, "companies": CompanyRow}


@bp.get("/directory/", right="directory_import.create")
def imports() -> ResponseReturnValue:
    """The tables that I handed in, and the form for another."""
    return _imports(ImportForm(formdata=None))


@bp.post("/directory/", right="directory_import.create")
def ask_for_import() -> ResponseReturnValue:
    """Hand a table in."""
    require(me(), "directory_import.create")
    form, made = ImportForm(), list[DirectoryImport]()
    if form.validate() and form.accepts(lambda: made.append(_ask(form))):
        return see_other(f"/directory/{made[0].public_id}")
    return _imports(form)


def _ask(form: ImportForm) -> DirectoryImport:
    data, name = form.file.data.stream.read(sheets.LARGEST_FILE + 1), form.file.data.filename or ""
    kind = ImportKind(form.kind.data)
    return services.ask_for_import(me(), kind, data=data, name=name, is_whole=bool(form.is_whole.data))


def _imports(form: ImportForm) -> ResponseReturnValue:
    found = db.session.scalars(queries.imports_of(me()).order_by(DirectoryImport.id.desc()).limit(MOST)).all()
    html = render_template("people/imports.html", imports=found, form=form, has_errors=bool(form.errors))
    return html, form.status


@bp.get("/directory/<kind>.<ending>", right="directory_import.create")
def empty_table(kind: str, ending: str) -> ResponseReturnValue:
    """A table with the columns and no lines, to be filled in."""
    model = MODELS.get(kind) or abort(404)
    columns = sheets.columns_of(model)
    if ending == "csv":
        return sheets.download(sheets.csv(columns, []), f"{kind}.csv")
    return sheets.download(sheets.xlsx(kind, columns, []), f"{kind}.xlsx") if ending == "xlsx" else abort(404)


@bp.get("/directory/<public_id>", right="directory_import.create")
def show_import(public_id: str) -> ResponseReturnValue:
    """What a table would change, and what is wrong with it; what became of it."""
    return render_template("people/import.html", found=load(queries.imports_of(me()), public_id))


@bp.post("/directory/<public_id>/apply", right="directory_import.apply")
def apply_import(public_id: str) -> ResponseReturnValue:
    """Have it taken in."""
    services.apply(me(), load(queries.imports_of(me()), public_id))
    flash(_("It is being taken in."))
    return see_other(f"/directory/{public_id}")


@bp.post("/directory/<public_id>/discard", right="directory_import.discard")
def discard_import(public_id: str) -> ResponseReturnValue:
    """Take it back."""
    services.discard(me(), load(queries.imports_of(me()), public_id))
    return see_other("/directory/")
