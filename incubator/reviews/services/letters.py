"""The letter that tells a proposer the decision, in both languages."""

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from incubator.core import clock
from incubator.core.db import db
from incubator.files import letters
from incubator.files.models import File
from incubator.files.services import keep_own
from incubator.people.queries import group_of
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
    with force_locale(LOCALES[language]):
        body = _body(decision)
        file = _typeset(decision, body, language)
    return Letter(decision_id=decision.id, language=language, body=body, hash=file.sha256, file=file)


def _typeset(decision: Decision, body: str, language: str) -> File:
    proposal = decision.proposal
    said: letters.Letter = {
        "group": local_words(group_of(proposal.company).name),
        "number": decision.number,
        "date": clock.today(),
        "to": [proposal.lead.name, local_words(proposal.lead.company.name)],
        "title": _("Decision on “%(title)s”", title=proposal.title),
        "body": [paragraph.strip() for paragraph in body.split("\n\n")],
        "closing": [local_words(decision.round.committee.name)],
    }
    return keep_own(letters.pdf("letter", said, language), f"{decision.number}-{language}.pdf", letters.PDF)


def _body(decision: Decision) -> str:
    """The letter as plain text in the language in force, paragraphs parted by empty lines."""
    proposal = decision.proposal
    return render_template(
        "letters/decision.txt",
        decision=decision,
        proposal=proposal,
        reason=decision.reason if decision.override else explain(decision.result, proposal.currency),
        call=local_words(proposal.call.title),
        committee=local_words(decision.round.committee.name),
    ).strip()
