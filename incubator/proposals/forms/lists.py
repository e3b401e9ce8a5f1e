"""Input about lists: what they are narrowed to, views that are kept, and a step on what is ticked."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from incubator.calls.models import Call
from incubator.proposals.models import BatchStep, Confidentiality, Proposal
from incubator.proposals.queries import Choices, Filter
from incubator.proposals.services import Order
from incubator.proposals.states import ProposalState
from incubator.web.forms import DayField, Form, Required, UploadField
from incubator.web.words import local_words, word


class FilterForm(Form):
    """What a list is narrowed to; made by `filter_form`."""

    state = SelectField(_l("State"), [Optional()], validate_choice=False)
    call = SelectField(_l("Call"), [Optional()], validate_choice=False)
    theme = SelectField(_l("Theme"), [Optional()], validate_choice=False)
    company = SelectField(_l("Company"), [Optional()], validate_choice=False)
    person = StringField(_l("Person"), [Optional()])


def filter_form(wanted: Filter, choices: Choices, states: Sequence[ProposalState] = tuple(ProposalState)) -> FilterForm:
    """The form filled with a filter; a choice that is none of ours stands as the first."""
    form = FilterForm(formdata=None, **wanted.given)
    form.state.choices = [SelectChoice("", _("All")), *(SelectChoice(s.value, word("proposal", s)) for s in states)]
    for field, found in ((form.call, choices.calls), (form.theme, choices.themes), (form.company, choices.companies)):
        field.choices = [SelectChoice("", _("All")), *(SelectChoice(key, name) for key, name in found)]
    return form


class ViewForm(Form):
    """A name for the list as it is narrowed now."""

    name = StringField(
        _l("Name of this view"),
        [Required(_l("Name it")), Length(max=60, message=_l("Shorten this to at most 60 characters."))],
    )
    is_default = BooleanField(_l("Open the list with it"), [Optional()])


STEPS = [
    SelectChoice(BatchStep.SCREEN, _l("Begin the eligibility check")),
    SelectChoice(BatchStep.RETURN, _l("Return with questions")),
    SelectChoice(BatchStep.ROUTE, _l("Put into another call")),
    SelectChoice(BatchStep.CLASSIFY, _l("Set the confidentiality class")),
]


class StepForm(Form):
    """Which proposals, what to do with each, and what that needs; made by `step_form`."""

    id = SelectMultipleField(_l("Proposals"), validate_choice=False)
    step = RadioField(_l("For those ticked"), [Required(_l("Choose what to do."))], choices=STEPS)
    reason = TextAreaField(
        _l("Questions, or the reason"),
        [Optional(), Length(max=2000, message=_l("Shorten this to at most 2,000 characters."))],
        description=_l("For a return and for another call; the proposers read it."),
    )
    due_on = DayField(
        _l("Until when"), [Optional()], description=_l("For a return; a week from today when left empty.")
    )
    call = SelectField(_l("Which call"), [Optional()], validate_choice=False)
    confidentiality = SelectField(_l("Which class"), [Optional()], validate_choice=False)

    calls: dict[str, Call]

    def validate_id(self, field: Any) -> None:
        """At least one must be ticked."""
        if not field.data:
            raise ValidationError(str(_l("Tick at least one proposal.")))

    @property
    def order(self) -> Order:
        """The step as the service takes it; what is no choice of ours is None, which it refuses where it is needed."""
        classes = {one.value: one for one in Confidentiality}
        return Order(
            BatchStep(self.step.data),
            self.reason.data or "",
            self.due_on.data,
            self.calls.get(self.call.data or ""),
            classes.get(self.confidentiality.data or ""),
        )


def step_form(calls: Sequence[Call], **given: Any) -> StepForm:
    """The form with the calls to choose from."""
    form = StepForm(**given)
    form.calls = {call.public_id: call for call in calls}
    form.call.choices = [
        SelectChoice("", _("Choose a call")),
        *(SelectChoice(key, local_words(call.title)) for key, call in form.calls.items()),
    ]
    form.confidentiality.choices = class_choices(_("Choose a class"))
    return form


class ImportForm(Form):
    """A table of proposals."""

    file = UploadField(_l("Table, or ZIP file with a table and files"), validators=[Required(_l("Choose a file"))])
    what = RadioField(
        _l("What to do"), default="look",
        choices=[SelectChoice("look", _l("Look at what it would make")), SelectChoice("make", _l("Make them"))],
    )  # fmt: skip

    @property
    def is_confirmed(self) -> bool:
        """Whether the drafts are to be made."""
        return bool(self.what.data == "make")


class ClassForm(Form):
    """How carefully one proposal is handled; made by `class_form`."""

    confidentiality = SelectField(_l("Confidentiality class"), [Required(_l("Choose a class"))])

    @property
    def chosen(self) -> Confidentiality:
        """The class that was chosen."""
        return Confidentiality(self.confidentiality.data)


def class_form(proposal: Proposal, **given: Any) -> ClassForm:
    """The form with the class as it stands."""
    form = ClassForm(confidentiality=proposal.confidentiality.value, **given)
    form.confidentiality.choices = class_choices()
    return form


def class_choices(first: str | None = None) -> list[Any]:
    """The classes in words; first: what stands for none."""
    found = [SelectChoice(one.value, word("confidentiality", one)) for one in Confidentiality]
    return found if first is None else [SelectChoice("", first), *found]
