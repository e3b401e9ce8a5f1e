"""Clarification: the chair asks, the proposer answers, or the date ends it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from incubator.calls.templates import FormTemplate
from incubator.core import audit, clock, outbox
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.proposals import queries
from incubator.proposals.engines import answers as engine
from incubator.proposals.engines import lengths
from incubator.proposals.events import ProposalAnswered
from incubator.proposals.models import Clarification, ClarificationQuestion, Proposal
from incubator.proposals.services import moves
from incubator.proposals.services.drafts import TextMoved
from incubator.proposals.states import ProposalState

MOST = 5
"""Questions asked together."""
LONGEST = 1_000
"""Characters of a question."""


@dataclass(frozen=True)
class Asked:
    """A question with the most words of its answer; field: the key of what it is about, empty: all of it."""

    question: str
    word_limit: int = 300
    field: str = ""


@action("proposal.ask")
def ask(actor: Person, proposal: Proposal, *, questions: Sequence[Asked], due_on: dt.date) -> Clarification:
    """Put questions to the proposer, to be answered by the end of a day; reviewing waits for them, or for the day.

    Raises Invalid at question_1, limit_<n>, field_<n> or due_on.
    """
    moves.lock(proposal)
    asked = [Asked(moves.plain(one.question), one.word_limit, one.field) for one in questions]
    asked = [one for one in asked if one.question]
    _check(proposal, asked)
    zone = ZoneInfo(proposal.company.time_zone)
    if due_on <= clock.today(zone):
        raise Invalid(_("Name a day after today, so that there is time to answer."), field="due_on")
    payload = {"due_on": due_on.isoformat(), "questions": len(asked)}
    event = moves.move(proposal, "ask", payload=payload)
    proposal.answer_by, proposal.questioned_at = clock.end_of(due_on, zone), clock.now()
    clarification = Clarification(proposal=proposal, asked_by=actor, due_at=proposal.answer_by)
    clarification.questions = [
        ClarificationQuestion(position=n, question=one.question, word_limit=one.word_limit, field=one.field)
        for n, one in enumerate(asked, 1)
    ]
    audit.created(clarification, cause_id=event.id, payload=payload)
    link = moves.address(proposal, "/answers")
    notify(proposal.lead_id, "proposal.asked", link, title=proposal.title, day=due_on.isoformat())
    return clarification


def _check(proposal: Proposal, asked: Sequence[Asked]) -> None:
    if not asked:
        raise Invalid(_("Ask at least one question."), field="question_1")
    if len(asked) > MOST:
        raise Invalid(_("Ask at most %(n)s questions at a time.", n=MOST), field="question_1")
    known = FormTemplate.of(proposal.call.form).fields
    for number, one in enumerate(asked, 1):
        if len(one.question) > LONGEST:
            raise Invalid(_("Shorten this to at most %(n)s characters.", n=LONGEST), field=f"question_{number}")
        if not 20 <= one.word_limit <= 2_000:
            raise Invalid(_("Allow between 20 and 2,000 words."), field=f"limit_{number}")
        if one.field and one.field not in known:
            raise Invalid(_("The call does not ask this."), field=f"field_{number}")


@action("proposal.keep_answers")
def keep_answers(
    actor: Person, proposal: Proposal, *, answers: Mapping[int, str], revision: int | None = None
) -> Clarification:
    """Keep answers (position of the question: text) while they are written; only word limits are checked.

    revision: of the answers that were read, None for whatever stands. Raises TextMoved when others were kept since.
    """
    clarification = _open(proposal, revision)
    _write(clarification, answers)
    clarification.saved_at = clock.now()
    db.session.flush()
    return clarification


def _open(proposal: Proposal, revision: int | None) -> Clarification:
    """The open questions of a proposal, which is locked from now on."""
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.CLARIFICATION,))
    clarification = queries.open_clarification(proposal)
    if revision is not None and clarification.revision != revision:
        raise TextMoved(_("This text was saved elsewhere meanwhile."), clarification)
    return clarification


def _write(clarification: Clarification, answers: Mapping[int, str]) -> None:
    for one in clarification.questions:
        text = engine.clean(answers.get(one.position, one.answer)) or ""
        if (over := lengths.words(text) - one.word_limit) > 0:
            words = ngettext("Shorten this by %(num)s word.", "Shorten this by %(num)s words.", over)
            raise Invalid(words, field=f"answer_{one.position}")
        one.answer = text


@action("proposal.answer")
def answer(
    actor: Person,
    proposal: Proposal,
    *,
    answers: Mapping[int, str],
    revision: int | None = None,
    begun_at: dt.datetime | None = None,
) -> Proposal:
    """Send the answers to all questions: the review goes on. begun_at: when the request began (now by default).

    Raises Invalid at answer_<position> where one is missing or too long, TextMoved as `keep_answers` does,
    WrongState when the time is over.
    """
    clarification = _open(proposal, revision)
    if (begun_at or clock.now()) >= clarification.due_at:
        raise WrongState(_("The time to answer is over."))
    _write(clarification, answers)
    for one in clarification.questions:
        if not one.answer:
            raise Invalid(_("Answer this question."), field=f"answer_{one.position}")
    _close(clarification, sent=True)
    return proposal


@action("proposal.end_asking")
def end_asking(actor: Actor, proposal: Proposal) -> Proposal:
    """Go on with the review once the day has passed: what was kept by then counts as the answer."""
    moves.lock(proposal)
    moves.require_state(proposal, (ProposalState.CLARIFICATION,))
    clarification = queries.open_clarification(proposal)
    if clock.now() < clarification.due_at:
        raise WrongState(_("There is still time to answer."))
    _close(clarification, sent=False)
    link = moves.address(proposal, "/answers")
    notify(proposal.lead_id, "proposal.asking_ended", link, title=proposal.title)
    return proposal


def _close(clarification: Clarification, *, sent: bool) -> None:
    now, proposal = clock.now(), clarification.proposal
    given = 0
    for one in clarification.questions:
        if one.answer:
            one.answered_at, given = now, given + 1
    clarification.closed_at, clarification.sent = now, sent
    moves.move(proposal, "answer", payload={"answers": given, "sent": sent})
    proposal.answer_by = None
    outbox.publish(ProposalAnswered(proposal_id=proposal.id))
