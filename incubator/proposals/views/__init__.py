"""Pages of proposals."""

from incubator.proposals.views import attachments, pages
from incubator.proposals.views.routes import bp

__all__ = ["attachments", "bp", "pages"]
