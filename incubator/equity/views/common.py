"""What the views of equity share."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from incubator.equity import queries
from incubator.equity.models import EquityGrant, EquityPlan
from incubator.people.session import me
from incubator.web.views import load


def plan_of(public_id: str) -> EquityPlan:
    """A plan that the reader may see."""
    return load(queries.plans_visible_to(me()), public_id)


def grant_of(public_id: str) -> EquityGrant:
    """A grant that the reader may see."""
    return load(queries.grants_visible_to(me()), public_id)


def form_page(template: str, form: Any, **values: Any) -> ResponseReturnValue:
    """A page with a form, at the status the form has come to."""
    return render_template(template, form=form, has_errors=bool(form.errors), **values), form.status


def shown_page(template: str, form: Any, **values: Any) -> ResponseReturnValue:
    """A page that shows what was typed without doing it: refused only where it has errors."""
    has_errors = bool(form.errors)
    return render_template(template, form=form, has_errors=has_errors, **values), 422 if has_errors else 200
