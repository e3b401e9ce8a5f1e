"""What a holder sees."""

from dataclasses import dataclass

from incubator.core import clock
from incubator.equity import queries
from incubator.equity.models import EquityGrant, SecurityClass
from incubator.equity.pages.common import CHARTED, Chart, chart_of
from incubator.equity.queries import Vested
from incubator.people.models import Person


@dataclass(frozen=True)
class Holding:
    """A person's grants of one class of one issuer, together."""

    security: SecurityClass
    grants: list[EquityGrant]
    sums: Vested
    chart: Chart | None


def holdings(person: Person) -> list[Holding]:
    """What a person holds, by class, in the order of the grants."""
    by_class: dict[int, list[EquityGrant]] = {}
    for grant in queries.held_by(person):
        by_class.setdefault(grant.plan.security_class_id, []).append(grant)
    return [_holding(grants) for grants in by_class.values()]


def _holding(grants: list[EquityGrant]) -> Holding:
    security, today = grants[0].plan.security, clock.today()
    live = [grant for grant in grants if grant.state in CHARTED]
    lines = sorted((line for grant in live for line in grant.lines), key=lambda line: line.vests_on)
    chart = chart_of(lines, security, [grant.starts_on for grant in live], today) if lines else None
    return Holding(security, grants, queries.vested(lines, today), chart)
