"""Pages of credits: a venture's burn-down and its requests, pools, rates and month-ends; each also as a file.

Files are written in the request: at most some hundred rows of columns.
"""

from typing import Any, cast

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls.models import CreditPool
from incubator.calls.templates import local
from incubator.cloud import burn_down
from incubator.cloud import market_words as words
from incubator.cloud import queries as sandboxes
from incubator.cloud.credit_files import BURN_DOWN, POOL, POOLS, as_file
from incubator.cloud.credit_positions import positions
from incubator.cloud.forms.crediting import AskForm, ExtensionForm, FreezeForm, GiveBackForm
from incubator.cloud.models import CloudWish
from incubator.cloud.queries import crediting as queries
from incubator.cloud.services import asking, crediting
from incubator.cloud.views.routes import bp
from incubator.core.actions import can
from incubator.core.db import db
from incubator.core.money import MINOR_DIGITS
from incubator.people.session import me
from incubator.ventures.models import Venture
from incubator.web.forms import Form
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


def _venture(public_id: str) -> Venture:
    return load(queries.ventures_seen(me()), public_id)


@bp.get("/credits/ventures/<public_id>", right=SIGNED_IN)
def venture_credits(public_id: str) -> ResponseReturnValue:
    """A venture's burn-down; ?format=csv or xlsx is its days as a file."""
    found = _venture(public_id)
    burn = burn_down.of(found)
    if (kind := request.args.get("format")) is not None:
        currency = burn.position.currency if burn else "CNY"
        return as_file(
            kind, _("Credits of %(name)s", name=found.number), BURN_DOWN, burn.days if burn else [], currency
        )
    return _venture_page(found, burn)


def _venture_page(found: Venture, burn: burn_down.BurnDown | None, **refused: Form) -> ResponseReturnValue:
    forms: dict[str, Any] = {"freeze": FreezeForm(formdata=None), "back": GiveBackForm(formdata=None)} | refused
    for name, form in forms.items():
        for field in form:
            field.id = f"{name}-{field.name}"
    refusal = next(iter(refused.values()), None)
    rows = db.session.execute(sandboxes.of_venture(me(), found)).all()
    values: dict[str, Any] = {
        "venture": found, "burn": burn, "forms": forms, "refusal": refusal, "words": words,
        "digits": MINOR_DIGITS[burn.position.currency] if burn else 2, "frozen": crediting.frozen(found),
        "rows": rows, "wishes": queries.wishes_of(found),
        "running": burn_down.running(rows, burn.position) if burn else None,
        "may_freeze": can(me(), "credit.freeze", found), "may_thaw": can(me(), "credit.thaw", found),
        "may_ask": can(me(), "credit.ask", found),
        "may_return": can(me(), "credit.give_back", found),
    }  # fmt: skip
    html = render_template("cloud/venture_credits.html", has_errors=refusal is not None, **values)
    return html, refusal.status if refusal else 200


@bp.get("/credits/ventures/<public_id>/ask", right=SIGNED_IN)
def new_ask(public_id: str) -> ResponseReturnValue:
    """The form of a request for more."""
    return _ask_page(_venture(public_id), AskForm(formdata=None))


@bp.post("/credits/ventures/<public_id>/ask", right="credit.ask")
def ask_credits(public_id: str) -> ResponseReturnValue:
    """Ask for more credits."""
    found, form = _venture(public_id), cast(Any, AskForm())
    made: list[CloudWish] = []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(asking.ask_credits(me(), found, amount=form.amount.data, reason=form.reason.data))
    ):
        flash(_("The office is asked to sign."))
        return see_other(f"/cloud/wishes/{made[0].public_id}")
    return _ask_page(found, form)


def _ask_page(found: Venture, form: Form) -> ResponseReturnValue:
    hints = {
        "amount": _("From the pool your credits came from. Above ¥50,000 finance signs as well."),
        "reason": _("What it is for, and what happens without it."),
    }
    at = crediting.address(found)
    page = {"title": _("Ask for more credits"), "form": form, "crumbs": [(found.name, at)], "hints": hints,
            "button": _("Ask for it"), "back": at}  # fmt: skip
    return render_template("cloud/form.html", has_errors=bool(form.errors), **page), form.status


@bp.post("/credits/ventures/<public_id>/freeze", right="credit.freeze")
def freeze_credits(public_id: str) -> ResponseReturnValue:
    """Freeze a venture's credits."""
    found, form = _venture(public_id), FreezeForm()
    if form.validate_on_submit() and form.accepts(lambda: crediting.freeze(me(), found, **form.values)):
        return see_other(crediting.address(found))
    return _venture_page(found, burn_down.of(found), freeze=form)


@bp.post("/credits/ventures/<public_id>/thaw", right="credit.thaw")
def thaw_credits(public_id: str) -> ResponseReturnValue:
    """Lift the freeze."""
    found = _venture(public_id)
    crediting.thaw(me(), found)
    return see_other(crediting.address(found))


@bp.post("/credits/ventures/<public_id>/give-back", right="credit.give_back")
def give_back(public_id: str) -> ResponseReturnValue:
    """Give credits back to the pool."""
    found, form = _venture(public_id), GiveBackForm()
    if form.validate_on_submit() and form.accepts(lambda: _give_back(found, form)):
        flash(_("The credits are back in their pool."))
        return see_other(crediting.address(found))
    return _venture_page(found, burn_down.of(found), back=form)


def _give_back(found: Venture, form: Any) -> int:
    return crediting.give_back(me(), found, amount=form.amount.data, key=form.key.data or None)


@bp.get("/sandboxes/<public_id>/extension", right=SIGNED_IN)
def new_extension(public_id: str) -> ResponseReturnValue:
    """The form of a request for more days."""
    return _extension_page(public_id, ExtensionForm(formdata=None))


@bp.post("/sandboxes/<public_id>/extension", right="lease.ask_extension")
def ask_extension(public_id: str) -> ResponseReturnValue:
    """Ask for more days."""
    found, form = load(sandboxes.shown(me()), public_id), cast(Any, ExtensionForm())
    made: list[CloudWish] = []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(asking.ask_extension(me(), found, days=form.days.data, reason=form.reason.data))
    ):
        flash(_("A cloud operator is asked to sign."))
        return see_other(f"/cloud/wishes/{made[0].public_id}")
    return _extension_page(public_id, form)


def _extension_page(public_id: str, form: Form) -> ResponseReturnValue:
    found = load(sandboxes.shown(me()), public_id)
    at = f"/sandboxes/{public_id}"
    hints = {"days": _("Ordered for %(days)s days; 366 at most.", days=found.lease.days)}
    page = {"title": _("Ask for more days"), "form": form, "crumbs": [(found.name, at)], "hints": hints,
            "button": _("Ask for it"), "back": at}  # fmt: skip
    return render_template("cloud/form.html", has_errors=bool(form.errors), **page), form.status


# ---- pools ----------------------------------------------------------------------------------------------------------


@bp.get("/credits/", right="credit_pool.list")
def pools() -> ResponseReturnValue:
    """The pools: funded, granted, given back, left."""
    rows = db.session.execute(queries.pools_listed(me())).all()
    if (kind := request.args.get("format")) is not None:
        named = [row._asdict() | {"company": local(row.company), "theme": local(row.theme),
                                  "funded": row.left + row.granted - row.back} for row in rows]  # fmt: skip
        return as_file(kind, _("Credit pools"), POOLS, named)
    return render_template("cloud/pools.html", rows=rows)


@bp.get("/credits/pools/<public_id>", right="credit_pool.list")
def pool(public_id: str) -> ResponseReturnValue:
    """One pool: what each venture had of it, spent and has left."""
    found = load(queries.pools_seen(me()), public_id)
    rows = queries.ventures_of(found, me())
    stands = positions([row[0] for row in rows])
    lines = [
        {"public_id": row[1], "number": row[2], "name": row[3], "state": row[4], "granted": int(row[5]),
         "back": int(row[6]), "held": stands[row[0]].held, "spent": stands[row[0]].spent, "left": stands[row[0]].left}
        for row in rows
    ]  # fmt: skip
    if (kind := request.args.get("format")) is not None:
        return as_file(kind, _("Credit pool %(year)s", year=found.year), POOL, lines, found.currency)
    head = db.session.execute(queries.pools_listed(me()).where(CreditPool.public_id == public_id)).one()
    return render_template("cloud/pool.html", pool=found, lines=lines, head=head)
