"""Before it is handed in: what is missing, who is going to read it, how carefully it is handled, who is kept out."""

from dataclasses import dataclass
from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.db import db
from incubator.people.models import Person, Role
from incubator.people.queries import holders_of
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.forms.lists import ClassForm, class_form
from incubator.proposals.models import Proposal
from incubator.proposals.predicates import is_author, is_close_to_team
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@dataclass(frozen=True)
class Readers:
    """Who is going to read it. The office by name, with those of it who are kept out; who judges it, by number alone:
    their names are not the authors' business."""

    office: list[Person]
    kept_out: list[Person]
    members: int
    reviewers: int


def readers_of(proposal: Proposal) -> Readers:
    """Three statements, whoever they are."""
    officers = list(db.session.scalars(holders_of(Role.OFFICE, proposal.company)))
    kept_out = [one for one in officers if is_author(one, proposal) or is_close_to_team(one, proposal)]
    members, reviewers = queries.judges(proposal)
    return Readers([one for one in officers if one not in kept_out], kept_out, members, reviewers)


@bp.get("/proposals/<public_id>/check", right=SIGNED_IN)
def check(public_id: str) -> ResponseReturnValue:
    """Everything before it is handed in; from then on, as with the browser's back button, where it stands."""
    proposal = load(queries.for_writing(me()), public_id)
    if proposal.state not in services.WRITABLE:
        return see_other(f"/proposals/{public_id}")
    return _check(proposal, class_form(proposal, formdata=None))


def _check(proposal: Proposal, form: ClassForm) -> ResponseReturnValue:
    version = queries.newest(proposal)
    page: dict[str, Any] = {
        "gaps": queries.gaps(proposal, version),
        "sections": queries.dossier(proposal, version, whole=True),
        "version": version,
        "readers": readers_of(proposal),
        "form": form,
        "is_unchanged": proposal.submitted_version_id == version.id,
    }
    html = render_template("proposals/check.html", proposal=proposal, has_errors=bool(form.errors), **page)
    return html, form.status if form.errors else 200


@bp.post("/proposals/<public_id>/class", right="proposal.classify")
def classify(public_id: str) -> ResponseReturnValue:
    """Set how carefully it is handled: its authors while they write."""
    proposal = load(queries.for_writing(me()), public_id)
    form = class_form(proposal)
    if form.validate() and form.accepts(lambda: services.classify(me(), proposal, confidentiality=form.chosen)):
        flash(_("The confidentiality class is set."))
        return see_other(f"/proposals/{public_id}/check")
    return _check(proposal, form)
