"""Rounds over one subject: who sees them, whom they can be given to, and what waits of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from incubator.calls.models import Call, Committee, CommitteeMember, DecisionRuleVersion, RubricVersion, Seat
from incubator.cloud.models import Provider
from incubator.core.db import db
from incubator.people import access
from incubator.people.models import Access, Company, Person, Role
from incubator.people.predicates import scopes
from incubator.people.queries import holders_of
from incubator.people.reader import for_reader
from incubator.proposals import queries as proposals
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews.engines.deciding import DecidingError, Order, Rule
from incubator.reviews.models import ConflictKind, Panel, PanelKind, PanelReview, Review, Round
from incubator.reviews.predicates import RANKING_ROLES
from incubator.reviews.queries.blinding import shown_title, title_for_reviewers
from incubator.reviews.queries.conflicts import derive, standing, written
from incubator.reviews.queries.derived import clear_of
from incubator.reviews.states import UNFINISHED, PanelReviewState, PanelState
from incubator.ventures import queries as ventures
from incubator.ventures.models import Tranche, Venture, VentureMember
from incubator.ventures.states import TrancheState
from incubator.web.words import local_words

SIZE = 50
ENDED = (PanelState.CONFIRMED, PanelState.CANCELLED)
OWED = (PanelReviewState.ASSIGNED, PanelReviewState.CLEARED)
SECOND = (ProposalState.IN_REVIEW, ProposalState.DELIBERATION)
"""States in which a proposal can be given a second round."""


@dataclass(frozen=True)
class Subject:
    """What a round is over: the thing itself, and under whose office."""

    kind: PanelKind
    thing: Any
    company: Company
    proposal: Proposal | None = None
    tranche: Tranche | None = None
    provider: Provider | None = None


@dataclass(frozen=True)
class Judge:
    """A committee member as a possible reviewer of a subject; conflicts: what keeps the member from it."""

    person: Person
    conflicts: tuple[ConflictKind, ...]

    @property
    def is_choosable(self) -> bool:
        """Nobody judges in conflict, or after leaving."""
        return not self.conflicts and self.person.left_on is None


def panel_candidates(subject: Subject, committee: Committee, seat: Seat = Seat.MEMBER) -> list[Judge]:
    """The members of a committee in a seat (who are not its chair), with what keeps them from the subject; five queries
    at most."""
    key = subject.proposal.id if subject.proposal is not None else None
    rows = db.session.execute(
        select(Person, *written(key))
        .join(CommitteeMember, CommitteeMember.person_id == Person.id)
        .where(CommitteeMember.committee_id == committee.id, CommitteeMember.seat == seat)
        .order_by(Person.name_latin, Person.id)
    ).all()
    told = derive([subject.proposal], [row[0] for row in rows])[key] if subject.proposal and key else {}
    team = _team_of(subject)
    judges = []
    for person, kinds, lifted in rows:
        found = set(standing(told.get(person.id, set()), kinds, lifted)) | _own(subject, person, team)
        judges.append(Judge(person, tuple(sorted(found))))
    return judges


def _team_of(subject: Subject) -> set[int]:
    if subject.tranche is None:
        return set()
    rows = select(VentureMember.person_id).where(VentureMember.venture_id == subject.tranche.venture_id)
    return set(db.session.scalars(rows))


def _own(subject: Subject, person: Person, team: set[int]) -> set[ConflictKind]:
    """Who works in the venture, or for the company that runs the provider; the group's head runs it for everybody."""
    found = {ConflictKind.TEAM_MEMBER} if person.id in team else set()
    of = subject.provider.company if subject.provider is not None else None
    runs = of is not None and of.parent_id is not None and person.company.path.startswith(of.path)
    return found | {ConflictKind.HOME_COMPANY} if runs else found


def subject_of_panel(panel: Panel) -> Subject:
    """What a panel is over."""
    thing = panel.tranche or panel.provider or panel.proposal
    return Subject(panel.kind, thing, panel.company, panel.proposal, panel.tranche, panel.provider)


def judges_to_ask(panel: Panel) -> list[Judge]:
    """The members of a panel's committee who were not asked yet, whoever may judge and has the least to do first."""
    asked = set(db.session.scalars(select(PanelReview.reviewer_id).where(PanelReview.panel_id == panel.id)))
    found = [one for one in panel_candidates(subject_of_panel(panel), panel.committee) if one.person.id not in asked]
    ids = [one.person.id for one in found]
    owed = select(Review.reviewer_id).where(Review.reviewer_id.in_(ids), Review.state.in_(UNFINISHED))
    owed_here = select(PanelReview.reviewer_id).where(PanelReview.reviewer_id.in_(ids), PanelReview.state.in_(OWED))
    load = Counter(db.session.scalars(owed.union_all(owed_here)))
    return sorted(found, key=lambda one: (not one.is_choosable, load[one.person.id]))


def may_judge(panel: Panel, person: Person) -> bool:
    """Tell whether nothing keeps a person from the panel's subject."""
    return db.session.scalar(select(clear_of_subject(person)).where(Panel.id == panel.id)) or False


@for_reader
def clear_of_subject(person: Person) -> ColumnElement[bool]:
    """A condition on a panel: the person is in no conflict with its subject, nor declared one in it."""
    of = aliased(Company)
    own_path = select(Company.path).where(Company.id == person.company_id).scalar_subquery()
    runs = exists().where(
        Provider.id == Panel.provider_id, of.id == Provider.company_id, of.parent_id.is_not(None),
        own_path.startswith(of.path),
    )  # fmt: skip
    works = exists().where(
        Tranche.id == Panel.tranche_id, VentureMember.venture_id == Tranche.venture_id,
        VentureMember.person_id == person.id,
    )  # fmt: skip
    own = aliased(PanelReview)
    declared = exists().where(
        own.panel_id == Panel.id, own.reviewer_id == person.id, own.state == PanelReviewState.RECUSED
    )
    return and_(or_(Panel.proposal_id.is_(None), clear_of(Panel.proposal_id, person)), ~runs, ~works, ~declared)


@for_reader
def is_panel_seen(person: Person) -> ColumnElement[bool]:
    """A condition: see panels_visible_to."""
    seat = exists().where(
        CommitteeMember.committee_id == Panel.committee_id, CommitteeMember.person_id == person.id,
        or_(CommitteeMember.seat == Seat.CHAIR, Panel.state != PanelState.OPEN),
    )  # fmt: skip
    in_scope = access.within(Panel.company_id, person, *RANKING_ROLES)
    return and_(or_(seat, in_scope), clear_of_subject(person))


@for_reader
def panels_visible_to(person: Person) -> Select[Panel]:
    """Panels of the committee's members once decided, of its chair, and of office and auditors in scope; of nobody in
    conflict with the subject."""
    committee = joinedload(Panel.committee).options(
        joinedload(Committee.chair), selectinload(Committee.members).joinedload(CommitteeMember.person)
    )
    return (
        select(Panel)
        .where(is_panel_seen(person))
        .options(committee, joinedload(Panel.company), joinedload(Panel.rule), joinedload(Panel.rubric),
                 *_subject_loaded(Panel))
    )  # fmt: skip


def _subject_loaded(of: Any) -> tuple[Any, ...]:
    return (
        joinedload(of.proposal).joinedload(Proposal.call), joinedload(of.tranche).joinedload(Tranche.venture),
        joinedload(of.provider).joinedload(Provider.company),
    )  # fmt: skip


def panels_listed(person: Person, after: str | None = None) -> tuple[list[Panel], str | None]:
    """A page of panels, the newest first, and the key the next begins after; a fixed number of queries."""
    rows = panels_visible_to(person)
    if after:
        other = aliased(Panel)
        rows = rows.where(Panel.id < select(other.id).where(other.public_id == after).scalar_subquery())
    found = list(db.session.scalars(rows.order_by(Panel.id.desc()).limit(SIZE + 1)))
    return found[:SIZE], found[SIZE - 1].public_id if len(found) > SIZE else None


def panel_reviews_of(person: Person) -> Select[PanelReview]:
    """A reviewer's own judgements that were not stepped back from, of subjects that nothing keeps them from."""
    panel = joinedload(PanelReview.panel)
    return (
        select(PanelReview)
        .join(Panel, Panel.id == PanelReview.panel_id)
        .where(PanelReview.reviewer_id == person.id, PanelReview.state != PanelReviewState.RECUSED)
        .where(clear_of_subject(person))
        .options(
            panel.joinedload(Panel.rubric).selectinload(RubricVersion.criteria),
            panel.joinedload(Panel.proposal).joinedload(Proposal.call),
            panel.joinedload(Panel.tranche).joinedload(Tranche.venture), panel.joinedload(Panel.provider),
        )
    )  # fmt: skip


def judgements_of(panel: Panel) -> list[PanelReview]:
    """The panel's judgements with their reviewers; one query."""
    rows = select(PanelReview).where(PanelReview.panel_id == panel.id).options(joinedload(PanelReview.reviewer))
    return list(db.session.scalars(rows.order_by(PanelReview.id)))


def panel_title(panel: Panel) -> str:
    """What a panel is over, in words that its reviewers may read."""
    if panel.tranche is not None:
        venture, number = panel.tranche.venture.name, panel.tranche.number
        return str(_("%(venture)s, tranche %(number)s", venture=venture, number=number))
    if panel.provider is not None:
        return str(local_words(panel.provider.name))
    return title_for_reviewers(panel.proposal) if panel.proposal is not None else ""


def panel_titles(panels: Sequence[Panel]) -> dict[int, str]:
    """What each of the panels is over, by its id; one query, none where no second round is among them."""
    second = [panel for panel in panels if panel.kind is PanelKind.SECOND]
    rows = select(Panel.id, shown_title()).join(Proposal, Proposal.id == Panel.proposal_id)
    rows = rows.join(Call, Call.id == Proposal.call_id).where(Panel.id.in_([panel.id for panel in second]))
    found = dict(db.session.execute(rows).all()) if second else {}
    return {panel.id: found[panel.id] if panel.id in found else panel_title(panel) for panel in panels}


def panels_read_in_conflict() -> list[PanelReview]:
    """The judgements whose panel still opens a proposal to a reviewer who may judge it no more."""
    opened = exists().where(
        Access.person_id == PanelReview.reviewer_id, Access.subject_type == Proposal.__tablename__,
        Access.subject_id == Panel.proposal_id, Access.source == "panel:" + Panel.public_id,
    )  # fmt: skip
    rows = select(PanelReview).join(Panel, Panel.id == PanelReview.panel_id).where(opened).order_by(PanelReview.id)
    return [one for one in db.session.scalars(rows) if not may_judge(one.panel, one.reviewer)]


def panel_under_way(subject: Subject) -> bool:
    """Tell whether a panel over the subject is neither confirmed nor cancelled."""
    column, thing = {
        PanelKind.SECOND: (Panel.proposal_id, subject.proposal),
        PanelKind.GATE: (Panel.tranche_id, subject.tranche),
        PanelKind.PROVIDER: (Panel.provider_id, subject.provider),
    }[subject.kind]
    rows = select(Panel.id).where(
        column == (thing.id if thing else None), Panel.kind == subject.kind, Panel.state.not_in(ENDED)
    )
    return db.session.scalar(rows) is not None


def subjects(kind: PanelKind, person: Person, size: int = 200) -> list[Any]:
    """What an officer can open a panel over, the newest first: entities; one query."""
    if kind is PanelKind.SECOND:
        rows = proposals.visible_to(person).where(
            Proposal.state.in_(SECOND), access.within(Proposal.company_id, person, Role.OFFICE),
            clear_of(Proposal.id, person),
        )  # fmt: skip
        return list(
            db.session.scalars(rows.order_by(Proposal.id.desc()).limit(size).options(joinedload(Proposal.company)))
        )
    if kind is PanelKind.GATE:
        seen = ventures.visible_to(person).with_only_columns(Venture.id)
        gates = (
            select(Tranche)
            .join(Venture, Venture.id == Tranche.venture_id)
            .where(Tranche.state == TrancheState.PLANNED, Venture.id.in_(seen))
            .where(access.within(Venture.company_id, person, Role.OFFICE), clear_of(Venture.proposal_id, person))
        )
        venture = joinedload(Tranche.venture)
        loaded = venture.joinedload(Venture.company), venture.joinedload(Venture.proposal)
        return list(db.session.scalars(gates.order_by(Tranche.id.desc()).limit(size).options(*loaded)))
    providers = select(Provider).where(access.within(Provider.company_id, person, Role.OFFICE))
    return list(db.session.scalars(providers.order_by(Provider.id).limit(size).options(joinedload(Provider.company))))


def panel_means(person: Person) -> tuple[list[Committee], list[RubricVersion], list[DecisionRuleVersion]]:
    """Committees above or within the officer's scope, and the published rubrics and rules that go by the total."""
    paths = scopes(person, Role.OFFICE)
    above = or_(*(Company.path.startswith(path) | _is_above(path) for path in paths)) if paths else None
    committees = select(Committee).join(Company).options(joinedload(Committee.chair)).order_by(Committee.id.desc())
    found = list(db.session.scalars(committees.where(above))) if above is not None else []
    rubrics = select(RubricVersion).where(RubricVersion.published_at.is_not(None)).order_by(RubricVersion.id.desc())
    rules = select(DecisionRuleVersion).where(DecisionRuleVersion.published_at.is_not(None))
    known = [rule for rule in db.session.scalars(rules.order_by(DecisionRuleVersion.id.desc())) if _goes_by_total(rule)]
    return found, list(db.session.scalars(rubrics)), known


def _is_above(path: str) -> Any:
    parts = path.split("/")[:-1]
    return Company.path.in_(["/".join(parts[: n + 1]) + "/" for n in range(len(parts))])


def _goes_by_total(rule: DecisionRuleVersion) -> bool:
    try:
        return Rule.from_data(rule.data).order is Order.TOTAL
    except DecidingError:
        return False


def office_of_panel(panel: Panel) -> list[Person]:
    """The officers of the panel's company whom nothing keeps from its subject."""
    found = db.session.scalars(holders_of(Role.OFFICE, panel.company))
    return [person for person in found if may_judge(panel, person)]


def evaluations_of(provider: Provider, size: int = 10) -> Sequence[Any]:
    """The confirmed evaluations of a provider, the newest first: public_id, confirmed_at, outcome, result."""
    rows = (
        select(Panel.public_id, Panel.confirmed_at, Panel.outcome, Panel.result)
        .where(Panel.provider_id == provider.id, Panel.state == PanelState.CONFIRMED)
        .order_by(Panel.id.desc())
        .limit(size)
    )
    return db.session.execute(rows).all()


def second_rounds_under_way(round_: Round) -> list[Proposal]:
    """The proposals of a round over which a second round is neither confirmed nor cancelled."""
    rows = select(Proposal).join(Panel, Panel.proposal_id == Proposal.id).where(Proposal.call_id == round_.call_id)
    rows = rows.where(Panel.kind == PanelKind.SECOND, Panel.state.not_in(ENDED), Proposal.state.in_(SECOND))
    return list(db.session.scalars(rows.order_by(Proposal.id)))


def second_round_of(proposal: Proposal) -> Panel | None:
    """The last second round over a proposal that was confirmed."""
    rows = select(Panel).where(Panel.id == last_second_round(proposal.id))
    return db.session.scalar(rows)


def last_second_round(proposal_id: Any) -> Any:
    """The id of the last confirmed second round over a proposal, for a statement."""
    of = aliased(Panel)
    found = select(func.max(of.id)).where(
        of.proposal_id == proposal_id, of.kind == PanelKind.SECOND, of.state == PanelState.CONFIRMED
    )
    return found.scalar_subquery()


def tranches_of(venture: Venture) -> list[Any]:
    """A venture's tranches with the last gate over each that was not cancelled, and what the last confirmed one asks:
    columns only, one query."""
    said = aliased(Panel)

    def last(*states: PanelState) -> Any:
        of = aliased(Panel)
        found = select(func.max(of.id)).where(of.tranche_id == Tranche.id, of.state.in_(states))
        return found.correlate(Tranche).scalar_subquery()

    rows = (
        select(
            Tranche.public_id, Tranche.number, Tranche.amount, Tranche.currency, Tranche.due_on, Tranche.state,
            Tranche.stage, Tranche.credits, Panel.public_id.label("panel"), Panel.state.label("panel_state"),
            Panel.outcome, said.asks, said.until_on, said.outcome.label("said"), said.public_id.label("asked"),
        )
        .select_from(Tranche)
        .outerjoin(Panel, Panel.id == last(*(state for state in PanelState if state is not PanelState.CANCELLED)))
        .outerjoin(said, said.id == last(PanelState.CONFIRMED))
        .where(Tranche.venture_id == venture.id)
        .order_by(Tranche.number)
    )  # fmt: skip
    return list(db.session.execute(rows))
