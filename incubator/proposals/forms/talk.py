"""Input of talk about a proposal and of what is said about likeness."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from incubator.web.forms import Form, Required

BRIEF = Length(max=1000, message=_l("Shorten this to at most 1,000 characters."))
SAY_IT = _l("Say it in a sentence or two: colleagues read nothing else.")
SHORT = Length(max=500, message=_l("Shorten this to at most 500 characters."))


class CommentForm(Form):
    """A remark."""

    text = TextAreaField(
        _l("Your remark"),
        [
            Required(_l("Write something first.")),
            Length(max=4000, message=_l("Shorten this to at most 4,000 characters.")),
        ],
        description=_l("“@” with a name tells that person, if they may read this."),
    )


class OpeningForm(Form):
    """What colleagues are told of a proposal beside its title."""

    summary = TextAreaField(
        _l("What it is about, in a paragraph"),
        [Required(SAY_IT), BRIEF],
        description=_l("Tell nothing that is not for everybody whom the call addresses."),
    )
    wanted = TextAreaField(
        _l("Whom the team looks for"), [Required(SAY_IT), SHORT], description=_l("Roles and skills, and how much time.")
    )


class OfferForm(Form):
    """What somebody would bring to a team."""

    skills = StringField(
        _l("What you would bring"), [Required(_l("Say what you would bring: skills, time, equipment.")), SHORT]
    )
    message = TextAreaField(_l("A word to the proposer"), [Optional(), BRIEF])


class OfferAnswerForm(Form):
    """A word with the answer to an offer."""

    answer = TextAreaField(_l("A word with it"), [Optional(), BRIEF])


class OtherForm(Form):
    """Something about another proposal, which a hidden field names."""

    other = HiddenField()

    @property
    def named(self) -> str:
        """Its public id."""
        return str(self.other.data or "").replace("\x00", "")


class DifferenceForm(OtherForm):
    """Why one's own is another matter than a similar proposal."""

    reason = TextAreaField(_l("Mine differs because"), [Required(_l("Say in a sentence what is different.")), BRIEF])


class LikenessAskForm(OtherForm):
    """What the company of a similar proposal, which is not open, is asked."""

    question = TextAreaField(
        _l("What this proposal is about, in your words"),
        [Required(_l("Say in your own words what the proposal is about: they do not read it.")), BRIEF],
    )


class LikenessAnswerForm(Form):
    """Whether it is the same."""

    same = RadioField(
        _l("Is it the same as yours?"), [Required(_l("Choose one"))],
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No"))],
    )  # fmt: skip
    remark = TextAreaField(
        _l("Remark"), [Optional(), SHORT], description=_l("The other office reads it. Say no more than you may.")
    )
