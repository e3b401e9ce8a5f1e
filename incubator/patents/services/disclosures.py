"""Disclosing an invention, completing it, and the opinion of counsel."""

import datetime as dt
from typing import Any, Unpack

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import audit, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.patents.engines.novelty import Showing
from incubator.patents.models import Disclosure, TradeSecret
from incubator.patents.services import shares as sharing
from incubator.patents.services.descriptions import Told, check_days, cleaned, text_hash
from incubator.patents.services.holding import hold
from incubator.patents.services.texts import needed
from incubator.patents.states import DISCLOSURE, DisclosureState, SecretState
from incubator.people.models import Person
from incubator.ventures.models import Venture


@action("disclosure.create")
def disclose(
    actor: Person, venture: Venture, *, shares: sharing.Shares, lang: str = "en", **told: Unpack[Told]
) -> Disclosure:
    """Disclose an invention from a venture; the other inventors are asked to accept their shares (basis points).

    Raises Invalid at shares, or at the field of `told` that is wrong.
    """
    return write_down(actor, venture, shares=shares, lang=lang, told=told)


def write_down(
    actor: Person,
    venture: Venture,
    *,
    shares: sharing.Shares,
    lang: str,
    told: Told,
    reference: str | None = None,
    author: Person | None = None,
) -> Disclosure:
    """Make the disclosure in the author's name (by default the actor's); called within an action that has checked the
    right. Whoever did not write it down is asked for their share, the author too."""
    values = cleaned(told)
    sharing.check_shares(shares)
    disclosure = Disclosure(
        number=keys.spoken("I"), **values, lang=lang, reference=reference, venture=venture, proposal=venture.proposal,
        company=venture.company, author=author or actor,
        shares=[sharing.share_of(person, points, actor) for person, points in shares],
    )  # fmt: skip
    audit.created(
        disclosure,
        cause_id=audit.event_of(venture, "venture.create").id,
        payload={"number": disclosure.number, "text": text_hash(disclosure), "shares": sharing.agreed(disclosure)},
    )
    sharing.ask(disclosure, actor)
    return disclosure


@action("disclosure.revise")
def revise(actor: Person, disclosure: Disclosure, **told: Unpack[Told]) -> None:
    """Put other words and days down: until counsel's opinion, and after it where counsel has asked for more."""
    hold(disclosure)
    if not may_revise(disclosure):
        raise WrongState(_("Counsel has given an opinion on this text, so it stands. Ask counsel if it must change."))
    for name, value in cleaned(told).items():
        setattr(disclosure, name, value)
    disclosure.asked = None
    audit.record("disclosure.revise", disclosure, {"text": text_hash(disclosure)})


def may_revise(disclosure: Disclosure) -> bool:
    """Whether the text can still be changed."""
    asked = disclosure.state == DisclosureState.ASSESSED and disclosure.asked is not None
    return disclosure.state == DisclosureState.DISCLOSED or asked


@action("disclosure.ask")
def ask(actor: Person, disclosure: Disclosure, *, question: str) -> None:
    """Ask the author to complete the disclosure; it waits on their home page until they have."""
    hold(disclosure)
    if disclosure.state not in {DisclosureState.DISCLOSED, DisclosureState.ASSESSED}:
        raise WrongState(_("The decision on this invention is made."))
    disclosure.asked = needed(question, "question", _("Say what is missing."))
    audit.record("disclosure.ask", disclosure)
    address = f"/inventions/{disclosure.public_id}"
    notify(disclosure.author_id, "disclosure.asked", address, number=disclosure.number)


@action("disclosure.set_days")
def set_days(
    actor: Person,
    disclosure: Disclosure,
    *,
    published_on: dt.date | None,
    planned_on: dt.date | None,
    sold_on: dt.date | None,
    sale_planned_on: dt.date | None,
    published_how: Showing | None = None,
    planned_how: Showing | None = None,
) -> None:
    """Say anew what the public has seen or is going to see. What is kept secret is not going to be shown.

    Raises Invalid at the day that is wrong.
    """
    hold(disclosure)
    days: dict[str, Any] = {
        "published_on": published_on, "planned_on": planned_on, "sold_on": sold_on, "sale_planned_on": sale_planned_on,
    }  # fmt: skip
    check_days(days)
    secret = kept_secret(disclosure)
    for field in ("planned_on", "sale_planned_on"):
        if secret is not None and days[field] is not None:
            words = _("This is kept as a trade secret (%(number)s): nothing of it may be shown.", number=secret.number)
            raise Invalid(words, field=field)
    for name, value in (days | {"published_how": published_how, "planned_how": planned_how}).items():
        setattr(disclosure, name, value)
    disclosure.nothing_shown = not any(days.values())
    told = {name: day.isoformat() for name, day in days.items() if day is not None}
    audit.record("disclosure.set_days", disclosure, told)


def kept_secret(disclosure: Disclosure) -> TradeSecret | None:
    """The trade secret that an invention is kept as, if it is."""
    kept = select(TradeSecret).where(
        TradeSecret.disclosure_id == disclosure.id, TradeSecret.state == SecretState.KEPT
    )  # fmt: skip
    return db.session.scalar(kept)


@action("disclosure.assess")
def assess(actor: Person, disclosure: Disclosure, *, assessment: str) -> None:
    """Write down counsel's opinion: whether it is new and inventive, and what comes nearest."""
    if not assessment.strip():
        raise Invalid(_("Write down what you found."), field="assessment")
    disclosure.assessment = assessment.strip()
    DISCLOSURE.move(disclosure, "assess")
