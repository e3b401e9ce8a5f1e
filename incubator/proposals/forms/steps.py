"""Input of the steps beside writing: questions, answers, a team's changes, merging, appeals, the shelf."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from incubator.calls.templates import FormTemplate, local
from incubator.people.models import Company
from incubator.proposals import queries
from incubator.proposals.forms.drafts import TeamForm, team_fields
from incubator.proposals.forms.kept import KeptForm
from incubator.proposals.models import Clarification, Proposal
from incubator.proposals.services import MOST_QUESTIONS, Asked, Share
from incubator.web.forms import DayField, Form, PercentField, Required, WholeNumberField

SHORTEN = _l("Shorten this to at most 2,000 characters.")
LONG = Length(max=2000, message=SHORTEN)
WORDS = 300
"""The most words of an answer, when the chair names no other number."""


class AskForm(Form):
    """Questions to a proposer, until a day; the questions are added by `ask_form`."""

    due_on = DayField(_l("Answers are due on"), [Required(_l("Choose a day"))])

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Each question with what it is about and its limit."""
        names = range(1, MOST_QUESTIONS + 1)
        return [tuple(self._fields[f"{name}_{n}"] for name in ("question", "field", "limit")) for n in names]

    @property
    def details(self) -> dict[str, Any]:
        """What the service takes."""
        asked = [
            Asked(question.data or "", WORDS if limit.data is None else limit.data, field.data or "")
            for question, field, limit in self.rows
        ]
        return {"questions": asked, "due_on": self.due_on.data}


def ask_form(proposal: Proposal, **given: Any) -> AskForm:
    """The form with places for five questions."""
    known = FormTemplate.of(proposal.call.form).fields
    about = [SelectChoice("", _("The whole proposal")), *(SelectChoice(k, str(f.label)) for k, f in known.items())]
    fields: dict[str, Any] = {}
    for n in range(1, MOST_QUESTIONS + 1):
        needed = [Required(_l("Ask at least one question."))] if n == 1 else [Optional()]
        fields |= {
            f"question_{n}": TextAreaField(_("Question %(n)s", n=n), [*needed, Length(max=1000)]),
            f"field_{n}": SelectField(_("What question %(n)s is about", n=n), choices=about, default=""),
            f"limit_{n}": WholeNumberField(_("Most words of answer %(n)s", n=n), [Optional()], default=WORDS),
        }
    kind: type[AskForm] = type("AskForm", (AskForm,), fields)
    return kind(**given)


class AnswersForm(KeptForm):
    """Answers to questions; one field a question is added by `answers_form`."""

    positions: list[int]

    @property
    def details(self) -> dict[str, Any]:
        """What the services take."""
        return {"answers": self.answers, "revision": self.revision}

    @property
    def answers(self) -> dict[int, str]:
        """The answers by the position of their question."""
        return {n: self._fields[f"answer_{n}"].data or "" for n in self.positions}

    def faults(self) -> Iterator[str]:
        """What is wrong at each question; its number stands for its text."""
        for n in self.positions:
            for wrong in self._fields[f"answer_{n}"].errors:
                yield str(_("Not saved yet. Question %(n)s: %(what)s", n=n, what=wrong))


def answers_form(clarification: Clarification) -> AnswersForm:
    """The form filled with what was kept."""
    fields = {f"answer_{one.position}": TextAreaField(one.question) for one in clarification.questions}
    kind: type[AnswersForm] = type("AnswersForm", (AnswersForm,), fields)
    kept = {f"answer_{one.position}": one.answer for one in clarification.questions}
    form = kind(version=clarification.revision, **kept)
    form.positions = [one.position for one in clarification.questions]
    return form


class ChangeForm(TeamForm):
    """Other shares for a team that has agreed, perhaps with somebody new, and why."""

    reason = TextAreaField(
        _l("Reason"), [Required(_l("Say why the shares change; everybody concerned reads it.")), LONG]
    )
    person = HiddenField(_l("Somebody new"))
    person_text = StringField()
    part = StringField(_l("Part in the work"), [Optional(), Length(max=120)])
    share = PercentField(_l("Share of somebody new"), [Optional()])

    @property
    def named(self) -> str:
        """Who was chosen, else what was typed; empty for nobody."""
        return (self.person.data or self.person_text.data or "").replace("\x00", "").strip()

    def with_newcomer(self, person: Any) -> list[Share]:
        """The members who stay and the one who comes in."""
        return [*self.members, Share(person, self.part.data or "", self.share.data or 0)]


def change_form(proposal: Proposal) -> ChangeForm:
    """The form with the team as it stands."""
    fields, values = team_fields(proposal)
    kind: type[ChangeForm] = type("ChangeForm", (ChangeForm,), fields)
    form = kind(**values)
    form.people = {member.person.public_id: member.person for member in proposal.team}
    return form


class CounterForm(Form):
    """Another share than the one asked for, and why."""

    share = PercentField(_l("The share I would agree to"), [Required(_l("Enter a share, such as 25.00"))])
    reason = TextAreaField(_l("Why"), [Required(_l("Say why: the proposer reads it.")), LONG])


class MergeForm(Form):
    """What a proposal goes on in, with what credit for its team, and why."""

    survivor = SelectField(_l("It goes on in"), [Required(_l("Choose a proposal"))], coerce=str)
    credit = PercentField(
        _l("Share of the merged team together"),
        [Required(_l("Enter a share, such as 20.00; 0 for none"))],
        description=_l("Everybody whose share changes is asked. Until all have agreed the shares stay as they are."),
    )
    reason = TextAreaField(_l("Reason"), [Required(_l("Say why: both teams read it.")), LONG])


def merge_form(choices: Sequence[Any], **given: Any) -> MergeForm:
    """The form with the proposals that may go on."""
    form = MergeForm(**given)
    form.survivor.choices = [
        SelectChoice("", _("Choose a proposal")),
        *(SelectChoice(row.public_id, f"{row.number} · {row.title}") for row in choices),
    ]
    return form


class BackgroundForm(Form):
    """What a company brings along."""

    company = SelectField(_l("Company"), coerce=str)
    what = TextAreaField(
        _l("What it brings along"),
        [Required(_l("Say what it is: a patent number, know-how, a data set.")), Length(max=500)],
    )
    terms = TextAreaField(_l("On which terms"), [Optional(), Length(max=500)])

    companies: dict[str, Company]

    @property
    def details(self) -> dict[str, Any]:
        """What the service takes."""
        company = self.companies[self.company.data]
        return {"company": company, "what": self.what.data or "", "terms": self.terms.data or ""}


def background_form(proposal: Proposal, **given: Any) -> BackgroundForm:
    """The form with the companies of the team."""
    form = BackgroundForm(**given)
    form.companies = {company.public_id: company for company in queries.companies_of(proposal)}
    form.company.choices = [SelectChoice(key, local(one.name)) for key, one in form.companies.items()]
    return form


class AppealForm(Form):
    """Why an outcome should be looked at again."""

    reason = TextAreaField(
        _l("What was overlooked or judged wrongly"),
        [
            Required(_l("Say what was overlooked or judged wrongly.")),
            Length(max=4000, message=_l("Shorten this to at most 4,000 characters.")),
        ],
    )


class AppealAnswerForm(Form):
    """The answer to an appeal."""

    upheld = RadioField(
        _l("The appeal is"), [Required(_l("Choose one"))],
        choices=[SelectChoice("no", _l("Dismissed")), SelectChoice("yes", _l("Upheld"))],
    )  # fmt: skip
    answer = TextAreaField(
        _l("Reasons"),
        [
            Required(_l("Give the reasons; the proposer reads them.")),
            Length(max=4000, message=_l("Shorten this to at most 4,000 characters.")),
        ],
    )


class TriggerForm(Form):
    """When a shelved proposal is to be looked at again."""

    on_day = DayField(_l("On a day"), [Optional()])
    word = StringField(
        _l("Or when an open call has the word"),
        [Optional(), Length(min=2, max=60, message=_l("A word has 2 to 60 characters."))],
    )
