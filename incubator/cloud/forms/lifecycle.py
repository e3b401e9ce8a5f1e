"""Input about who gets in, and about accounts that are taken over."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length

from incubator.web.forms import Form, Required


class MemberForm(Form):
    """Who of the team is let in; a choice is a public id."""

    person = SelectField(_l("Person"), validators=[Required(_l("Choose a person"))])


class WithoutCopyForm(Form):
    """Why a sandbox is closed without a copy of what is in it."""

    reason = TextAreaField(_l("Reason"), validators=[Required(_l("Say why")), Length(max=500)])


class AdoptForm(Form):
    """Which account that is nobody's is taken over; a choice is a finding's public id."""

    finding = SelectField(_l("Account at the provider"), validators=[Required(_l("Choose an account"))])
