"""What waits for a person: shares, inventions, filings, awards."""

from typing import Any

from sqlalchemy import (
    DateTime,
    Select,
    and_,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from incubator.approvals.models import Approval
from incubator.approvals.states import Verdict
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import (
    Award,
    AwardShare,
    Disclosure,
    Exploitation,
    InventorShare,
    Matter,
    PayrollLine,
    SecurityReview,
    ShareChange,
    ShareChangePart,
    TradeSecret,
    UnitsDue,
)
from incubator.patents.queries.deadlines import deadlines_waiting
from incubator.patents.queries.inventions import denied, is_filed, is_taken_up, may_read, takes_part
from incubator.patents.states import (
    AwardState,
    DisclosureState,
    MatterState,
    SecretState,
    SecurityState,
    ShareChangeState,
)
from incubator.people.access import within
from incubator.people.models import Person, Role
from incubator.people.reader import TODAY
from incubator.proposals.models import Consent

NEVER = cast(null(), DateTime(timezone=True))


def waiting_for(person: Person) -> list[Select[Any]]:
    """Shares to answer, inventions to assess and decide, filings to record, awards to calculate."""
    return [
        _shares_asked(person),
        _shares_declined(person),
        _changes_asked(person),
        _completing(person),
        *_for_counsel(person),
        *_for_counsel_abroad(person),
        *deadlines_waiting(person, _entry),
        _awards_due(person),
        _awards_to_pay(person),
        _rules_to_choose(person),
    ]


def _entry(kind: str, title: Any, address: Any, since: Any, due_at: Any = NEVER) -> Select[Any]:
    return select(
        literal(kind).label("kind"),
        title.label("title"),
        address.label("address"),
        due_at.label("due_at"),
        since.label("since"),
    )


def _shares_asked(person: Person) -> Select[Any]:
    address = "/inventions/" + Disclosure.public_id
    return (
        _entry("inventor_share.answer", Disclosure.title, address, InventorShare.created_at)
        .join(InventorShare, InventorShare.disclosure_id == Disclosure.id)
        .where(InventorShare.person_id == person.id, InventorShare.consent == Consent.ASKED)
    )


def _shares_declined(person: Person) -> Select[Any]:
    declined = select(func.max(InventorShare.answered_at)).where(
        InventorShare.disclosure_id == Disclosure.id, InventorShare.consent == Consent.DECLINED
    )
    since = declined.scalar_subquery()
    address = "/inventions/" + Disclosure.public_id + "/shares"
    undecided = Disclosure.state.in_([DisclosureState.DISCLOSED, DisclosureState.ASSESSED])
    return _entry("disclosure.reshare", Disclosure.title, address, since).where(
        Disclosure.author_id == person.id, undecided, since.is_not(None)
    )


def _for_counsel(person: Person) -> list[Select[Any]]:
    in_care = and_(within(Disclosure.company_id, person, Role.IP_COUNSEL), ~takes_part(person))
    mine_ = and_(in_care, may_read(person))
    address = "/inventions/" + Disclosure.public_id
    open_ = Disclosure.state.in_([DisclosureState.DISCLOSED, DisclosureState.ASSESSED, DisclosureState.FILE])
    asked = exists().where(
        Approval.subject_type == "disclosure",
        Approval.subject_id == Disclosure.id,
        Approval.state == Verdict.WAITING,
    )
    unsettled = exists().where(InventorShare.disclosure_id == Disclosure.id, InventorShare.consent != Consent.ACCEPTED)
    complete = and_(~unsettled, Disclosure.asked.is_(None))
    return [
        _entry("disclosure.take_up", Disclosure.number, address + "/care", Disclosure.created_at).where(
            in_care, open_, ~is_filed(), ~is_taken_up(), ~denied(Disclosure, person)
        ),
        _entry("disclosure.assess", Disclosure.title, address, Disclosure.created_at).where(
            mine_, Disclosure.state == DisclosureState.DISCLOSED, Disclosure.asked.is_(None)
        ),
        _entry("disclosure.decide", Disclosure.title, address, Disclosure.created_at).where(
            mine_, Disclosure.state == DisclosureState.ASSESSED, ~asked, complete
        ),
        _entry("matter.file", Disclosure.title, "/patents/" + Matter.public_id, Matter.created_at)
        .join(Matter, Matter.disclosure_id == Disclosure.id)
        .where(mine_, Matter.state == MatterState.PREPARED),
    ]


def _changes_asked(person: Person) -> Select[Any]:
    address = "/inventions/" + Disclosure.public_id
    return (
        _entry("share_change.answer", Disclosure.title, address, ShareChange.created_at)
        .join(ShareChange, ShareChange.disclosure_id == Disclosure.id)
        .join(ShareChangePart, ShareChangePart.share_change_id == ShareChange.id)
        .where(ShareChange.state == ShareChangeState.PROPOSED, ShareChangePart.person_id == person.id)
        .where(ShareChangePart.consent == Consent.ASKED)
    )


def _completing(person: Person) -> Select[Any]:
    address = "/inventions/" + Disclosure.public_id + "/edit"
    undecided = Disclosure.state.in_([DisclosureState.DISCLOSED, DisclosureState.ASSESSED])
    return _entry("disclosure.complete", Disclosure.title, address, Disclosure.created_at).where(
        Disclosure.author_id == person.id, undecided, Disclosure.asked.is_not(None)
    )


def _for_counsel_abroad(person: Person) -> list[Select[Any]]:
    """Security reviews to ask for and to follow, and secrets whose day to be looked at has come."""
    in_care = and_(within(Disclosure.company_id, person, Role.IP_COUNSEL), ~takes_part(person))
    mine_ = and_(in_care, may_read(person))
    address = "/patents/security/" + SecurityReview.public_id
    reviews = [
        _entry(kind, Disclosure.title, address, SecurityReview.created_at)
        .join(SecurityReview, SecurityReview.disclosure_id == Disclosure.id)
        .where(mine_, SecurityReview.state.in_(states))
        for kind, states in (
            ("security_review.request", [SecurityState.NEEDED]),
            ("security_review.answer", [SecurityState.REQUESTED, SecurityState.NOTIFIED]),
        )
    ]
    secrets = (
        _entry("trade_secret.review", TradeSecret.number, "/secrets/" + TradeSecret.public_id, TradeSecret.created_at)
        .join(Disclosure, Disclosure.id == TradeSecret.disclosure_id)
        .where(in_care, TradeSecret.state == SecretState.KEPT, TradeSecret.review_on <= TODAY)
    )
    return [*reviews, secrets]


def _awards_to_pay(person: Person) -> Select[Any]:
    """In the payroll of a month that is over: was it paid?"""
    mine_ = exists().where(AwardShare.award_id == Award.id, AwardShare.person_id == person.id)
    of_share = and_(AwardShare.id == PayrollLine.award_share_id, AwardShare.award_id == Award.id)
    over = exists().where(of_share, PayrollLine.period < func.to_char(TODAY, "YYYY-MM"))
    return _entry("award.pay", Award.number, "/awards/" + Award.public_id, Award.created_at).where(
        within(Award.company_id, person, Role.HR), Award.state == AwardState.IN_PAYROLL, over, ~mine_
    )


def _rules_to_choose(person: Person) -> Select[Any]:
    """Uses of patents that were announced under an earlier rule, and are still to be paid for; a contribution of which
    nobody is owed anything waits for the same."""
    unpaid = Award.state.in_([AwardState.DUE, AwardState.CALCULATED])
    asks = exists().where(
        Award.exploitation_id == Exploitation.id, unpaid, Award.calculation["ask_counsel"].as_boolean()
    )  # fmt: skip
    later = aliased(Exploitation)
    contributed = and_(
        Exploitation.mode == Mode.CONTRIBUTION, Exploitation.income > 0,
        ~exists().where(UnitsDue.exploitation_id == Exploitation.id),
        ~exists().where(later.voids_id == Exploitation.id),
    )  # fmt: skip
    return (
        _entry(
            "exploitation.choose_rule", Exploitation.number, "/exploitation/" + Exploitation.public_id,
            Exploitation.created_at,
        )
        .where(within(Exploitation.company_id, person, Role.IP_COUNSEL), Exploitation.regime.is_(None))
        .where(or_(asks, contributed))
    )  # fmt: skip


def _awards_due(person: Person) -> Select[Any]:
    """An award waits until the end of its last day."""
    mine_ = exists().where(AwardShare.award_id == Award.id, AwardShare.person_id == person.id)
    end = func.timezone("Asia/Shanghai", cast(Award.due_on + 1, DateTime()))
    return _entry("award.calculate", Award.number, "/awards/" + Award.public_id, Award.created_at, end).where(
        within(Award.company_id, person, Role.HR), Award.state == AwardState.DUE, ~mine_
    )
