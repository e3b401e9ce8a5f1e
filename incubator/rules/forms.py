"""Input about a company's own rules."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional

from incubator.people.models import Company
from incubator.web.forms import AmountField, DayField, Form, PercentField, Required, UploadField, WholeNumberField
from incubator.web.words import local_words

DAY = _l("Enter the day, such as 2026-11-24.")
AMOUNT = _l("Enter an amount, such as 1,200.50")
IN_CHINA, ABROAD = ("CNIPA",), ("EPO", "USPTO")
"""Offices that grant patents, at home and abroad."""


class AdoptionForm(Form):
    """A company's own rule, and what makes its adoption lawful: the document, the staff heard, the publication."""

    company = SelectField(_l("Company"), validators=[Required(_l("Choose a company."))])
    title_en = StringField(_l("Title in English"), validators=[Required(_l("Give the title in both languages."))])
    title_zh = StringField(_l("Title in Chinese"), validators=[Required(_l("Give the title in both languages."))])
    source = StringField(
        _l("Document"), validators=[Required(_l("Name the document and its number.")), Length(max=300)],
        description=_l("Such as: Rules on inventions, No. 7 of 2026."),
    )  # fmt: skip
    article = StringField(_l("Article"), validators=[Required(_l("Name the article.")), Length(max=120)])
    file = UploadField(_l("The document itself"), validators=[Optional()])
    staff_heard_on = DayField(_l("Staff heard on"), validators=[Required(DAY)])
    published_on = DayField(_l("Published on"), validators=[Required(DAY)])
    valid_from = DayField(_l("Valid from"), validators=[Required(DAY)])
    valid_to = DayField(_l("Valid to"), validators=[Optional()])
    is_institute = BooleanField(
        _l("It is a research institute or university set up by the state"), validators=[Optional()],
        description=_l("Such a one may not go below what the law gives; a company may."),
    )  # fmt: skip

    def offer(self, companies: list[Company]) -> None:
        """Let one of these companies be chosen."""
        self.company.choices = [SelectChoice(one.public_id, local_words(one.name)) for one in companies]

    @property
    def adoption(self) -> dict[str, Any]:
        """What services.adopt_company_rule takes besides code and parameters."""
        days = {name: self[name].data for name in ("staff_heard_on", "published_on", "valid_from", "valid_to")}
        return days | {
            "title": {"en": self.title_en.data, "zh": self.title_zh.data}, "source": self.source.data,
            "article": self.article.data, "is_institute": self.is_institute.data,
        }  # fmt: skip


class AwardRuleForm(AdoptionForm):
    """The award for a granted patent."""

    code = "cn.patent.award"
    invention = AmountField(_l("For an invention patent"), validators=[Required(AMOUNT)])
    utility_model = AmountField(_l("For a utility model"), validators=[Required(AMOUNT)])
    design = AmountField(_l("For a design"), validators=[Required(AMOUNT)])
    is_abroad = BooleanField(
        _l("Also for patents granted abroad"), validators=[Optional()],
        description=_l("By law an award is owed for a patent granted in China. A company may give one for others too."),
    )  # fmt: skip
    months = WholeNumberField(
        _l("Months to pay it in"), validators=[Required(_l("Enter a whole number, such as 1,200"))], default=3
    )  # fmt: skip

    @property
    def parameters(self) -> dict[str, Any]:
        """As the engine of awards reads them."""
        minor = {kind: self[kind].data for kind in ("invention", "utility_model", "design")}
        offices = [*IN_CHINA, *(ABROAD if self.is_abroad.data else ())]
        return {"currency": "CNY", "minor": minor, "months": self.months.data, "offices": offices}


PERCENT = _l("Enter a percentage between 0 and 100 with at most two decimals, such as 33.34")


class RemunerationRuleForm(AdoptionForm):
    """The inventors' part of what a patent earns."""

    code = "cn.patent.remuneration"
    income = PercentField(_l("Of net income from a transfer or licence, in %"), validators=[Required(PERCENT)])
    shares = PercentField(_l("Of shares formed, in %"), validators=[Required(PERCENT)])
    profit = PercentField(_l("Of the operating profit of a year, in %"), validators=[Required(PERCENT)])
    years = RadioField(
        _l("Through how many years of own production"), coerce=int, default=5,
        choices=[SelectChoice(number, str(number)) for number in (3, 4, 5)],
    )  # fmt: skip

    @property
    def parameters(self) -> dict[str, Any]:
        """As the engine of remuneration reads them."""
        return {
            "net_transfer_or_licence_income_bps": self.income.data, "shares_formed_bps": self.shares.data,
            "operating_profit_bps": self.profit.data, "operating_profit_years": [3, self.years.data],
        }  # fmt: skip


FORMS: dict[str, type[AwardRuleForm | RemunerationRuleForm]] = {
    "award": AwardRuleForm, "remuneration": RemunerationRuleForm,
}  # fmt: skip
"""What a company can have a rule of its own about."""
