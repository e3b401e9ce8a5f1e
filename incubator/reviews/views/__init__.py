"""Pages of reviewers, committees and the office that assigns."""

from incubator.reviews.views import assigning, correcting, recalling, rehearsing
from incubator.reviews.views.reviewing import bp

__all__ = ["assigning", "bp", "correcting", "recalling", "rehearsing"]
