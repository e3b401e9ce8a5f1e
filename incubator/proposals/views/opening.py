"""Teams that look for people: what a proposer tells colleagues, and what they offer."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import can
from incubator.core.errors import NotFound
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.forms import OfferForm, OpeningForm
from incubator.proposals.models import Proposal, TeamOpening
from incubator.proposals.views.routes import bp
from incubator.web import keyset
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/openings/", right=SIGNED_IN)
def openings() -> ResponseReturnValue:
    """The teams that look for people, the newest first."""
    page = keyset.by_moment(queries.openings(me()), TeamOpening.opened_at, TeamOpening.public_id)
    return render_template("proposals/openings.html", page=page)


@bp.get("/openings/<public_id>", right=SIGNED_IN)
def opening(public_id: str) -> ResponseReturnValue:
    """One of them, and what I offered."""
    return _opening(load(queries.openings_for(me()), public_id))


def _opening(found: TeamOpening, form: OfferForm | None = None) -> ResponseReturnValue:
    proposal, offers = found.proposal, queries.own_offers(me(), found.proposal)
    is_told = queries.is_told_of(me(), proposal)
    page = {
        "opening": found,
        "proposal": proposal,
        "is_told": is_told,
        "sees": queries.sees(me(), proposal),
        "offers": offers,
        "may_offer": is_told and not any(one.is_open for one in offers),
        "form": form or OfferForm(formdata=None),
        "has_errors": bool(form and form.errors),
    }
    return render_template("proposals/opening.html", **page), form.status if form else 200


@bp.post("/openings/<public_id>/join", right="join_offer.make")
def offer_from_outside(public_id: str) -> ResponseReturnValue:
    """Offer to join the team."""
    found, form = load(queries.openings_for(me()), public_id), OfferForm()
    details = {"skills": form.skills.data or "", "message": form.message.data or ""}
    if not can(me(), "join_offer.make", found.proposal):
        raise NotFound(_("There is no such page, or it is not for you to see."))
    if form.validate() and form.accepts(lambda: services.offer_to_join(me(), found.proposal, **details)):
        flash(_("The proposer is told, and answers."))
        return see_other(f"/openings/{public_id}")
    return _opening(found, form)


@bp.post("/openings/<public_id>/join/<offer_id>/withdraw", right="join_offer.withdraw")
def withdraw_from_outside(public_id: str, offer_id: str) -> ResponseReturnValue:
    """Take one's own offer back."""
    found = load(queries.openings_for(me()), public_id)
    services.withdraw_offer(me(), load(queries.offers_to(found.proposal), offer_id))
    return see_other(f"/openings/{public_id}")


# ---- The proposer's side


def _led(public_id: str) -> Proposal:
    proposal = load(queries.for_writing(me()), public_id)
    if proposal.lead_id != me().id:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return proposal


@bp.get("/proposals/<public_id>/opening", right=SIGNED_IN)
def edit_opening(public_id: str) -> ResponseReturnValue:
    """What colleagues are told, or would be."""
    return _edit(_led(public_id))


@bp.post("/proposals/<public_id>/opening", right="team_opening.open")
def open_to_colleagues(public_id: str) -> ResponseReturnValue:
    """Open it to colleagues who would join, or say something else."""
    proposal, form = _led(public_id), OpeningForm()
    details = {"summary": form.summary.data or "", "wanted": form.wanted.data or ""}
    if form.validate() and form.accepts(lambda: services.open_to_colleagues(me(), proposal, **details)):
        flash(_("Colleagues whom the call addresses can read this now and offer to join."))
        return see_other(f"/proposals/{public_id}/opening")
    return _edit(proposal, form)


@bp.post("/proposals/<public_id>/opening/close", right="team_opening.close")
def close_to_colleagues(public_id: str) -> ResponseReturnValue:
    """Tell colleagues no more."""
    services.close_to_colleagues(me(), _led(public_id))
    flash(_("Colleagues no longer read of it. Offers that were made stand."))
    return see_other(f"/proposals/{public_id}/opening")


def _edit(proposal: Proposal, form: OpeningForm | None = None) -> ResponseReturnValue:
    opening = queries.opening_of(proposal)
    told = {"summary": opening.summary, "wanted": opening.wanted} if opening else {"summary": _summary(proposal)}
    page = {
        "proposal": proposal,
        "is_open": opening is not None and opening.closed_at is None,
        "may_be_opened": queries.may_be_opened(proposal),
        "form": form or OpeningForm(formdata=None, **told),
        "has_errors": bool(form and form.errors),
    }
    return render_template("proposals/edit_opening.html", **page), form.status if form else 200


def _summary(proposal: Proposal) -> str:
    """What the text says in short, where its call asks for it, to begin with."""
    words = queries.newest(proposal).answers.get("summary")
    return " ".join(words.split())[: services.LONGEST_SUMMARY] if isinstance(words, str) else ""
