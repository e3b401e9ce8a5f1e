"""Forms of reviewers and committees."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, ValidationError

from incubator.calls.models import Call, Criterion
from incubator.calls.templates import Kind
from incubator.proposals.models import Proposal
from incubator.proposals.queries import fields_of
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.models import AnonymisedText, Choice, Confidence, Panel, PanelOutcome, Recommendation, Review
from incubator.reviews.queries import Candidate
from incubator.reviews.services import Content
from incubator.web.formats import hundredths
from incubator.web.forms import Form, Required, UploadField, WholeNumberField
from incubator.web.language import kept, language
from incubator.web.words import local_words

LONGEST = 5_000
CONFIDENCE = (
    SelectChoice(Confidence.LOW.value, _l("Low")),
    SelectChoice(Confidence.MEDIUM.value, _l("Medium")),
    SelectChoice(Confidence.HIGH.value, _l("High")),
)
RECOMMENDATION = (
    SelectChoice(Recommendation.DECLINE.value, _l("Do not fund")),
    SelectChoice(Recommendation.CHANGE.value, _l("Ask for changes")),
    SelectChoice(Recommendation.FUND.value, _l("Fund")),
)
OUTCOMES = (
    SelectChoice(Verdict.ACCEPTED.value, _l("Accepted")),
    SelectChoice(Verdict.SHELVED.value, _l("Shelved")),
    SelectChoice(Verdict.REJECTED.value, _l("Not accepted")),
)


class ReviewersForm(Form):
    """Who is to review a proposal: public ids of committee members."""

    reviewers = SelectMultipleField(_l("Reviewers"), validate_choice=False)

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> "ReviewersForm":
        """The form over these candidates; only those who may be chosen are understood."""
        form = cls()
        form.choosable = {c.person.public_id: c.person for c in candidates if c.is_choosable}
        return form

    @property
    def values(self) -> dict[str, Any]:
        """The persons chosen; the service refuses when one may not be."""
        return {"reviewers": [self.choosable[key] for key in self.reviewers.data or () if key in self.choosable]}


class DeclareForm(Form):
    """The declaration of interests."""

    conflict = RadioField(
        _l("Do you have a conflict of interest?"),
        choices=[
            SelectChoice("no", _l("No. I am not involved, and can judge it fairly.")),
            SelectChoice("yes", _l("Yes, I have one, because:")),
        ],
        validate_choice=False,
        validators=[Required(_l("Say whether you have a conflict of interest."))],
    )
    statement = TextAreaField(_l("What the conflict is"), [Optional(), Length(max=LONGEST)])

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"has_conflict": self.conflict.data == "yes", "statement": self.statement.data or ""}


class ScoreField(StringField):  # type: ignore[misc]
    """A score; data is a whole number or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read digits; anything else counts as no score."""
        text = valuelist[0] if valuelist else ""
        self.data = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


class ScoreForm(Form):
    """A review: a score and a note a criterion (made by score_form), and what stands beside them."""

    keys: tuple[str, ...] = ()
    version = HiddenField()

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes: the content, and the version it is built on."""
        given = str(self.version.data or "")
        version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None
        content = Content(
            scores={key: self[f"score_{key}"].data for key in self.keys},
            notes={key: self[f"note_{key}"].data or "" for key in self.keys},
            confidence=Confidence(self.confidence.data) if self.confidence.data in set(Confidence) else None,
            recommendation=(
                Recommendation(self.recommendation.data) if self.recommendation.data in set(Recommendation) else None
            ),
            private_note=self.private_note.data or "",
            abstained=frozenset(key for key in self.keys if f"abstain_{key}" in self and self[f"abstain_{key}"].data),
        )
        return {"content": content, "version": version}


def score_form(review: Review, *, sealing: bool = False) -> ScoreForm:
    """The form of a review under its round's rubric, filled with what is saved; sealing needs everything."""
    rubric = review.round.rubric  # published, so frozen
    kind: type[ScoreForm] = kept(("score_form", rubric.id, sealing, language()), _form_of, rubric.criteria, sealing)
    return kind(data=_saved(review))


def _form_of(criteria: Sequence[Criterion], sealing: bool) -> type[ScoreForm]:
    fields: dict[str, Any] = {"keys": tuple(criterion.key for criterion in criteria)}
    for criterion in criteria:
        fields[f"score_{criterion.key}"] = _score(criterion, sealing)
        fields[f"note_{criterion.key}"] = TextAreaField(_l("Note"), [Optional(), Length(max=LONGEST)])
        if criterion.may_abstain:
            fields[f"abstain_{criterion.key}"] = BooleanField(_l("I abstain on this"))
    sure, advice = _l("Say how sure you are."), _l("Say what you recommend.")
    fields["confidence"] = _radio(_l("How sure are you?"), CONFIDENCE, sure, sealing)
    fields["recommendation"] = _radio(_l("Recommendation"), RECOMMENDATION, advice, sealing)
    fields["private_note"] = TextAreaField(
        _l("Note to the committee"), [Optional(), Length(max=LONGEST)],
        description=_l("The proposer never sees it."),
    )  # fmt: skip
    return type("RubricForm", (ScoreForm,), fields)


def _score(criterion: Criterion, sealing: bool) -> ScoreField:
    words = _l("Choose a score from %(low)s to %(high)s.", low=criterion.low, high=criterion.high)
    return ScoreField(
        local_words(criterion.name),
        [Required(words)] if sealing and not criterion.may_abstain else [Optional()],
        description=local_words(criterion.hint),
    )


def _radio(label: object, choices: Sequence[SelectChoice], words: object, sealing: bool) -> RadioField:
    return RadioField(
        label, choices=list(choices), validate_choice=False, validators=[Required(words)] if sealing else []
    )


def _saved(review: Review) -> dict[str, Any]:
    data: dict[str, Any] = {
        "version": review.version,
        "confidence": review.confidence.value if review.confidence else None,
        "recommendation": review.recommendation.value if review.recommendation else None,
        "private_note": review.private_note,
    }
    for score in review.scores:
        data[f"score_{score.criterion.key}"] = score.value
        data[f"note_{score.criterion.key}"] = score.note
        data[f"abstain_{score.criterion.key}"] = score.abstained
    return data


class ReasonForm(Form):
    """A step that takes a reason."""

    reason = TextAreaField(_l("Reason"), [Required(_l("Give the reason.")), Length(max=LONGEST)])

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"reason": _plain(self.reason.data)}


class HandOverForm(ReasonForm):
    """Who is to take a review over, and why."""

    to = SelectField(_l("Who takes it over?"), validate_choice=False, validators=[Required(_l("Choose a member."))])

    def offer(self, members: Sequence[Any]) -> None:
        """Members (public_id, name) to choose from."""
        self.known = {row.public_id for row in members}
        self.to.choices = [SelectChoice("", ""), *(SelectChoice(row.public_id, row.name) for row in members)]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"to": self.to.data if self.to.data in self.known else "", "reason": _plain(self.reason.data)}


class AnonymisedForm(Form):
    """A proposal's text without what tells who proposes; a field a text answer is added by anonymised_form."""

    title = StringField(
        _l("Title"), [Required(_l("Give it a title that does not tell who proposes.")), Length(max=200)]
    )
    keys: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {
            "title": _plain(self.title.data),
            "answers": {key: _plain(self[f"answer_{key}"].data) for key in self.keys},
        }


def anonymised_form(proposal: Proposal, kept_text: AnonymisedText | None) -> AnonymisedForm:
    """The form over the text answers of what was handed in; filled with what is kept, else with the original to work
    from."""
    version = proposal.submitted_version
    texts = {key: value for key, value in (version.answers if version else {}).items() if isinstance(value, str)}
    specs = [spec for _title, found in fields_of(proposal) for spec in found if spec.kind is not Kind.CHOICE]
    labels = {spec.key: str(spec.label) for spec in specs}
    keys = tuple(key for key in texts if key in labels)
    fields: dict[str, Any] = {"keys": keys}
    for key in keys:
        fields[f"answer_{key}"] = TextAreaField(labels[key], [Optional(), Length(max=20_000)])
    kind: type[AnonymisedForm] = type("FilledAnonymisedForm", (AnonymisedForm,), fields)
    now = kept_text.answers if kept_text else texts
    data = {"title": kept_text.title if kept_text else proposal.title}
    return kind(data=data | {f"answer_{key}": now.get(key, "") for key in keys})


class FileForm(Form):
    """A filled form from elsewhere."""

    file = UploadField(_l("Filled form"))


class LiftForm(ReasonForm):
    """Which conflict, by person and kind, and why it is lifted."""

    person = HiddenField()
    kind = HiddenField()

    @property
    def key(self) -> dict[str, str]:
        """What names the conflict."""
        return {"person": _plain(self.person.data), "kind": _plain(self.kind.data)}


def _plain(text: str | None) -> str:
    return (text or "").replace("\x00", "")


class BulkForm(Form):
    """Which decisions, what to do with them, and why."""

    id = SelectMultipleField(_l("Decisions"), validate_choice=False)
    outcome = RadioField(
        _l("Step"),
        choices=[*OUTCOMES, SelectChoice("reconsider", _l("Take back to the table"))],
        validate_choice=False,
        validators=[Required(_l("Choose what to do."))],
    )
    reason = TextAreaField(_l("Reason"), [Required(_l("Give the reason.")), Length(max=LONGEST)])

    def validate_id(self, field: Any) -> None:
        """At least one must be ticked."""
        if not field.data:
            raise ValidationError(str(_l("Tick at least one decision.")))

    def validate_outcome(self, field: Any) -> None:
        """One of those offered."""
        if field.data not in {choice.value for choice in OUTCOMES} | {"reconsider"}:
            raise ValidationError(str(_l("Choose what to do.")))

    @property
    def ids(self) -> list[str]:
        """The public ids ticked."""
        return [_plain(key) for key in self.id.data or ()]

    @property
    def words(self) -> str:
        """The reason."""
        return _plain(self.reason.data)

    @property
    def takes_back(self) -> bool:
        """Whether they go back to the table."""
        return bool(self.outcome.data == "reconsider")

    @property
    def outcome_chosen(self) -> Verdict:
        """What they are to become instead."""
        return Verdict(self.outcome.data)


class MinutesForm(Form):
    """What was said of a proposal at the table, and how long it may take."""

    minutes = TextAreaField(_l("Minutes"), [Optional(), Length(max=LONGEST)])
    allotted = WholeNumberField(
        _l("Minutes allotted"), [Required(_l("Enter from 1 to 240 minutes."))], render_kw={"inputmode": "numeric"}
    )

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"minutes": _plain(self.minutes.data), "allotted": self.allotted.data}


class VoteForm(Form):
    """One vote."""

    choice = RadioField(
        _l("Your vote"),
        choices=[
            SelectChoice(Choice.ACCEPT.value, _l("Accept")),
            SelectChoice(Choice.SHELVE.value, _l("Shelve")),
            SelectChoice(Choice.REJECT.value, _l("Do not accept")),
            SelectChoice(Choice.ABSTAIN.value, _l("Abstain")),
        ],
        validate_choice=False,
        validators=[Required(_l("Choose how you vote."))],
    )

    def validate_choice(self, field: Any) -> None:
        """One of those offered."""
        if field.data not in set(Choice):
            raise ValidationError(str(_l("Choose how you vote.")))

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"choice": Choice(self.choice.data)}


class OverrideForm(Form):
    """Another outcome than the rule's, and why."""

    outcome = RadioField(
        _l("Outcome"), choices=list(OUTCOMES), validate_choice=False,
        validators=[Required(_l("Choose the outcome."))],
    )  # fmt: skip
    reason = TextAreaField(
        _l("Reason"), [Required(_l("Give the reason; the second signer and the auditor will read it.")),
                       Length(max=LONGEST)],
    )  # fmt: skip

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes; Verdict.NOT_DECIDABLE, which it refuses, stands for anything unknown."""
        known = self.outcome.data in set(Verdict)
        outcome = Verdict(self.outcome.data) if known else Verdict.NOT_DECIDABLE
        return {"outcome": outcome, "reason": self.reason.data or ""}


AS_SECOND = {
    PanelOutcome.PASS: Verdict.ACCEPTED,
    PanelOutcome.HOLD: Verdict.SHELVED,
    PanelOutcome.FAIL: Verdict.REJECTED,
}


def override_form(second: Panel | None) -> OverrideForm:
    """The form; where a second round was held over the proposal, filled with what it came to."""
    if second is None or second.outcome not in AS_SECOND:
        return OverrideForm(formdata=None)
    mean = hundredths(second.result["total"] if second.result else None)
    reason = _("The second round under “%(rubric)s”: mean %(mean)s.", rubric=local_words(second.rubric.name), mean=mean)
    return OverrideForm(formdata=None, data={"outcome": AS_SECOND[second.outcome].value, "reason": reason})


class RecallForm(Form):
    """The call that takes a shelved proposal, and why."""

    call = SelectField(_l("Call"), [Required(_l("Choose another call whose reviewing has not ended."))], coerce=str)
    reason = TextAreaField(_l("Reason"), [Required(_l("Say why: the proposer reads it.")), Length(max=2000)])

    calls: dict[str, Call]
