"""Disclosing an invention, agreeing on the shares, and deciding what becomes of it."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import rfc8785
from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import queries as approval_queries
from incubator.approvals import services as approvals
from incubator.approvals.models import Approval
from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.money import WHOLE
from incubator.notifications.services import notify
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import Disclosure, InventorShare, Matter, Secrecy
from incubator.patents.services import families
from incubator.patents.states import DISCLOSURE, DisclosureState
from incubator.people import queries as people
from incubator.people.models import Person, Role
from incubator.proposals.models import Consent
from incubator.ventures.models import Venture

LONGEST = 2000
"""Characters of a reason."""
Shares = Sequence[tuple[Person, int]]


@action("disclosure.create")
def disclose(
    actor: Person,
    venture: Venture,
    *,
    title: str,
    problem: str,
    solution: str,
    shares: Shares,
    prior_art: str = "",
    published_on: dt.date | None = None,
    planned_on: dt.date | None = None,
    secrecy: Secrecy = Secrecy.ORDINARY,
    lang: str = "en",
) -> Disclosure:
    """Disclose an invention from a venture; the other inventors are asked to accept their shares (basis points).

    Raises Invalid at title, problem, solution, shares, published_on or planned_on.
    """
    _check_texts(title=title, problem=problem, solution=solution)
    _check_shares(shares)
    _check_days(published_on, planned_on)
    disclosure = Disclosure(
        number=keys.spoken("I"), title=title.strip(), problem=problem.strip(), solution=solution.strip(),
        prior_art=prior_art.strip(), lang=lang, published_on=published_on, planned_on=planned_on, secrecy=secrecy,
        venture=venture, proposal=venture.proposal, company=venture.company, author=actor,
        shares=[_share(person, points, actor) for person, points in shares],
    )  # fmt: skip
    audit.created(
        disclosure,
        cause_id=audit.event_of(venture, "venture.create").id,
        payload={"number": disclosure.number, "text": text_hash(disclosure), "shares": _agreed(disclosure)},
    )
    _ask(disclosure, actor)
    return disclosure


def text_hash(disclosure: Disclosure) -> str:
    """SHA-256 (hex) of the canonical text, which tells nothing of it."""
    text = {name: getattr(disclosure, name) for name in ("title", "problem", "solution", "prior_art")}
    return hashlib.sha256(rfc8785.dumps(text)).hexdigest()


def _agreed(disclosure: Disclosure) -> list[list[Any]]:
    return [[share.person.public_id, share.share_bp] for share in disclosure.shares]


def _share(person: Person, points: int, author: Person) -> InventorShare:
    mine = person.id == author.id
    return InventorShare(
        person=person, company=person.company, share_bp=points,
        consent=Consent.ACCEPTED if mine else Consent.ASKED, answered_at=clock.now() if mine else None,
    )  # fmt: skip


def _ask(disclosure: Disclosure, actor: Person) -> None:
    for share in disclosure.shares:
        if share.consent == Consent.ASKED:
            address = f"/inventions/{disclosure.public_id}"
            notify(share.person_id, "inventor_share.asked", address, name=actor.name, number=disclosure.number)


def _check_texts(**texts: str) -> None:
    words = {
        "title": _("Give the invention a title."),
        "problem": _("Say which problem it solves."),
        "solution": _("Say how it solves the problem."),
    }
    for field, text in texts.items():
        if not text.strip():
            raise Invalid(words[field], field=field)
    if len(texts["title"].strip()) > 200:
        raise Invalid(_("A title has at most 200 characters."), field="title")


def _check_shares(shares: Shares) -> None:
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


def _check_days(published_on: dt.date | None, planned_on: dt.date | None) -> None:
    today = clock.today()
    if published_on is not None and published_on > today:
        raise Invalid(
            _("This day is yet to come. If a publication is planned, enter it as planned."), field="published_on"
        )
    if planned_on is not None and planned_on < today:
        raise Invalid(_("This day is past. If it was published then, enter it as published."), field="planned_on")


@action("inventor_share.accept")
def accept_share(actor: Person, share: InventorShare) -> None:
    """Agree to one's own share."""
    _hold(share.disclosure)
    share.consent, share.answered_at, share.reason = Consent.ACCEPTED, clock.now(), None
    audit.record("inventor_share.accept", share, {"share_bp": share.share_bp})


@action("inventor_share.decline")
def decline_share(actor: Person, share: InventorShare, *, reason: str) -> None:
    """Disagree with one's own share, with a reason; the author is told."""
    if not reason.strip():
        raise Invalid(_("Say why, so that the author can put it right."), field="reason")
    if len(reason.strip()) > LONGEST:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST), field="reason")
    disclosure = share.disclosure
    _hold(disclosure)
    share.consent, share.answered_at, share.reason = Consent.DECLINED, clock.now(), reason.strip()
    audit.record("inventor_share.decline", share, {"share_bp": share.share_bp}, reason=reason.strip())
    address = f"/inventions/{disclosure.public_id}"
    notify(disclosure.author_id, "inventor_share.declined", address, name=actor.name, number=disclosure.number)


@action("disclosure.reshare")
def change_shares(actor: Person, disclosure: Disclosure, *, shares: Shares) -> None:
    """Put other shares to the same persons (0: not an inventor after all); each but the author is asked anew.

    Raises WrongState once all have agreed or the decision is made.
    """
    _hold(disclosure)
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
    audit.record("disclosure.reshare", disclosure, {"shares": _agreed(disclosure)})
    _ask(disclosure, actor)


def _hold(disclosure: Disclosure) -> None:
    """One at a time changes shares or decides on them."""
    db.session.flush()
    held = select(Disclosure).where(Disclosure.id == disclosure.id).with_for_update()
    db.session.scalars(held, execution_options={"populate_existing": True}).one()


@action("disclosure.assess")
def assess(actor: Person, disclosure: Disclosure, *, assessment: str) -> None:
    """Write down what the search found: whether it is new and inventive."""
    if not assessment.strip():
        raise Invalid(_("Write down what you found."), field="assessment")
    disclosure.assessment = assessment.strip()
    DISCLOSURE.move(disclosure, "assess")


@action("disclosure.propose_filing")
def propose_filing(
    actor: Person, disclosure: Disclosure, *, kind: PatentKind, reason: str, office: str = "CNIPA"
) -> Approval:
    """Propose to file an application, with a reason; a second person signs.

    That is another IP counsel of the company where one may, otherwise the office, who sees the number and the
    reason and not the text.
    """
    _hold(disclosure)
    if not DISCLOSURE.allows(disclosure, "file"):
        raise WrongState(_("Only an assessed invention is decided on, and only once."))
    if not reason.strip():
        raise Invalid(_("Give the reason; whoever signs sees it and not the text."), field="reason")
    if not disclosure.is_agreed:
        raise WrongState(_("Not all inventors have accepted their shares yet."))
    return approvals.request(
        actor,
        disclosure,
        title={"en": f"File an application for {disclosure.number}", "zh": f"为 {disclosure.number} 提交专利申请"},
        address=f"/patents/decisions/{disclosure.public_id}",
        company=disclosure.company,
        content=_content(disclosure, kind.value, office, reason.strip()),
        steps=[_second_signer(actor, disclosure)],
        beneficiaries=[share.person_id for share in disclosure.shares],
    )


def _content(disclosure: Disclosure, kind: str, office: str, reason: str) -> dict[str, Any]:
    return {
        "number": disclosure.number,
        "decision": "file",
        "kind": kind,
        "office": office,
        "reason": reason,
        "text": text_hash(disclosure),
        "shares": _agreed(disclosure),
    }


def _second_signer(actor: Person, disclosure: Disclosure) -> Role:
    concerned = {actor.id, *(share.person_id for share in disclosure.shares)}
    counsel: Iterable[Person] = db.session.scalars(people.holders_of(Role.IP_COUNSEL, disclosure.company)).unique()
    free = [one for one in counsel if not concerned & {one.id, one.manager_id}]
    return Role.IP_COUNSEL if free else Role.OFFICE


@action("disclosure.file")
def approve_filing(actor: Person, disclosure: Disclosure) -> Matter | None:
    """Sign the decision to file; the matter that comes of it, None while another signature is missing."""
    approval = _open(disclosure)
    frozen = approval.content
    now = _content(disclosure, frozen["kind"], frozen["office"], frozen["reason"])
    if not approvals.sign(actor, approval, content=now):
        return None
    event = DISCLOSURE.move(disclosure, "file", reason=frozen["reason"])
    matter = Matter(
        number=keys.spoken("P"), disclosure=disclosure, company=disclosure.company, office=frozen["office"],
        kind=PatentKind(frozen["kind"]), family=families.family_of(disclosure, cause_id=event.id),
    )  # fmt: skip
    audit.created(matter, cause_id=event.id, payload={"number": matter.number, "kind": matter.kind.value})
    for share in disclosure.shares:
        notify(share.person_id, "disclosure.file", f"/inventions/{disclosure.public_id}", number=disclosure.number)
    return matter


@action("disclosure.refuse_filing")
def refuse_filing(actor: Person, disclosure: Disclosure, *, reason: str) -> None:
    """Decline to sign the decision to file; counsel may propose anew."""
    approvals.refuse(actor, _open(disclosure), reason=reason)


def _open(disclosure: Disclosure) -> Approval:
    approval = approval_queries.open_of(disclosure)
    if approval is None:
        raise WrongState(_("No decision on this invention waits for a signature."))
    return approval
