"""Pages of classes and holders: the register as it is read, and as a table that leaves."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from incubator.equity import pages, queries, services
from incubator.equity.forms import StateForm
from incubator.equity.views.capital import issuer_of
from incubator.equity.views.common import form_page
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web import sheets
from incubator.web.views import see_other


@bp.get("/equity/issuers/<public_id>/classes/<key>", right="issuer.list")
def show_class(public_id: str, key: str) -> ResponseReturnValue:
    """A class with its register."""
    year, after = request.args.get("year", type=int), request.args.get("after", "")
    page = pages.class_page(me(), issuer_of(public_id), key, year=year, after=after)
    return render_template("equity/show_class.html", **page)


@bp.get("/equity/issuers/<public_id>/classes/<key>/register", right="issuer.list", records="register.export")
def export_register(public_id: str, key: str) -> ResponseReturnValue:
    """The register of a class, of a year or all, as XLSX or CSV (50,000 movements take some seconds)."""
    security = pages.class_of(issuer_of(public_id), key)
    year = request.args.get("year", type=int)
    rows = pages.register_rows(security, year if year and 1900 <= year <= 2999 else None)
    name = f"register-{security.code}{f'-{year}' if year else ''}"
    if request.args.get("format") == "csv":
        return sheets.download(sheets.csv(list(pages.REGISTER), rows), f"{name}.csv")
    return sheets.download(sheets.xlsx(name[:31], list(pages.REGISTER), rows), f"{name}.xlsx")


@bp.get("/equity/issuers/<public_id>/holders/<key>", right="issuer.list")
def show_holder(public_id: str, key: str) -> ResponseReturnValue:
    """A holder: what they have, and how they came to it."""
    page = pages.holder_page(me(), issuer_of(public_id), key, after=request.args.get("after", ""))
    return render_template("equity/show_holder.html", **page)


@bp.post("/equity/issuers/<public_id>/holders/<key>/state", right="holder.revise")
def revise_holder(public_id: str, key: str) -> ResponseReturnValue:
    """Say whether a holder holds capital for the state."""
    issuer, form = issuer_of(public_id), StateForm()
    holder = queries.holder_by_key(issuer, key)
    if form.validate_on_submit() and form.accepts(
        lambda: services.revise_holder(me(), issuer, holder=holder, **form.values)
    ):
        return see_other(url_for("equity.show_holder", public_id=public_id, key=key))
    return form_page("equity/show_holder.html", form, **pages.holder_page(me(), issuer, key, after=""))
