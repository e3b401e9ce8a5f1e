"""A company with an office, a committee of three and a call, and the steps of a round."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from incubator.calls.models import Call, CreditPool, Theme
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Company, Person, Role
from incubator.proposals.models import Proposal
from incubator.proposals.states import ProposalState
from incubator.reviews import queries, services
from incubator.reviews.models import Confidence, Decision, Recommendation, Review, Round
from incubator.reviews.services import Content
from incubator.reviews.states import DecisionState
from tests.make import Make

RULE = {
    "order": "total",
    "threshold": {"kind": "minimum_total", "hundredths": 350},
    "quorum": 2,
    "budget": "theme",
    "leftovers": "skip",
    "ties": ["criterion:uniqueness", "requested", "key"],
    "below_threshold": "rejected",
    "over_budget": "shelved",
}
FORM = {
    "sections": [
        {
            "key": "idea",
            "title": {"en": "Idea", "zh": "创意"},
            "fields": [
                {"key": "summary", "kind": "long", "limit": 900, "label": {"en": "Summary", "zh": "摘要"}},
            ],
        }
    ]
}
KEYS = ("uniqueness", "continuity", "team", "fit")


def content(*scores: int | None, **details: Any) -> Content:
    """A complete review; one score goes for every criterion."""
    values = scores if len(scores) > 1 else scores * len(KEYS)
    given = dict(zip(KEYS, values, strict=True))
    return Content(**{"scores": given, "confidence": Confidence.HIGH, "recommendation": Recommendation.FUND} | details)


def decision_of(proposal: Proposal) -> Decision:
    """The decision that stands on a proposal, released or not."""
    standing = select(Decision).where(Decision.proposal_id == proposal.id, Decision.state != DecisionState.SUPERSEDED)
    return db.session.scalars(standing).one()


class Story:
    """The people of a committee and what they do, each step in a transaction of its own."""

    def __init__(self, make: Make, pool: int = 100_000_000, budget: int = 50_000_000, **more: Any) -> None:
        self.make = make
        self.company: Company = make.company()
        self.office = make.person(self.company, Role.OFFICE, name="Shen Lan")
        self.chair = make.person(self.company, Role.CHAIR, name="Qin Zheng")
        self.first = make.person(self.company, Role.REVIEWER, name="Gao Min")
        self.second = make.person(self.company, Role.REVIEWER, name="He Wen")
        self.third = make.person(self.company, Role.REVIEWER, name="Ma Li")
        committee = make.committee(self.company, self.chair, self.first, self.second, self.third)
        self.theme: Theme = make.theme(self.company)
        self.pool: CreditPool = make.pool(self.theme, pool)
        self.call: Call = make.call(
            self.company, committee=committee, theme=self.theme, budget=budget, form=FORM,
            **{"rule": make.rule(RULE), **more},
        )  # fmt: skip

    def proposal(self, **details: Any) -> Proposal:
        """A screened proposal of a new employee."""
        lead = details.pop("lead", None) or self.make.person(self.company, name="Lin Yue")
        return self.make.proposal(self.call, lead, state=ProposalState.SCREENING, **details)

    def put(self, proposal: Proposal, *reviewers: Person) -> list[Review]:
        """To the committee."""
        with transaction():
            chosen = reviewers or (self.first, self.second)
            return services.put_to_committee(self.office, proposal, reviewers=chosen)

    def review(self, review: Review, *scores: int | None) -> None:
        """Declare, score and seal."""
        with transaction():
            services.declare(review.reviewer, review, has_conflict=False)
            services.seal(review.reviewer, review, content=content(*scores))

    def reviewed(self, *scores: Sequence[int], **details: Any) -> Proposal:
        """A proposal with as many sealed reviews as there are lists of scores."""
        proposal = self.proposal(**details)
        reviewers = (self.first, self.second, self.third)[: len(scores)]
        for review, given in zip(self.put(proposal, *reviewers), scores, strict=True):
            self.review(review, *given)
        return proposal

    @property
    def round(self) -> Round:
        """The call's round."""
        found = queries.round_of(self.call)
        assert found is not None
        return found

    def step(self, name: str, actor: Person | None = None) -> Any:
        """A step of the round: close_round, prepare, sign, hold, release."""
        with transaction():
            return getattr(services, name)(actor or self.chair, self.round)

    def decided(self) -> None:
        """Close the round and let the rule decide."""
        self.step("close_round")
        self.step("prepare")

    def held(self) -> None:
        """Up to the written letters."""
        self.decided()
        self.step("sign")
        self.step("sign", self.first)
        self.step("hold")
        with transaction():
            services.write_letters(self.round)

    def released(self) -> None:
        """To the end."""
        self.held()
        self.step("release")
        db.session.expire_all()


@pytest.fixture
def story(make: Make) -> Story:
    """A committee with its call."""
    return Story(make)


@pytest.fixture
def count_statements(app: Flask) -> Callable[[Callable[[], Any]], int]:
    """How many SELECTs a call sends; savepoints and settings are no statements of a page."""

    def count(call: Callable[[], Any]) -> int:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            call()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    return count
