"""Pages of reviewers, committees and the office that assigns."""

from incubator.reviews.views import (
    asking,
    assigning,
    auditing,
    correcting,
    deciding,
    evening,
    gates,
    helping,
    meeting,
    panels,
    recalling,
    rehearsing,
    settling,
)
from incubator.reviews.views.reviewing import bp

__all__ = [
    "asking",
    "assigning",
    "auditing",
    "bp",
    "correcting",
    "deciding",
    "evening",
    "gates",
    "helping",
    "meeting",
    "panels",
    "recalling",
    "rehearsing",
    "settling",
]
