"""Input about people."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField

from incubator.web.forms import Form, Required


class SignInForm(Form):
    """Name and password."""

    login = StringField(_l("HR number or e-mail"), validators=[Required(_l("Enter your HR number or e-mail"))])
    password = PasswordField(_l("Password"), validators=[Required(_l("Enter your password"))])
    next = HiddenField()
