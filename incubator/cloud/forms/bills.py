"""Input about bills."""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from incubator.web.forms import DayField, Form, Required, UploadField, WholeNumberField, read_decimal

WHY = [Required(_l("Say why")), Length(max=500)]


class TotalField(StringField):  # type: ignore[misc]
    """A total of a bill in whole units of its currency with at most eighteen decimals; data is a Decimal."""

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse strictly."""
        self.data = None
        if valuelist and valuelist[0].strip():
            words = _l("Enter an amount, such as 1,200.50")
            total = read_decimal(valuelist[0], words)
            exponent = total.normalize().as_tuple().exponent
            if abs(total) >= Decimal(10) ** 15 or not isinstance(exponent, int) or exponent < -18:
                raise ValueError(str(words))
            self.data = total


class BillForm(Form):
    """A bill to hand in, with what its sender says it holds."""

    file = UploadField(_l("Bill in FOCUS format"))
    rows = WholeNumberField(_l("Rows, as its sender says"), [Optional(), NumberRange(0, 10**9)])
    total = TotalField(_l("Total of its charges, as its sender says"), [Optional()])

    @property
    def details(self) -> dict[str, Any]:
        """The keywords of services.bills.upload."""
        data = self.file.data
        return {
            "file": data or None, "name": (data.filename or "") if data else "", "declared_rows": self.rows.data,
            "declared_total": self.total.data,
        }  # fmt: skip


class DecisionForm(Form):
    """Why a held bill is booked, or not."""

    reason = TextAreaField(_l("Reason"), WHY)


class OwnerForm(Form):
    """Whose an account is that a bill names."""

    sub_account = SelectField(_l("Account on the bill"), [Required(_l("Choose one"))])
    sandbox = SelectField(_l("Sandbox"), [Required(_l("Choose a sandbox of this provider"))])
    begins_on = DayField(_l("First day"), [Optional()])
    ends_on = DayField(_l("Last day"), [Optional()])
    reason = TextAreaField(_l("Reason"), WHY)


class SourceForm(Form):
    """The bucket in which a provider's bills lie."""

    address = StringField(_l("Address of the bucket's service"), [Optional(), Length(max=200)])
    bucket = StringField(_l("Bucket"), [Optional(), Length(max=100)])
    prefix = StringField(_l("Begin of the names"), [Optional(), Length(max=200)])
    region = StringField(_l("Region of the bucket"), [Optional(), Length(max=40)])
    key_id = StringField(_l("Access key"), [Optional(), Length(max=200)])
    secret = PasswordField(_l("Secret key"), [Optional(), Length(max=200)])

    @property
    def details(self) -> dict[str, str]:
        """The keywords of services.bills.set_source."""
        return {name: (self[name].data or "").strip() for name in self.data}
