"""Recording an event: what it would change about deadlines is shown first, and confirmed."""

from collections.abc import Callable
from typing import Any

from flask import request

from incubator.patents.models import Matter, MatterEvent
from incubator.patents.services import deadlines
from incubator.people.session import me

Shown = dict[str, Any]


def recorded(
    form: Any, matter: Matter, step: Callable[[], object], *, kind: str, voided: MatterEvent | None = None
) -> tuple[bool, Shown]:
    """Whether what the form says is recorded; if not, what its page shows: the changes nobody has seen yet, if any."""
    if not form.validate_on_submit():
        return False, {"has_errors": True}
    told = {name: form.details[name] for name in ("happened_on", "service_mode", "about") if name in form.details}
    seen = request.form.get("seen", "")
    try:
        done = form.accepts(
            lambda: deadlines.confirmed(me(), matter, step, seen=seen, kind=kind, voided=voided, **told)
        )
    except deadlines.Unconfirmed as asked:
        return False, {"changes": asked.changes, "seal": deadlines.seal(asked.changes), "status": 200}
    return done, {"has_errors": not done}
