"""Pages of inventions, of the docket and of awards."""

from incubator.patents.views import awards, docket, inventions
from incubator.patents.views.routes import bp

__all__ = ["awards", "bp", "docket", "inventions"]
