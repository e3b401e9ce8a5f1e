"""Talk about a proposal, following it, and offers to join its team."""

from collections.abc import Callable
from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.actions import can
from incubator.core.errors import NotFound
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.forms import CommentForm, OfferAnswerForm, OfferForm
from incubator.proposals.models import JoinOffer, Proposal
from incubator.proposals.predicates import follows
from incubator.proposals.states import ProposalState
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


def _open(public_id: str) -> Proposal:
    """The proposal, for those who may talk about it; for others there is no such page."""
    proposal = load(queries.for_page(me()), public_id)
    if not can(me(), "comment.write", proposal):
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return proposal


@bp.get("/proposals/<public_id>/talk", right=SIGNED_IN)
def talk(public_id: str) -> ResponseReturnValue:
    """What is said about it, and who would join."""
    return _talk(_open(public_id))


@bp.post("/proposals/<public_id>/talk", right="comment.write")
def write_comment(public_id: str) -> ResponseReturnValue:
    """Say something."""
    proposal, form = _open(public_id), CommentForm()
    if form.validate() and form.accepts(lambda: services.write_comment(me(), proposal, text=form.text.data or "")):
        return see_other(_at(proposal))
    return _talk(proposal, comment=form)


@bp.post("/proposals/<public_id>/talk/<comment_id>/withdraw", right="comment.withdraw")
def withdraw_comment(public_id: str, comment_id: str) -> ResponseReturnValue:
    """Take a remark of one's own back."""
    proposal = _open(public_id)
    services.withdraw_comment(me(), load(queries.comments_on(proposal), comment_id))
    return see_other(_at(proposal))


@bp.post("/proposals/<public_id>/follow", right="proposal.follow")
def follow(public_id: str) -> ResponseReturnValue:
    """Be told when it moves on."""
    proposal = _open(public_id)
    services.follow(me(), proposal)
    return see_other(_at(proposal))


@bp.post("/proposals/<public_id>/unfollow", right="proposal.unfollow")
def unfollow(public_id: str) -> ResponseReturnValue:
    """No longer be told."""
    proposal = _open(public_id)
    services.unfollow(me(), proposal)
    return see_other(_at(proposal))


@bp.post("/proposals/<public_id>/join", right="join_offer.make")
def offer_to_join(public_id: str) -> ResponseReturnValue:
    """Offer to join the team."""
    proposal, form = _open(public_id), OfferForm()
    details = {"skills": form.skills.data or "", "message": form.message.data or ""}
    if form.validate() and form.accepts(lambda: services.offer_to_join(me(), proposal, **details)):
        flash(_("The proposer is told, and answers."))
        return see_other(_at(proposal, "#offers"))
    return _talk(proposal, offer=form)


@bp.post("/proposals/<public_id>/join/<offer_id>/accept", right="join_offer.accept")
def accept_offer(public_id: str, offer_id: str) -> ResponseReturnValue:
    """Welcome somebody to the team; their share is then agreed on the team's page."""
    then = "/team"
    return _answer(public_id, offer_id, services.accept_offer, then, _("Welcome said. Now agree on the shares."))


@bp.post("/proposals/<public_id>/join/<offer_id>/decline", right="join_offer.decline")
def decline_offer(public_id: str, offer_id: str) -> ResponseReturnValue:
    """Say no to an offer."""
    return _answer(public_id, offer_id, services.decline_offer, "/talk#offers", _("Your answer is sent."))


def _answer(public_id: str, offer_id: str, step: Callable[..., Any], then: str, words: str) -> ResponseReturnValue:
    proposal, form = _open(public_id), OfferAnswerForm()
    offer = load(queries.offers_to(proposal), offer_id)
    if form.validate() and form.accepts(lambda: step(me(), offer, answer=form.answer.data or "")):
        flash(words)
        return see_other(f"/proposals/{public_id}{then}")
    return _talk(proposal, answering=(offer, form))


@bp.post("/proposals/<public_id>/join/<offer_id>/withdraw", right="join_offer.withdraw")
def withdraw_offer(public_id: str, offer_id: str) -> ResponseReturnValue:
    """Take one's own offer back."""
    proposal = _open(public_id)
    services.withdraw_offer(me(), load(queries.offers_to(proposal), offer_id))
    return see_other(_at(proposal, "#offers"))


def _talk(
    proposal: Proposal,
    *,
    comment: CommentForm | None = None,
    offer: OfferForm | None = None,
    answering: tuple[JoinOffer, OfferAnswerForm] | None = None,
) -> ResponseReturnValue:
    refused = comment or offer or (answering[1] if answering else None)
    offers = queries.offers(me(), proposal)
    is_free = queries.share_of(me(), proposal) is None and not can(me(), "call.manage", proposal)
    page = {
        "proposal": proposal,
        "comments": queries.comments(proposal),
        "people": [one for one in queries.talkers(proposal) if one.id != me().id],
        "offers": offers,
        "is_followed": follows(me(), proposal),
        "is_lead": proposal.lead_id == me().id,
        "may_join": is_free and proposal.state in services.JOINABLE and not any(one.is_open for one in offers),
        "is_draft": proposal.state is ProposalState.DRAFT,
        "form": comment or CommentForm(formdata=None),
        "offer": offer or OfferForm(formdata=None),
        "answering": answering or (None, OfferAnswerForm(formdata=None)),
        "refused": refused,
        "has_errors": bool(refused and refused.errors),
    }
    return render_template("proposals/talk.html", **page), refused.status if refused else 200


def _at(proposal: Proposal, place: str = "") -> str:
    return f"/proposals/{proposal.public_id}/talk{place}"
