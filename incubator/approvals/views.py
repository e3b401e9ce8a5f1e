"""Stand-ins of approvers. There are no deciding pages: the package that owns a subject shows its request with
approvals/_steps.html."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.approvals import queries, services
from incubator.approvals.forms import DelegationForm
from incubator.approvals.predicates import ROLES
from incubator.core import clock
from incubator.core.actions import require
from incubator.core.errors import Invalid
from incubator.people.models import Role
from incubator.people.session import me
from incubator.web.forms import Form
from incubator.web.routes import Routes
from incubator.web.views import load, see_other

bp = Routes("approvals", __name__)


@bp.app_template_global("role_words")
def role_words(role: Role) -> str:
    """Who signs, in the reader's language."""
    return str(ROLES[role])


def _page(form: DelegationForm) -> ResponseReturnValue:
    page = render_template("approvals/delegations.html", form=form, has_errors=bool(form.errors), reader=me(),
                           delegations=queries.delegations_of(me()))  # fmt: skip
    return page, form.status


@bp.get("/stand-ins", right="delegation.create")
def delegations() -> ResponseReturnValue:
    """Who signs for me, and for whom I sign."""
    return _page(DelegationForm(formdata=None, from_on=clock.today()).for_person(me()))


@bp.post("/stand-ins", right="delegation.create")
def delegate() -> ResponseReturnValue:
    """Let somebody sign in my place for some days."""
    require(me(), "delegation.create")
    form = DelegationForm().for_person(me())
    if form.validate_on_submit() and form.accepts(lambda: _delegate(form)):
        return see_other(url_for("approvals.delegations"))
    return _page(form)


def _delegate(form: DelegationForm) -> None:
    to = queries.employee_called(form.hr_number.data)
    if to is None:
        raise Invalid(_("Nobody has this HR number"), field="hr_number")
    details: dict[str, Any] = {name: form.data[name] for name in ("role", "from_on", "to_on", "reason")}
    services.delegate(me(), None, to=to, **details)


@bp.post("/stand-ins/<public_id>/end", right="delegation.end")
def end_delegation(public_id: str) -> ResponseReturnValue:
    """End what I gave."""
    delegation, form = load(queries.given_by(me()), public_id), Form()
    if form.validate_on_submit():
        services.end_delegation(me(), delegation)
    return see_other(url_for("approvals.delegations"))
