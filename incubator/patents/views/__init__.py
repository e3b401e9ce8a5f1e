"""Pages of inventions, of the docket, of awards and of what patents earn."""

from incubator.patents.views import awards, decisions, docket, exploitation, inventions, secrets, shares
from incubator.patents.views.routes import bp

__all__ = ["awards", "bp", "decisions", "docket", "exploitation", "inventions", "secrets", "shares"]
