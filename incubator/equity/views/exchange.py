"""Pages of the exchange: an issuer as a file of the Open Cap Format, and such a file coming in."""

from collections import Counter
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.approvals import queries as approvals
from incubator.core.actions import require
from incubator.equity import pages, queries
from incubator.equity.forms import FileForm, ReasonForm
from incubator.equity.models import Issuer, OcfImport
from incubator.equity.services import exchange as services
from incubator.equity.views.capital import issuer_of
from incubator.equity.views.common import form_page
from incubator.equity.views.routes import bp
from incubator.equity.words import LEFT_OUT
from incubator.people.session import me
from incubator.web import sheets
from incubator.web.views import load, see_other


def import_of(public_id: str) -> OcfImport:
    """A file that the reader may see."""
    return load(queries.imports_visible_to(me()), public_id)


def _exchange(issuer: Issuer) -> dict[str, Any]:
    """What an export would leave out, by reason."""
    counts = Counter(found.why for found in services.left_out(issuer))
    return {"issuer": issuer, "left": [(LEFT_OUT[why], n) for why, n in counts.items()]}


@bp.get("/equity/issuers/<public_id>/exchange", right="ocf_import.create")
def exchange(public_id: str) -> ResponseReturnValue:
    """What leaves, what stays here, and the form of a file that comes in."""
    return form_page("equity/exchange.html", FileForm(formdata=None), **_exchange(issuer_of(public_id)))


@bp.get("/equity/issuers/<public_id>/ocf", right="ocf_import.create", records="ocf.export")
def export_ocf(public_id: str) -> ResponseReturnValue:
    """The zip of the Open Cap Format."""
    issuer = issuer_of(public_id)
    require(me(), "ocf_import.create", issuer)
    data, _left = services.export(issuer)
    return sheets.download(data, f"{issuer.public_id}.ocf.zip")


@bp.post("/equity/issuers/<public_id>/exchange", right="ocf_import.create")
def import_ocf(public_id: str) -> ResponseReturnValue:
    """Read a file and show what it would change."""
    issuer, form, made = issuer_of(public_id), FileForm(), []
    require(me(), "ocf_import.create", issuer)
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.create_import(me(), issuer, data=form.file.data.read()))
    ):
        return see_other(url_for("equity.show_import", public_id=made[0].public_id))
    return form_page("equity/exchange.html", form, **_exchange(issuer))


def _page(found: OcfImport) -> dict[str, Any]:
    return {"found": found, "issuer": found.issuer, "approval": approvals.latest_of(found),
            **pages.import_page(found)}  # fmt: skip


@bp.get("/equity/imports/<public_id>", right="ocf_import.create")
def show_import(public_id: str) -> ResponseReturnValue:
    """The dry run of a file."""
    return render_template("equity/show_import.html", form=ReasonForm(formdata=None), **_page(import_of(public_id)))


@bp.post("/equity/imports/<public_id>/submit", right="ocf_import.submit")
def submit_import(public_id: str) -> ResponseReturnValue:
    """Ask for the second signature."""
    services.submit_import(me(), import_of(public_id))
    return see_other(url_for("equity.show_import", public_id=public_id))


@bp.post("/equity/imports/<public_id>/approve", right="ocf_import.approve")
def approve_import(public_id: str) -> ResponseReturnValue:
    """Sign: the file enters."""
    services.approve_import(me(), import_of(public_id))
    return see_other(url_for("equity.show_import", public_id=public_id))


@bp.post("/equity/imports/<public_id>/refuse", right="ocf_import.refuse")
def refuse_import(public_id: str) -> ResponseReturnValue:
    """Refuse with a reason."""
    found, form = import_of(public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.refuse_import(me(), found, **form.values)):
        return see_other(url_for("equity.show_import", public_id=public_id))
    return form_page("equity/show_import.html", form, **_page(found))
