"""Pages of payments to holders: batches for payroll, and what comes back."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.core import clock
from incubator.core.actions import require
from incubator.equity import queries, services
from incubator.equity.forms import BatchForm, StepForm, TableForm
from incubator.equity.models import PayBatch
from incubator.equity.pages import life
from incubator.equity.tables import PAYROLL, PaymentRow
from incubator.equity.views.common import form_page
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web import keyset, sheets
from incubator.web.views import load, see_other


def batch_of(public_id: str) -> PayBatch:
    """A batch that the reader may see."""
    return load(queries.batches_visible_to(me()), public_id)


def _list(form: BatchForm) -> ResponseReturnValue:
    rows, key = queries.batch_list(me())
    return form_page("equity/payroll.html", form, page=keyset.by_key(rows, key), to_pay=queries.to_pay(me()))


@bp.get("/equity/payroll", right="equity_batch.list")
def payroll() -> ResponseReturnValue:
    """The batches, and what is to be paid."""
    return _list(BatchForm(formdata=None, period=f"{clock.today():%Y-%m}"))


@bp.post("/equity/payroll", right="equity_batch.prepare")
def prepare_batch() -> ResponseReturnValue:
    """Put what is to be paid into a batch."""
    require(me(), "equity_batch.prepare")
    form, made = BatchForm(), []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.prepare_batch(me(), me().company, **form.values))
    ):
        return see_other(url_for("equity.show_batch", public_id=made[0].public_id))
    return _list(form)


@bp.get("/equity/payroll/<public_id>", right="equity_batch.list")
def show_batch(public_id: str) -> ResponseReturnValue:
    """A batch with its lines and control totals."""
    return render_template(
        "equity/show_batch.html", form=TableForm(formdata=None), **life.batch_page(batch_of(public_id))
    )


@bp.post("/equity/payroll/<public_id>/send", right="equity_batch.release")
def send_batch(public_id: str) -> ResponseReturnValue:
    """Send a batch on to payroll."""
    batch, form = batch_of(public_id), StepForm()
    if form.validate_on_submit() and form.accepts(lambda: services.send_batch(me(), batch)):
        return see_other(url_for("equity.show_batch", public_id=public_id))
    return form_page("equity/show_batch.html", form, **life.batch_page(batch))


@bp.get("/equity/payroll/<public_id>/file", right="equity_batch.list", records="equity_batch.export")
def export_batch(public_id: str) -> ResponseReturnValue:
    """A batch as payroll reads it (CSV): the same bytes each time."""
    batch = batch_of(public_id)
    rows = [
        {"public_id": one.public_id, "hr_number": one.hr_number, "name": one.name, "period": batch.period,
         "cause": one.kind.value, "number": one.number or "", "amount_minor": one.amount_minor,
         "currency": batch.currency}
        for one in queries.lines_of(batch)
    ]  # fmt: skip
    return sheets.download(sheets.csv(PAYROLL, rows), f"payroll-{batch.number}.csv")


@bp.post("/equity/payroll/<public_id>/told", right="equity_batch.record")
def record_payments(public_id: str) -> ResponseReturnValue:
    """Read what payroll says became of the lines."""
    batch, form = batch_of(public_id), TableForm()
    faults: list[sheets.RowError] = []
    if form.validate_on_submit() and form.accepts(lambda: faults.extend(_told(batch, form))) and not faults:
        return see_other(url_for("equity.show_batch", public_id=public_id))
    return render_template("equity/show_batch.html", form=form, errors=faults, **life.batch_page(batch)), 422


def _told(batch: PayBatch, form: TableForm) -> list[sheets.RowError]:
    sheet = sheets.read(*form.read(), PaymentRow)
    if not sheet.errors:
        told = [services.Told(row.line, row.state == "paid", row.told) for _line, row in sheet.rows]
        services.record_payments(me(), batch, told=told)
    return sheet.errors
