"""Pages of inventions, of the docket, of awards and of what patents earn."""

from incubator.patents.views import (
    awards,
    care,
    deadlines,
    decisions,
    docket,
    exchange,
    exploitation,
    families,
    inventions,
    secrets,
    shares,
)
from incubator.patents.views.routes import bp

__all__ = [
    "awards", "bp", "care", "deadlines", "decisions", "docket", "exchange", "exploitation", "families", "inventions",
    "secrets", "shares",
]  # fmt: skip
