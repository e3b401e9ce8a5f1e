"""Input about calls."""

import datetime as dt
import hashlib
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from incubator.calls import queries
from incubator.calls.engines import building
from incubator.calls.models import Blinding, Call, Theme, Visibility
from incubator.calls.services import PHASES, ThemeBudget
from incubator.calls.templates import TEMPLATES, Audience, FieldSpec, FormTemplate, Kind, Section, Words, local
from incubator.core import clock
from incubator.core.errors import Invalid
from incubator.people.models import Company
from incubator.web.forms import AmountField, DayField, Form, Required, WholeNumberField

FORMS = [
    SelectChoice("idea", _l("One-page idea")),
    SelectChoice("venture", _l("Venture")),
    SelectChoice("research", _l("Research")),
]
OWN = "own"
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
    screening_due_on = DayField(_l("The eligibility check is done by"), [Required(DAY)])
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
    visibility = RadioField(
        _l("Who learns of a proposal before it is decided"),
        choices=[
            SelectChoice(Visibility.CLOSED.value, _l("Its team, the office and those who judge it")),
            SelectChoice(
                Visibility.JOINABLE.value,
                _l("Also colleagues who would join, where the proposer chooses so: title, a paragraph, roles wanted"),
            ),
        ],
        default=Visibility.CLOSED.value,
    )

    company: Company
    themes: dict[str, Theme]
    choices: dict[str, dict[str, Any]]
    own: FormTemplate | None = None

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
            "screening_due_on": self.screening_due_on.data,
            "review_due_on": self.review_due_on.data,
            "meets_on": self.meets_on.data,
            "release_on": self.release_on.data,
            "keeps_company_out": bool(self.keeps_company_out.data),
            "blinding": Blinding(self.blinding.data),
            "visibility": Visibility(self.visibility.data),
            "form": self.own if self.own and self.template.data == OWN else TEMPLATES[self.template.data],
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
    screening_due_on = DayField(_l("The eligibility check is done by"), [Required(DAY)])
    review_due_on = DayField(_l("Reviews are due on"), [Required(DAY)])
    meets_on = DayField(_l("The committee meets on"), [Required(DAY)])
    release_on = DayField(_l("Decisions are released on"), [Required(DAY)])
    reason = TextAreaField(_l("Reason"), [Length(max=2000)])

    def details(self, call: Call) -> dict[str, Any]:
        """What the service takes."""
        closes_at = clock.end_of(self.closes_on.data, ZoneInfo(call.company.time_zone))
        days = {day: self[day].data for day in PHASES}
        return days | {"closes_at": closes_at, "reason": self.reason.data or ""}


def extend_form(call: Call) -> ExtendForm:
    """The form with the days as they stand."""
    stored = _stored(call)
    return ExtendForm(**{day: stored[day] for day in ("closes_on", *PHASES)})


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
    if call is not None and values["template"] == OWN:
        form.own = FormTemplate.of(call.form)
        form.template.choices = [SelectChoice(OWN, _("The form as it was built")), *FORMS]
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
        "screening_due_on": call.screening_due_on,
        "review_due_on": call.review_due_on,
        "meets_on": call.meets_on,
        "release_on": call.release_on,
        "keeps_company_out": call.keeps_company_out,
        "blinding": call.blinding.value,
        "visibility": call.visibility.value,
        "template": next((key for key, known in TEMPLATES.items() if known == template), OWN),
        "committee": call.committee.public_id,
        "rubric": call.rubric.public_id,
        "rule": call.rule.public_id,
        **{f"title_{language}": text for language, text in call.title.items()},
        **{f"summary_{language}": text for language, text in call.summary.items()},
        **budgets,
    }


class ThemeForm(Form):
    """A strategic theme: its name in both languages, and where it comes from."""

    name_en = StringField(_l("Name in English"), [Required(_l("Both languages are needed.")), Length(max=200)])
    name_zh = StringField(_l("Name in Chinese"), [Required(_l("Both languages are needed.")), Length(max=200)])
    source = StringField(
        _l("Source"), [Optional(), Length(max=200)], description=_l("The plan, policy or fund it comes from.")
    )

    @property
    def details(self) -> dict[str, Any]:
        """What the services take."""
        name = {"en": self.name_en.data or "", "zh": self.name_zh.data or ""}
        plain = {language: text.replace("\x00", "").strip() for language, text in name.items()}
        return {"name": plain, "source": (self.source.data or "").replace("\x00", "")}


class BudgetForm(Form):
    """What a fund has for a year."""

    year = WholeNumberField(_l("Year"), [Required(_l("Enter a year such as 2027."))])
    budget = AmountField(_l("Budget"), [Required(_l("Enter an amount, such as 1,200.50"))])


class PoolForm(Form):
    """Cloud credits set aside for a theme and a year."""

    year = WholeNumberField(_l("Year"), [Required(_l("Enter a year such as 2027."))])
    amount = AmountField(_l("Cloud credits set aside"), [Required(_l("Enter an amount above zero."))])


KINDS = [
    SelectChoice(Kind.SHORT.value, _l("Short text")),
    SelectChoice(Kind.LONG.value, _l("Long text")),
    SelectChoice(Kind.NUMBER.value, _l("Whole number")),
    SelectChoice(Kind.MONEY.value, _l("Amount")),
    SelectChoice(Kind.CHOICE.value, _l("Choice")),
    SelectChoice(Kind.DATE.value, _l("Day")),
    SelectChoice(Kind.TABLE.value, _l("Table")),
    SelectChoice(Kind.FILE.value, _l("File")),
]
LIMITS = {Kind.SHORT: 200, Kind.LONG: 3_000, Kind.NUMBER: 1_000_000, Kind.MONEY: 10**13}
COLUMN_LIMITS = LIMITS | {Kind.SHORT: 120}
BOTH = _l("Both languages are needed.")


class SectionForm(Form):
    """A section's title."""

    title_en = StringField(_l("Title in English"), [Required(BOTH), Length(max=200)])
    title_zh = StringField(_l("Title in Chinese"), [Required(BOTH), Length(max=200)])

    @property
    def title(self) -> Words:
        """The title in both languages."""
        return Words.of({"en": _plain(self.title_en.data), "zh": _plain(self.title_zh.data)})


class FieldForm(Form):
    """A question of a form; lines of both languages are parted by a stroke."""

    section = SelectField(_l("Section"), coerce=str)
    kind = SelectField(_l("Kind of answer"), choices=KINDS, coerce=str)
    label_en = StringField(_l("Question in English"), [Required(BOTH), Length(max=300)])
    label_zh = StringField(_l("Question in Chinese"), [Required(BOTH), Length(max=300)])
    hint_en = TextAreaField(_l("Hint in English"), [Optional(), Length(max=500)])
    hint_zh = TextAreaField(_l("Hint in Chinese"), [Optional(), Length(max=500)])
    limit = WholeNumberField(_l("Limit"), [Optional()], description=_l("Most characters of a text; greatest number."))
    unit_en = StringField(_l("Unit of a number, in English"), [Optional(), Length(max=40)])
    unit_zh = StringField(_l("Unit of a number, in Chinese"), [Optional(), Length(max=40)])
    choices = TextAreaField(_l("Choices"), [Optional()], description=_l("One a line: English | Chinese."))
    columns = TextAreaField(
        _l("Columns of a table"), [Optional()],
        description=_l("One a line: English | Chinese | short, number or money."),
    )  # fmt: skip
    rows = TextAreaField(_l("Rows of a table"), [Optional()], description=_l("One a line: English | Chinese."))
    optional = BooleanField(_l("May be left empty"))
    office = BooleanField(_l("Only the office reads the answer, beside its authors"))

    was = HiddenField(validators=[Optional()])
    former: FieldSpec | None = None
    """The question that is changed: its key stays, and those of the choices that are called as before."""

    @property
    def now(self) -> str:
        """What tells the question as it stands from any other; `was` is the same as its editor was shown it."""
        return hashlib.sha256(repr(self.former).encode()).hexdigest()[:16]

    def spec(self, form: FormTemplate) -> FieldSpec:
        """The question with a key of its own. Raises Invalid where the parts do not make one, and where somebody else
        has changed it since it was shown."""
        if self.former and self.was.data and self.was.data != self.now:
            raise Invalid(_("Somebody else changed this question meanwhile: look above how it stands. Yours is below."))
        kind, label = Kind(self.kind.data), _both(self.label_en.data, self.label_zh.data, "label")
        return FieldSpec.of(
            {
                "key": self.former.key if self.former else building.key_for(label["en"], form.keys),
                "kind": kind,
                "label": label,
                "hint": _both(self.hint_en.data, self.hint_zh.data, "hint"),
                "limit": self.limit.data if self.limit.data is not None else LIMITS.get(kind, 1),
                "required": not self.optional.data,
                "unit": _both(self.unit_en.data, self.unit_zh.data, "unit") if kind is Kind.NUMBER else None,
                "audience": Audience.OFFICE if self.office.data else Audience.ALL,
            }
            | self._parts(kind)
        )

    def _parts(self, kind: Kind) -> dict[str, Any]:
        if kind is Kind.CHOICE:
            known = {one.label.en: one.value for one in self.former.choices} if self.former else {}
            taken, choices = set(known.values()), []
            for words in _lines(self.choices.data, "choices"):
                key = known.pop(words[0], None) or building.key_for(words[0], taken)
                taken.add(key)
                choices.append({"value": key, "label": {"en": words[0], "zh": words[1]}})
            if not choices:
                raise Invalid(_("Name at least one choice."), field="choices")
            return {"choices": choices}
        if kind is Kind.TABLE:
            rows = [{"en": words[0], "zh": words[1]} for words in _lines(self.rows.data, "rows")]
            columns = [_column(words) for words in _lines(self.columns.data, "columns")]
            if not rows or not columns:
                raise Invalid(_("A table has at least one row and one column."), field="rows" if columns else "columns")
            return {"rows": rows, "columns": columns}
        return {}


def _column(words: list[str]) -> dict[str, Any]:
    kind = words[2].lower() if len(words) > 2 else Kind.SHORT.value
    if kind not in (Kind.SHORT, Kind.NUMBER, Kind.MONEY):
        raise Invalid(_("A column is short, number or money."), field="columns")
    return {"kind": kind, "label": {"en": words[0], "zh": words[1]}, "limit": COLUMN_LIMITS[Kind(kind)]}


def _lines(text: str | None, field: str) -> list[list[str]]:
    """Each line's parts. Raises Invalid at the field for a line without both languages."""
    found = [[part.strip() for part in line.replace("｜", "|").split("|")] for line in _plain(text).splitlines()]
    lines = [parts for parts in found if any(parts)]
    if any(len(parts) < 2 or not all(parts[:2]) for parts in lines):
        raise Invalid(_("Write both languages in each line: English | Chinese."), field=field)
    return lines


def _both(en: str | None, zh: str | None, field: str) -> Any:
    """Words of both languages, None for none. Raises Invalid at the one that is missing."""
    words = {"en": _plain(en), "zh": _plain(zh)}
    if not any(words.values()):
        return None
    if missing := [language for language, text in words.items() if not text]:
        raise Invalid(_("Both languages are needed."), field=f"{field}_{missing[0]}")
    return words


def _plain(text: str | None) -> str:
    return (text or "").replace("\x00", "").replace("\r\n", "\n").strip()


def field_form(template: FormTemplate, former: FieldSpec | None = None, **given: Any) -> FieldForm:
    """The form with the sections that a question may go into; former: filled with what is to be changed."""
    form = FieldForm(**(_as_typed(template, former) if former else {}), **given)
    form.section.choices = [SelectChoice(one.key, str(one.title)) for one in template.sections]
    form.former = former
    return form


def _as_typed(template: FormTemplate, spec: FieldSpec) -> dict[str, Any]:
    """A question as its form would have been filled in."""
    sections = (one.key for one in template.sections for field in one.fields if field.key == spec.key)
    words = {"label": spec.label, "hint": spec.hint, "unit": spec.unit}
    texts = {f"{name}_{language}": getattr(text, language) for name, text in words.items() if text
             for language in ("en", "zh")}  # fmt: skip
    return texts | {
        "section": next(sections, ""),
        "kind": spec.kind.value,
        "limit": spec.limit if spec.kind in LIMITS else None,
        "choices": "\n".join(f"{one.label.en} | {one.label.zh}" for one in spec.choices),
        "columns": "\n".join(f"{one.label.en} | {one.label.zh} | {one.kind.value}" for one in spec.columns),
        "rows": "\n".join(f"{one.en} | {one.zh}" for one in spec.rows),
        "optional": not spec.required,
        "office": spec.audience is Audience.OFFICE,
    }


def section_form(section: Section, **given: Any) -> SectionForm:
    """The form of a section's title as it stands."""
    return SectionForm(title_en=section.title.en, title_zh=section.title.zh, **given)
