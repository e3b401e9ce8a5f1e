"""Pages of reviewers, committees and the office that assigns."""

from incubator.reviews.views import assigning, auditing, correcting, deciding, meeting
from incubator.reviews.views.reviewing import bp

__all__ = ["assigning", "auditing", "bp", "correcting", "deciding", "meeting"]
