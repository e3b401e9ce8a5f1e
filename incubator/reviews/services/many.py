"""Drafts of many reviews saved together, each in a savepoint of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm.exc import StaleDataError

from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import attempt
from incubator.people.models import Person
from incubator.reviews.models import Review
from incubator.reviews.services.reviewing import Content, save


@dataclass(frozen=True)
class Change:
    """What a review is to say, and the version its writer started from."""

    review: Review
    content: Content
    version: int | None


def save_many(actor: Person, changes: Sequence[Change]) -> dict[str, str | None]:
    """Save each; answers by the review's public id None, or why it was not saved."""
    answers: dict[str, str | None] = {}
    for change in changes:
        key = change.review.public_id
        try:
            with attempt():
                save(actor, change.review, content=change.content, version=change.version)
            answers[key] = None
        except DomainError as refusal:
            answers[key] = str(refusal.message)
        except StaleDataError:
            answers[key] = ""
            db.session.expire(change.review)
    return answers
