"""Input about inventions."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FormField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import Optional

from incubator.patents.engines.numbers import PatentKind
from incubator.patents.forms.fields import DayField, Rows
from incubator.patents.models import Secrecy
from incubator.web.forms import Form, PercentField, Required
from incubator.web.words import WORDS


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
