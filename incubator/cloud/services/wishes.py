"""What takes a second person: asked by one, signed by others, carried out with the last signature."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from incubator.approvals import queries as signatures
from incubator.approvals import services as approvals
from incubator.approvals.models import Approval
from incubator.approvals.states import Verdict
from incubator.cloud.market_states import WishKind
from incubator.cloud.models import CloudWish
from incubator.cloud.services import carrying
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.money import Money
from incubator.notifications.services import notify
from incubator.people.models import Company, Person, Role
from incubator.web import formats

ABOVE = Money("CNY", 5_000_000)
"""A top-up of more than this needs finance after the office."""
SIGNERS = {
    WishKind.PRICE: (Role.FINANCE,),
    WishKind.POLICY: (Role.FINANCE,),
    WishKind.RATES: (Role.FINANCE,),
    WishKind.EXTENSION: (Role.CLOUD_OPERATOR,),
    WishKind.TOP_UP: (Role.OFFICE,),
}
TITLES = {
    WishKind.PRICE: {"en": "New price", "zh": "价格调整"},
    WishKind.POLICY: {"en": "Preferential policy", "zh": "优惠政策"},
    WishKind.RATES: {"en": "Exchange rates", "zh": "汇率"},
    WishKind.EXTENSION: {"en": "Longer lease", "zh": "租期延长"},
    WishKind.TOP_UP: {"en": "More cloud credits", "zh": "追加云额度"},
}
LONGEST = 1_000


def ask(
    actor: Person,
    company: Company,
    kind: WishKind,
    *,
    content: dict[str, Any],
    reason: str,
    about: dict[str, str] | None = None,
    gains: Sequence[int] = (),
    cause: AuditEvent | None = None,
    **subject: Any,
) -> CloudWish:
    """Keep what is asked for and ask for the signatures it needs. Called by the actions of services/asking.py.

    content: plain values, as is signed. about: {en, zh} appended to the title. gains: ids of persons who gain.
    subject: plan, venture or sandbox.
    """
    reason = _needed(reason)
    wish = CloudWish(kind=kind, company=company, maker=actor, content=content, reason=reason, **subject)
    before = cause or audit.record("cloud_wish.ask", company, {"kind": kind.value})
    audit.created(wish, cause_id=before.id, payload={"kind": kind.value, "content": content})
    title = TITLES[kind]
    approvals.request(
        actor, wish, company=company, content=content, steps=_signers(kind, content), beneficiaries=gains,
        title={key: f"{words}: {about[key]}" if about else words for key, words in title.items()},
        address=f"/cloud/wishes/{wish.public_id}", may_delegate=True,
    )  # fmt: skip
    return wish


def _signers(kind: WishKind, content: dict[str, Any]) -> Sequence[Role]:
    if kind is WishKind.TOP_UP and content["amount"] > ABOVE.minor:
        return (Role.OFFICE, Role.FINANCE)
    return SIGNERS[kind]


def _needed(reason: str) -> str:
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    if len(reason.strip()) > LONGEST:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST), field="reason")
    return reason.strip()


@action("cloud_wish.approve")
def approve(actor: Person, wish: CloudWish) -> None:
    """Sign; the last signature carries it out, checked once more against what stands then."""
    if approvals.sign(actor, open_approval(wish), content=wish.content):
        event = _decide(wish, Verdict.APPROVED, "cloud_wish.approve")
        carrying.out(wish, event)
        notify(wish.maker_id, "cloud_wish.approved", f"/cloud/wishes/{wish.public_id}", **_named(wish))


@action("cloud_wish.refuse")
def refuse(actor: Person, wish: CloudWish, *, reason: str) -> None:
    """Refuse to sign, with a reason."""
    approvals.refuse(actor, open_approval(wish), reason=reason)
    _decide(wish, Verdict.REFUSED, "cloud_wish.refuse", reason=reason)
    notify(wish.maker_id, "cloud_wish.refused", f"/cloud/wishes/{wish.public_id}", **_named(wish))


@action("cloud_wish.cancel")
def cancel(actor: Person, wish: CloudWish) -> None:
    """Take it back before it is signed, as its maker."""
    approvals.cancel(actor, open_approval(wish))
    _decide(wish, Verdict.CANCELLED, "cloud_wish.cancel")


def open_approval(wish: CloudWish) -> Approval:
    """The request that waits. Raises WrongState when none does."""
    found = signatures.open_of(wish)
    if found is None:
        raise WrongState(_("Nothing waits for a signature here."))
    return found


def _decide(wish: CloudWish, verdict: Verdict, name: str, *, reason: str | None = None) -> AuditEvent:
    wish.state, wish.decided_at = verdict, clock.now()
    db.session.flush()
    return audit.record(name, wish, {"kind": wish.kind.value}, reason=reason)


def _named(wish: CloudWish) -> dict[str, str]:
    return {"name": _about(wish)}


def _about(wish: CloudWish) -> str:
    if wish.venture is not None:
        return wish.venture.name
    if wish.sandbox is not None:
        return wish.sandbox.number
    return formats.day_long(wish.created_at)
