"""Auditors' screens: cases, and the walk from a share back to the idea."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import require
from incubator.core.audit import AuditEvent
from incubator.core.errors import Invalid
from incubator.people.models import Person
from incubator.people.session import me
from incubator.transparency import queries, services
from incubator.transparency.forms import CaseForm
from incubator.transparency.kinds import KINDS
from incubator.transparency.models import CaseGrant
from incubator.transparency.words import FINDINGS, PROOFS, STEPS
from incubator.web import keyset
from incubator.web.routes import Routes
from incubator.web.views import load, see_other
from incubator.web.words import WORDS

bp = Routes("transparency", __name__)
WORDS_OF_WALK: dict[str, Any] = {
    "kinds": KINDS, "findings": FINDINGS, "proofs": PROOFS, "steps": STEPS, "state_words": WORDS,
}  # fmt: skip


def _page(form: CaseForm) -> ResponseReturnValue:
    cases = queries.cases_of(me())
    page = render_template("transparency/index.html", form=form, cases=cases, has_errors=bool(form.errors))
    return page, form.status


def _open(person: Person, *, number: str, reason: str, days: int) -> CaseGrant:
    grant = queries.grant_by_number(person, number)
    if grant is None:
        raise Invalid(_("There is no grant of this number in your scope"), field="number")
    return services.open_case(person, grant, reason=reason, days=days)


@bp.get("/audit/", right="audit.list")
def index() -> ResponseReturnValue:
    """My cases, and the form that opens one."""
    return _page(CaseForm(formdata=None, days=14))


@bp.post("/audit/", right="case_grant.open")
def open_case() -> ResponseReturnValue:
    """Open a case on a share by its number; for nobody else is there such a page."""
    require(me(), "audit.list")
    form: CaseForm = CaseForm()
    made: list[CaseGrant] = []
    if form.validate_on_submit() and form.accepts(lambda: made.append(_open(me(), **form.values))):
        return see_other(url_for("transparency.show_case", public_id=made[0].public_id))
    return _page(form)


@bp.get("/audit/refusals", right="audit.list")
def refusals() -> ResponseReturnValue:
    """Who was denied what, and who tried to sign in in vain, newest first."""
    page = keyset.by_moment(queries.refusals(me()), AuditEvent.at, AuditEvent.public_id)
    return render_template("transparency/refusals.html", page=page, **WORDS_OF_WALK)


@bp.get("/audit/cases/<public_id>", right="audit.list", records="case_grant.view")
def show_case(public_id: str) -> ResponseReturnValue:
    """The chain of a share, while the case is open."""
    case = load(queries.visible_to(me()), public_id)
    walk = queries.walk(case.subject_type, case.subject_id, me()) if case.is_open else None
    readable = queries.readable(case) if case.is_open else set()
    return render_template("transparency/show_case.html", case=case, walk=walk, readable=readable, **WORDS_OF_WALK)


@bp.post("/audit/cases/<public_id>/close", right="case_grant.close")
def close_case(public_id: str) -> ResponseReturnValue:
    """End a case."""
    services.close_case(me(), load(queries.visible_to(me()), public_id))
    return see_other(url_for("transparency.index"))
