"""What follows from events of lower packages."""

from incubator.calls.events import CallExtended
from incubator.core.outbox import subscribe
from incubator.proposals import services


@subscribe(CallExtended)
def tell_of_more_time(event: CallExtended) -> None:
    """Who has a draft in the call learns until when it can be handed in."""
    services.tell_of_more_time(event.call_id)
