"""The inventors' shares: put to each of them, accepted or declined, put anew until all agree."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.errors import Invalid, WrongState
from incubator.core.money import WHOLE
from incubator.notifications.services import notify
from incubator.patents.models import Disclosure, InventorShare
from incubator.patents.services.holding import hold
from incubator.patents.services.texts import needed
from incubator.patents.states import DisclosureState
from incubator.people.models import Person
from incubator.proposals.models import Consent

Shares = Sequence[tuple[Person, int]]
"""Persons with their basis points."""


def agreed(disclosure: Disclosure) -> list[list[Any]]:
    """The shares as an event and a signature have them."""
    return [[share.person.public_id, share.share_bp] for share in disclosure.shares]


def share_of(person: Person, points: int, author: Person) -> InventorShare:
    """A share to be asked for; the author has accepted theirs by naming it. The company is that of the time."""
    mine = person.id == author.id
    return InventorShare(
        person=person, company=person.company, share_bp=points,
        consent=Consent.ACCEPTED if mine else Consent.ASKED, answered_at=clock.now() if mine else None,
    )  # fmt: skip


def ask(disclosure: Disclosure, actor: Person) -> None:
    """Tell everybody who has not answered yet."""
    for share in disclosure.shares:
        if share.consent == Consent.ASKED:
            address = f"/inventions/{disclosure.public_id}"
            notify(share.person_id, "inventor_share.asked", address, name=actor.name, number=disclosure.number)


def check_shares(shares: Shares) -> None:
    """Raise Invalid unless everybody stands there once, with a part, and the parts are the whole."""
    if len({person.id for person, _points in shares}) < len(shares):
        raise Invalid(_("A person stands twice among the inventors."), field="shares")
    if any(points < 1 for _person, points in shares):
        raise Invalid(_("Every inventor has a share of at least 0.01 %."), field="shares")
    check_sum([points for _person, points in shares])


def check_sum(points: Sequence[int]) -> None:
    """Raise Invalid unless the shares sum to 100.00 % exactly."""
    total = sum(points)
    if total != WHOLE:
        raise Invalid(
            _(
                "The shares sum to %(sum)s %%. They must sum to exactly 100.00 %%.",
                sum=f"{total // 100}.{total % 100:02}",
            ),
            field="shares",
        )


@action("inventor_share.accept")
def accept_share(actor: Person, share: InventorShare) -> None:
    """Agree to one's own share."""
    hold(share.disclosure)
    share.consent, share.answered_at, share.reason = Consent.ACCEPTED, clock.now(), None
    audit.record("inventor_share.accept", share, {"share_bp": share.share_bp})


@action("inventor_share.decline")
def decline_share(actor: Person, share: InventorShare, *, reason: str) -> None:
    """Disagree with one's own share, with a reason; the author is told."""
    reason = needed(reason, "reason", _("Say why, so that the author can put it right."))
    disclosure = share.disclosure
    hold(disclosure)
    share.consent, share.answered_at, share.reason = Consent.DECLINED, clock.now(), reason
    audit.record("inventor_share.decline", share, {"share_bp": share.share_bp}, reason=reason)
    address = f"/inventions/{disclosure.public_id}"
    notify(disclosure.author_id, "inventor_share.declined", address, name=actor.name, number=disclosure.number)


@action("disclosure.reshare")
def change_shares(actor: Person, disclosure: Disclosure, *, shares: Shares) -> None:
    """Put other shares to the same persons (0: not an inventor after all); each but the author is asked anew.

    Raises WrongState once all have agreed or the decision is made.
    """
    hold(disclosure)
    if disclosure.is_agreed or disclosure.state not in {DisclosureState.DISCLOSED, DisclosureState.ASSESSED}:
        raise WrongState(_("The shares are agreed and stand."))
    new = {person.id: points for person, points in shares}
    if set(new) != {share.person_id for share in disclosure.shares}:
        raise Invalid(_("Give each of the persons asked a share; 0 if they are no inventor."), field="shares")
    check_sum(list(new.values()))
    for share in disclosure.shares:
        settled = share.person_id == actor.id or new[share.person_id] == 0
        share.share_bp = new[share.person_id]
        share.consent = Consent.ACCEPTED if settled else Consent.ASKED
        share.answered_at, share.reason = (clock.now() if settled else None), None
    audit.record("disclosure.reshare", disclosure, {"shares": agreed(disclosure)})
    ask(disclosure, actor)
