"""Pages of inventions, of the docket and of awards."""

from incubator.patents.views import awards, deadlines, docket, families, inventions
from incubator.patents.views.routes import bp

__all__ = ["awards", "bp", "deadlines", "docket", "families", "inventions"]
