"""Input about matters."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional

from incubator.patents.forms.fields import DayField
from incubator.web.forms import Form, Required


class EventForm(Form):
    """What happened at the office, when, under which number, and what shows it."""

    happened_on = DayField(_l("Day"), validators=[Required(_l("Enter the day, such as 2026-11-24."))])
    number = StringField(_l("Number"), validators=[Optional(), Length(max=60)])
    evidence = TextAreaField(_l("What shows it"), validators=[Optional(), Length(max=2000)])

    @property
    def details(self) -> dict[str, Any]:
        """The values as the services of matters take them."""
        return {name: value if name == "happened_on" else value or "" for name, value in self.values.items()}


class FilingForm(EventForm):
    """A filing, which has a number."""

    number = StringField(
        _l("Application number"), validators=[Required(_l("Enter the number the office gave.")), Length(max=60)],
        description=_l("With its check digit, such as 201710601862.3."),
    )  # fmt: skip
