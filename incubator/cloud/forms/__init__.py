"""Input about orders."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import NumberRange, Optional, Regexp

from incubator.core import keys
from incubator.web.forms import AmountField, Form, Required, WholeNumberField


def page_key() -> HiddenField:
    """Of this page, so that what is sent twice counts once."""
    right = Regexp(r"[a-z2-7]{16}\Z", message=_l("Open this page again"))
    return HiddenField(default=keys.public_id, validators=[Optional(), right])


class OrderForm(Form):
    """Which venture pays, which size, how many, how much at most, for how long; choices are public ids."""

    venture = SelectField(_l("Venture"), validators=[Required(_l("Choose the venture that pays"))])
    plan = RadioField(_l("Size"), validators=[Required(_l("Choose a size"))])
    quantity = WholeNumberField(_l("Quantity"), validators=[Required(_l("Enter a whole number, such as 30"))])
    limit = AmountField(_l("Spend limit"), validators=[Required(_l("Enter an amount, such as 1,200.50"))])
    days = WholeNumberField(_l("Days"), validators=[Required(_l("Enter a whole number, such as 30"))])
    conditions = BooleanField(_l("I have read the owner's conditions and accept them"))
    key = page_key()


class QuantitiesForm(Form):
    """How many of a size one order may be for."""

    least_quantity = WholeNumberField(
        _l("An order is for at least"), [Required(_l("Enter a whole number, such as 30")), NumberRange(1, 100_000)]
    )
    most_quantity = WholeNumberField(
        _l("An order is for at most"), [Required(_l("Enter a whole number, such as 30")), NumberRange(1, 100_000)]
    )


class RaiseForm(Form):
    """How much more may be spent."""

    amount = AmountField(_l("Add to the limit"), validators=[Required(_l("Enter an amount, such as 1,200.50"))])
    key = page_key()
