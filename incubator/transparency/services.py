"""Opening and closing an auditor's case."""

import datetime as dt

from flask_babel import gettext as _
from sqlalchemy import delete

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.equity.models import EquityGrant
from incubator.people.access import allow
from incubator.people.models import Access, Person
from incubator.transparency import queries
from incubator.transparency.kinds import KINDS
from incubator.transparency.models import CaseGrant

LONGEST = 90
UNFILED = {("matter", "prepared")}
"""An invention that is not filed yet is opened by a case of two persons only."""


@action("case_grant.open")
def open_case(actor: Person, grant: EquityGrant, *, reason: str, days: int) -> CaseGrant:
    """Open the chain of a grant to an auditor for some days, for a stated reason; the case is itself an event.

    Refused to who has a stake in it: the holder, and everybody of the venture's team.
    """
    if not reason.strip():
        raise Invalid(_("Say why you need to read this"), field="reason")
    if not 1 <= days <= LONGEST:
        raise Invalid(_("Enter between 1 and %(n)s days", n=LONGEST), field="days")
    if actor.id in {member.person_id for member in grant.plan.venture.members}:
        raise NotAllowed(_("You have a part in this venture; another auditor opens this case."))
    until = clock.now() + dt.timedelta(days=days)
    case = CaseGrant(
        auditor=actor, company_id=grant.company_id, subject_type=grant.__tablename__, subject_id=grant.id,
        number=grant.number, reason=reason.strip(), until_at=until,
    )  # fmt: skip
    origin = audit.event_of(grant, "equity_grant.create")
    audit.created(case, cause_id=origin.id, payload={"number": grant.number, "reason": case.reason, "days": days})
    _open_rows(case, grant)
    return case


def _open_rows(case: CaseGrant, grant: EquityGrant) -> None:
    """Give access to each row of the chain; the disclosure of an invention is not among them."""
    found = queries.walk(grant.__tablename__, grant.id, case.auditor)
    for step in (*found.line, *found.sides):
        kind = KINDS[step.kind]
        if kind.opened and "row_missing" not in step.findings and (step.kind, step.state) not in UNFILED:
            allow(case.auditor_id, kind.model(id=step.id), case.source, until_at=case.until_at)


@action("case_grant.close")
def close_case(actor: Person, case: CaseGrant) -> None:
    """End a case before its day; its access ends at once."""
    if not case.is_open:
        raise WrongState(_("This case has ended already."))
    case.closed_at = clock.now()
    audit.record("case_grant.close", case, {"number": case.number})
    db.session.execute(delete(Access).where(Access.person_id == case.auditor_id, Access.source == case.source))
