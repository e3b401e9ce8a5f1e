"""Bills of a provider: handed in, looked at, released or rejected; whose the accounts on them are."""

import datetime as dt
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls.templates import local
from incubator.cloud import bill_words as words
from incubator.cloud.credit_files import BILL_DAYS, as_file
from incubator.cloud.forms.bills import BillForm, DecisionForm, OwnerForm, SourceForm
from incubator.cloud.models import BillDelivery, Provider
from incubator.cloud.queries import bills as queries
from incubator.cloud.queries.catalogue import managed
from incubator.cloud.services import bills
from incubator.cloud.views.routes import bp
from incubator.core.actions import can
from incubator.core.errors import NotFound
from incubator.core.money import MINOR_DIGITS, Money
from incubator.files import sending
from incubator.people.session import me
from incubator.web import formats, keyset
from incubator.web.forms import Form
from incubator.web.views import load, see_other

WIDE = Context(prec=60)


def cost(units: str | Decimal, currency: str | None = None) -> str:
    """What a bill says, to the minor unit (half to even), as the reader writes it."""
    if currency is None:
        return formats.number(Decimal(units), 10)
    minor = Decimal(units).scaleb(MINOR_DIGITS[currency], WIDE).quantize(Decimal(1), ROUND_HALF_EVEN, WIDE)
    return formats.money(Money(currency, int(minor)))


def _at(provider: Provider) -> str:
    return f"/catalogue/providers/{provider.public_id}/bills/"


def _crumbs(provider: Provider, *more: tuple[str, str]) -> list[tuple[str, str]]:
    at = f"/catalogue/providers/{provider.public_id}"
    return [(_("Cloud catalogue"), "/catalogue/"), (_("Providers"), "/catalogue/providers/"),
            (local(provider.name), at), *more]  # fmt: skip


@bp.get("/catalogue/providers/<public_id>/bills/", right="bill_delivery.list")
def bill_list(public_id: str) -> ResponseReturnValue:
    """The bills of a provider, and what of them is nobody's."""
    return _list_page(load(queries.providers_billed(me()), public_id), BillForm(formdata=None))


@bp.post("/catalogue/providers/<public_id>/bills/", right="bill_delivery.upload")
def upload_bill(public_id: str) -> ResponseReturnValue:
    """Hand a bill in; a job reads it."""
    provider, form = load(queries.providers_billed(me()), public_id), BillForm()
    made: list[BillDelivery] = []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(bills.upload(me(), provider, **form.details))
    ):  # fmt: skip
        flash(_("The bill is here. It is being read."))
        return see_other(f"/cloud/bills/{made[0].public_id}")
    return _list_page(provider, form)


def _list_page(provider: Provider, form: BillForm) -> ResponseReturnValue:
    found = queries.listed(provider)
    values: dict[str, Any] = {
        "provider": provider, "form": form, "words": words, "cost": cost, "crumbs": _crumbs(provider),
        "page": keyset.by_key(found, found.selected_columns.moment), "suspended": queries.suspended_of(provider),
        "is_by_bill": provider.charged_by == "bill", "may_name": can(me(), "bill_owner.name", provider),
        "may_upload": can(me(), "bill_delivery.upload", provider),
    }  # fmt: skip
    return render_template("cloud/bills.html", has_errors=bool(form.errors), **values), form.status


@bp.get("/cloud/bills/<public_id>", right="bill_delivery.list")
def bill(public_id: str) -> ResponseReturnValue:
    """One bill: where it stands, what it says, what was found, what it posted; ?format= is every day it posted."""
    delivery = load(queries.deliveries_seen(me()), public_id)
    if (kind := request.args.get("format")) is not None:
        rows = [row._asdict() | {"amount": Money(row.currency, row.minor)} for row in queries.days_of(delivery)]
        return as_file(kind, delivery.name.partition(".")[0], BILL_DAYS, rows)
    return _bill_page(delivery, DecisionForm(formdata=None))


def _bill_page(delivery: BillDelivery, form: DecisionForm) -> ResponseReturnValue:
    values: dict[str, Any] = {
        "bill": delivery, "form": form, "words": words, "cost": cost, "day": dt.date.fromisoformat,
        "charges": queries.charges_of(delivery),
        "may_decide": delivery.state == "held" and can(me(), "bill_delivery.reject", delivery),
        "crumbs": _crumbs(delivery.provider, (_("Bills"), _at(delivery.provider))),
    }  # fmt: skip
    return render_template("cloud/bill.html", has_errors=bool(form.errors), **values), form.status


@bp.get("/cloud/bills/<public_id>/findings", right="bill_delivery.list")
def bill_findings(public_id: str) -> ResponseReturnValue:
    """Every row of a bill that could not be read, as a file."""
    delivery = load(queries.deliveries_seen(me()), public_id)
    if delivery.findings is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return sending.send_large(delivery.findings)


@bp.post("/cloud/bills/<public_id>/release", right="bill_delivery.release")
def release_bill(public_id: str) -> ResponseReturnValue:
    """Book a held bill in spite of what was found."""
    delivery, form = load(queries.deliveries_seen(me()), public_id), DecisionForm()
    if form.validate_on_submit() and form.accepts(lambda: bills.release(me(), delivery, **form.values)):
        flash(_("The bill is released. It is being booked."))
        return see_other(f"/cloud/bills/{public_id}")
    return _bill_page(delivery, form)


@bp.post("/cloud/bills/<public_id>/reject", right="bill_delivery.reject")
def reject_bill(public_id: str) -> ResponseReturnValue:
    """Leave a held bill unbooked."""
    delivery, form = load(queries.deliveries_seen(me()), public_id), DecisionForm()
    if form.validate_on_submit() and form.accepts(lambda: bills.reject(me(), delivery, **form.values)):
        flash(_("The bill is rejected. Nothing of it is booked."))
        return see_other(f"/cloud/bills/{public_id}")
    return _bill_page(delivery, form)


# ---- whose an account is, and where bills lie -----------------------------------------------------------------------


@bp.get("/catalogue/providers/<public_id>/bills/owner", right="bill_owner.name")
def new_owner(public_id: str) -> ResponseReturnValue:
    """The form that says whose an account on a bill is."""
    provider = load(managed(me()), public_id)
    form = OwnerForm(formdata=None, sub_account=request.args.get("account"))
    return _owner_page(provider, _owner_form(provider, form))


@bp.post("/catalogue/providers/<public_id>/bills/owner", right="bill_owner.name")
def name_owner(public_id: str) -> ResponseReturnValue:
    """Say whose an account on a bill is; what it was charged leaves suspense."""
    provider = load(managed(me()), public_id)
    form = _owner_form(provider, OwnerForm())
    if form.validate_on_submit() and form.accepts(lambda: _name_owner(provider, form)):
        flash(_("What the bills charge for this account is the sandbox's now."))
        return see_other(_at(provider))
    return _owner_page(provider, form)


def _name_owner(provider: Provider, form: Any) -> None:
    bills.name_owner(
        me(), provider, sub_account=form.sub_account.data, reason=form.reason.data, begins_on=form.begins_on.data,
        ends_on=form.ends_on.data, sandbox=queries.sandbox_named(provider, form.sandbox.data),
    )  # fmt: skip


def _owner_form(provider: Provider, form: Any) -> Any:
    names = sorted({row[2] for row in queries.suspended_of(provider) if row[2]})
    form.sub_account.choices = [(name, name) for name in names]
    form.sandbox.choices = [("", "–"), *((row[0], f"{row[1]}, {row[2]}") for row in queries.sandboxes_of(provider))]
    return form


def _owner_page(provider: Provider, form: Form) -> ResponseReturnValue:
    hints = {
        "sandbox": _("It pays what the bills charge for this account, from now on and for the past."),
        "begins_on": _("Empty: from the first bill on."),
        "ends_on": _("Empty: as long as bills name it. An account that is used again is another sandbox’s later."),
    }
    return _form(provider, _("Whose account is it?"), form, hints, _("It is this sandbox's"))


@bp.get("/catalogue/providers/<public_id>/bills/source", right="provider.set_bill_source")
def bill_source(public_id: str) -> ResponseReturnValue:
    """The form that says in which bucket bills lie."""
    provider = load(managed(me()), public_id)
    return _source_page(provider, SourceForm(formdata=None, **provider.bill_source))


@bp.post("/catalogue/providers/<public_id>/bills/source", right="provider.set_bill_source")
def set_bill_source(public_id: str) -> ResponseReturnValue:
    """Say in which bucket bills lie."""
    provider, form = load(managed(me()), public_id), SourceForm()
    if form.validate_on_submit() and form.accepts(lambda: bills.set_source(me(), provider, **form.details)):
        flash(_("Kept. New bills are looked for every five minutes."))
        return see_other(_at(provider))
    return _source_page(provider, form)


def _source_page(provider: Provider, form: Form) -> ResponseReturnValue:
    hints = {
        "bucket": _("Empty: bills lie in no bucket."),
        "secret": _("Empty: the one that is kept stays.") if provider.bill_secret else _("Kept encrypted."),
        "prefix": _("Only files whose names begin so are bills."),
    }
    return _form(provider, _("Where its bills lie"), form, hints, _("Save"))


def _form(provider: Provider, title: str, form: Form, hints: dict[str, str], button: str) -> ResponseReturnValue:
    page = {"title": title, "form": form, "hints": hints, "button": button, "back": _at(provider),
            "crumbs": _crumbs(provider, (_("Bills"), _at(provider)))}  # fmt: skip
    return render_template("cloud/form.html", has_errors=bool(form.errors), **page), form.status
