"""What waits for a person: the five columns of every package (kind, title, address, due_at, since)."""

from typing import Any, NamedTuple

from flask_babel import get_locale
from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from incubator.calls.models import Call, CommitteeMember, DecisionRuleVersion, Seat
from incubator.calls.states import CallState
from incubator.cloud.models import Provider
from incubator.people import access
from incubator.people.models import Person, Role
from incubator.people.reader import NOW, TODAY, roles_of
from incubator.proposals.models import Appeal, Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews.models import (
    Decision,
    DecisionSignature,
    HandOver,
    HandOverState,
    HelpState,
    Letter,
    Meeting,
    MeetingItem,
    MeetingPresence,
    MeetingVote,
    Panel,
    PanelReview,
    Review,
    ReviewSummary,
    Round,
    SubReview,
)
from incubator.reviews.queries.blinding import shown_title
from incubator.reviews.queries.gates import asked_by_gate, gates_again
from incubator.reviews.queries.panels import clear_of_subject
from incubator.reviews.queries.reviews import Rows, unconflicted
from incubator.reviews.queries.rounds import LANGUAGES
from incubator.reviews.states import UNFINISHED, DecisionState, PanelReviewState, PanelState, RoundState

OWED = (PanelReviewState.ASSIGNED, PanelReviewState.CLEARED)
ZONE = "Asia/Shanghai"


def waiting_for(person: Person) -> list[Rows]:
    """Reviews to write; for the chair and the second signer, the next step of a round; for the office, empty slots."""
    found = [_reviews(person), _opinions(person), asked_by_gate(person)]
    held = roles_of(person)
    if Role.CHAIR in held:
        found += [_as_chair(person), _settled_to_release(person), _panels_to_decide(person)]
    if Role.REVIEWER in held:
        found += [_as_member(person), _ballots(person), _judgements(person)]
    if held & {Role.CHAIR, Role.REVIEWER}:
        found += [_to_settle(person), _settled_to_sign(person), _panels_to_confirm(person)]
    if Role.OFFICE in held:
        found += [_slots(person), _wishes(person), _helpers(person), gates_again(person)]
    return found


def _end_of(day: Any) -> Any:
    """24:00 of a day in the group's zone."""
    return func.timezone(ZONE, cast(cast(day, Date) + 1, DateTime(timezone=False)))


def _title() -> Any:
    """A call's title in the reader's language."""
    language = "zh" if str(get_locale()).startswith("zh") else "en"
    return Call.title[language].as_string()


def _reviews(person: Person) -> Rows:
    return (
        select(
            literal("review.write"),
            shown_title(),
            "/reviews/" + Review.public_id,
            _end_of(Call.review_due_on),
            Review.created_at,
        )
        .join(Proposal, Proposal.id == Review.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(
            Review.reviewer_id == person.id,
            Review.state.in_(UNFINISHED),
            Proposal.state == ProposalState.IN_REVIEW,
            unconflicted(Review.proposal_id, person),
        )
    )


def _as_chair(person: Person) -> Rows:
    """The chair's next step of each round; nothing while others are to act."""
    still_reviewing = exists().where(
        ReviewSummary.round_id == Round.id,
        ReviewSummary.sealed < ReviewSummary.assigned,
        Proposal.id == ReviewSummary.proposal_id,
        Proposal.state == ProposalState.IN_REVIEW,
    )
    to_close = and_(Round.state == RoundState.OPEN, or_(~still_reviewing, Call.review_due_on < TODAY))
    kind = case(
        (and_(to_close, Call.state == CallState.PUBLISHED, Call.closes_at > NOW), "round.close_early"),
        (to_close, "round.close"),
        (Round.state == RoundState.CLOSED, "round.prepare"),
        (and_(Round.state == RoundState.DECIDED, _unsigned_by(person)), "decision.sign"),
        (and_(Round.state == RoundState.DECIDED, ~_standing(DecisionState.PREPARED, DecisionState.HELD)),
         "decision.hold"),
        (and_(Round.state == RoundState.DECIDED, _standing(DecisionState.HELD), ~_unlettered()), "decision.release"),
    )  # fmt: skip
    rows = (
        select(
            kind.label("kind"),
            _title().label("title"),
            case(
                (Round.state == RoundState.DECIDED, "/rounds/" + Round.public_id + "/decision"),
                else_="/rounds/" + Round.public_id,
            ).label("address"),
            _end_of(Call.meets_on).label("due_at"),
            Round.created_at.label("since"),
        )
        .join(Call, Call.id == Round.call_id)
        .where(_sits(person, Seat.CHAIR))
        .subquery()
    )
    return select(rows).where(rows.c.kind.is_not(None))


def _as_member(person: Person) -> Rows:
    return (
        select(
            literal("decision.second"),
            _title(),
            "/rounds/" + Round.public_id + "/decision",
            _end_of(Call.release_on),
            Round.created_at,
        )
        .join(Call, Call.id == Round.call_id)
        .where(_sits(person, Seat.MEMBER), Round.state == RoundState.DECIDED, _unsigned_by(person))
    )


def _of_decision(kind: str, person: Person) -> Rows:
    """Decisions of rounds that were released, which nothing keeps the person from."""
    return (
        select(
            literal(kind),
            cast(Proposal.title, String),
            "/decisions/" + Decision.public_id + "/settle",
            Proposal.answer_by,
            Decision.created_at,
        )
        .select_from(Decision)
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .join(Round, Round.id == Decision.round_id)
        .where(Round.state == RoundState.RELEASED, unconflicted(Decision.proposal_id, person))
    )


def _to_settle(person: Person) -> Rows:
    """An upheld appeal: for the chair, or for the members where the chair is kept from the proposal."""
    upheld = exists().where(Appeal.proposal_id == Proposal.id, Appeal.upheld.is_(True))
    chair = aliased(CommitteeMember)
    kept_out = exists().where(
        chair.committee_id == Round.committee_id,
        chair.seat == Seat.CHAIR,
        ~unconflicted(Decision.proposal_id, _Somebody(chair.person_id)),  # type: ignore[arg-type]
    )
    mine = or_(_sits(person, Seat.CHAIR), and_(_sits(person, Seat.MEMBER), kept_out))
    rows = _of_decision("decision.settle", person)
    return rows.where(Decision.state == DecisionState.RELEASED, Proposal.state == ProposalState.APPEALED, upheld, mine)


class _Somebody(NamedTuple):
    """Whoever a column names, where a condition asks for a person's id."""

    id: Any


def _settled_to_sign(person: Person) -> Rows:
    signed = exists().where(DecisionSignature.decision_id == Decision.id, DecisionSignature.person_id == person.id)
    at_the_table = or_(_sits(person, Seat.CHAIR), _sits(person, Seat.MEMBER))
    rows = _of_decision("decision.sign_settled", person)
    return rows.where(Decision.state == DecisionState.PREPARED, ~signed, at_the_table)


def _settled_to_release(person: Person) -> Rows:
    letters = select(func.count(Letter.id)).where(Letter.decision_id == Decision.id).correlate(Decision)
    rows = _of_decision("decision.release_settled", person).where(Decision.state == DecisionState.HELD)
    return rows.where(letters.scalar_subquery() == len(LANGUAGES), _sits(person, Seat.CHAIR))


def _ballots(person: Person) -> Rows:
    """A vote that is open at the table where the person sits and has not voted."""
    voted = exists().where(
        MeetingVote.item_id == MeetingItem.id,
        MeetingVote.ballot == MeetingItem.ballot,
        MeetingVote.person_id == person.id,
    )
    here = exists().where(MeetingPresence.meeting_id == Meeting.id, MeetingPresence.person_id == person.id)
    return (
        select(
            literal("meeting.vote"),
            cast(Proposal.title, String),
            "/rounds/" + Round.public_id + "/meeting",
            cast(null(), DateTime(timezone=True)),
            MeetingItem.opened_at,
        )
        .select_from(MeetingItem)
        .join(Meeting, Meeting.id == MeetingItem.meeting_id)
        .join(Round, Round.id == Meeting.round_id)
        .join(Proposal, Proposal.id == MeetingItem.proposal_id)
        .where(
            MeetingItem.opened_at.is_not(None),
            MeetingItem.closed_at.is_(None),
            here,
            ~voted,
            unconflicted(Proposal.id, person),
        )
    )


def _slots(person: Person) -> Rows:
    """Proposals under review with fewer reviewers than the rule asks for, after a recusal."""
    quorum = cast(DecisionRuleVersion.data["quorum"].as_string(), Integer)
    return (
        select(
            literal("review.slot"),
            cast(Proposal.title, String),
            "/proposals/" + Proposal.public_id + "/committee",
            cast(null(), DateTime(timezone=True)),
            Round.created_at,
        )
        .select_from(ReviewSummary)
        .join(Proposal, Proposal.id == ReviewSummary.proposal_id)
        .join(Round, Round.id == ReviewSummary.round_id)
        .join(DecisionRuleVersion, DecisionRuleVersion.id == Round.rule_version_id)
        .where(
            Round.state == RoundState.OPEN,
            Round.imported_hash.is_(None),
            Proposal.state == ProposalState.IN_REVIEW,
            ReviewSummary.assigned < quorum,
            access.within(Proposal.company_id, person, Role.OFFICE),
            unconflicted(Proposal.id, person),
        )
    )


def _wishes(person: Person) -> Rows:
    """Wishes to hand a review over."""
    return (
        select(
            literal("review.hand_over"),
            cast(Proposal.title, String),
            literal("/hand-overs/"),
            cast(null(), DateTime(timezone=True)),
            HandOver.created_at,
        )
        .select_from(HandOver)
        .join(Review, Review.id == HandOver.review_id)
        .join(Proposal, Proposal.id == Review.proposal_id)
        .where(
            HandOver.state == HandOverState.ASKED,
            access.within(Proposal.company_id, person, Role.OFFICE),
            unconflicted(Proposal.id, person),
        )
    )


def _of_help(kind: str, address: Any) -> Any:
    rows = select(literal(kind), shown_title(), address, cast(null(), DateTime(timezone=True)), SubReview.created_at)
    rows = rows.select_from(SubReview).join(Review, Review.id == SubReview.review_id)
    return rows.join(Proposal, Proposal.id == Review.proposal_id).join(Call, Call.id == Proposal.call_id)


def _helpers(person: Person) -> Rows:
    """For the office: colleagues whose opinion a reviewer asks for."""
    found: Rows = _of_help("review.help", literal("/hand-overs/")).where(
        SubReview.state == HelpState.ASKED,
        access.within(Proposal.company_id, person, Role.OFFICE),
        unconflicted(Proposal.id, person),
    )
    return found


def _opinions(person: Person) -> Rows:
    """For whoever was approved: the opinion to give while its review can be written."""
    found: Rows = _of_help("review.opinion", "/sub-reviews/" + SubReview.public_id).where(
        SubReview.person_id == person.id,
        SubReview.state.in_((HelpState.APPROVED, HelpState.CLEARED)),
        Review.state.in_(UNFINISHED),
        unconflicted(Proposal.id, person),
    )
    return found


def _of_panel(kind: str, address: Any) -> Any:
    """The columns of what waits in a round over one subject; its title as reviewers read it."""
    title = func.coalesce(shown_title(), Provider.name["en"].as_string(), "")
    rows = select(literal(kind), title, address, _end_of(Panel.due_on), Panel.created_at).select_from(Panel)
    rows = rows.outerjoin(Proposal, Proposal.id == Panel.proposal_id).outerjoin(Call, Call.id == Proposal.call_id)
    return rows.outerjoin(Provider, Provider.id == Panel.provider_id)


def _judgements(person: Person) -> Rows:
    """Judgements to write in rounds over one subject."""
    rows = _of_panel("panel.review", "/panel-reviews/" + PanelReview.public_id)
    found: Rows = rows.join(PanelReview, PanelReview.panel_id == Panel.id).where(
        PanelReview.reviewer_id == person.id,
        PanelReview.state.in_(OWED),
        Panel.state == PanelState.OPEN,
        clear_of_subject(person),
    )
    return found


def _panels_to_decide(person: Person) -> Rows:
    """For the chair, once every judgement is in or the day is over."""
    owed = exists().where(PanelReview.panel_id == Panel.id, PanelReview.state.in_(OWED))
    found: Rows = _of_panel("panel.decide", "/panels/" + Panel.public_id).where(
        _sits_in(Panel, person, CommitteeMember.seat == Seat.CHAIR),
        Panel.state == PanelState.OPEN,
        or_(~owed, Panel.due_on < TODAY),
        clear_of_subject(person),
    )
    return found


def _panels_to_confirm(person: Person) -> Rows:
    """For every other member, while a decision waits for a second."""
    found: Rows = _of_panel("panel.confirm", "/panels/" + Panel.public_id).where(
        _sits_in(Panel, person, Panel.decided_by_id != person.id),
        Panel.state == PanelState.DECIDED,
        clear_of_subject(person),
    )
    return found


def _sits_in(of: Any, person: Person, condition: Any) -> Any:
    return exists().where(
        CommitteeMember.committee_id == of.committee_id, CommitteeMember.person_id == person.id, condition
    )


def _sits(person: Person, seat: Seat) -> Any:
    return exists().where(
        CommitteeMember.committee_id == Round.committee_id,
        CommitteeMember.person_id == person.id,
        CommitteeMember.seat == seat,
    )


def _standing(*states: DecisionState) -> Any:
    return exists().where(Decision.round_id == Round.id, Decision.state.in_(states))


def _unsigned_by(person: Person) -> Any:
    """A prepared decision that this person may sign and has not."""
    signed = exists().where(DecisionSignature.decision_id == Decision.id, DecisionSignature.person_id == person.id)
    return exists().where(
        Decision.round_id == Round.id,
        Decision.state == DecisionState.PREPARED,
        ~signed,
        unconflicted(Decision.proposal_id, person),
    )


def _unlettered() -> Any:
    letters = select(func.count(Letter.id)).where(Letter.decision_id == Decision.id).correlate(Decision)
    return exists().where(
        Decision.round_id == Round.id,
        Decision.state == DecisionState.HELD,
        letters.scalar_subquery() < len(LANGUAGES),
    )
