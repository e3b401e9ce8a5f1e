"""Input about inventions, matters and awards."""

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import Length, Optional

from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import Secrecy
from incubator.web.forms import DayField as Day
from incubator.web.forms import Form, PercentField, Required, check_day
from incubator.web.words import WORDS


class DayField(Day):
    """A day; one that does not exist, such as 30 February, is named in the refusal."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read YYYY-MM-DD."""
        self.data = None
        given = valuelist[0].strip() if valuelist else ""
        if given:
            try:
                self.data = dt.date.fromisoformat(given)
            except ValueError as error:
                words = _l("There is no such day: %(given)s. Write it like 2026-11-24.", given=given)
                raise ValueError(str(words)) from error
        check_day(self)


class Rows(FieldList):  # type: ignore[misc]
    """Rows of a table; what is wrong in one of them stands in plain words at the whole."""

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Gather the rows' own messages."""
        super().validate(form, extra_validators)
        self.errors = [message for row in self.entries for field in row.form for message in field.errors]
        return not self.errors


class InventorRow(Form):
    """One inventor and their share; an empty share is no inventor."""

    hr_number = StringField(_l("HR number"), validators=[Optional()])
    share = PercentField(_l("Share in %"), validators=[Optional()])


class SharesForm(Form):
    """Who invented it, and what part."""

    shares = Rows(FormField(InventorRow), label=_l("Inventors and their shares"), min_entries=1, max_entries=20)

    @property
    def rows(self) -> list[tuple[str, int]]:
        """HR number and basis points of each row that has a share."""
        return [
            ((row.form.hr_number.data or "").strip(), row.form.share.data)
            for row in self.shares
            if row.form.share.data is not None
        ]


class InventionForm(SharesForm):
    """An invention as its inventors describe it."""

    title = StringField(_l("Title"), validators=[Required(_l("Give the invention a title."))])
    problem = TextAreaField(
        _l("The problem"), validators=[Required(_l("Say which problem it solves."))],
        description=_l("What could not be done, or not as well, before?"),
    )  # fmt: skip
    solution = TextAreaField(
        _l("The solution"), validators=[Required(_l("Say how it solves the problem."))],
        description=_l("Describe it so that a colleague in the field could build it."),
    )  # fmt: skip
    prior_art = TextAreaField(_l("What is known already"), validators=[Optional()])
    published_on = DayField(_l("Shown to the public on"), validators=[Optional()])
    planned_on = DayField(_l("Publication planned for"), validators=[Optional()])
    secrecy = RadioField(
        _l("Secrecy"), default=Secrecy.ORDINARY.value,
        choices=[SelectChoice(one.value, WORDS[f"secrecy.{one.value}"].text) for one in Secrecy],
    )  # fmt: skip

    @property
    def details(self) -> dict[str, Any]:
        """The values but the shares, as services.disclose takes them."""
        values = {name: value for name, value in self.values.items() if name != "shares"}
        return values | {"secrecy": Secrecy(values["secrecy"]), "prior_art": values["prior_art"] or ""}


class AssessmentForm(Form):
    """What the search found."""

    assessment = TextAreaField(
        _l("Assessment"), validators=[Required(_l("Write down what you found."))],
        description=_l("Is it new, is it inventive, what comes nearest to it?"),
    )  # fmt: skip


class FilingDecisionForm(Form):
    """Which patent to apply for, and why."""

    kind = RadioField(
        _l("Kind"), default=PatentKind.INVENTION.value,
        choices=[SelectChoice(one.value, WORDS[f"patent_kind.{one.value}"].text) for one in PatentKind],
    )  # fmt: skip
    reason = TextAreaField(
        _l("Reason"), validators=[Required(_l("Give the reason; whoever signs sees it and not the text."))],
        description=_l("Whoever signs reads this and not the text: do not describe the invention here."),
    )  # fmt: skip

    @property
    def details(self) -> dict[str, Any]:
        """The values as services.propose_filing takes them."""
        return {"kind": PatentKind(self.kind.data), "reason": self.reason.data}


class EventForm(Form):
    """What happened at the office, when, under which number, and what shows it."""

    happened_on = DayField(_l("Day"), validators=[Required(_l("Enter the day, such as 2026-11-24."))])
    number = StringField(_l("Number"), validators=[Optional(), Length(max=60)])
    evidence = TextAreaField(_l("What shows it"), validators=[Optional(), Length(max=2000)])

    @property
    def details(self) -> dict[str, Any]:
        """The values as the services of matters take them."""
        return {name: value if name == "happened_on" else value or "" for name, value in self.values.items()}


class FilingForm(EventForm):
    """A filing, which has a number."""

    number = StringField(
        _l("Application number"), validators=[Required(_l("Enter the number the office gave.")), Length(max=60)],
        description=_l("With its check digit, such as 201710601862.3."),
    )  # fmt: skip


class ReasonForm(Form):
    """Why not."""

    reason = TextAreaField(_l("Reason"), validators=[Required(_l("Give a reason."))])
