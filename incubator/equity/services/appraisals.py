"""Appraisals: entered by one, approved by two others; only an approved one that has not expired is a price."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from incubator.approvals import services as approvals
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.equity.engines import growth
from incubator.equity.models import Appraisal, AppraisalMethod, SecurityClass
from incubator.equity.services.plans import open_approval
from incubator.equity.states import APPRAISAL, AppraisalState
from incubator.notifications.services import notify
from incubator.people.models import Person, Role

MOST = 10**15
SIGNERS = (Role.HR, Role.FINANCE)
"""Whose signatures an appraisal needs, in this order."""


@action("appraisal.create")
def create_appraisal(
    actor: Person,
    security: SecurityClass,
    /,
    *,
    appraised_on: dt.date,
    value_minor: int,
    unit_minor: int,
    method: str,
    firm: str,
    filing_number: str,
    valid_months: int = growth.VALID_MONTHS,
) -> Appraisal:
    """Enter an appraiser's result and ask for two signatures. value_minor: of the whole company; unit_minor: of one
    whole unit of the class. Raises Invalid at the field."""
    for field, text in (("firm", firm), ("filing_number", filing_number)):
        if not text.strip():
            raise Invalid(_("Enter it as it stands on the report"), field=field)
    for field, figure in (("value_minor", value_minor), ("unit_minor", unit_minor)):
        if not 0 < figure < MOST:
            raise Invalid(_("Enter an amount above 0"), field=field)
    if appraised_on > clock.today():
        raise Invalid(_("This day has not come yet"), field="appraised_on")
    if not 1 <= valid_months <= 24:
        raise Invalid(_("Enter a number between %(low)s and %(high)s", low=1, high=24), field="valid_months")
    if method not in list(AppraisalMethod):
        raise Invalid(_("Choose one of the list"), field="method")
    made = Appraisal(
        security=security, company_id=security.issuer.company_id, maker=actor, appraised_on=appraised_on,
        value_minor=value_minor, unit_minor=unit_minor, method=AppraisalMethod(method), firm=firm.strip(),
        filing_number=filing_number.strip(), valid_months=valid_months,
    )  # fmt: skip
    origin = audit.record("appraisal.create", security, {"by": actor.public_id, "filing_number": made.filing_number})
    made.cause_id = origin.id
    db.session.add(made)
    db.session.flush()
    _submit(actor, made)
    return made


def _submit(actor: Person, appraisal: Appraisal) -> None:
    APPRAISAL.move(appraisal, "submit", payload=content_of(appraisal))
    name = appraisal.security.issuer.name
    approvals.request(
        actor,
        appraisal,
        title={"en": f"Appraisal of {name}", "zh": f"{name} 评估结果"},
        address=f"/equity/appraisals/{appraisal.public_id}",
        company=appraisal.company,
        content=content_of(appraisal),
        steps=list(SIGNERS),
    )


def content_of(appraisal: Appraisal) -> dict[str, Any]:
    """What is signed, from the row as it is now."""
    return {
        "class": appraisal.security.public_id, "appraised_on": appraisal.appraised_on.isoformat(),
        "value_minor": appraisal.value_minor, "unit_minor": appraisal.unit_minor, "method": str(appraisal.method),
        "firm": appraisal.firm, "filing_number": appraisal.filing_number, "valid_months": appraisal.valid_months,
    }  # fmt: skip


@action("appraisal.approve")
def approve_appraisal(actor: Person, appraisal: Appraisal) -> None:
    """Give one of the two signatures; with the second the value may be used."""
    if approvals.sign(actor, open_approval(appraisal), content=content_of(appraisal)):
        APPRAISAL.move(appraisal, "approve")
        notify(appraisal.maker_id, "appraisal.approved", f"/equity/appraisals/{appraisal.public_id}",
               issuer=appraisal.security.issuer.name)  # fmt: skip


@action("appraisal.refuse")
def refuse_appraisal(actor: Person, appraisal: Appraisal, *, reason: str) -> None:
    """Refuse an appraisal with a reason; another is entered in its place."""
    approvals.refuse(actor, open_approval(appraisal), reason=reason)
    APPRAISAL.move(appraisal, "refuse", reason=reason)
    notify(appraisal.maker_id, "appraisal.refused", f"/equity/appraisals/{appraisal.public_id}",
           issuer=appraisal.security.issuer.name)  # fmt: skip


def last_day(appraisal: Appraisal) -> dt.date:
    """The last day on which an appraisal may be used."""
    return growth.valid_to(appraisal.appraised_on, appraisal.valid_months)


def usable(security: SecurityClass) -> Select[Appraisal]:
    """The approved appraisals of a class, the latest first; whether one has expired is asked with `refuse_unusable`."""
    return (
        select(Appraisal)
        .where(Appraisal.security_class_id == security.id, Appraisal.state == AppraisalState.APPROVED)
        .order_by(Appraisal.appraised_on.desc(), Appraisal.id.desc())
    )


def refuse_unusable(appraisal: Appraisal | None, security: SecurityClass, day: dt.date, field: str) -> Appraisal:
    """Raise Invalid at the field unless the appraisal is of the class, approved, and not expired on the day."""
    if appraisal is None or appraisal.security_class_id != security.id:
        raise Invalid(_("Choose an appraisal of this class"), field=field)
    if appraisal.state is not AppraisalState.APPROVED:
        raise Invalid(_("This appraisal is not approved by two persons yet"), field=field, code="unapproved_appraisal")
    if day > last_day(appraisal):
        raise Invalid(
            _("This appraisal could be used until %(day)s; it has expired", day=last_day(appraisal).isoformat()),
            field=field, code="expired_appraisal",
        )  # fmt: skip
    return appraisal
