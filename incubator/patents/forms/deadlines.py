"""Input about deadlines."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from incubator.patents.forms.fields import DayField
from incubator.web.forms import Form, Required


class CompletionForm(Form):
    """That a deadline was met."""

    done_on = DayField(_l("Done on"), validators=[Required(_l("Enter the day, such as 2026-11-24."))])
    evidence = TextAreaField(
        _l("What shows it"), validators=[Required(_l("Say what shows it.")), Length(max=2000)],
        description=_l("Such as the office’s receipt and its number."),
    )  # fmt: skip
    file = FileField(_l("File"), validators=[Optional()])

    @property
    def details(self) -> dict[str, Any]:
        """The values but the file, as services.deadlines.complete takes them."""
        return {"done_on": self.done_on.data, "evidence": self.evidence.data}
