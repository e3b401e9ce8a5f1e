"""Input about matters, their events and costs."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from incubator.core.money import MINOR_DIGITS
from incubator.patents.engines.deadlines import ServiceMode
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.forms.fields import TYPED, DayField, check_decimals, minor
from incubator.patents.models import CostPurpose, CostStage, MatterEventKind, Office
from incubator.web.forms import AmountField, Form, PercentField, Required
from incubator.web.words import WORDS


def choices(table: str, members: Any) -> list[SelectChoice]:
    """The members of an enum with their words."""
    return [SelectChoice(one.value, WORDS[f"{table}.{one.value}"].text) for one in members]


class EventForm(Form):
    """What happened at the office, when, under which number, and what shows it."""

    happened_on = DayField(_l("Day"), validators=[Required(_l("Enter the day, such as 2026-11-24."))])
    number = StringField(_l("Number"), validators=[Optional(), Length(max=60)])
    evidence = TextAreaField(_l("What shows it"), validators=[Optional(), Length(max=2000)])

    @property
    def details(self) -> dict[str, Any]:
        """The values as the services of matters take them."""
        return {name: value if name == "happened_on" else value or "" for name, value in self.values.items()}


class CorrectionForm(EventForm):
    """An event as it should have been recorded, with how a document reached us and what it is about."""

    service_mode = RadioField(
        _l("How a document reached us"), validators=[Optional()], default="",
        choices=[SelectChoice("", _l("Not a document of the office")), *choices("service_mode", ServiceMode)],
    )  # fmt: skip
    about = StringField(
        _l("About"), validators=[Optional(), Length(max=20)],
        description=_l("The year a fee is for, or the office of a national phase (CNIPA, EPO, USPTO)."),
    )  # fmt: skip

    @property
    def details(self) -> dict[str, Any]:
        """The values as services.correct takes them."""
        mode = self.service_mode.data
        return super().details | {"service_mode": ServiceMode(mode) if mode else None}


class FilingForm(EventForm):
    """A filing, which has a number."""

    number = StringField(
        _l("Application number"), validators=[Required(_l("Enter the number the office gave.")), Length(max=60)],
        description=_l("With its check digit, such as 201710601862.3."),
    )  # fmt: skip


class AnyEventForm(Form):
    """Anything that happened, with the file that shows it."""

    kind = SelectField(_l("What happened"), choices=choices("matter_event", MatterEventKind))
    happened_on = DayField(
        _l("Day"), validators=[Required(_l("Enter the day, such as 2026-11-24."))],
        description=_l("Of a document of the office: the day of issue, or the day it entered the electronic system."),
    )  # fmt: skip
    service_mode = RadioField(
        _l("How a document reached us"), validators=[Optional()],
        choices=[SelectChoice("", _l("Not a document of the office")), *choices("service_mode", ServiceMode)],
        default="",
    )  # fmt: skip
    about = StringField(
        _l("About"), validators=[Optional(), Length(max=20)],
        description=_l("The year a fee is for, or the office of a national phase (CNIPA, EPO, USPTO)."),
    )  # fmt: skip
    number = StringField(_l("Number"), validators=[Optional(), Length(max=60)])
    evidence = TextAreaField(_l("What shows it"), validators=[Optional(), Length(max=2000)])
    file = FileField(_l("File"), validators=[Optional()])

    @property
    def details(self) -> dict[str, Any]:
        """The values but the file, as services.record takes them."""
        mode = self.service_mode.data
        return {
            "kind": MatterEventKind(self.kind.data),
            "happened_on": self.happened_on.data,
            "service_mode": ServiceMode(mode) if mode else None,
            "about": self.about.data or "",
            "number": self.number.data or "",
            "evidence": self.evidence.data or "",
        }


class MatterForm(Form):
    """One more application of a family."""

    office = SelectField(_l("Office"), choices=choices("office", Office))
    kind = SelectField(_l("Kind"), choices=choices("patent_kind", PatentKind))

    @property
    def details(self) -> dict[str, Any]:
        """The values as services.add_matter takes them."""
        return {"office": Office(self.office.data), "kind": PatentKind(self.kind.data)}


class NoteForm(Form):
    """Why an amount is reversed."""

    note = StringField(_l("Reason to reverse it"), validators=[Required(_l("Give a reason.")), Length(max=500)])


class CounselForm(Form):
    """Who looks after an application."""

    counsel = StringField(_l("HR number of the counsel"), validators=[Required(_l("Enter an HR number."))])


class ReductionForm(Form):
    """By how much the office reduces fees."""

    reduction_bp = PercentField(
        _l("Reduction in %"), validators=[Required(_l("Enter a percentage, such as 85."))],
        description=_l("In China 85 for one applicant and 70 for several, when the office has granted it."),
    )  # fmt: skip
    reason = StringField(
        _l("Notice of the office"), validators=[Required(_l("Say which notice grants it.")), Length(max=500)]
    )


class CostForm(Form):
    """An amount planned or paid."""

    stage = RadioField(_l("Planned or paid"), choices=choices("cost_stage", CostStage), default="planned")
    purpose = SelectField(_l("What for"), choices=choices("cost_purpose", CostPurpose))
    currency = SelectField(_l("Currency"), choices=[SelectChoice(code, code) for code in MINOR_DIGITS])
    full_amount = AmountField(_l("Amount"), validators=[Required(_l("Enter an amount, such as 1,200.50"))])
    is_reduced = BooleanField(_l("Take the reduction of this application off"))
    on_day = DayField(_l("Day"), validators=[Required(_l("Enter the day, such as 2026-11-24."))])
    note = StringField(_l("Note"), validators=[Optional(), Length(max=500)])

    @property
    def details(self) -> dict[str, Any]:
        """The values as services.add_cost takes them; an amount in minor units of its currency."""
        values = self.values
        amount = minor(self.full_amount, MINOR_DIGITS[self.currency.data])
        return values | {
            "stage": CostStage(values["stage"]), "purpose": CostPurpose(values["purpose"]), "full_amount": amount,
            "note": values["note"] or "",
        }  # fmt: skip

    def validate_full_amount(self, field: Any) -> None:
        """As many decimals as the currency has."""
        check_decimals(field, MINOR_DIGITS.get(self.currency.data, TYPED))
