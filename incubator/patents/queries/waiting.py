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
    select,
)

from incubator.approvals.models import Approval
from incubator.approvals.states import Verdict
from incubator.patents.models import Award, AwardShare, Disclosure, InventorShare, Matter
from incubator.patents.queries.deadlines import deadlines_waiting
from incubator.patents.queries.inventions import takes_part
from incubator.patents.states import AwardState, DisclosureState, MatterState
from incubator.people.access import within
from incubator.people.models import Person, Role
from incubator.proposals.models import Consent

NEVER = cast(null(), DateTime(timezone=True))


def waiting_for(person: Person) -> list[Select[Any]]:
    """Shares to answer, inventions to assess and decide, filings to record, awards to calculate."""
    return [
        _shares_asked(person),
        _shares_declined(person),
        *_for_counsel(person),
        *deadlines_waiting(person, _entry),
        _awards_due(person),
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
    mine_ = and_(within(Disclosure.company_id, person, Role.IP_COUNSEL), ~takes_part(person))
    address = "/inventions/" + Disclosure.public_id
    asked = exists().where(
        Approval.subject_type == "disclosure",
        Approval.subject_id == Disclosure.id,
        Approval.state == Verdict.WAITING,
    )
    unsettled = exists().where(InventorShare.disclosure_id == Disclosure.id, InventorShare.consent != Consent.ACCEPTED)
    return [
        _entry("disclosure.assess", Disclosure.title, address, Disclosure.created_at).where(
            mine_, Disclosure.state == DisclosureState.DISCLOSED
        ),
        _entry("disclosure.decide", Disclosure.title, address, Disclosure.created_at).where(
            mine_, Disclosure.state == DisclosureState.ASSESSED, ~asked, ~unsettled
        ),
        _entry("matter.file", Disclosure.title, "/patents/" + Matter.public_id, Matter.created_at)
        .join(Matter, Matter.disclosure_id == Disclosure.id)
        .where(mine_, Matter.state == MatterState.PREPARED),
    ]


def _awards_due(person: Person) -> Select[Any]:
    """An award waits until the end of its last day."""
    mine_ = exists().where(AwardShare.award_id == Award.id, AwardShare.person_id == person.id)
    end = func.timezone("Asia/Shanghai", cast(Award.due_on + 1, DateTime()))
    return _entry("award.calculate", Award.number, "/awards/" + Award.public_id, Award.created_at, end).where(
        within(Award.company_id, person, Role.HR), Award.state == AwardState.DUE, ~mine_
    )
