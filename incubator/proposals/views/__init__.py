"""Pages of proposals."""

from incubator.proposals.views import (
    asking,
    attachments,
    changes,
    checking,
    copying,
    dossiers,
    exports,
    imports,
    likeness,
    lists,
    opening,
    outcomes,
    pages,
    presence,
    preview,
    talk,
    versions,
)
from incubator.proposals.views.routes import bp

__all__ = [
    "asking", "attachments", "bp", "changes", "checking", "copying", "dossiers", "exports", "imports", "likeness",
    "lists", "opening", "outcomes", "pages", "presence", "preview", "talk", "versions",
]  # fmt: skip
