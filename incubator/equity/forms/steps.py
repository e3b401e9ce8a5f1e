"""Input of a step."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Optional

from incubator.web.forms import Form, Required


class ReasonForm(Form):
    """Why something is sent back, refused, cancelled or declined."""

    reason = TextAreaField(_l("Reason"), validators=[Required(_l("Say why"))])


class DeclineForm(Form):
    """Why an offer is declined, if the holder wants to say."""

    reason = TextAreaField(_l("Reason"), validators=[Optional()])


class AcceptForm(Form):
    """The fingerprint of the letter that was read."""

    letter_hash = HiddenField()


class StepForm(Form):
    """A step without further input."""
