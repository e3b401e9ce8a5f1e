"""What a venture that a gate killed leaves behind: its open gates, and its sandboxes."""

from flask_babel import gettext as _

from incubator.cloud import services as cloud
from incubator.cloud.models import Sandbox
from incubator.cloud.services.ending import expire
from incubator.cloud.states import LEASE, SANDBOX
from incubator.core import audit
from incubator.people.predicates import SYSTEM
from incubator.reviews import queries
from incubator.reviews.models import Panel
from incubator.reviews.states import PANEL
from incubator.ventures import services as ventures
from incubator.ventures.models import Venture
from incubator.ventures.states import VentureState


def undecide(panel: Panel) -> None:
    """Take back what was decided in a panel and not confirmed."""
    panel.outcome, panel.override, panel.reason, panel.decided_by_id = None, False, "", None
    panel.inputs = panel.inputs_hash = panel.result = None
    panel.asks, panel.until_on = "", None


def end_panel(panel: Panel, reason: str, *, cause_id: int | None = None) -> None:
    """Cancel a panel that is not confirmed: nothing follows from it, and its reason stands."""
    if PANEL.allows(panel, "cancel"):
        undecide(panel)
        panel.reason = reason
    PANEL.move(panel, "cancel", reason=reason, cause_id=cause_id)


def stop_venture(venture: Venture, *, reason: str, cause_id: int) -> None:
    """End the venture with all that must not go on: gates, tranches and sandboxes. Called by a confirmed kill."""
    for panel in queries.gates_under_way(venture):
        end_panel(panel, _("The venture was stopped at another gate."), cause_id=cause_id)
    ventures.stop(venture, reason=reason, cause_id=cause_id)
    if venture.state is VentureState.STOPPED:
        close_sandboxes(venture)


def close_sandboxes(venture: Venture) -> int:
    """End the leases of a stopped venture: what runs is frozen, copied for the team and closed after its days of grace;
    what was not handed over is closed. Answers how many; repeatable, for an order may come in beside the stop."""
    stopped = audit.event_of(venture, "venture.stop")
    with audit.because(SYSTEM, "venture.close_sandboxes", parent_id=stopped.id):
        return sum(_end(sandbox) for sandbox in queries.sandboxes_going_on(venture))


def _end(sandbox: Sandbox) -> bool:
    if LEASE.allows(sandbox.lease, "expire"):
        expire(sandbox.lease, sandbox)
    elif SANDBOX.allows(sandbox, "close"):
        cloud.close(SYSTEM, sandbox)
    else:  # it is being made: looked at again with the next run
        return False
    return True
