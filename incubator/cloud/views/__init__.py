"""Pages of the catalogue, of sandboxes and of operations."""

from incubator.cloud.views import manual, pages, repairing, teams
from incubator.cloud.views.routes import bp

__all__ = ["bp", "manual", "pages", "repairing", "teams"]
