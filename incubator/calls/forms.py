"""Input about calls."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from incubator.calls import queries
from incubator.calls.models import Blinding, Call, Theme
from incubator.calls.services import ThemeBudget
from incubator.calls.templates import TEMPLATES, FormTemplate, local
from incubator.core import clock
from incubator.people.models import Company
from incubator.web.forms import AmountField, DayField, Form, Required

FORMS = [SelectChoice("idea", _l("One-page idea")), SelectChoice("venture", _l("Venture"))]
DAY = _l("Choose a day")
PREFIX = "budget_"


class CallForm(Form):
    """A call; one budget field a theme is added by `call_form`."""

    title_en = StringField(_l("Title in English"), [Optional(), Length(max=200)])
    title_zh = StringField(_l("Title in Chinese"), [Optional(), Length(max=200)])
    summary_en = TextAreaField(_l("What is asked, in English"), [Optional(), Length(max=2000)])
    summary_zh = TextAreaField(_l("What is asked, in Chinese"), [Optional(), Length(max=2000)])
    opens_on = DayField(_l("Opens on"), [Required(DAY)])
    closes_on = DayField(_l("Closes at the end of"), [Required(DAY)])
    review_due_on = DayField(_l("Reviews are due on"), [Required(DAY)])
    meets_on = DayField(_l("The committee meets on"), [Required(DAY)])
    release_on = DayField(_l("Decisions are released on"), [Required(DAY)])
    template = RadioField(_l("Form"), choices=FORMS)
    committee = SelectField(_l("Committee"), coerce=str)
    rubric = SelectField(_l("Rubric"), coerce=str)
    rule = SelectField(_l("Decision rule"), coerce=str)
    blinding = RadioField(
        _l("Who is hidden from whom"),
        choices=[
            SelectChoice(Blinding.OPEN.value, _l("Nobody: reviewers read who wrote the others, after their own")),
            SelectChoice(Blinding.REVIEWER_HIDDEN.value, _l("Reviewers from each other")),
            SelectChoice(
                Blinding.BOTH_HIDDEN.value,
                _l("Reviewers from each other, and proposers from reviewers: the office approves an anonymised text"),
            ),
        ],
        default=Blinding.REVIEWER_HIDDEN.value,
    )
    keeps_company_out = BooleanField(_l("Nobody of the proposer’s own company reviews"))

    company: Company
    themes: dict[str, Theme]
    choices: dict[str, dict[str, Any]]

    @property
    def budgets(self) -> list[Any]:
        """The budget fields, one a theme."""
        return [self._fields[PREFIX + key] for key in self.themes]

    @property
    def details(self) -> dict[str, Any]:
        """What the services take."""
        zone = ZoneInfo(self.company.time_zone)
        year = self.meets_on.data.year
        given = [(theme, self._fields[PREFIX + key].data) for key, theme in self.themes.items()]
        return {
            "title": self._words("title"),
            "summary": self._words("summary"),
            "opens_at": clock.end_of(self.opens_on.data - dt.timedelta(days=1), zone),
            "closes_at": clock.end_of(self.closes_on.data, zone),
            "review_due_on": self.review_due_on.data,
            "meets_on": self.meets_on.data,
            "release_on": self.release_on.data,
            "keeps_company_out": bool(self.keeps_company_out.data),
            "blinding": Blinding(self.blinding.data),
            "form": TEMPLATES[self.template.data],
            "themes": [ThemeBudget(theme, year, budget) for theme, budget in given if budget is not None],
        } | {name: self.choices[name][self._fields[name].data] for name in self.choices}

    def _words(self, name: str) -> dict[str, str]:
        both = ((language, self._fields[f"{name}_{language}"].data or "") for language in ("en", "zh"))
        return {language: text.replace("\x00", "").strip() for language, text in both}


class CloseForm(Form):
    """Why a call closes before its day."""

    reason = TextAreaField(_l("Reason"), [Length(max=2000)])


class ExtendForm(Form):
    """Until when a call takes proposals now, and why; the days after it."""

    closes_on = DayField(_l("Closes at the end of"), [Required(DAY)])
    review_due_on = DayField(_l("Reviews are due on"), [Required(DAY)])
    meets_on = DayField(_l("The committee meets on"), [Required(DAY)])
    release_on = DayField(_l("Decisions are released on"), [Required(DAY)])
    reason = TextAreaField(_l("Reason"), [Length(max=2000)])

    def details(self, call: Call) -> dict[str, Any]:
        """What the service takes."""
        closes_at = clock.end_of(self.closes_on.data, ZoneInfo(call.company.time_zone))
        days = {day: self[day].data for day in ("review_due_on", "meets_on", "release_on")}
        return days | {"closes_at": closes_at, "reason": self.reason.data or ""}


def extend_form(call: Call) -> ExtendForm:
    """The form with the days as they stand."""
    days = ("closes_on", "review_due_on", "meets_on", "release_on")
    stored = _stored(call)
    return ExtendForm(**{day: stored[day] for day in days})


def call_form(company: Company, call: Call | None = None, *, fresh: bool = False) -> CallForm:
    """The form of a company's new call, or of a draft; fresh: as it stands, whatever was sent."""
    themes = {theme.public_id: theme for theme in queries.themes_for(company)}
    fields = {
        PREFIX + key: AmountField(_("Budget of %(theme)s", theme=local(theme.name)), [Optional()])
        for key, theme in themes.items()
    }
    kind: type[CallForm] = type("CallForm", (CallForm,), fields)
    values = _stored(call) if call else {"template": "venture"}
    form = kind(formdata=None, **values) if fresh else kind(**values)
    form.company, form.themes = company, themes
    found = {"committee": queries.committees_for(company), "rubric": queries.rubrics(), "rule": queries.rules()}
    form.choices = {name: {row.public_id: row for row in rows} for name, rows in found.items()}  # type: ignore[attr-defined]
    for name, rows in form.choices.items():
        form._fields[name].choices = [SelectChoice(key, local(row.name)) for key, row in rows.items()]
    return form


def _stored(call: Call) -> dict[str, Any]:
    zone = ZoneInfo(call.company.time_zone)
    last = call.closes_at - dt.timedelta(seconds=1)
    template = FormTemplate.of(call.form)
    budgets = {PREFIX + entry.theme.public_id: entry.budget for entry in call.themes}
    return {
        "opens_on": call.opens_at.astimezone(zone).date(),
        "closes_on": last.astimezone(zone).date(),
        "review_due_on": call.review_due_on,
        "meets_on": call.meets_on,
        "release_on": call.release_on,
        "keeps_company_out": call.keeps_company_out,
        "blinding": call.blinding.value,
        "template": next((key for key, known in TEMPLATES.items() if known == template), "venture"),
        "committee": call.committee.public_id,
        "rubric": call.rubric.public_id,
        "rule": call.rule.public_id,
        **{f"title_{language}": text for language, text in call.title.items()},
        **{f"summary_{language}": text for language, text in call.summary.items()},
        **budgets,
    }
