"""What a person types who did something at a provider."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from incubator.cloud.drivers import Secret
from incubator.cloud.states import TaskKind
from incubator.web.forms import Form, WholeNumberField


class TaskForm(Form):
    """Everything that one kind of task or another asks for; `fields_of` says which."""

    reference = StringField(_l("What the provider calls it"), validators=[Optional(), Length(max=120)])
    host = StringField(_l("Host or address"), validators=[Optional(), Length(max=200)])
    port = WholeNumberField(_l("Port"), validators=[Optional()])
    database = StringField(_l("Database or space"), validators=[Optional(), Length(max=120)])
    user = StringField(_l("User"), validators=[Optional(), Length(max=120)])
    password = PasswordField(_l("Password"), validators=[Optional(), Length(max=500)])
    note = TextAreaField(_l("What else the team needs"), validators=[Optional(), Length(max=4000)])
    left = TextAreaField(_l("What could not be removed, one a line"), validators=[Optional(), Length(max=4000)])

    def validate_port(self, field: Any) -> None:
        """Between 0 (none) and 65535."""
        if field.data is not None and not 0 <= field.data <= 65_535:
            field.data = None
            raise ValidationError(str(_l("Enter a port between 1 and 65535, or nothing")))

    def details(self, kind: TaskKind) -> dict[str, Any]:
        """As the service takes them."""
        asked = fields_of(kind)
        found: dict[str, Any] = {}
        if "reference" in asked:
            found["reference"] = self.reference.data or ""
        if "host" in asked:
            found["secret"] = Secret(
                host=(self.host.data or "").strip(),
                port=self.port.data or 0,
                database=self.database.data or "",
                user=self.user.data or "",
                password=self.password.data or "",
                kind="service",
                note=self.note.data or "",
            )
        if "left" in asked:
            found["left"] = [line.strip()[:200] for line in (self.left.data or "").splitlines() if line.strip()]
        return found


NEEDED = ("reference", "host", "password")
"""What the service refuses to go without where it is asked for."""
ACCESS = ("host", "port", "database", "user", "password", "note")


def fields_of(kind: TaskKind) -> tuple[str, ...]:
    """The fields that a kind of task asks for, in their order."""
    return {TaskKind.CREATE: ("reference", *ACCESS), TaskKind.ACCESS: ACCESS, TaskKind.DELETE: ("left",)}.get(kind, ())
