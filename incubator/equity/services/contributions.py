"""Patents contributed as capital: the inventors' part of the shares formed, as lines of an entry of issued units.

Source: Law on Promoting Transformation of S&T Achievements (2015), Art. 45 (at least half of the shares formed by
contributing the achievement, unless an agreement or a company rule says otherwise). What each is owed stands in the
patents' rows; the register issues exactly that.
"""

from typing import Any

from flask_babel import gettext as _

from incubator.core.errors import Invalid
from incubator.equity.models import CapitalEntry
from incubator.patents import queries as patents
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import Exploitation
from incubator.patents.services import computing
from incubator.rules import queries as rules


def lines_of(record: Exploitation) -> list[dict[str, Any]]:
    """What each inventor gets of the shares formed, smallest units, as lines of an entry. Raises Invalid at `record`
    for another kind of use, one that was corrected, and one of which counsel has still to choose the rule."""
    if record.mode is not Mode.CONTRIBUTION:
        raise Invalid(_("Only a patent contributed as capital forms shares"), field="record")
    if computing.live_of(record) is not record:
        raise Invalid(_("Record %(number)s was corrected by a later one", number=record.number), field="record",
                      code="stale_record")  # fmt: skip
    owed = patents.units_due(record)
    if not owed:
        raise Invalid(
            _("Counsel has to say first which rule applies to record %(number)s", number=record.number),
            field="record", code="rule_open",
        )  # fmt: skip
    return [{"holder": one.person.public_id, "units": one.units, "price_minor": None} for one in owed]


def evidence_of(record: Exploitation) -> str:
    """What an entry of a contribution rests on."""
    return f"{record.number} · {record.matter.application_number or record.matter.number} · {record.evidence}"


def recheck(entry: CapitalEntry) -> None:
    """Before an entry of a contribution is signed for good: its lines are what the record says still, and the rule is
    confirmed by two persons. Raises Invalid with the rule named."""
    record = entry.exploitation
    if record is None:
        return
    wanted = {(line["holder"], line["units"]) for line in lines_of(record)}
    if wanted != {(line["holder"], line["units"]) for line in entry.lines}:
        raise Invalid(_("The record of the patent says something else by now; refuse this entry and draft it anew"),
                      code="stale_record")  # fmt: skip
    for rule in {one.rule for one in patents.units_due(record)}:
        if rules.is_confirmed(rule):
            continue
        named = f"{rule.source} ({rule.code} v{rule.number})"
        raise Invalid(_("Two persons have to confirm the rule first: %(rule)s", rule=named), code="unconfirmed_rule")
