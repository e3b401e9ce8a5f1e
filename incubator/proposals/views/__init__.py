"""Pages of proposals."""

from incubator.proposals.views import attachments, copying, exports, pages, versions
from incubator.proposals.views.routes import bp

__all__ = ["attachments", "bp", "copying", "exports", "pages", "versions"]
