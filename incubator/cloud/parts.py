"""What the cloud shows on other packages' pages."""

from typing import Any

from incubator.cloud import queries
from incubator.core.db import db
from incubator.people.models import Person
from incubator.ventures.models import Venture
from incubator.web.slots import part


@part("venture.show", 10)
def of_venture(reader: Person, venture: Venture) -> tuple[str, dict[str, Any]] | None:
    """A venture's sandboxes with what they may spend and have spent; one query."""
    rows = db.session.execute(queries.of_venture(reader, venture)).all()
    is_lead = reader.id == venture.lead_id
    return (
        ("cloud/_of_venture.html", {"rows": rows, "is_lead": is_lead, "venture": venture}) if rows or is_lead else None
    )
