"""Shares owed to inventors of those formed by contributing their patent as capital (Transformation Law, Art. 45)."""

from incubator.core import audit
from incubator.notifications.services import notify
from incubator.patents import queries
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import Exploitation, UnitsDue
from incubator.patents.services import computing


def owe_units(record: Exploitation, *, cause_id: int) -> list[UnitsDue]:
    """A row an inventor for a contribution, by the rule of its day; none while counsel has to choose the rule.

    The equity register issues them and shows each its cause. Raises Invalid at the field that keeps it from being
    computed.
    """
    computed = computing.of_use(record)
    if computed.calculation["ask_counsel"]:
        return []
    made = [
        UnitsDue(exploitation=record, person=person, rule=computed.rule, share_bp=points, units=units)
        for person, points, units in computed.parts
        if units
    ]
    for one in made:
        audit.created(one, cause_id=cause_id, payload={"record": record.number, "units": one.units})
        notify(one.person_id, "units_due.created", "/inventions/", number=record.number)
    return made


def choose(record: Exploitation, *, cause_id: int) -> list[UnitsDue]:
    """The rows of a record whose rule counsel has just chosen; those by another rule are undone by rows below 0."""
    if record.mode != Mode.CONTRIBUTION:
        return []
    take_back(record, cause_id=cause_id)
    return owe_units(record, cause_id=cause_id)


def take_back(record: Exploitation, *, cause_id: int) -> None:
    """Undo what is owed for a record that is corrected, each row by one below 0."""
    for line in queries.units_due(record):
        undone = UnitsDue(
            exploitation=record, person=line.person, rule=line.rule, share_bp=line.share_bp, units=-line.units,
            reverses_id=line.id,
        )  # fmt: skip
        audit.created(undone, cause_id=cause_id, payload={"record": record.number, "units": undone.units})
