"""Input about people."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from incubator.people.models import ImportKind
from incubator.web.forms import Form, Required, UploadField


class SignInForm(Form):
    """Name and password."""

    login = StringField(_l("HR number or e-mail"), validators=[Required(_l("Enter your HR number or e-mail"))])
    password = PasswordField(_l("Password"), validators=[Required(_l("Enter your password"))])
    next = HiddenField()


class ImportForm(Form):
    """A table of the directory."""

    kind = RadioField(
        _l("What it holds"), [Required(_l("Choose one"))], default=ImportKind.PEOPLE,
        choices=[SelectChoice(ImportKind.PEOPLE, _l("Employees")), SelectChoice(ImportKind.COMPANIES, _l("Companies"))],
    )  # fmt: skip
    file = UploadField(_l("Table"), validators=[Required(_l("Choose a file"))])
    is_whole = BooleanField(
        _l("It names everybody of its companies"), [Optional()],
        description=_l("Who works there and is not in it is marked as having left today."),
    )  # fmt: skip
