"""Input about the catalogue: providers, offers, sizes, prices, policies, trials of leaving, estimates."""

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from incubator.cloud.bill_words import CHARGED_BY
from incubator.cloud.driver_words import DRIVERS
from incubator.cloud.market_words import CATEGORIES, CURRENCIES, LEVELS, REGIONS, STAGES, UNITS
from incubator.web.forms import DayField, Form, PercentField, Required, WholeNumberField, read_decimal

BOTH = _l("Write it in both languages")
CODE = [Required(_l("Enter a code")), Regexp(r"[a-z][a-z0-9_-]{1,39}\Z", message=_l("Small letters, digits, - and _"))]
DAY = _l("Choose a day")
WHY = [Required(_l("Say why")), Length(max=1000)]
NUMBER = _l("Enter a whole number, such as 1,200")


def _choices(words: Any) -> list[SelectChoice]:
    return [SelectChoice(key.value if hasattr(key, "value") else key, text) for key, text in words.items()]


class PriceField(StringField):  # type: ignore[misc]
    """A price in whole units of a currency with at most eight decimals; data is a Decimal in minor units (of two
    decimals, as all but the yen have)."""

    scale = 2

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data).scaleb(-self.scale).normalize():f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse strictly."""
        self.data = None
        if valuelist and valuelist[0].strip():
            words = _l("Enter a price, such as 0.58, with at most eight decimals")
            price = read_decimal(valuelist[0], words)
            exponent = price.normalize().as_tuple().exponent
            if price < 0 or price >= 10**8 or not isinstance(exponent, int) or exponent < -8:
                raise ValueError(str(words))
            self.data = price.scaleb(self.scale)


class TagsField(StringField):  # type: ignore[misc]
    """Up to six tags with commas between them; data is a list."""

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ", ".join(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        """Split at commas of either script."""
        text = valuelist[0] if valuelist else ""
        self.data = [tag.strip() for tag in text.replace("，", ",").split(",") if tag.strip()]
        if len(self.data) > 6 or any(len(tag) > 40 or "\x00" in tag for tag in self.data):
            raise ValueError(str(_l("At most six tags of 40 characters each")))


class ManyField(SelectMultipleField):  # type: ignore[misc]
    """Several of a few, as boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class _Named(Form):
    """A name in both languages."""

    name_en = StringField(_l("Name in English"), [Required(BOTH), Length(max=120)])
    name_zh = StringField(_l("Name in Chinese"), [Required(BOTH), Length(max=120)])

    @property
    def name_words(self) -> dict[str, str]:
        """The name as it is stored."""
        return {"en": self.name_en.data.strip(), "zh": self.name_zh.data.strip()}


class ProviderForm(_Named):
    """What the catalogue says of a provider."""

    region = SelectField(_l("Region"), choices=_choices(REGIONS))
    mlps_level = SelectField(_l("Protection level (MLPS)"), choices=_choices(LEVELS), coerce=int)
    contract = StringField(_l("Contract"), [Optional(), Length(max=120)])
    contract_until = DayField(_l("Contract ends on"), [Optional()])
    contacts = TextAreaField(_l("Whom to ask"), [Optional(), Length(max=500)])
    is_open = BooleanField(_l("Shown in the catalogue"))

    @property
    def described(self) -> dict[str, Any]:
        """The keywords of services.catalogue.describe_provider."""
        names = ("region", "mlps_level", "contract_until", "is_open")
        said = {name: self[name].data for name in names}
        return said | {
            "name": self.name_words,
            "contract": self.contract.data or "",
            "contacts": self.contacts.data or "",
        }


class NewProviderForm(ProviderForm):
    """A provider to take in."""

    code = StringField(_l("Code"), CODE)
    driver = SelectField(_l("How it is reached"), choices=_choices(DRIVERS))
    address = StringField(_l("Address of its interface"), [Optional(), Length(max=200)])
    currency = SelectField(_l("Currency of its prices"), choices=_choices(CURRENCIES))
    charged_by = SelectField(_l("How it is charged"), choices=_choices(CHARGED_BY), default="meter")
    lag_seconds = WholeNumberField(
        _l("Usage is seen after at most (seconds)"), [Required(NUMBER), NumberRange(1, 10**6)]
    )


class OfferForm(_Named):
    """What the catalogue says of an offer; companies are public ids."""

    code = StringField(_l("Code"), CODE)
    category = SelectField(_l("Kind"), choices=_choices(CATEGORIES))
    summary_en = TextAreaField(_l("What it is, in English"), [Required(BOTH), Length(max=500)])
    summary_zh = TextAreaField(_l("What it is, in Chinese"), [Required(BOTH), Length(max=500)])
    region = SelectField(_l("Region"), choices=_choices(REGIONS))
    mlps_level = SelectField(_l("Protection level (MLPS)"), choices=_choices(LEVELS), coerce=int)
    tags = TagsField(_l("Tags"), [Optional()])
    ready_seconds = WholeNumberField(_l("Ready after (seconds)"), [Required(NUMBER), NumberRange(0, 10**8)])
    most = WholeNumberField(_l("At most so many a venture"), [Optional(), NumberRange(1, 10**6)])
    audience = SelectField(_l("Who may order"), validate_choice=True)
    owner = SelectField(_l("Whose resource it is"), validate_choice=True)
    conditions_en = TextAreaField(_l("The owner's conditions, in English"), [Optional(), Length(max=2000)])
    conditions_zh = TextAreaField(_l("The owner's conditions, in Chinese"), [Optional(), Length(max=2000)])
    exit_en = TextAreaField(_l("Exit plan, in English"), [Optional(), Length(max=2000)])
    exit_zh = TextAreaField(_l("Exit plan, in Chinese"), [Optional(), Length(max=2000)])
    is_open = BooleanField(_l("Shown in the catalogue"))

    def validate(self, extra_validators: Any = None) -> bool:
        """As the fields say, and both languages of a text or none."""
        is_valid = bool(super().validate(extra_validators))
        for name in ("conditions", "exit"):
            en, zh = self[f"{name}_en"], self[f"{name}_zh"]
            if bool((en.data or "").strip()) != bool((zh.data or "").strip()):
                missing = zh if (en.data or "").strip() else en
                missing.errors = [*missing.errors, str(BOTH)]
                is_valid = False
        return is_valid

    def words_of(self, name: str) -> dict[str, str] | None:
        """The pair of fields as it is stored; None when both are empty."""
        en, zh = ((self[f"{name}_{language}"].data or "").strip() for language in ("en", "zh"))
        return {"en": en, "zh": zh} if en else None


class SizeForm(_Named):
    """A size of an offer with its first price."""

    code = StringField(_l("Code"), CODE)
    unit = SelectField(_l("The price is for"), choices=_choices(UNITS))
    price = PriceField(_l("Price"), [Required(_l("Enter a price, such as 0.58, with at most eight decimals"))])
    most = PriceField(_l("The dearest hour"), [Optional()])
    connections = WholeNumberField(_l("Connections at once"), [Optional(), NumberRange(0, 10**6)])
    disk_mb = WholeNumberField(_l("Disk (MB)"), [Optional(), NumberRange(0, 10**9)])
    least_quantity = WholeNumberField(_l("An order is for at least"), [Optional(), NumberRange(1, 100_000)])
    most_quantity = WholeNumberField(_l("An order is for at most"), [Optional(), NumberRange(1, 100_000)])


class PriceForm(Form):
    """Another price from a day on."""

    price = PriceField(_l("New price"), [Required(_l("Enter a price, such as 0.58, with at most eight decimals"))])
    most = PriceField(_l("The dearest hour"), [Optional()])
    valid_from = DayField(_l("Counts from"), [Required(DAY)])
    reason = TextAreaField(_l("Reason"), WHY)


class ExitTestForm(Form):
    """A trial of leaving an offer."""

    tested_on = DayField(_l("Tried on"), [Required(DAY)])
    passed = RadioField(_l("Everything came out"), [InputRequired(_l("Choose one"))], choices=[
        SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No")),
    ])  # fmt: skip
    minutes = WholeNumberField(_l("Minutes it took"), [Required(NUMBER), NumberRange(0, 10**6)])
    note = TextAreaField(_l("What was seen"), [Optional(), Length(max=500)])


class PolicyForm(_Named):
    """A preferential policy; what is left empty does not narrow it."""

    source = StringField(_l("Source (decision, document)"), [Required(_l("Name the source")), Length(max=300)])
    lower_bp = PercentField(_l("Lowers the price by"), [Optional()])
    lift = WholeNumberField(_l("Lets so many more run at once"), [Optional(), NumberRange(0, 10**6)])
    provider = SelectField(_l("Provider"))
    theme = SelectField(_l("Theme"))
    region = SelectField(_l("Region of the offer"), choices=[SelectChoice("", _l("Any")), *_choices(REGIONS)])
    stages = ManyField(_l("Stages"), [Optional()], choices=_choices(STAGES))
    from_on = DayField(_l("From"), [Required(DAY)])
    to_on = DayField(_l("To (included)"), [Optional()])
    reason = TextAreaField(_l("Reason"), WHY)


class EstimateForm(Form):
    """What a size would cost a venture."""

    venture = SelectField(_l("Venture"))
    plan = SelectField(_l("Size"))
    quantity = WholeNumberField(_l("Quantity"), [Required(NUMBER), NumberRange(1, 100_000)])
    months = WholeNumberField(_l("Months"), [Required(NUMBER), NumberRange(1, 60)])
