"""Pages of finance: month-ends with what is in suspense, and the rates of days."""

import datetime as dt
from decimal import Decimal
from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.cloud import market_words as words
from incubator.cloud.credit_files import MONTH, RATES, as_file
from incubator.cloud.forms.crediting import MonthForm, RateFileForm, RateForm, RateLine, SuspenseForm
from incubator.cloud.models import CloudWish, CreditMonth
from incubator.cloud.queries import bills as bill_queries
from incubator.cloud.queries import catalogue
from incubator.cloud.queries import crediting as queries
from incubator.cloud.services import asking, months
from incubator.cloud.views.routes import bp
from incubator.core.actions import can
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import Money
from incubator.people.models import Company, Role
from incubator.people.session import me
from incubator.web import formats, sheets
from incubator.web.views import load, see_other

MONTHS = 12
"""How many months the page offers."""


def _month(text: str | None) -> dt.date:
    """The month that the address names, such as 2026-11; else the last one that is over."""
    try:
        found = dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        found = None
    last = (queries.this_month() - dt.timedelta(days=1)).replace(day=1)
    return found if found and dt.date(2000, 1, 1) <= found <= queries.this_month() else last


def _company(public_id: str | None) -> Company:
    """The company that the address names, else the highest one I keep."""
    if public_id:
        return load(queries.companies_kept(me()), public_id)
    first = db.session.scalar(queries.companies_kept(me()).order_by(Company.path).limit(1))
    return first or abort(404)


@bp.get("/credits/months/", right="credit_month.list")
def month_end() -> ResponseReturnValue:
    """A month of a company and all below it; ?format= is the same as a file."""
    company, month = _company(request.args.get("company")), _month(request.args.get("month"))
    if (kind := request.args.get("format")) is not None:
        rows = [line.as_data() | {"kind": str(words.ACCOUNTS[line.kind]), "closing": Money(line.currency, line.closing)}
                | {key: Money(line.currency, getattr(line, key)) for key in ("opening", "inflow", "outflow")}
                for line in _lines(company, month, months.closed(company, month))]  # fmt: skip
        return as_file(kind, _("Cloud credits %(month)s", month=f"{month:%Y-%m}"), MONTH, rows)
    return _month_page(company, month)


def _lines(company: Company, month: dt.date, closing: CreditMonth | None) -> list[queries.MonthLine]:
    """The figures a closed month was closed on, else those of this moment."""
    if closing is not None:
        return [queries.MonthLine(**line) for line in closing.figures]
    return queries.month_lines(company, month)


def _month_page(company: Company, month: dt.date, form: Any = None) -> ResponseReturnValue:
    suspense, closed = queries.suspense_of(company), queries.months_closed(company)
    closing = next((one for one in closed if one.month == month), None)
    form = form or SuspenseForm(formdata=None)
    form.account.choices = [(one.public_id, formats.money(Money(one.currency, one.balance))) for one in suspense]
    payers = queries.ventures_below(company, me()) if suspense else ()
    form.venture.choices = [("", _("The company")), *((row[0], f"{row[2]} ({row[1]})") for row in payers)]
    run, findings = queries.newest_proof()
    values: dict[str, Any] = {
        "company": company, "month": month, "lines": _lines(company, month, closing), "closing": closing,
        "by_provider": queries.month_by_provider(company, month), "suspense": suspense,
        "on_bills": bill_queries.suspended_below(company) if suspense else (), "form": form, "run": run,
        "findings": findings, "words": words, "closed": closed,
        "companies": db.session.scalars(queries.companies_kept(me()).order_by(Company.path)).all(),
        "months": _months(), "is_over": queries.next_month(month) <= queries.this_month(),
        "may_close": can(me(), "credit_month.close", company),
    }  # fmt: skip
    return render_template("cloud/month.html", has_errors=bool(form.errors), **values), form.status


def _months() -> list[dt.date]:
    found = [queries.this_month()]
    while len(found) < MONTHS:
        found.append((found[-1] - dt.timedelta(days=1)).replace(day=1))
    return found


@bp.post("/credits/months/<public_id>/close", right="credit_month.close")
def close_month(public_id: str) -> ResponseReturnValue:
    """Close a month of a company."""
    company, form = load(queries.companies_kept(me()), public_id), MonthForm()
    if not form.validate_on_submit():
        raise Invalid(_("Choose a day"), field="month")
    month = form.month.data.replace(day=1)
    months.close(me(), company, month=month)
    flash(_("The month is closed."))
    return see_other(url_for("cloud.month_end", company=public_id, month=f"{month:%Y-%m}"))


@bp.post("/credits/months/<public_id>/suspense", right="suspense.clear")
def clear_suspense(public_id: str) -> ResponseReturnValue:
    """Charge what is in suspense."""
    company, form = load(queries.companies_kept(me()), public_id), SuspenseForm()
    month = _month(request.args.get("month"))
    accounts = {one.public_id: one for one in queries.suspense_of(company)}
    form.account.choices = [(key, key) for key in accounts]
    if form.account.data in accounts:
        form.read_in(accounts[form.account.data].currency, request.form)
    form.venture.choices = [("", ""), *((row[0], row[0]) for row in queries.ventures_below(company, me()))]
    if form.validate_on_submit() and form.accepts(lambda: _clear(company, accounts[form.account.data], form)):
        flash(_("It is charged, and no longer in suspense."))
        return see_other(url_for("cloud.month_end", company=public_id, month=f"{month:%Y-%m}"))
    return _month_page(company, month, form)


def _clear(company: Company, account: Any, form: Any) -> None:
    venture = load(queries.ventures_seen(me()), form.venture.data) if form.venture.data else None
    months.clear_suspense(
        me(), company, account=account, amount=form.amount.data, reason=form.reason.data, venture=venture,
        key=form.key.data or None,
    )  # fmt: skip


# ---- rates ----------------------------------------------------------------------------------------------------------


@bp.get("/credits/rates", right="fx_rate.list")
def rates() -> ResponseReturnValue:
    """The rates of days, and the forms for more; ?format= is a file that can be read in again."""
    if (kind := request.args.get("format")) is not None:
        rows = [row._asdict() | {"rate": in_full(row.rate_e8)} for row in db.session.execute(queries.rates())]
        return as_file(kind, _("Exchange rates"), RATES, rows)
    return _rates_page(RateForm(formdata=None), RateFileForm(formdata=None))


def in_full(rate_e8: int) -> str:
    """A rate with its decimals."""
    return f"{Decimal(rate_e8).scaleb(-8).normalize():f}"


def _rates_page(one: Any, many: Any, errors: Any = ()) -> ResponseReturnValue:
    refusal = one if one.errors else many if many.errors else None
    rows = [(row.currency, row.on_day, in_full(row.rate_e8), row.source)
            for row in db.session.execute(queries.rates())]  # fmt: skip
    waiting = queries.wishes_seen(me()).where(CloudWish.kind == "rates", CloudWish.state == "waiting")
    values = {"rows": rows, "one": one, "many": many, "errors": errors, "refusal": refusal,
              "waiting": db.session.scalars(waiting.limit(20)).all(), "may": can(me(), "fx_rate.propose")}  # fmt: skip
    html = render_template("cloud/rates.html", has_errors=refusal is not None or bool(errors), **values)
    return html, 422 if refusal or errors else 200


def _finance() -> Company:
    mine = catalogue.companies_below(me(), Role.FINANCE)
    return mine[0] if mine else abort(404)


@bp.post("/credits/rates", right="fx_rate.propose")
def propose_rate() -> ResponseReturnValue:
    """Enter the rate of a day; a second person of finance looks at it."""
    form: Any = RateForm()
    return _propose(
        form, lambda: [(form.currency.data, form.on_day.data, form.rate.data)],
        lambda: _rates_page(form, RateFileForm(formdata=None)),
    )  # fmt: skip


@bp.post("/credits/rates/import", right="fx_rate.propose")
def import_rates() -> ResponseReturnValue:
    """Read rates from a file (at most a thousand: a request); every fault is named by its line."""
    form: Any = RateFileForm()
    read: list[Any] = []
    if form.validate_on_submit() and form.accepts(lambda: read.append(_read(form))) and read[0].errors:
        return _rates_page(RateForm(formdata=None), form, read[0].errors)
    return _propose(
        form, lambda: [line.as_rate for _number, line in read[0].rows],
        lambda: _rates_page(RateForm(formdata=None), form),
    )  # fmt: skip


def _read(form: Any) -> Any:
    if form.file.data is None:
        raise Invalid(_("Choose a file"), field="file")
    return sheets.read(form.file.data.read(), form.file.data.filename or "", RateLine)


def _propose(form: Any, found: Any, again: Any) -> ResponseReturnValue:
    made: list[CloudWish] = []
    if not form.errors and form.validate_on_submit() and form.accepts(
        lambda: made.append(asking.propose_rates(me(), _finance(), rates=found(), source=form.source.data))
    ):  # fmt: skip
        flash(_("A second person of finance is asked to look at it."))
        return see_other(f"/cloud/wishes/{made[0].public_id}")
    answer: ResponseReturnValue = again()
    return answer
