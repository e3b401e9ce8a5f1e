"""What the cloud shows on other packages' pages."""

from typing import Any

from incubator.cloud import drivers, queries
from incubator.cloud.driver_words import DRIVERS, POOL_STATES, TRIED
from incubator.cloud.models import Provider
from incubator.cloud.queries import connecting
from incubator.core.db import db
from incubator.people.models import Person, Role
from incubator.people.predicates import has_role
from incubator.ventures.models import Venture
from incubator.web.slots import part


@part("provider.show", 40)
def of_provider(reader: Person, provider: Provider) -> tuple[str, dict[str, Any]] | None:
    """For its operators: how it is reached, its pool by state, what its sizes tell it; at most two queries."""
    if not has_role(Role.CLOUD_OPERATOR)(reader, provider) or provider.driver == drivers.LOCAL_PG:
        return None
    values: dict[str, Any] = {
        "plans": db.session.execute(connecting.settings_of(provider)).all(), "pool": [],
        "way": DRIVERS.get(provider.driver, provider.driver), "tried": TRIED.get(provider.driver),
    }  # fmt: skip
    if drivers.capabilities_of(provider.driver).pooled:
        values["pool"] = db.session.execute(connecting.pool_of(provider)).all()
    return "cloud/_connection.html", values | {"pool_words": POOL_STATES}


@part("venture.show", 10)
def of_venture(reader: Person, venture: Venture) -> tuple[str, dict[str, Any]] | None:
    """A venture's sandboxes with what they may spend and have spent; one query."""
    rows = db.session.execute(queries.of_venture(reader, venture)).all()
    is_lead = reader.id == venture.lead_id
    return (
        ("cloud/_of_venture.html", {"rows": rows, "is_lead": is_lead, "venture": venture}) if rows or is_lead else None
    )
