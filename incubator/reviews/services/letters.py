"""The letter that tells a proposer the decision, in both languages."""

import hashlib

from flask import render_template
from flask_babel import force_locale

from incubator.core.db import db
from incubator.reviews import queries
from incubator.reviews.models import Decision, Letter, Round
from incubator.reviews.queries.explaining import explain
from incubator.reviews.queries.rounds import LANGUAGES
from incubator.reviews.states import DecisionState
from incubator.web.words import local_words

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}


def write_letters(round_: Round) -> int:
    """Render what is missing of the held decisions' letters; repeatable. Called by the job, without an action."""
    written = 0
    for decision in queries.current_decisions(round_, DecisionState.HELD):
        there = {letter.language for letter in decision.letters}
        for language in LANGUAGES:
            if language not in there:
                db.session.add(_letter(decision, language))
                written += 1
    db.session.flush()
    return written


def _letter(decision: Decision, language: str) -> Letter:
    body = _body(decision, language)
    return Letter(decision_id=decision.id, language=language, body=body, hash=hashlib.sha256(body.encode()).digest())


def _body(decision: Decision, language: str) -> str:
    """The letter as plain text, paragraphs parted by empty lines."""
    proposal = decision.proposal
    with force_locale(LOCALES[language]):
        return render_template(
            "letters/decision.txt",
            decision=decision,
            proposal=proposal,
            reason=decision.reason if decision.override else explain(decision.result, proposal.currency),
            call=local_words(proposal.call.title),
            committee=local_words(decision.round.committee.name),
        ).strip()
