"""The letters of grants as PDF: written by the job while a grant waits for its signatures."""

from collections.abc import Sequence

from sqlalchemy import and_, exists, select

from incubator.core.db import db
from incubator.equity.models import EquityGrant, EquityLetter
from incubator.equity.states import GrantState
from incubator.files import letters
from incubator.files.models import File
from incubator.files.services import keep_own
from incubator.people.queries import group_of
from incubator.web.words import local_words

LANGUAGES = ("en", "zh")
BATCH = 20
WITH_LETTER = (GrantState.IN_APPROVAL, GrantState.APPROVED, GrantState.OFFERED, GrantState.ACCEPTED, GrantState.LIVE)


def unwritten() -> Sequence[EquityGrant]:
    """Grants with a signed text whose PDF of either language is not there, oldest first, a batch."""
    missing = [
        ~exists().where(
            EquityLetter.grant_id == EquityGrant.id, EquityLetter.letter_hash == EquityGrant.letter_hash,
            EquityLetter.language == language,
        )
        for language in LANGUAGES
    ]  # fmt: skip
    return db.session.scalars(
        select(EquityGrant)
        .where(and_(EquityGrant.state.in_(WITH_LETTER), EquityGrant.letter_hash.is_not(None)), missing[0] | missing[1])
        .order_by(EquityGrant.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=EquityGrant)
    ).all()


def write(grant: EquityGrant) -> int:
    """Typeset what is missing of a grant's letter; how many were written. Repeatable: the same text, the same bytes."""
    written = 0
    for language in LANGUAGES:
        if letter_of(grant, language) is None and grant.letter is not None and grant.letter_hash is not None:
            row = EquityLetter(grant=grant, language=language, letter_hash=grant.letter_hash,
                               file=_typeset(grant, grant.letter[language], language))  # fmt: skip
            db.session.add(row)
            written += 1
    db.session.flush()
    return written


def _typeset(grant: EquityGrant, text: str, language: str) -> File:
    said = said_of(grant, text, language)
    return keep_own(letters.pdf("letter", said, language), f"{grant.number}-{language}.pdf", letters.PDF)


def said_of(grant: EquityGrant, text: str, language: str) -> letters.Letter:
    """What the template of letters is filled with: the same text gives the same bytes."""
    title, *paragraphs = [block.strip() for block in text.split("\n\n") if block.strip()]
    return {
        "group": grant.company.name[language] if language in grant.company.name else local_words(grant.company.name),
        "number": grant.number,
        "date": grant.granted_on,
        "to": [grant.holder.name],
        "title": title,
        "body": paragraphs,
        "closing": [group_of(grant.company).name[language]],
    }


def letter_of(grant: EquityGrant, language: str) -> EquityLetter | None:
    """The PDF of the text as it stands now."""
    return db.session.scalar(
        select(EquityLetter).where(
            EquityLetter.grant_id == grant.id, EquityLetter.letter_hash == grant.letter_hash,
            EquityLetter.language == language,
        )
    )  # fmt: skip
