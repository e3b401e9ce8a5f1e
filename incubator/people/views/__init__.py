"""Pages of people: signing in, one's own choices, and taking the directory in from a table."""

from incubator.people.views import imports, pages
from incubator.people.views.routes import bp

__all__ = ["bp", "imports", "pages"]
