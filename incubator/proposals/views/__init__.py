"""Pages of proposals."""

from incubator.proposals.views import (
    asking,
    attachments,
    changes,
    copying,
    exports,
    likeness,
    lists,
    outcomes,
    pages,
    presence,
    talk,
    versions,
)
from incubator.proposals.views.routes import bp

__all__ = [
    "asking", "attachments", "bp", "changes", "copying", "exports", "likeness", "lists", "outcomes", "pages",
    "presence", "talk", "versions",
]  # fmt: skip
