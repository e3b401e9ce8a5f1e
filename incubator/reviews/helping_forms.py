"""Forms of sub-reviewers, of wishes before an assignment, and of ratings."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import Length, Optional

from incubator.reviews.forms import LONGEST, ReasonForm, ScoreField
from incubator.reviews.models import SubReview, Wish
from incubator.web.forms import Form, Required
from incubator.web.words import local_words

HELPFUL = {1: _l("Little"), 2: _l("Fairly"), 3: _l("Very")}
WISHES = {Wish.WANT: _l("I want to"), Wish.CAN: _l("I can"), Wish.RATHER_NOT: _l("Rather not")}


class HelpForm(ReasonForm):
    """Who should read a dossier, and why."""

    hr_number = StringField(_l("HR number of the colleague"), [Required(_l("Enter an HR number.")), Length(max=40)])

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"hr_number": _plain(self.hr_number.data), "reason": _plain(self.reason.data)}


class OpinionForm(Form):
    """A sub-reviewer's opinion, with a score a criterion where there is one (made by opinion_form)."""

    keys: tuple[str, ...] = ()
    opinion = TextAreaField(_l("Your opinion"), [Required(_l("Write your opinion.")), Length(max=20_000)])

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"opinion": _plain(self.opinion.data), "scores": {key: self[f"score_{key}"].data for key in self.keys}}


def opinion_form(wish: SubReview, **given: Any) -> OpinionForm:
    """The form under the rubric of the wish's round; given: formdata=None for an empty one."""
    criteria = wish.round.rubric.criteria
    fields: dict[str, Any] = {"keys": tuple(criterion.key for criterion in criteria)}
    for criterion in criteria:
        hint = local_words(criterion.hint)
        fields[f"score_{criterion.key}"] = ScoreField(local_words(criterion.name), [Optional()], description=hint)
    kind: type[OpinionForm] = type("RubricOpinionForm", (OpinionForm,), fields)
    return kind(**given)


class RatingForm(Form):
    """How helpful a review is."""

    helpful = RadioField(
        _l("How helpful is this review?"), validate_choice=False,
        choices=[SelectChoice(str(key), words) for key, words in HELPFUL.items()],
        validators=[Required(_l("Choose how helpful it is."))],
    )  # fmt: skip
    note = TextAreaField(_l("What would make it more helpful"), [Optional(), Length(max=LONGEST)])

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes; nothing it knows stands for None."""
        known = {str(key): key for key in HELPFUL}
        return {"helpful": known.get(str(self.helpful.data)), "note": _plain(self.note.data)}


def wishes_in(form: Any) -> dict[str, Wish | None]:
    """What was sent of wishes: fields w-<public id>; an unknown word takes the wish back."""
    known = {wish.value: wish for wish in Wish}
    return {name[2:]: known.get(value) for name, value in form.items() if name.startswith("w-")}


def _plain(text: str | None) -> str:
    return (text or "").replace("\x00", "")
