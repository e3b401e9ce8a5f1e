"""Input about transfers and fair values."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from incubator.core.errors import Invalid
from incubator.equity import queries
from incubator.equity.forms.fields import UnitsField, smallest
from incubator.equity.models import EquityTransfer, SecurityClass
from incubator.people.models import Person
from incubator.web.forms import AmountField, DayField, Form, PercentField, Required, WholeNumberField, read_decimal


class TransferForm(Form):
    """A request for a transfer; HR may name another seller than the asker."""

    seller = StringField(_l("Seller: HR number, name or credit code"), validators=[Optional()])
    buyer = StringField(_l("Buyer: HR number, name or credit code"), validators=[Required(_l("Enter the buyer"))])
    units = UnitsField(_l("Units"), validators=[Required(_l("Enter how many units, such as 48,000"))])
    price_minor = AmountField(_l("Price of one unit"), validators=[Required(_l("Enter an amount, such as 1.20"))])
    payment = TextAreaField(_l("How and when it is paid"), validators=[Required(_l("Say how and when it is paid"))])
    complete_by = DayField(_l("To be completed by"), validators=[Required(_l("Enter the day"))])

    def of_class(self, security: SecurityClass, asker: Person) -> "TransferForm":
        """For units of a class."""
        self.of, self.asker = security, asker
        return self

    def _key(self, text: str, field: str) -> str:
        key = queries.holder_called(text, self.of.issuer.company_id)
        if key is None:
            raise Invalid(_("Nobody known has this HR number, name or code"), field=field)
        return key

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `request_transfer`. Raises Invalid at the field."""
        seller = self.seller.data
        return {
            "seller": self._key(seller, "seller") if seller else self.asker.public_id,
            "buyer": self._key(self.buyer.data, "buyer"),
            "units": smallest(self.units.data, self.of.decimals, "units"),
            "price_minor": self.price_minor.data,
            "payment": self.payment.data,
            "complete_by": self.complete_by.data,
        }


class AnswerForm(Form):
    """Taking or waiving first refusal."""

    takes = RadioField(
        _l("Your answer"),
        choices=[SelectChoice("take", _l("I take units on these terms")), SelectChoice("waive", _l("I waive"))],
        validate_choice=False,
        validators=[Required(_l("Choose one"))],
    )
    wanted = UnitsField(_l("At most so many units"), validators=[Optional()])

    def of_transfer(self, transfer: EquityTransfer) -> "AnswerForm":
        """For a transfer's units."""
        self.transfer = transfer
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keyword of `answer`. Raises Invalid when a taker names no units."""
        if self.takes.data not in ("take", "waive"):
            raise Invalid(_("Choose one"), field="takes")
        if self.takes.data == "waive":
            return {"wanted": 0}
        wanted = smallest(self.wanted.data, self.transfer.security.decimals, "wanted")
        if not wanted:
            raise Invalid(_("Enter how many units you take at most"), field="wanted")
        return {"wanted": wanted}


class PriceForm(Form):
    """The appraisal that a transfer's price is held against."""

    appraisal = SelectField(_l("Appraisal"))

    def of_class(self, security: SecurityClass) -> "PriceForm":
        """Offer the class's appraisals."""
        self.known = {found.public_id: found for found in queries.appraisals_of(security.issuer)}
        self.appraisal.choices = [
            SelectChoice(key, f"{found.appraised_on.isoformat()} · {found.firm} · {found.filing_number}")
            for key, found in self.known.items()
        ]
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keyword of `price_transfer`."""
        return {"appraisal": self.known.get(self.appraisal.data)}


class SettleForm(Form):
    """The payment that a transfer is settled on."""

    settled_on = DayField(_l("Settled on"), validators=[Required(_l("Enter the day"))])
    payment_reference = StringField(
        _l("Payment reference"), validators=[Required(_l("Name the payment's reference")), Length(max=120)]
    )


class FiguresField(StringField):  # type: ignore[misc]
    """A number typed in the reader's way; data is an exact decimal."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse strictly."""
        self.data: Decimal | None = None
        if valuelist and valuelist[0].strip():
            self.data = read_decimal(valuelist[0], _l("Enter a number, such as 12.5"))


class ValueForm(Form):
    """The grant-date fair value: the model's inputs, and the appraiser's figure where there is one."""

    spot = FiguresField(_l("Value of one unit on the grant date"), validators=[Required(_l("Enter it"))])
    rate = PercentField(_l("Risk-free rate a year, in per cent"), validators=[Required(_l("Enter it, or 0"))])
    volatility = PercentField(_l("Expected volatility a year, in per cent"), validators=[Required(_l("Enter it"))])
    dividend = PercentField(_l("Dividend yield a year, in per cent"), validators=[Required(_l("Enter it, or 0"))])
    months = WholeNumberField(_l("Expected term in months"), validators=[Required(_l("Enter it"))])
    appraised = FiguresField(_l("The appraiser’s fair value of one unit"), validators=[Optional()])
    forfeiture = PercentField(_l("Expected to be forfeited, in per cent"), validators=[Required(_l("Enter it, or 0"))])
    basis = StringField(_l("Where the inputs come from"), validators=[Required(_l("Name the source")), Length(max=200)])
