"""Gates and evaluations: a venture's tranches with a gate under way, and a provider that was evaluated."""

import datetime as dt
from typing import Any

from sqlalchemy import select

from incubator.calls.models import Call
from incubator.cloud.models import Provider
from incubator.core import clock
from incubator.core.actions import can
from incubator.core.db import db
from incubator.demo.stage import Stage
from incubator.people.models import Person, Role
from incubator.people.queries import holders_of
from incubator.reviews import queries, services
from incubator.reviews.models import Panel, PanelKind, PanelOutcome
from incubator.reviews.services import Judgement
from incubator.ventures import services as ventures

KEYS = ("uniqueness", "continuity", "team", "fit")
SCORES = ((4, 4, 3, 4), (4, 3, 4, 5))
MEMBERS = 2
GATES = 2
ASKS = "Two customers outside the group who have signed, and the unit cost below the one in the plan."
CAME = (
    "The first of the two has signed for one year; the contract is with their lawyers. The unit cost is 4% above plan."
)
GATE = "The pilot’s figures of the first half year, the kill criteria set with the charter, and plan against actual."
PROVIDER = "Requested-to-ready times, failures and corrections of the last year, and the last exit test."


def make(stage: Stage) -> None:
    """Two tranches of two ventures: the gate before the one's first is half judged, that of the other asks something,
    and part of it came; a provider's confirmed evaluation."""
    call = stage.calls["first"]
    office, gates = _officer(call), list[Panel]()
    for venture in stage.ventures.values():
        first, _second = (
            ventures.plan_tranche(office, venture, amount=amount, due_on=clock.today() + dt.timedelta(days=days))
            for amount, days in ((20_000_000, 30), (35_000_000, 210))
        )
        subject = services.subject_of(PanelKind.GATE, first)
        if len(able := _able(call, subject)) >= MEMBERS:
            gates.append(_open(call, office, subject, able, GATE))
        if len(gates) == GATES:
            break
    for judged in gates[:1]:
        _judge(judged, 1)
    for asking in gates[1:]:
        _ask(asking)
    for provider in db.session.scalars(select(Provider).order_by(Provider.id)):
        subject = services.subject_of(PanelKind.PROVIDER, provider)
        if can(office, "panel.open", subject) and len(able := _able(call, subject)) >= MEMBERS:
            evaluation = _open(call, office, subject, able, PROVIDER)
            _judge(evaluation, MEMBERS)
            _decide(evaluation)
            break


def _officer(call: Call) -> Person:
    return next(iter(db.session.scalars(holders_of(Role.OFFICE, call.company))))


def _able(call: Call, subject: services.Subject) -> list[Person]:
    return [one.person for one in queries.panel_candidates(subject, call.committee) if one.is_choosable]


def _open(call: Call, office: Person, subject: services.Subject, able: list[Person], brief: str) -> Panel:
    due = clock.today() + dt.timedelta(days=12)
    return services.open_panel(
        office, subject, committee=call.committee, rubric=call.rubric, rule=call.rule, reviewers=able[:MEMBERS],
        due_on=due, brief=brief,
    )  # fmt: skip


def _judge(panel: Panel, count: int) -> None:
    for review, scores in list(zip(panel.reviews, SCORES, strict=True))[:count]:
        services.clear_panel_review(review.reviewer, review)
        judgement = Judgement(dict(zip(KEYS, scores, strict=True)))
        services.seal_panel_review(review.reviewer, review, judgement=judgement)


def _decide(panel: Panel, **details: Any) -> None:
    chair = panel.committee.chair
    if chair is None:
        raise LookupError("the committee of the first call has a chair")
    services.decide_panel(chair.person, panel, **details)
    services.confirm_panel(panel.reviews[0].reviewer, panel)


def _ask(panel: Panel) -> None:
    """A gate that says hold, and what the venture's lead has to show so far."""
    _judge(panel, MEMBERS)
    until = clock.today() + dt.timedelta(days=45)
    _decide(panel, outcome=PanelOutcome.HOLD, reason="Sound, but sold to nobody yet.", asks=ASKS, until_on=until)
    if panel.tranche is not None:
        services.answer_gate(panel.tranche.venture.lead, panel, text=CAME)
