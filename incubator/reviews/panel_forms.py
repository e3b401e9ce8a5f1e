"""Forms of rounds over one subject: opening one, a reviewer's judgement, the decision."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectChoice, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from incubator.calls.models import Criterion
from incubator.reviews.forms import LONGEST, ReasonForm, ScoreField
from incubator.reviews.models import PanelKind, PanelOutcome, PanelReview
from incubator.reviews.queries.panels import Judge
from incubator.reviews.services import Judgement
from incubator.reviews.words import outcome_words
from incubator.ventures.states import BY_GATE, VentureState
from incubator.web.forms import AmountField, DayField, Form, Required, UploadField
from incubator.web.words import local_words, look


class SubjectForm(Form):
    """The first step of opening a round: over what, and by which committee."""

    subject = SelectField(_l("Over what"), validate_choice=False, validators=[Required(_l("Choose what it is over."))])
    committee = SelectField(
        _l("Committee"), validate_choice=False, validators=[Required(_l("Choose a committee."))],
    )  # fmt: skip

    def offer(self, subjects: Sequence[tuple[str, str]], committees: Sequence[Any]) -> None:
        """What can be chosen: (public id, words) of subjects, and committees."""
        self.subject.choices = [SelectChoice("", ""), *(SelectChoice(key, words) for key, words in subjects)]
        named = [SelectChoice(one.public_id, local_words(one.name)) for one in committees]
        self.committee.choices = [SelectChoice("", ""), *named]


class PanelForm(SubjectForm):
    """The second: under which rubric and rule, by whom, until when, going by what."""

    rubric = SelectField(_l("Rubric"), validate_choice=False, validators=[Required(_l("Choose a rubric."))])
    rule = SelectField(
        _l("Decision rule"), validate_choice=False, validators=[Required(_l("Choose a decision rule."))],
    )  # fmt: skip
    reviewers = SelectMultipleField(_l("Reviewers"), validate_choice=False)
    due_on = DayField(_l("Judgements are due"), [Required(_l("Choose a day."))])
    brief = TextAreaField(
        _l("What the reviewers are to go by"), [Required(_l("Say what they are to go by.")), Length(max=LONGEST)],
        description=_l("The criteria set before, the evidence that is in, where to find it."),
    )  # fmt: skip

    def offer_means(self, rubrics: Sequence[Any], rules: Sequence[Any], judges: Sequence[Judge]) -> None:
        """Published rubrics and rules, and the committee's members."""
        for field, found in ((self.rubric, rubrics), (self.rule, rules)):
            named = [SelectChoice(x.public_id, f"{local_words(x.name)} · {x.number}") for x in found]
            field.choices = [SelectChoice("", ""), *named]
        self.rubrics, self.rules = ({one.public_id: one for one in found} for found in (rubrics, rules))
        self.known = {one.person.public_id: one.person for one in judges}

    def validate_rubric(self, field: Any) -> None:
        """One of those offered."""
        _known(field, self.rubrics)

    def validate_rule(self, field: Any) -> None:
        """One of those offered."""
        _known(field, self.rules)

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes beside subject and committee."""
        return {
            "rubric": self.rubrics[self.rubric.data],
            "rule": self.rules[self.rule.data],
            "reviewers": [self.known[key] for key in self.reviewers.data or () if key in self.known],
            "due_on": self.due_on.data,
            "brief": (self.brief.data or "").replace("\x00", ""),
        }


def _known(field: Any, offered: dict[str, Any]) -> None:
    if field.data not in offered:
        raise ValidationError(str(_l("Choose one of those offered.")))


class JudgementForm(Form):
    """A judgement: a score and a note a criterion (made by judgement_form), and a note on the whole."""

    keys: tuple[str, ...] = ()
    version = HiddenField()

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes: the judgement, and the version it is built on."""
        given = str(self.version.data or "")
        version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
        scores = {key: self[f"score_{key}"].data for key in self.keys}
        notes = {key: _plain(self[f"note_{key}"].data) for key in self.keys}
        return {"judgement": Judgement(scores, notes, _plain(self.note.data)), "version": version}


def judgement_form(review: PanelReview) -> JudgementForm:
    """The form under the panel's rubric, filled with what is saved."""
    criteria: Sequence[Criterion] = review.panel.rubric.criteria
    fields: dict[str, Any] = {"keys": tuple(criterion.key for criterion in criteria)}
    data: dict[str, Any] = {"note": review.note, "version": review.version}
    for criterion in criteria:
        name = local_words(criterion.name)
        fields[f"score_{criterion.key}"] = ScoreField(name, [Optional()], description=local_words(criterion.hint))
        fields[f"note_{criterion.key}"] = TextAreaField(_l("Note"), [Optional(), Length(max=LONGEST)])
        value, note = review.scores.get(criterion.key, (None, ""))
        data |= {f"score_{criterion.key}": value, f"note_{criterion.key}": note}
    fields["note"] = TextAreaField(_l("Note on the whole"), [Optional(), Length(max=LONGEST)])
    kind: type[JudgementForm] = type("RubricJudgementForm", (JudgementForm,), fields)
    return kind(data=data)


class PanelDecisionForm(Form):
    """The chair's word: the rule's outcome, or another with a reason."""

    outcome = RadioField(_l("Outcome"), validate_choice=False)
    reason = TextAreaField(
        _l("Reason"), [Optional(), Length(max=LONGEST)], description=_l("Needed where it is not what the rule says."),
    )  # fmt: skip

    asks = TextAreaField(
        _l("What the venture must show or change"), [Optional(), Length(max=LONGEST)],
        description=_l("Needed for hold and pivot: the next gate goes by it."),
    )  # fmt: skip
    until_on = DayField(
        _l("Until when"), [Optional()],
        description=_l("Needed for hold: no new money until then. Of a pivot: by when it is to be shown, if by a day."),
    )  # fmt: skip

    def offer(self, kind: PanelKind) -> None:
        """The outcomes of a kind; the first: what the rule says."""
        known = [SelectChoice(key.value, words) for key, words in outcome_words(kind).items()]
        self.outcome.choices = [SelectChoice("", _l("What the rule says")), *known]
        self.known = {choice.value for choice in known}
        if self.outcome.data is None:
            self.outcome.data = ""

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        chosen = self.outcome.data
        outcome = PanelOutcome(chosen) if chosen in self.known else None
        asked = {"asks": _plain(self.asks.data), "until_on": self.until_on.data}
        return {"outcome": outcome, "reason": _plain(self.reason.data), **asked}


class MoreJudgesForm(Form):
    """Which members of the committee are asked beside those who were."""

    reviewers = SelectMultipleField(_l("Reviewers"), validate_choice=False)

    def offer(self, judges: Sequence[Judge]) -> None:
        """Members who can be asked."""
        self.known = {one.person.public_id: one.person for one in judges if one.is_choosable}

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"reviewers": [self.known[key] for key in self.reviewers.data or () if key in self.known]}


class SendBackForm(ReasonForm):
    """Why a member does not confirm."""


class CancelForm(ReasonForm):
    """Why the office ends a round."""


class GateAnswerForm(Form):
    """What a venture's lead has to show of what its gate asked."""

    text = TextAreaField(
        _l("What you have to show"), [Required(_l("Say what you have to show.")), Length(max=LONGEST)],
        description=_l("Point by point, as it was asked. It stands as you hand it in."),
    )  # fmt: skip
    file = UploadField(_l("A file beside it"), [Optional()])

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes; no data where no file was chosen."""
        given = self.file.data
        name = (given.filename or "") if given else ""
        return {"text": _plain(self.text.data), "data": given.stream if name else None, "name": name}


class TrancheForm(Form):
    """The next payment of money to a venture."""

    amount = AmountField(_l("Amount"), [Required(_l("Enter an amount."))])
    due_on = DayField(_l("Day"), [Required(_l("Choose a day."))])
    stage = SelectField(_l("Stage that its gate opens"), validate_choice=False, validators=[Optional()])
    credits = AmountField(
        _l("Credits that its gate grants"), [Optional()],
        description=_l("From the pool of the venture’s first credits."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {stage.value: str(look(f"venture.{stage}").text) for stage in BY_GATE}
        self.stage.choices = [SelectChoice("", _l("No other stage")), *(SelectChoice(*one) for one in words.items())]

    def validate_stage(self, field: Any) -> None:
        """One of the list."""
        if field.data and field.data not in set(BY_GATE):
            raise ValidationError(str(_l("Choose one of the list")))

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        stage = VentureState(self.stage.data) if self.stage.data else None
        values = {"amount": self.amount.data, "due_on": self.due_on.data}
        return values | {"stage": stage, "credit": self.credits.data}


def _plain(text: str | None) -> str:
    return (text or "").replace("\x00", "")
