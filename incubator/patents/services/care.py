"""Who of counsel may read an invention before it is filed: whoever takes it up, with a reason, for a time."""

import datetime as dt

from flask_babel import gettext as _

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.notifications.services import notify
from incubator.patents.models import Disclosure
from incubator.patents.queries.inventions import CARE
from incubator.patents.services.holding import hold
from incubator.patents.services.texts import needed
from incubator.people import access
from incubator.people.models import Person

YEAR = dt.timedelta(days=365)
"""How long a counsel reads it, unless it is filed before or taken up again."""


@action("disclosure.take_up")
def take_up(actor: Person, disclosure: Disclosure, *, reason: str) -> None:
    """Open the text to the counsel who looks after it, for a year; the author is told. Raises Invalid at reason."""
    hold(disclosure)
    reason = needed(reason, "reason", _("Say why you read it; the reason stands on record."))
    give(actor, disclosure, reason=reason)
    address = f"/inventions/{disclosure.public_id}"
    notify(disclosure.author_id, "disclosure.taken_up", address, name=actor.name, number=disclosure.number)


def give(counsel: Person, disclosure: Disclosure, *, reason: str) -> None:
    """Write it into the table of who may see what; called within an action that has checked the right."""
    until = clock.now() + YEAR
    audit.record("disclosure.take_up", disclosure, {"until": until.date().isoformat()}, reason=reason)
    access.allow(counsel.id, disclosure, CARE, until_at=until)
