"""Input about who gets in, and about accounts that are taken over."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from incubator.web.forms import Form, Required


class MemberForm(Form):
    """Who of the team is let in; a choice is a public id."""

    person = SelectField(_l("Person"), validators=[Required(_l("Choose a person"))])


class AdoptForm(Form):
    """Which account that is nobody's is taken over; a choice is a finding's public id."""

    finding = SelectField(_l("Account at the provider"), validators=[Required(_l("Choose an account"))])
