"""What the portfolio's figures add to other packages' pages."""

from typing import Any

from incubator.calls.models import Theme
from incubator.people.models import Person
from incubator.portfolio.queries import funds_of
from incubator.web.slots import part


@part("theme.show", order=10)
def funds(_reader: Person, theme: Theme) -> tuple[str, dict[str, Any]] | None:
    """What was set aside for a theme by year, and what of it is committed, released and spent; three queries."""
    rows = funds_of(theme)
    return ("portfolio/_theme.html", {"rows": rows}) if rows else None
