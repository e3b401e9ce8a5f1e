"""Reading rounds: who may see them, what goes into the decision rule, and what was decided."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import aliased, defer, joinedload, selectinload

from incubator.calls.models import Call, CallTheme, Committee, CommitteeMember, Seat, Theme
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import NotFound, Stale
from incubator.files.models import File
from incubator.people import access
from incubator.people.models import Person
from incubator.people.reader import for_reader
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews.engines.deciding import CLOSE, Row
from incubator.reviews.engines.lottery import lottery_order
from incubator.reviews.models import (
    Decision,
    DecisionSignature,
    ImportedResult,
    Letter,
    Panel,
    RankingFigure,
    RankingRun,
    Review,
    ReviewSummary,
    Round,
)
from incubator.reviews.predicates import RANKING_ROLES
from incubator.reviews.queries.derived import clear_of, kept_from
from incubator.reviews.queries.panels import last_second_round
from incubator.reviews.queries.reviews import has_page
from incubator.reviews.states import COUNTED, DecisionState, RoundState, RunState
from incubator.ventures.models import Venture

LANGUAGES = ("en", "zh")


def _seat_of(person: Person, *seats: Seat) -> Any:
    return exists().where(
        CommitteeMember.committee_id == Round.committee_id,
        CommitteeMember.person_id == person.id,
        CommitteeMember.seat.in_(seats),
    )


def _loaded(rows: Select[Round]) -> Select[Round]:
    call = joinedload(Round.call).options(defer(Call.form), defer(Call.summary), joinedload(Call.company))
    return rows.options(call, joinedload(Round.committee).joinedload(Committee.chair), joinedload(Round.rule))


@for_reader
def rounds_visible_to(person: Person) -> Select[Round]:
    """Rounds whose ranking the person may see: the committee's chair, the office and auditors in scope."""
    rows = select(Round).join(Call, Call.id == Round.call_id)
    in_scope = access.within(Call.company_id, person, *RANKING_ROLES)
    return _loaded(rows.where(or_(_seat_of(person, Seat.CHAIR), in_scope)))


@for_reader
def decisions_visible_to(person: Person) -> Select[Round]:
    """Rounds whose decisions the person may see: as the ranking, and every member once the rule has decided."""
    rows = select(Round).join(Call, Call.id == Round.call_id)
    in_scope = access.within(Call.company_id, person, *RANKING_ROLES)
    decided = Round.state.in_((RoundState.DECIDED, RoundState.RELEASED))
    as_member = and_(_seat_of(person, Seat.MEMBER), decided)
    return _loaded(rows.where(or_(_seat_of(person, Seat.CHAIR), in_scope, as_member)))


def listed(person: Person, after: str | None = None, size: int = 50) -> list[Any]:
    """The rounds a person may rank, the newest meeting first; columns only, one query."""
    kept = rounds_visible_to(person).with_only_columns(Round.id).options()
    proposals = func.count(ReviewSummary.id)
    rows = (
        select(
            Round.public_id, Round.state, Call.title, Call.meets_on, proposals.label("proposals"),
            func.coalesce(func.sum(ReviewSummary.sealed), 0).label("sealed"),
            func.coalesce(func.sum(ReviewSummary.assigned), 0).label("assigned"),
        )
        .join(Call, Call.id == Round.call_id)
        .outerjoin(
            ReviewSummary,
            and_(ReviewSummary.round_id == Round.id, clear_of(ReviewSummary.proposal_id, person)),
        )
        .where(Round.id.in_(kept))
        .group_by(Round.id, Call.id)
        .order_by(Call.meets_on.desc(), Round.id.desc())
        .limit(size)
    )  # fmt: skip
    return list(db.session.execute(rows))


def round_of(call: Call) -> Round | None:
    """The call's round, None before its first proposal went to the committee."""
    return db.session.scalar(select(Round).where(Round.call_id == call.id))


def round_by_id(round_id: int) -> Round:
    """The round of a job. Raises NoResultFound for one that is not there."""
    return db.session.scalars(select(Round).where(Round.id == round_id)).one()


def lock(round_: Round, *, shared: bool = False) -> Round:
    """Hold the round's row until the end of the transaction, freshly read: one step of a round at a time.

    shared: only against its steps, beside others who do the same.
    """
    rows = select(Round).where(Round.id == round_.id).with_for_update(read=shared)
    return db.session.scalars(rows.execution_options(populate_existing=True)).one()


def proposals_of(round_: Round, *states: ProposalState) -> list[tuple[ReviewSummary, Proposal]]:
    """The round's proposals in these states with their summaries."""
    rows = (
        select(ReviewSummary, Proposal)
        .join(Proposal, Proposal.id == ReviewSummary.proposal_id)
        .where(ReviewSummary.round_id == round_.id, Proposal.state.in_(states))
        .order_by(Proposal.id)
    )
    return [(summary, proposal) for summary, proposal in db.session.execute(rows)]


def reviews_of(round_: Round) -> list[Review]:
    """Every review of a round."""
    return list(db.session.scalars(select(Review).where(Review.round_id == round_.id).order_by(Review.id)))


def rule_rows(round_: Round, *states: ProposalState) -> dict[str, Row]:
    """What the decision rule is told of each of the round's proposals in these states, by the proposal's public id."""
    rows = db.session.execute(
        select(
            Proposal.public_id, Theme.public_id, ReviewSummary.sealed, ReviewSummary.asked,
            ReviewSummary.total_hundredths, ReviewSummary.means, ImportedResult.given_order, ImportedResult.given_flag,
        )
        .join(Proposal, Proposal.id == ReviewSummary.proposal_id)
        .join(Theme, Theme.id == ReviewSummary.theme_id)
        .outerjoin(ImportedResult, ImportedResult.proposal_id == Proposal.id)
        .where(ReviewSummary.round_id == round_.id, Proposal.state.in_(states))
        .where(or_(ImportedResult.id.is_(None), ImportedResult.put_to_vote))
    )  # fmt: skip
    return {
        key: Row(key, theme, sealed, asked, total if sealed else None, means, order, flag)
        for key, theme, sealed, asked, total, means, order, flag in rows
    }


def lots(round_: Round) -> dict[str, tuple[str, int | None]]:
    """Zone and lot of each proposal of a round for a rule with a lottery, by public id, from the last ranking run of
    everybody; empty where it gives no chances. Raises Stale when that run is older than the reviews."""
    run = db.session.scalar(
        select(RankingRun)
        .where(RankingRun.round_id == round_.id, RankingRun.audience_id.is_(None), RankingRun.state == RunState.DONE)
        .order_by(RankingRun.id.desc())
        .limit(1)
    )
    counted = select(func.count(Review.id)).where(Review.round_id == round_.id, Review.state.in_(COUNTED))
    if run is None or run.result["reviews"] != db.session.scalar(counted):
        raise Stale(_("The ranking that the lottery goes by is not worked out yet. Try again in a minute."))
    rows = select(Proposal.public_id, RankingFigure.position).join(Proposal, Proposal.id == RankingFigure.proposal_id)
    zones = dict(db.session.execute(rows.where(RankingFigure.run_id == run.id)).all())
    order = lottery_order(round_.seed, (key for key, zone in zones.items() if zone == CLOSE))
    places = {key: place for place, key in enumerate(order, 1)}
    return {key: (zone, places.get(key)) for key, zone in zones.items() if zone is not None}


def budgets(round_: Round) -> dict[str, int]:
    """What the round's call may award, in minor units by the theme's public id."""
    rows = select(Theme.public_id, CallTheme.budget).join(Theme).where(CallTheme.call_id == round_.call_id)
    return dict(db.session.execute(rows).all())


def currencies(round_: Round) -> set[str]:
    """The currencies of the call's budgets and of its proposals in the round; one, or the rule can't be applied."""
    given = select(CallTheme.currency).where(CallTheme.call_id == round_.call_id)
    asked = (
        select(Proposal.currency)
        .join(ReviewSummary, ReviewSummary.proposal_id == Proposal.id)
        .where(ReviewSummary.round_id == round_.id)
    )
    return set(db.session.scalars(given.union(asked)))


def events_of(proposals: Iterable[Proposal], name: str) -> dict[int, int]:
    """The latest event of a name on each of the proposals: proposal id to event id; one query."""
    rows = (
        select(AuditEvent.subject_id, func.max(AuditEvent.id))
        .where(
            AuditEvent.subject_type == Proposal.__tablename__,
            AuditEvent.name == name,
            AuditEvent.subject_id.in_([proposal.id for proposal in proposals]),
        )
        .group_by(AuditEvent.subject_id)
    )
    return dict(db.session.execute(rows).all())


def count_visible(ventures: Sequence[Venture], person: Person) -> int:
    """How many of a round's new ventures the person is not kept from."""
    ids = [venture.proposal_id for venture in ventures]
    rows = select(func.count(Proposal.id)).where(Proposal.id.in_(ids), clear_of(Proposal.id, person))
    return db.session.scalar(rows) or 0


def is_too_late_for(proposal: Proposal) -> bool:
    """Tell whether the committee closed the round of the proposal's call before the proposal came to it."""
    round_ = round_of(proposal.call)
    return round_ is not None and round_.state is not RoundState.OPEN and proposal.state is ProposalState.SCREENING


def hides_some_from(person: Person, round_: Round) -> bool:
    """Tell whether the person is kept from a proposal of the round."""
    rows = select(ReviewSummary.id).where(ReviewSummary.round_id == round_.id)
    hidden = rows.where(~clear_of(ReviewSummary.proposal_id, person))
    return db.session.scalar(select(hidden.exists())) or False


def chair_of(round_: Round) -> Person | None:
    """The chair of the round's committee."""
    rows = select(Person).join(CommitteeMember, CommitteeMember.person_id == Person.id)
    return db.session.scalar(
        rows.where(CommitteeMember.committee_id == round_.committee_id, CommitteeMember.seat == Seat.CHAIR)
    )


def current_decisions(round_: Round, *states: DecisionState) -> list[Decision]:
    """The round's decisions in these states (by default all that stand), with proposals and signatures."""
    wanted = Decision.state.in_(states) if states else Decision.state != DecisionState.SUPERSEDED
    return list(
        db.session.scalars(
            select(Decision)
            .where(Decision.round_id == round_.id, wanted)
            .order_by(Decision.id)
            .options(joinedload(Decision.proposal), selectinload(Decision.signatures), selectinload(Decision.letters))
        )
    )


def released_decision(proposal: Proposal) -> Decision | None:
    """The last decision that was released on a proposal, with its letters: until a new one is released in its place
    it stays what the proposer was told."""
    return db.session.scalar(
        select(Decision)
        .where(Decision.proposal_id == proposal.id, _was_told())
        .order_by(Decision.id.desc())
        .limit(1)
        .options(selectinload(Decision.letters))
    )


def _was_told() -> Any:
    """Released, and not superseded but by a decision of the same round that is not released yet."""
    new = aliased(Decision)
    drawn = exists().where(
        new.proposal_id == Decision.proposal_id, new.round_id == Decision.round_id, new.id > Decision.id,
        new.state.in_((DecisionState.PREPARED, DecisionState.SIGNED, DecisionState.HELD)),
    )  # fmt: skip
    return and_(Decision.released_at.is_not(None), or_(Decision.state == DecisionState.RELEASED, drawn))


def letter_file(proposal: Proposal, language: str) -> File:
    """The PDF of the letter of the last decision that was released, in a language. Raises NotFound."""
    letters = select(File).join(Letter, Letter.file_id == File.id).join(Decision, Decision.id == Letter.decision_id)
    told = letters.where(Decision.proposal_id == proposal.id, _was_told(), Letter.language == language)
    found = db.session.scalar(told.order_by(Decision.id.desc()).limit(1))
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found


def letter_preview(decision: Decision, language: str) -> File:
    """The PDF of a decision's letter that is written and not released yet. Raises NotFound."""
    letters = select(File).join(Letter, Letter.file_id == File.id)
    found = db.session.scalar(letters.where(Letter.decision_id == decision.id, Letter.language == language))
    if found is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return found


def chosen_decisions(round_: Round, person: Person, keys: Sequence[str]) -> list[Decision]:
    """Of the round's decisions that stand those with these public ids, but for proposals in conflict."""
    rows = decision_visible_to(person).where(
        Decision.round_id == round_.id, Decision.public_id.in_(keys), Decision.state != DecisionState.SUPERSEDED
    )
    return list(db.session.scalars(rows.order_by(Decision.id)))


def is_chair_for(person: Person, proposal: Proposal) -> bool:
    """Tell whether the person chairs the committee of the proposal's call."""
    chairs = select(CommitteeMember.id).where(
        CommitteeMember.committee_id == proposal.call.committee_id,
        CommitteeMember.person_id == person.id,
        CommitteeMember.seat == Seat.CHAIR,
    )
    return db.session.scalar(chairs) is not None


def decisions_page(round_: Round, person: Person, theme_id: int, kept: Collection[int]) -> list[Any]:
    """A theme's decisions that the person may see, in the rule's order; kept: the proposals the person is kept from.
    Columns only, one query."""
    signers = (
        select(func.array_agg(Person.name))
        .join(DecisionSignature, DecisionSignature.person_id == Person.id)
        .where(DecisionSignature.decision_id == Decision.id)
        .correlate(Decision)
        .scalar_subquery()
    )
    letters = select(func.count(Letter.id)).where(Letter.decision_id == Decision.id).correlate(Decision)
    rank = Decision.result["rank"].as_integer()
    return list(
        db.session.execute(
            select(
                Decision.public_id, Decision.number, Decision.state, Decision.outcome, Decision.override,
                Decision.reason, Decision.result, Decision.released_at, Proposal.title, Proposal.lang,
                Proposal.currency, Proposal.public_id.label("proposal"), Proposal.number.label("proposal_number"),
                ReviewSummary.asked, Theme.name.label("theme"), signers.label("signers"),
                letters.scalar_subquery().label("letters"),
                has_page(Decision.proposal_id, Decision, person).label("has_page"),
                Panel.outcome.label("second"), Panel.result["total"].as_integer().label("second_total"),
            )
            .join(Proposal, Proposal.id == Decision.proposal_id)
            .join(ReviewSummary, ReviewSummary.proposal_id == Proposal.id)
            .join(Theme, Theme.id == ReviewSummary.theme_id)
            .outerjoin(Panel, Panel.id == last_second_round(Decision.proposal_id))
            .where(
                Decision.round_id == round_.id,
                ReviewSummary.theme_id == theme_id,
                Decision.state != DecisionState.SUPERSEDED,
                Decision.proposal_id.not_in(tuple(kept)),
            )
            .order_by(rank.asc().nulls_last(), Decision.id)
        )
    )  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How far a round's decisions are. The numbers are of those that stand and that the reader may see.

    all_signed and all_lettered are about every decision of the round, hidden ones too: the next step is the same for
    everybody.
    """

    decisions: int
    prepared: int
    held: int
    lettered: int
    overridden: int
    mine_to_sign: int
    all_signed: bool
    all_lettered: bool


def progress(round_: Round, person: Person, kept: Collection[int] | None = None) -> Progress:
    """Count the round's decisions by what is still needed; kept: the proposals the person is kept from, read here where
    it is None. One query."""
    kept = kept_from(person, round_) if kept is None else kept
    letters = select(func.count(Letter.id)).where(Letter.decision_id == Decision.id).correlate(Decision)
    unsigned = ~exists().where(DecisionSignature.decision_id == Decision.id, DecisionSignature.person_id == person.id)
    is_prepared, is_held = Decision.state == DecisionState.PREPARED, Decision.state == DecisionState.HELD
    is_lettered = and_(is_held, letters.scalar_subquery() == len(LANGUAGES))
    is_seen = Decision.proposal_id.not_in(tuple(kept))
    kinds = (true(), is_prepared, is_held, is_lettered, Decision.override, and_(is_prepared, unsigned))
    row = db.session.execute(
        select(
            *(func.count(Decision.id).filter(kind, is_seen) for kind in kinds),
            func.coalesce(func.bool_and(Decision.state == DecisionState.SIGNED), False),
            func.coalesce(func.bool_and(is_lettered), False),
        ).where(Decision.round_id == round_.id, Decision.state != DecisionState.SUPERSEDED)
    ).one()
    return Progress(*tuple(row))


def decision_visible_to(person: Person) -> Select[Decision]:
    """Decisions of rounds the person may decide on or audit, but for those in conflict."""
    rounds = decisions_visible_to(person).with_only_columns(Round.id).options()
    return (
        select(Decision)
        .where(Decision.round_id.in_(rounds), clear_of(Decision.proposal_id, person))
        .options(joinedload(Decision.proposal), joinedload(Decision.round), selectinload(Decision.signatures))
    )


def rounds_without_letters() -> Sequence[Round]:
    """Rounds with held decisions whose letters are not all there."""
    letters = select(func.count(Letter.id)).where(Letter.decision_id == Decision.id).correlate(Decision)
    lacking = exists().where(
        Decision.round_id == Round.id,
        Decision.state == DecisionState.HELD,
        letters.scalar_subquery() < len(LANGUAGES),
    )
    return db.session.scalars(select(Round).where(lacking).order_by(Round.id)).all()
