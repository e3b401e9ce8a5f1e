"""Input about proposals. The draft's form is made from the questions of its call."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from incubator.calls.models import Theme
from incubator.calls.templates import FieldSpec, FormTemplate, Kind, local
from incubator.people.models import Person
from incubator.proposals import words
from incubator.proposals.engines import answers
from incubator.proposals.forms.kept import KeptForm
from incubator.proposals.forms.tables import TableField
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.proposals.services import Share
from incubator.web.forms import AmountField, DayField, Form, PercentField, Required, UploadField, WholeNumberField

PREFIX = "answer_"


class Fits:
    """An answer keeps to its question: the service's own check, at the field."""

    def __init__(self, spec: FieldSpec) -> None:
        self.spec = spec

    def __call__(self, _form: object, field: Any) -> None:
        """Raise ValidationError that says what would be right."""
        if fault := answers.fault_of(self.spec, answers.clean(field.data) if field.data != "" else None):
            raise ValidationError(words.fault(fault, self.spec.limit))


class DraftForm(KeptForm):
    """Title, theme and amount; the call's questions are added by `draft_form`."""

    title = StringField(
        _l("Title"),
        [Length(max=answers.TITLE_LIMIT, message=_l("Shorten this to at most 200 characters."))],
        description=_l("What it is, in a few words."),
    )
    theme = SelectField(_l("Theme"), coerce=str)
    asked = AmountField(_l("Cloud credits asked"), description=_l("In yuan, such as 240,000."))
    themes: dict[str, Theme]

    @property
    def details(self) -> dict[str, Any]:
        """What `services.save` takes."""
        given = {name[len(PREFIX) :]: value for name, value in self.data.items() if name.startswith(PREFIX)}
        return {
            "title": self.title.data or "",
            "answers": given,
            "theme": self.themes.get(self.theme.data),
            "asked": self.asked.data,
            "revision": self.revision,
        }


def draft_form(proposal: Proposal, version: ProposalVersion) -> DraftForm:
    """The form of a draft, filled with a version."""
    template = FormTemplate.of(proposal.call.form)
    fields = fields_of(template)
    kind: type[DraftForm] = type("DraftForm", (DraftForm,), fields)
    themes = {entry.theme.public_id: entry.theme for entry in proposal.call.themes}
    stored = {PREFIX + key: _typed(template, key, value) for key, value in version.answers.items()}
    form = kind(
        title=version.title,
        theme=proposal.theme.public_id if proposal.theme else "",
        asked=proposal.asked,
        version=version.revision,
        **stored,
    )
    form.themes = themes
    form.theme.choices = [
        SelectChoice("", _("Choose a theme")),
        *(SelectChoice(key, local(theme.name)) for key, theme in themes.items()),
    ]
    return form


def fields_of(template: FormTemplate) -> dict[str, Any]:
    """The fields of a form by name, one a question."""
    return {PREFIX + key: _field(spec) for key, spec in template.fields.items()}


def preview(template: FormTemplate) -> Form:
    """An empty form of these questions, to be looked at."""
    kind: type[Form] = type("PreviewForm", (Form,), fields_of(template))
    return kind(formdata=None)


def _typed(template: FormTemplate, key: str, value: Any) -> Any:
    """A stored answer as its field takes it."""
    spec = template.fields.get(key)
    if spec is not None and spec.kind is Kind.DATE and isinstance(value, str) and answers.is_day(value):
        return dt.date.fromisoformat(value)
    return value


def _field(spec: FieldSpec) -> Any:
    hint = str(spec.hint) if spec.hint else ""
    optional = [] if spec.required else [Optional()]
    if spec.kind is Kind.CHOICE:
        choices = [
            SelectChoice("", _("Choose one")),
            *(SelectChoice(choice.value, str(choice.label)) for choice in spec.choices),
        ]
        return SelectField(str(spec.label), optional, choices=choices, description=hint)
    if spec.kind is Kind.TABLE:
        return TableField(str(spec.label), [*optional, Fits(spec)], spec=spec, description=hint)
    kind = {
        Kind.SHORT: StringField,
        Kind.LONG: TextAreaField,
        Kind.MONEY: AmountField,
        Kind.NUMBER: WholeNumberField,
        Kind.DATE: DayField,
    }
    return kind[spec.kind](str(spec.label), [*optional, Fits(spec)], description=hint)


class TeamForm(Form):
    """Who takes part with which share; three fields a member are added by `team_form`."""

    people: dict[str, Person]

    @property
    def rows(self) -> list[tuple[Person, Any, Any, Any]]:
        """Each member with the fields for part, share and leaving the team."""
        return [
            (person, *(self._fields[f"{name}_{key}"] for name in ("part", "share", "off")))
            for key, person in self.people.items()
        ]

    @property
    def members(self) -> list[Share]:
        """Those who stay, as `services.set_team` takes them."""
        stay = [(person, part, share) for person, part, share, off in self.rows if not off.data]
        return [Share(person, part.data or "", share.data or 0) for person, part, share in stay]

    @property
    def total(self) -> int:
        """The sum of the shares, in basis points."""
        return sum(member.share_bp for member in self.members)


def team_form(proposal: Proposal, *, fresh: bool = False) -> TeamForm:
    """The form of a proposal's team; fresh: as it stands, whatever was sent."""
    fields, values = team_fields(proposal)
    kind: type[TeamForm] = type("TeamForm", (TeamForm,), fields)
    form = kind(formdata=None, **values) if fresh else kind(**values)
    form.people = {member.person.public_id: member.person for member in proposal.team}
    return form


def team_fields(proposal: Proposal) -> tuple[dict[str, Any], dict[str, Any]]:
    """Three fields a member, and what stands in them."""
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for member in proposal.team:
        key, name = member.person.public_id, member.person.name
        fields |= {
            f"part_{key}": StringField(_("Part of %(name)s", name=name), [Optional(), Length(max=120)]),
            f"share_{key}": PercentField(_("Share of %(name)s", name=name)),
            f"off_{key}": BooleanField(_("Take %(name)s off the team", name=name)),
        }
        values |= {f"part_{key}": member.part, f"share_{key}": member.share_bp}
    return fields, values


class ColleagueForm(Form):
    """A colleague for the team: chosen from the list, or typed as a name or HR number."""

    person = HiddenField(_l("Colleague"))
    person_text = StringField()
    part = StringField(
        _l("Part in the work"), [Optional(), Length(max=120, message=_l("Shorten this to at most 120 characters."))]
    )

    @property
    def named(self) -> str:
        """The HR number that was chosen, else what was typed."""
        return (self.person.data or self.person_text.data or "").replace("\x00", "").strip()


class ReasonForm(Form):
    """Why."""

    reason = TextAreaField(_l("Reason"), [Required(_l("Say why: the proposer reads it.")), Length(max=2000)])


class ReturnForm(ReasonForm):
    """Why, and until when it can be put right."""

    due_on = DayField(_l("Until when"), [Optional()])


class WithdrawForm(Form):
    """Why, if the proposer wants to say."""

    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=2000)])


class AttachForm(Form):
    """A file to attach."""

    field = SelectField(_l("What it answers"), [Optional()])
    file = UploadField(_l("File"), validators=[Required(_l("Choose a file"))])


def attach_form(asked: Sequence[FieldSpec], **given: Any) -> AttachForm:
    """The form with the questions that a file answers and that have none yet; without any the choice is left out."""
    form = AttachForm(**given)
    if not asked:
        del form.field
        return form
    form.field.choices = [
        *(SelectChoice(spec.key, str(spec.label)) for spec in asked),
        SelectChoice("", _("No question: beside the text")),
    ]
    return form
