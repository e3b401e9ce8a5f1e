"""The register of trade secrets: entered by a decision, looked at every year, lifted only with a second person."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _

from incubator.approvals import queries as approval_queries
from incubator.approvals import services as approvals
from incubator.approvals.models import Approval
from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.errors import Invalid, WrongState
from incubator.patents.models import Disclosure, TradeSecret
from incubator.patents.services.holding import hold
from incubator.patents.services.signers import second_signer
from incubator.patents.services.texts import limited, needed
from incubator.patents.states import DISCLOSURE, TRADE_SECRET, SecretState
from incubator.people.models import Person
from incubator.rules.engines.periods import add_months

YEAR = 12
"""Months after which a secret is looked at again, unless a day is given."""


def checked_day(review_on: dt.date | None) -> dt.date:
    """The day on which it is looked at again. Raises Invalid at review_on for one that is not to come."""
    if review_on is None:
        return add_months(clock.today(), YEAR)
    if review_on <= clock.today():
        raise Invalid(_("Choose a day to come."), field="review_on")
    return review_on


def register(
    disclosure: Disclosure, *, reason: str, measures: str, review_on: dt.date, cause_id: int
) -> TradeSecret:  # fmt: skip
    """Enter an invention that is kept secret; called in the transaction that decides so."""
    secret = TradeSecret(
        number=keys.spoken("T"), disclosure=disclosure, company=disclosure.company, reason=reason, measures=measures,
        review_on=review_on,
    )  # fmt: skip
    audit.created(secret, cause_id=cause_id, payload={"number": secret.number, "review_on": review_on.isoformat()})
    return secret


@action("trade_secret.review")
def review_secret(actor: Person, secret: TradeSecret, *, measures: str, review_on: dt.date | None = None) -> None:
    """Say that it is still secret and worth keeping so, with the measures as they are now."""
    hold(secret.disclosure)
    if secret.state != SecretState.KEPT:
        raise WrongState(_("This secret was lifted."))
    secret.measures = limited(needed(measures, "measures", _("Say what keeps it secret.")), "measures")
    secret.review_on, secret.reviewed_at = checked_day(review_on), clock.now()
    audit.record("trade_secret.review", secret, {"review_on": secret.review_on.isoformat()})


@action("trade_secret.propose_lift")
def propose_lift(actor: Person, secret: TradeSecret, *, reason: str) -> Approval:
    """Propose to lift a secret, with a reason; when a second person has signed, the invention is decided on anew."""
    hold(secret.disclosure)
    if secret.state != SecretState.KEPT:
        raise WrongState(_("This secret was lifted."))
    reason = needed(reason, "reason", _("Give the reason; whoever signs sees it and not the text."))
    number = secret.number
    return approvals.request(
        actor,
        secret,
        title={"en": f"Lift the trade secret {number}", "zh": f"解除商业秘密 {number}"},
        address=f"/secrets/{secret.public_id}",
        company=secret.company,
        content=_content(secret, reason),
        steps=[second_signer(actor, secret.disclosure)],
        beneficiaries=[share.person_id for share in secret.disclosure.shares],
    )


def _content(secret: TradeSecret, reason: str) -> dict[str, Any]:
    return {"number": secret.number, "disclosure": secret.disclosure.number, "reason": reason}


@action("trade_secret.approve_lift")
def approve_lift(actor: Person, secret: TradeSecret) -> None:
    """Sign that it is lifted: the invention is assessed again and waits for another decision."""
    approval = _open(secret)
    reason = approval.content["reason"]
    if approvals.sign(actor, approval, content=_content(secret, reason)):
        secret.lifted_at = clock.now()
        TRADE_SECRET.move(secret, "lift", reason=reason)
        DISCLOSURE.move(secret.disclosure, "reopen", reason=reason)


@action("trade_secret.refuse_lift")
def refuse_lift(actor: Person, secret: TradeSecret, *, reason: str) -> None:
    """Decline to sign; it stays secret."""
    approvals.refuse(actor, _open(secret), reason=reason)


def _open(secret: TradeSecret) -> Approval:
    approval = approval_queries.open_of(secret)
    if approval is None:
        raise WrongState(_("Nobody has asked to lift this secret."))
    return approval
