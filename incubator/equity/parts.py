"""What the page of a venture shows of equity: HR its plans, a holder their own grants."""

from typing import Any

from incubator.core.actions import can
from incubator.equity import queries
from incubator.people.models import Person
from incubator.ventures.models import Venture
from incubator.web.slots import part


@part("venture.show", order=30)
def venture_equity(reader: Person, venture: Venture) -> tuple[str, dict[str, Any]] | None:
    """The card of equity; nothing for whom it is none of their business."""
    is_hr = can(reader, "equity_plan.create", venture)
    plans = queries.plans_of_venture(venture) if is_hr else []
    own = queries.own_in_venture(reader, venture)
    if not is_hr and not own:
        return None
    return "equity/_venture.html", {"plans": plans, "own": own, "may_plan": is_hr}
