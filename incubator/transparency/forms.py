"""Input about cases."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from incubator.web.forms import Form, Required, WholeNumberField


class CaseForm(Form):
    """Which share, why, and for how long."""

    number = StringField(_l("Number of the grant"), validators=[Required(_l("Enter the number, such as G-7K3M2Q"))])
    reason = TextAreaField(_l("Reason"), validators=[Required(_l("Say why you need to read this"))])
    days = WholeNumberField(_l("For how many days"), validators=[Required(_l("Enter a number of days"))])
