"""What a provider's scorecard says of one that charges by its bills."""

import datetime as dt

from incubator.cloud.bill_states import BillState
from incubator.cloud.models import BillDelivery, Provider
from incubator.cloud.queries.crediting import next_month
from incubator.cloud.services import scoring
from incubator.core import clock
from incubator.core.transaction import transaction
from incubator.people.models import Person
from tests.cloud import test_bills as bills
from tests.cloud.conftest import World

billed, finance = bills.billed, bills.finance


def test_how_late_and_how_often_otherwise_is_counted_from_the_bills_that_came(
    world: World, finance: Person, billed: Provider
) -> None:
    month = next_month(clock.today())

    def at(day: int) -> dt.datetime:
        return dt.datetime.combine(month.replace(day=day), dt.time(12), clock.GROUP_ZONE)

    def come(day: int, *rows: tuple[str, int, str]) -> BillDelivery:
        with clock.travelled(at(day)):
            return bills.deliver(finance, billed, bills.bill(*rows), f"{day}.csv")

    one = bills.running(world).number
    first = come(4, (one, 1, "1.00"), (one, 2, "1.00"), ("nobody", 2, "5.00"))
    assert first.state is BillState.POSTED
    second = come(6, (one, 1, "1.00"), (one, 2, "1.10"), ("nobody", 2, "5.00"))
    assert (second.state, second.postings, second.doubts) == (BillState.POSTED, 1, [])
    with transaction():
        figures = scoring.score(billed.id, month).figures
        before = scoring.score(billed.id, clock.today().replace(day=1)).figures
    latest = at(4) - dt.datetime(2026, 11, 2, tzinfo=clock.GROUP_ZONE)
    assert 0 <= figures["lag_p95"] - latest.total_seconds() < 60
    assert figures["corrections"] == 1
    assert (before["lag_p95"], before["corrections"]) == (None, 0)
