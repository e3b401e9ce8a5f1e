"""How I want to be told."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from incubator.notifications.models import Delivery
from incubator.notifications.words import GROUPS
from incubator.web.forms import Form

DELIVERIES = [
    SelectChoice(Delivery.MAIL.value, _l("By mail at once")),
    SelectChoice(Delivery.DIGEST.value, _l("By mail once a day")),
    SelectChoice(Delivery.APP.value, _l("Here only")),
    SelectChoice(Delivery.OFF.value, _l("Not at all")),
]


class ChoicesForm(Form):
    """One choice a group of kinds."""

    @classmethod
    def of(cls, chosen: dict[str, Delivery], default: Delivery) -> Any:
        """The form with a person's choices."""
        fields = {
            group: RadioField(label, choices=DELIVERIES, default=chosen.get(group, default).value)
            for group, (label, _beginnings) in GROUPS.items()
        }
        return type("PersonsChoicesForm", (cls,), fields)()

    @property
    def choices(self) -> dict[str, Delivery]:
        """What was chosen, by group."""
        return {group: Delivery(self[group].data) for group in GROUPS}
