"""A team that has agreed: other shares, somebody new, leaving, what companies bring; and merging two teams."""

from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import require
from incubator.core.errors import WrongState
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.forms import (
    BackgroundForm,
    ChangeForm,
    MergeForm,
    ReasonForm,
    background_form,
    change_form,
    merge_form,
)
from incubator.proposals.models import Proposal, TeamChange
from incubator.proposals.states import ProposalState
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/proposals/<public_id>/team/change", right=SIGNED_IN)
def other_team(public_id: str) -> ResponseReturnValue:
    """The team as it stands, to propose another."""
    proposal = load(queries.for_writing(me()), public_id)
    if proposal.state not in services.CHANGEABLE:
        return see_other(f"/proposals/{public_id}/team")
    if (open_ := queries.open_change(proposal)) is not None:
        return see_other(f"/team-changes/{open_.public_id}")
    return _other_team(proposal, change_form(proposal))


@bp.post("/proposals/<public_id>/team/change", right="team_change.propose")
def propose_change(public_id: str) -> ResponseReturnValue:
    """Ask everybody whose share changes."""
    proposal = load(queries.for_writing(me()), public_id)
    form = change_form(proposal)
    made: list[TeamChange] = []
    if form.validate() and form.accepts(lambda: made.append(_propose(proposal, form))):
        return see_other(f"/team-changes/{made[0].public_id}")
    return _other_team(proposal, form)


def _propose(proposal: Proposal, form: ChangeForm) -> TeamChange:
    members = form.with_newcomer(queries.colleague(form.named)) if form.named else form.members
    return services.propose_change(me(), proposal, members=members, reason=form.reason.data or "")


def _other_team(proposal: Proposal, form: ChangeForm) -> ResponseReturnValue:
    html = render_template("proposals/other_team.html", proposal=proposal, form=form, has_errors=bool(form.errors))
    return html, form.status


@bp.get("/team-changes/<public_id>", right=SIGNED_IN)
def team_change(public_id: str) -> ResponseReturnValue:
    """A change of a team: who has what before and after, and who has agreed."""
    return _change(load(queries.changes_for(me()), public_id), ReasonForm(formdata=None))


@bp.post("/team-changes/<public_id>/accept", right="team_change.accept")
def accept_change(public_id: str) -> ResponseReturnValue:
    """Agree to my part."""
    services.accept_change(me(), load(queries.changes_for(me()), public_id))
    return see_other(f"/team-changes/{public_id}")


@bp.post("/team-changes/<public_id>/decline", right="team_change.decline")
def decline_change(public_id: str) -> ResponseReturnValue:
    """Disagree, with a reason."""
    change, form = load(queries.changes_for(me()), public_id), ReasonForm()
    require(me(), "team_change.decline", change)
    if form.validate() and form.accepts(lambda: services.decline_change(me(), change, reason=form.reason.data)):
        return see_other(f"/team-changes/{public_id}")
    return _change(change, form)


@bp.post("/team-changes/<public_id>/withdraw", right="team_change.withdraw")
def withdraw_change(public_id: str) -> ResponseReturnValue:
    """Take it back."""
    services.withdraw_change(me(), load(queries.changes_for(me()), public_id))
    return see_other(f"/team-changes/{public_id}")


def _change(change: TeamChange, form: ReasonForm) -> ResponseReturnValue:
    own = next((part for part in change.parts if part.person_id == me().id), None)
    is_author = queries.share_of(me(), change.proposal) is not None or change.proposal.lead_id == me().id
    page = {"change": change, "proposal": change.proposal, "own": own, "is_author": is_author, "form": form}
    html = render_template("proposals/team_change.html", has_errors=bool(form.errors), **page)
    return html, form.status if form.errors else 200


@bp.post("/proposals/<public_id>/team/leave", right="proposal.leave")
def leave(public_id: str) -> ResponseReturnValue:
    """Leave the team."""
    services.leave(me(), load(queries.for_writing(me()), public_id))
    flash(_("You have left the team. Those who stay are told."))
    return see_other("/proposals/")


@bp.post("/proposals/<public_id>/team/<person_id>/adopt", right="proposal.set_team")
def adopt_counter(public_id: str, person_id: str) -> ResponseReturnValue:
    """Take over the share that a member proposed."""
    proposal = load(queries.for_writing(me()), public_id)
    require(me(), "proposal.set_team", proposal)
    member = next((one for one in proposal.team if one.person.public_id == person_id), None)
    if member is None:
        raise WrongState(_("There is no other share proposed."))
    services.adopt_counter(me(), proposal, member)
    return see_other(f"/proposals/{public_id}/team")


@bp.get("/proposals/<public_id>/background", right=SIGNED_IN)
def background(public_id: str) -> ResponseReturnValue:
    """What the companies of the team bring along."""
    proposal = load(queries.for_writing(me()), public_id)
    return _background(proposal, background_form(proposal, formdata=None))


@bp.post("/proposals/<public_id>/background", right="proposal.add_background")
def add_background(public_id: str) -> ResponseReturnValue:
    """Name something."""
    proposal = load(queries.for_writing(me()), public_id)
    form = background_form(proposal)
    if form.validate() and form.accepts(lambda: services.add_background(me(), proposal, **form.details)):
        return see_other(f"/proposals/{public_id}/background")
    return _background(proposal, form)


@bp.post("/proposals/<public_id>/background/<entry_id>/remove", right="proposal.remove_background")
def remove_background(public_id: str, entry_id: str) -> ResponseReturnValue:
    """Take something back."""
    proposal = load(queries.for_writing(me()), public_id)
    services.remove_background(me(), proposal, entry=queries.background_of(proposal, entry_id))
    return see_other(f"/proposals/{public_id}/background")


def _background(proposal: Proposal, form: BackgroundForm) -> ResponseReturnValue:
    can_write = proposal.state in services.WRITABLE
    page: dict[str, Any] = {"proposal": proposal, "form": form, "can_write": can_write}
    entries = queries.background(proposal)
    html = render_template("proposals/background.html", entries=entries, has_errors=bool(form.errors), **page)
    return html, form.status


# ---- The office: merging


@bp.get("/proposals/<public_id>/merge", right="proposal.board")
def merging(public_id: str) -> ResponseReturnValue:
    """What a proposal in the eligibility check may go on in."""
    proposal = load(queries.screened_by(me()), public_id)
    require(me(), "proposal.merge", proposal)
    if proposal.state is not ProposalState.SCREENING:
        return see_other(f"/proposals/{public_id}")
    return _merging(proposal, merge_form(queries.mergeable(me(), proposal), formdata=None))


@bp.post("/proposals/<public_id>/merge", right="proposal.merge")
def merge(public_id: str) -> ResponseReturnValue:
    """Let it go on in another."""
    proposal = load(queries.screened_by(me()), public_id)
    require(me(), "proposal.merge", proposal)
    form = merge_form(queries.mergeable(me(), proposal))
    if form.validate() and form.accepts(lambda: _merge(proposal, form)):
        flash(_("Merged. Both teams are told, and whoever’s share changes is asked."))
        return see_other(f"/proposals/{public_id}")
    return _merging(proposal, form)


def _merge(proposal: Proposal, form: MergeForm) -> None:
    survivor = load(queries.screened_by(me()), form.survivor.data)
    reason, credit = form.reason.data or "", form.credit.data or 0
    services.merge(me(), proposal, survivor=survivor, reason=reason, credit_bp=credit)


def _merging(proposal: Proposal, form: MergeForm) -> ResponseReturnValue:
    html = render_template("proposals/merging.html", proposal=proposal, form=form, has_errors=bool(form.errors))
    return html, form.status
