"""What becomes of an invention: counsel proposes with a reason, a second person signs, and it is done at once."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from incubator.approvals import queries as approval_queries
from incubator.approvals import services as approvals
from incubator.approvals.models import Approval
from incubator.core import audit, keys
from incubator.core.actions import action
from incubator.core.audit import AuditEvent
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.patents.engines import completeness as engine
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import Disclosure, Matter
from incubator.patents.services import families, secrets, security
from incubator.patents.services.descriptions import completeness, text_hash
from incubator.patents.services.holding import hold
from incubator.patents.services.shares import agreed
from incubator.patents.services.signers import second_signer
from incubator.patents.services.texts import limited, needed
from incubator.patents.states import DISCLOSURE, Decision
from incubator.people.models import Person


@dataclass(frozen=True)
class Proposed:
    """A decision as it is put to a second person; kind and office for a filing, the rest for a secret."""

    decision: Decision
    reason: str
    kind: PatentKind | None = None
    office: str = "CNIPA"
    measures: str = ""
    review_on: dt.date | None = None

    def content(self, disclosure: Disclosure) -> dict[str, Any]:
        """What is signed, in plain JSON; the text only as its fingerprint."""
        filing = {"kind": self.kind.value, "office": self.office} if self.kind is not None else {}
        secret = {"review_on": self.review_on.isoformat(), "measures": self.measures} if self.review_on else {}
        return {
            "number": disclosure.number,
            "decision": self.decision.value,
            "reason": self.reason,
            "text": text_hash(disclosure),
            "shares": agreed(disclosure),
        } | filing | secret  # fmt: skip


@action("disclosure.propose")
def propose(
    actor: Person,
    disclosure: Disclosure,
    *,
    decision: Decision,
    reason: str,
    kind: PatentKind | None = None,
    office: str = "CNIPA",
    measures: str = "",
    review_on: dt.date | None = None,
) -> Approval:
    """Propose what becomes of an invention, with a reason; a second person signs.

    That is another IP counsel of the company where one may, otherwise the office, who sees the number and the
    reason and not the text. Raises Invalid at the field that is wrong, WrongState for what is not assessed, not
    complete or not agreed.
    """
    hold(disclosure)
    if not DISCLOSURE.allows(disclosure, decision):
        raise WrongState(_("Only an assessed invention is decided on, and only once."))
    reason = needed(reason, "reason", _("Give the reason; whoever signs sees it and not the text."))
    _check_ready(disclosure)
    proposed = _checked(Proposed(decision, reason, kind, office, measures, review_on))
    return approvals.request(
        actor,
        disclosure,
        title=_title(disclosure, decision),
        address=f"/patents/decisions/{disclosure.public_id}",
        company=disclosure.company,
        content=proposed.content(disclosure),
        steps=[second_signer(actor, disclosure)],
        beneficiaries=[share.person_id for share in disclosure.shares],
    )


def _checked(given: Proposed) -> Proposed:
    """Only what belongs to the decision is kept."""
    if given.decision == Decision.FILE:
        if given.kind is None:
            raise Invalid(_("Choose which patent to apply for."), field="kind")
        return Proposed(given.decision, given.reason, given.kind, given.office)
    if given.decision == Decision.KEEP_SECRET:
        measures, review_on = limited(given.measures, "measures"), secrets.checked_day(given.review_on)
        return Proposed(given.decision, given.reason, measures=measures, review_on=review_on)
    return Proposed(given.decision, given.reason)


def _check_ready(disclosure: Disclosure) -> None:
    if not disclosure.is_agreed:
        raise WrongState(_("Not all inventors have accepted their shares yet."))
    if engine.missing(completeness(disclosure)):
        raise WrongState(_("The disclosure is not complete yet. Ask the author for what is missing."))


def _title(disclosure: Disclosure, decision: Decision) -> dict[str, str]:
    """What the signer reads on the home page: the number and never the title."""
    number = disclosure.number
    return {
        Decision.FILE: {"en": f"File an application for {number}", "zh": f"为 {number} 提交专利申请"},
        Decision.KEEP_SECRET: {"en": f"Keep {number} secret", "zh": f"将 {number} 作为商业秘密保护"},
        Decision.PUBLISH: {"en": f"Publish {number} on purpose", "zh": f"公开 {number}"},
        Decision.RELEASE: {"en": f"Release {number} to its inventors", "zh": f"将 {number} 的权利交还发明人"},
    }[decision]


@action("disclosure.decide")
def decide(actor: Person, disclosure: Disclosure) -> Matter | None:
    """Sign the decision; with the last signature it is done. Returns the matter that comes of a filing."""
    approval = _open(disclosure)
    proposed = _proposed(approval.content)
    if not approvals.sign(actor, approval, content=proposed.content(disclosure)):
        return None
    event = DISCLOSURE.move(disclosure, proposed.decision, reason=proposed.reason)
    for share in disclosure.shares:
        address = f"/inventions/{disclosure.public_id}"
        notify(share.person_id, f"disclosure.{proposed.decision.value}", address, number=disclosure.number)
    if proposed.decision == Decision.KEEP_SECRET and proposed.review_on is not None:
        secrets.register(
            disclosure, reason=proposed.reason, measures=proposed.measures, review_on=proposed.review_on,
            cause_id=event.id,
        )  # fmt: skip
    return _prepare(disclosure, proposed.kind, proposed.office, event) if proposed.kind is not None else None


def _proposed(content: dict[str, Any]) -> Proposed:
    """The decision as it was put to approval."""
    review_on = content.get("review_on")
    return Proposed(
        Decision(content["decision"]),
        content["reason"],
        kind=PatentKind(content["kind"]) if "kind" in content else None,
        office=content.get("office", "CNIPA"),
        measures=content.get("measures", ""),
        review_on=dt.date.fromisoformat(review_on) if review_on else None,
    )


def _prepare(disclosure: Disclosure, kind: PatentKind, office: str, event: AuditEvent) -> Matter:
    """The matter to be filed; abroad first, the security review begins with it."""
    matter = Matter(
        number=keys.spoken("P"), disclosure=disclosure, company=disclosure.company, office=office, kind=kind,
        family=families.family_of(disclosure, cause_id=event.id),
    )  # fmt: skip
    payload = {"number": matter.number, "kind": matter.kind.value, "office": matter.office}
    audit.created(matter, cause_id=event.id, payload=payload)
    security.begin(matter, cause_id=event.id)
    return matter


@action("disclosure.refuse_decision")
def refuse(actor: Person, disclosure: Disclosure, *, reason: str) -> None:
    """Decline to sign; counsel may propose anew."""
    approvals.refuse(actor, _open(disclosure), reason=reason)


def _open(disclosure: Disclosure) -> Approval:
    approval = approval_queries.open_of(disclosure)
    if approval is None:
        raise WrongState(_("No decision on this invention waits for a signature."))
    return approval
