"""Acceptance and time by company and by language, for whoever may see a round's decisions."""

from dataclasses import dataclass

from sqlalchemy import Date, Integer, cast, func, select, type_coerce

from incubator.core.db import db
from incubator.people.models import Company, Person
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.engines.fairness import Case, Group, grouped
from incubator.reviews.models import Decision, Round
from incubator.reviews.queries.derived import clear_of
from incubator.reviews.states import DecisionState
from incubator.web.words import local_words

ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Fairness:
    """A round's decisions by company (name in the reader's language) and by language (en, zh); count: of them all."""

    count: int
    accepted: int
    companies: list[Group]
    languages: list[Group]


def fairness(round_: Round, person: Person) -> Fairness:
    """Counted over the decisions that stand, but for proposals the person is kept from; one query."""
    answered = cast(func.timezone(ZONE, Decision.released_at), Date)
    handed_in = cast(func.timezone(ZONE, ProposalVersion.created_at), Date)
    rows = db.session.execute(
        select(Company.name, Proposal.lang, Decision.outcome, type_coerce(answered - handed_in, Integer))
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .join(Company, Company.id == Proposal.company_id)
        .outerjoin(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
        .where(
            Decision.round_id == round_.id,
            Decision.state != DecisionState.SUPERSEDED,
            clear_of(Decision.proposal_id, person),
        )
    ).all()
    cases = [(local_words(name), lang, outcome is Verdict.ACCEPTED, days) for name, lang, outcome, days in rows]
    return Fairness(
        len(cases),
        sum(accepted for _, _, accepted, _ in cases),
        grouped(Case(company, accepted, days) for company, _, accepted, days in cases),
        grouped(Case(lang, accepted, days) for _, lang, accepted, days in cases),
    )
