"""Reasons and remarks, as they are given."""

from flask_babel import gettext as _

from incubator.core.errors import Invalid

LONGEST = 2000
"""Characters of a reason."""


def needed(text: str, field: str, words: str) -> str:
    """The text without the space around it. Raises Invalid at the field when there is none, or too much."""
    text = text.strip()
    if not text:
        raise Invalid(words, field=field)
    return limited(text, field)


def limited(text: str, field: str) -> str:
    """The text without the space around it. Raises Invalid at the field when it is too long."""
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST), field=field)
    return text
