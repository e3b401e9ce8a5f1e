"""Tables of equity that come in and go out: what their columns are."""

from typing import Annotated, Literal

from flask_babel import lazy_gettext as _l
from pydantic import Field

from incubator.web.sheets import Column, Day, Heading, Row
from incubator.web.sheets.columns import Kind

Reasons = Literal["resignation", "cause", "redundancy", "retirement", "death", "move"]


class LeaverRow(Row):
    """One leaver or mover, as HR's list has them."""

    hr_number: Annotated[str, Heading(_l("HR number"))]
    reason: Annotated[Reasons, Heading(_l("Why"))]
    last_day: Annotated[Day, Heading(_l("Last day of work"))]
    value: Annotated[str, Heading(_l("Appraised value of one unit"))] = ""
    note: Annotated[str, Heading(_l("Evidence"))]


class GrantRow(Row):
    """One grant of many: who, how many whole units, at which price, and when."""

    hr_number: Annotated[str, Heading(_l("HR number"))]
    units: Annotated[str, Heading(_l("Units"))]
    price: Annotated[str, Heading(_l("Price of one unit"))]
    granted_on: Annotated[Day, Heading(_l("Grant date"))]
    starts_on: Annotated[Day, Heading(_l("Vesting starts on"))]
    months: Annotated[int | None, Field(ge=1, le=120), Heading(_l("Vests over (months)"))] = None
    every_months: Annotated[int | None, Field(ge=1, le=120), Heading(_l("In parts every (months)"))] = None
    cliff_months: Annotated[int | None, Field(ge=0, le=120), Heading(_l("Nothing before (months)"))] = None
    pay: Annotated[str, Heading(_l("Pay of a year"))] = ""
    unit_value: Annotated[str, Heading(_l("Fair value of one unit"))] = ""
    bought_units: Annotated[str, Heading(_l("Units bought with the award"))] = ""
    joined_on: Annotated[Day | None, Heading(_l("Works here since"))] = None


class PaymentRow(Row):
    """What payroll says became of a line."""

    line: Annotated[str, Heading(_l("Line"))]
    state: Annotated[Literal["paid", "failed"], Heading(_l("Status"))]
    told: Annotated[str, Heading(_l("Remark"))] = ""


PLAN_GRANTS = [
    Column("number", _l("Grant")),
    Column("holder", _l("Holder")),
    Column("hr_number", _l("HR number")),
    Column("units", _l("Units")),
    Column("vested", _l("Vested")),
    Column("price_minor", _l("Price of one unit"), Kind.MONEY),
    Column("currency", _l("Currency")),
    Column("granted_on", _l("Granted on")),
    Column("state", _l("Status")),
]
PERSON_GRANTS = [Column("plan", _l("Equity plan")), Column("venture", _l("Venture")), *[
    column for column in PLAN_GRANTS if column.key not in ("holder", "hr_number")
]]  # fmt: skip
PAYROLL = [
    Column("public_id", _l("Line")),
    Column("hr_number", _l("HR number")),
    Column("name", _l("Name")),
    Column("period", _l("Month")),
    Column("cause", _l("For")),
    Column("number", _l("Grant")),
    Column("amount_minor", _l("Amount"), Kind.MONEY),
    Column("currency", _l("Currency")),
]
