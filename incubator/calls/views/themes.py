"""Themes and funds, for the office: where they come from, what they have for each year, and what became of it."""

from typing import Any

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls import queries, services
from incubator.calls.forms import BudgetForm, PoolForm, ThemeForm
from incubator.calls.models import Theme
from incubator.calls.views.routes import bp
from incubator.core.db import db
from incubator.people.models import Company
from incubator.people.session import me
from incubator.web.forms import Form
from incubator.web.views import load, see_other

MOST = 200


@bp.get("/themes/", right="call.manage")
def themes() -> ResponseReturnValue:
    """The themes of my companies with their years."""
    found = db.session.scalars(queries.themes_managed(me()).order_by(Theme.id).limit(MOST)).all()
    return render_template(
        "calls/themes.html", themes=found, funds=queries.funds_of(found), offices=queries.offices(me())
    )


@bp.get("/themes/new", right="theme.create")
def new_theme() -> ResponseReturnValue:
    """The form of a new theme."""
    return _form(_company(), None, ThemeForm(formdata=None))


@bp.post("/themes/new", right="theme.create")
def create_theme() -> ResponseReturnValue:
    """Name a theme."""
    company, form = _company(), ThemeForm()
    made: list[Theme] = []
    if form.validate() and form.accepts(lambda: made.append(services.create_theme(me(), company, **form.details))):
        return see_other(f"/calls/themes/{made[0].public_id}")
    return _form(company, None, form)


def _company() -> Company:
    mine = {company.public_id: company for company in queries.offices(me())}
    return mine.get(request.args.get("company", "")) or next(iter(mine.values()), None) or abort(404)


@bp.get("/themes/<public_id>", right="call.manage")
def theme(public_id: str) -> ResponseReturnValue:
    """One theme: its years, and what is committed, released and spent of them."""
    return _theme(_load(public_id))


def _load(public_id: str) -> Theme:
    return load(queries.themes_managed(me()), public_id)


def _theme(found: Theme, **refused: Form) -> ResponseReturnValue:
    forms: dict[str, Any] = {"budget": BudgetForm(formdata=None), "pool": PoolForm(formdata=None)} | refused
    for name, form in forms.items():
        form.year.id = f"{name}-year"
    refusal = next(iter(refused.values()), None)
    page = {"theme": found, "funds": queries.funds_of([found])[found.id], "forms": forms, "refusal": refusal}
    html = render_template("calls/theme.html", has_errors=refusal is not None, **page)
    return html, refusal.status if refusal else 200


@bp.get("/themes/<public_id>/edit", right="theme.update")
def edit_theme(public_id: str) -> ResponseReturnValue:
    """Its name and source, to be changed."""
    found = _load(public_id)
    given = {"name_en": found.name["en"], "name_zh": found.name["zh"], "source": found.source}
    return _form(found.company, found, ThemeForm(formdata=None, **given))


@bp.post("/themes/<public_id>/edit", right="theme.update")
def update_theme(public_id: str) -> ResponseReturnValue:
    """Change them."""
    found, form = _load(public_id), ThemeForm()
    if form.validate() and form.accepts(lambda: services.update_theme(me(), found, **form.details)):
        return see_other(f"/calls/themes/{public_id}")
    return _form(found.company, found, form)


def _form(company: Company, found: Theme | None, form: ThemeForm) -> ResponseReturnValue:
    page = {"company": company, "theme": found, "form": form, "has_errors": bool(form.errors)}
    return render_template("calls/edit_theme.html", **page), form.status if form.errors else 200


@bp.post("/themes/<public_id>/budget", right="theme.set_budget")
def set_budget(public_id: str) -> ResponseReturnValue:
    """Say what its fund has for a year."""
    found, form = _load(public_id), BudgetForm()
    if form.validate() and form.accepts(lambda: services.set_budget(me(), found, **form.values)):
        flash(_("The budget is kept; what stood before is in the record."))
        return see_other(f"/calls/themes/{public_id}")
    return _theme(found, budget=form)


@bp.post("/themes/<public_id>/pool", right="credit_pool.create")
def create_pool(public_id: str) -> ResponseReturnValue:
    """Set cloud credits aside for a year, from which accepted proposals are given theirs."""
    found, form = _load(public_id), PoolForm()
    if form.validate() and form.accepts(lambda: services.create_pool(me(), found.company, theme=found, **form.values)):
        flash(_("The credits are set aside."))
        return see_other(f"/calls/themes/{public_id}")
    return _theme(found, pool=form)
