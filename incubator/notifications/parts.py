"""What notices add to a person's own page."""

from typing import Any

from incubator.notifications import queries
from incubator.people.models import Person
from incubator.web.slots import part


@part("people.profile", order=10)
def calendar(reader: Person, person: Person) -> tuple[str, dict[str, Any]]:
    """Whether the calendar has a secret address; one query."""
    return "notifications/_calendar.html", {"feed": queries.calendar_feed(person)}
