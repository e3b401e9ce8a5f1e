"""What ventures show on other packages' pages."""

from typing import Any

from sqlalchemy import select

from incubator.core.db import db
from incubator.people.models import Person
from incubator.proposals.models import Proposal
from incubator.proposals.states import UNDECIDED
from incubator.ventures import queries
from incubator.ventures.models import Venture
from incubator.web.slots import part


@part("proposal.show", 40)
def of_proposal(reader: Person, proposal: Proposal) -> tuple[str, dict[str, Any]] | None:
    """The venture that came of a proposal; one query once it was decided."""
    if proposal.state in UNDECIDED:
        return None
    venture = db.session.scalar(
        select(Venture).where(Venture.id.in_(queries.visible_to(reader).with_only_columns(Venture.id)),
                              Venture.proposal_id == proposal.id)
    )  # fmt: skip
    return ("ventures/_of_proposal.html", {"venture": venture}) if venture else None
