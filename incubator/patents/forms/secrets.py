"""Input about trade secrets and security reviews."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from incubator.patents.forms.fields import DayField
from incubator.web.forms import Form, Required

DAY = _l("Enter the day, such as 2026-11-24.")


class SecretForm(Form):
    """How a secret is kept, and when it is looked at again."""

    measures = TextAreaField(
        _l("Measures that keep it secret"), validators=[Required(_l("Say what keeps it secret."))],
        description=_l("Who may know it, where it is kept, who has signed what."),
    )  # fmt: skip
    review_on = DayField(
        _l("Look at it again on"), validators=[Optional()], description=_l("Left empty: in a year.")
    )  # fmt: skip


class RequestForm(Form):
    """The request to the office."""

    requested_on = DayField(_l("Asked for on"), validators=[Required(DAY)])
    request_number = StringField(_l("Number of the request"), validators=[Optional(), Length(max=60)])
    evidence = TextAreaField(_l("What shows it"), validators=[Optional(), Length(max=2000)])


class NoticeForm(Form):
    """The office's notice that it examines further."""

    notified_on = DayField(_l("Notice received on"), validators=[Required(DAY)])
    extended = BooleanField(_l("The office has taken two months more"), validators=[Optional()])
    evidence = TextAreaField(_l("What shows it"), validators=[Optional(), Length(max=2000)])


class ClearanceForm(Form):
    """The office's answer that lets it go abroad, or its silence."""

    decided_on = DayField(_l("Cleared on"), validators=[Required(DAY)])
    by_silence = BooleanField(_l("No notice came in time"), validators=[Optional()])
    extended = BooleanField(_l("The office has taken two months more"), validators=[Optional()])
    evidence = TextAreaField(_l("What shows it"), validators=[Optional(), Length(max=2000)])


class RefusalForm(Form):
    """The office's answer that keeps it in the country."""

    decided_on = DayField(_l("Refused on"), validators=[Required(DAY)])
    evidence = TextAreaField(_l("What shows it"), validators=[Optional(), Length(max=2000)])


SECURITY: dict[str, type[Form]] = {
    "request": RequestForm, "notify": NoticeForm, "clear": ClearanceForm, "refuse": RefusalForm,
}  # fmt: skip
"""The form of each step of a security review."""


def details(form: Form) -> dict[str, Any]:
    """The values as the services take them: no text is None."""
    return {name: "" if value is None else value for name, value in form.values.items()}
