"""Input about how a provider is reached, and what a size says to its driver."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from incubator.web.forms import Form


class NamedValuesField(TextAreaField):  # type: ignore[misc]
    """One `name = value` a line; data is a dict. A value may go on in indented lines, as certificates do."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return written(self.data or {})

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the lines."""
        self.data: dict[str, str] = {}
        name = ""
        for line in (valuelist[0] if valuelist else "").replace("\x00", "").splitlines():
            if line[:1].isspace() and name:
                self.data[name] += f"\n{line.strip()}" if line.strip() else ""
                continue
            if not line.strip():
                continue
            name, sign, value = (part.strip() for part in line.partition("="))
            if not name or not sign or name in self.data:
                raise ValueError(str(_l("Write one name = value a line, each name once")))
            self.data[name] = value


def written(values: Mapping[str, Any]) -> str:
    """As the field shows it."""
    return "\n".join(
        f"{name} = {str(value).replace(chr(10), chr(10) + '  ')}" for name, value in sorted(values.items())
    )


class ConnectionForm(Form):
    """Where a provider is and how we get in."""

    address = StringField(_l("Address of its interface"), [Optional(), Length(max=200)])
    token = PasswordField(_l("Access key or token"), [Optional(), Length(max=4000)])
    options = NamedValuesField(_l("Settings of the connection"), [Optional(), Length(max=20_000)])


class ConfigureForm(Form):
    """What a size says to its provider's driver."""

    settings = NamedValuesField(_l("What it says to the provider"), [Optional(), Length(max=20_000)])
