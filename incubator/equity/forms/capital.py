"""Input about issuers, classes, holders, issued units and appraisals."""

from decimal import Decimal
from typing import Annotated, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from incubator.core.errors import Invalid
from incubator.equity import queries
from incubator.equity.forms.fields import UnitsField, smallest
from incubator.equity.models import Issuer, SecurityClass
from incubator.equity.words import HOLDER_KINDS, ISSUER_KINDS, METHODS, SIZES
from incubator.people.models import Company
from incubator.web.forms import AmountField, DayField, Form, Required, UploadField, WholeNumberField
from incubator.web.language import language
from incubator.web.sheets import Heading, Row


def choices(words: Any) -> list[SelectChoice]:
    """A dictionary of words as choices."""
    return [SelectChoice(str(value), text) for value, text in words.items()]


class IssuerFields(Form):
    """What is recorded of an issuer."""

    name = StringField(_l("Legal name"), validators=[Required(_l("Enter the legal name")), Length(max=200)])
    credit_code = StringField(_l("Unified social credit code"), validators=[Optional()])
    size = SelectField(_l("Size of the enterprise"), choices=choices(SIZES), default="small")
    size_evidence = TextAreaField(_l("What the size class rests on"), validators=[Required(_l("Say what it rests on"))])
    size_on = DayField(_l("As of"), validators=[Optional()])
    formed_on = DayField(_l("Founded on"), validators=[Optional()])
    lock_months = WholeNumberField(_l("Lock-up in months"), default=0, validators=[Required(_l("Enter it, or 0"))])
    notice_days = WholeNumberField(_l("Days to answer a notice"), default=30, validators=[Required(_l("Enter it"))])
    whole = BooleanField(_l("Takers must take all that is offered between them"), default=True)
    first_refusal = BooleanField(_l("Holders come first when an outsider buys"), default=True)


class IssuerForm(IssuerFields):
    """A new issuer with its first class."""

    company = SelectField(_l("Company of the group"))
    kind = SelectField(_l("Legal form of the issuer"), choices=choices(ISSUER_KINDS))
    unit_en = StringField(_l("Word for its units in English"), default="shares", validators=[Required(_l("Enter it"))])
    unit_zh = StringField(_l("Word for its units in Chinese"), default="股", validators=[Required(_l("Enter it"))])
    decimals = SelectField(_l("Decimals of a unit"), choices=choices({str(n): str(n) for n in range(7)}), default="0")
    total = UnitsField(
        _l("Registered or authorised units"), validators=[Required(_l("Enter how many, such as 10,000,000"))]
    )

    def for_companies(self, companies: Any) -> "IssuerForm":
        """Offer the companies."""
        self.companies: dict[str, Company] = {company.public_id: company for company in companies}
        at = language()
        self.company.choices = [SelectChoice(key, company.name[at]) for key, company in self.companies.items()]
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `create_issuer`."""
        data, decimals = dict(self.data), int(self.decimals.data)
        for name in ("company", "unit_en", "unit_zh", "total", "decimals"):
            data.pop(name)
        return data | {
            "unit": {"en": self.unit_en.data, "zh": self.unit_zh.data},
            "decimals": decimals,
            "total_units": smallest(self.total.data, decimals, "total"),
        }


class ClassForm(Form):
    """Another class of an issuer."""

    code = StringField(_l("Code"), validators=[Required(_l("Enter a code, such as preferred-a")), Length(max=40)])
    unit_en = StringField(_l("Word for its units in English"), validators=[Required(_l("Enter it"))])
    unit_zh = StringField(_l("Word for its units in Chinese"), validators=[Required(_l("Enter it"))])
    decimals = SelectField(_l("Decimals of a unit"), choices=choices({str(n): str(n) for n in range(7)}), default="0")
    total = UnitsField(_l("Registered or authorised units"), validators=[Required(_l("Enter how many"))])
    ratio_numerator = WholeNumberField(_l("Counts as common units"), default=1, validators=[Required(_l("Enter it"))])
    ratio_denominator = WholeNumberField(_l("for so many of its own"), default=1, validators=[Required(_l("Enter it"))])

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `create_class`."""
        decimals = int(self.decimals.data)
        return {
            "code": self.code.data, "unit": {"en": self.unit_en.data, "zh": self.unit_zh.data}, "decimals": decimals,
            "total_units": smallest(self.total.data, decimals, "total"),
            "ratio_numerator": self.ratio_numerator.data, "ratio_denominator": self.ratio_denominator.data,
        }  # fmt: skip


class HolderForm(Form):
    """A holder who is no employee."""

    kind = SelectField(_l("What it is"), choices=choices(HOLDER_KINDS))
    name = StringField(_l("Name"), validators=[Required(_l("Enter the name")), Length(max=200)])
    credit_code = StringField(_l("Unified social credit code"), validators=[Optional()])
    representative = StringField(_l("HR number of the employee who answers for it"), validators=[Optional()])
    is_state = BooleanField(_l("Holds capital for the state"))

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `create_holder`. Raises Invalid for an unknown HR number."""
        person = queries.person_called(self.representative.data) if self.representative.data else None
        if self.representative.data and person is None:
            raise Invalid(_("Nobody has this HR number"), field="representative")
        return {"kind": self.kind.data, "name": self.name.data, "code": self.credit_code.data, "representative": person,
                "is_state": self.is_state.data}  # fmt: skip


class StateForm(Form):
    """Whether a holder holds capital for the state."""

    is_state = HiddenField()

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `revise_holder` beside the holder."""
        return {"is_state": self.is_state.data == "yes"}


class CapRow(Row):
    """A line of a cap table that comes in: holder by HR number, name or credit code; whole units; price of one."""

    holder: Annotated[str, Heading(_l("Holder"))]
    units: Annotated[Decimal, Heading(_l("Units"))]
    price: Annotated[Decimal | None, Heading(_l("Price of one unit"))] = None


class EntryForm(Form):
    """Issued units of one holder, or a table of many."""

    security = SelectField(_l("Class"))
    effective_on = DayField(_l("Issued on"), validators=[Required(_l("Enter the day"))])
    evidence = TextAreaField(_l("Resolution or contract it rests on"), validators=[Required(_l("Name it"))])
    holder = StringField(_l("Holder: HR number, name or credit code"), validators=[Optional()])
    units = UnitsField(_l("Units"), validators=[Optional()])
    price_minor = AmountField(_l("Price of one unit"), validators=[Optional()])
    file = UploadField(_l("Or a table with the columns Holder, Units, Price of one unit"), validators=[Optional()])

    def for_issuer(self, issuer: Issuer) -> "EntryForm":
        """Offer the issuer's classes."""
        self.issuer = issuer
        self.classes = {security.public_id: security for security in queries.classes_of(issuer)}
        self.security.choices = [SelectChoice(key, security.code) for key, security in self.classes.items()]
        return self

    @property
    def chosen(self) -> SecurityClass:
        """The class that was chosen."""
        return self.classes[self.security.data]

    @property
    def line(self) -> dict[str, Any]:
        """The single line as `draft_entry` takes it. Raises Invalid at the field."""
        key = queries.holder_called(self.holder.data or "", self.issuer.company_id)
        if key is None:
            raise Invalid(_("Nobody known has this HR number, name or code"), field="holder")
        units = smallest(self.units.data, self.chosen.decimals, "units")
        if units is None:
            raise Invalid(_("Enter how many units, such as 48,000"), field="units")
        return {"holder": key, "units": units, "price_minor": self.price_minor.data}


class PatentEntryForm(Form):
    """The class in which the inventors' part of a contribution is issued."""

    record = SelectField(_l("Contribution"), validators=[Required(_l("Choose a contribution"))], validate_choice=False)
    formed_in = SelectField(_l("Class"))

    def for_issuer(self, issuer: Issuer, records: dict[str, Any]) -> "PatentEntryForm":
        """Offer an issuer's classes and the contributions that are not entered yet, by their numbers."""
        self.classes = {security.public_id: security for security in queries.classes_of(issuer)}
        self.formed_in.choices = [SelectChoice(key, security.code) for key, security in self.classes.items()]
        self.records = records
        self.record.choices = [SelectChoice(key, key) for key in records]
        return self

    @property
    def chosen(self) -> SecurityClass:
        """The class that was chosen."""
        return self.classes[self.formed_in.data]

    @property
    def values(self) -> dict[str, Any]:
        """The keyword of `draft_patent_entry`."""
        return {"record": self.records.get(self.record.data)}


class AppraisalForm(Form):
    """An appraiser's result."""

    security = SelectField(_l("Class"))
    appraised_on = DayField(_l("Value as of"), validators=[Required(_l("Enter the day of the value"))])
    value_minor = AmountField(_l("Value of the whole company"), validators=[Required(_l("Enter an amount above 0"))])
    unit_minor = AmountField(_l("Value of one unit"), validators=[Required(_l("Enter an amount above 0"))])
    method = SelectField(_l("Method"), choices=choices(METHODS))
    firm = StringField(_l("Appraisal firm"), validators=[Required(_l("Enter the firm")), Length(max=200)])
    filing_number = StringField(_l("Filing number"), validators=[Required(_l("Enter the number")), Length(max=80)])
    valid_months = WholeNumberField(_l("May be used for (months)"), default=12, validators=[Required(_l("Enter it"))])

    def for_issuer(self, issuer: Issuer) -> "AppraisalForm":
        """Offer the issuer's classes."""
        self.classes = {security.public_id: security for security in queries.classes_of(issuer)}
        self.security.choices = [SelectChoice(key, security.code) for key, security in self.classes.items()]
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `create_appraisal`."""
        return {name: value for name, value in self.data.items() if name != "security"}


class RoundForm(Form):
    """What a round would change: a form of the address, nothing is stored."""

    pre_money = AmountField(_l("Value before the round"), validators=[Optional()])
    new_money = AmountField(_l("New money"), validators=[Optional()])
    pool = StringField(_l("Free pool after the round, in per cent"), validators=[Optional()])
    pool_from = SelectField(
        _l("Who bears the pool"),
        choices=[SelectChoice("before", _l("The holders before")), SelectChoice("after", _l("All after the round"))],
    )


class FileForm(Form):
    """A file of the Open Cap Format."""

    file = UploadField(_l("Zip or JSON of the Open Cap Format"), validators=[Required(_l("Choose a file"))])
