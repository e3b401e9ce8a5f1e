"""What pages of lower packages show of inventions."""

from typing import Any

from incubator.patents import queries
from incubator.patents.predicates import is_venture_member, may_see_figures
from incubator.people.models import Person
from incubator.ventures.models import Venture
from incubator.web.slots import part


@part("venture.show", order=40)
def inventions_of_venture(reader: Person, venture: Venture) -> tuple[str, dict[str, Any]] | None:
    """The venture's inventions, as far as the reader may see them; None when there is nothing to see or do."""
    inventions = queries.of_venture(reader, venture)
    is_member = is_venture_member(reader, venture)
    if not inventions and not is_member:
        return None
    uses = queries.uses_of_venture(venture) if may_see_figures(reader, venture) else []
    return "patents/_venture.html", {"inventions": inventions, "is_member": is_member, "uses": uses}
