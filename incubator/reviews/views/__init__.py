"""Pages of reviewers, committees and the office that assigns."""

from incubator.reviews.views import assigning
from incubator.reviews.views.reviewing import bp

__all__ = ["assigning", "bp"]
