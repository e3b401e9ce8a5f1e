"""Input about inventions."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from incubator.patents.engines.completeness import Funding
from incubator.patents.engines.novelty import Showing
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.forms.fields import DayField, Rows
from incubator.patents.models import Disclosure, Secrecy
from incubator.patents.states import Decision
from incubator.web.forms import Form, PercentField, Required, UploadField
from incubator.web.words import WORDS

TEXTS = ("title", "problem", "solution", "prior_art", "funding_details", "rights")
OFFICES = [
    SelectChoice("CNIPA", _l("China (CNIPA)")),
    SelectChoice("WIPO", _l("International (PCT)")),
    SelectChoice("EPO", _l("Europe (EPO)")),
    SelectChoice("USPTO", _l("United States (USPTO)")),
]
"""Where an application can be filed first."""


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


def _choices(table: str, enum: Iterable[StrEnum]) -> list[SelectChoice]:
    return [SelectChoice(one.value, WORDS[f"{table}.{one.value}"].text) for one in enum]


SHOWINGS = [one for one in Showing if one != Showing.SALE]


class DaysForm(Form):
    """What the public has seen of it, or is going to see."""

    published_on = DayField(_l("Shown to the public on"), validators=[Optional()])
    published_how = RadioField(
        _l("How it was shown"), validators=[Optional()], default=Showing.ARTICLE.value,
        choices=_choices("showing", SHOWINGS),
    )  # fmt: skip
    sold_on = DayField(_l("Sold or offered since"), validators=[Optional()])
    planned_on = DayField(_l("Publication planned for"), validators=[Optional()])
    planned_how = RadioField(
        _l("How it is going to be shown"), validators=[Optional()], default=Showing.ARTICLE.value,
        choices=_choices("showing", [one for one in SHOWINGS if one != Showing.LEAK]),
    )  # fmt: skip
    sale_planned_on = DayField(_l("Sale planned from"), validators=[Optional()])

    @property
    def days(self) -> dict[str, Any]:
        """The days and, where there is one, how."""
        found: dict[str, Any] = {name: self[name].data for name in ("sold_on", "sale_planned_on")}
        for kind in ("published", "planned"):
            on, how = self[f"{kind}_on"].data, self[f"{kind}_how"].data
            found |= {f"{kind}_on": on, f"{kind}_how": Showing(how) if on is not None and how else None}
        return found


class DescriptionForm(DaysForm):
    """An invention as its inventors describe it, but its shares."""

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
    nothing_shown = BooleanField(
        _l("Nothing of it was shown or sold, and no day is planned"), validators=[Optional()]
    )  # fmt: skip
    funding = RadioField(
        _l("Who paid for the work"), validators=[Optional()], choices=_choices("funding", Funding),
    )  # fmt: skip
    funding_details = TextAreaField(
        _l("Conditions of that money"), validators=[Optional()],
        description=_l("Name the project or contract, and what it says about patents. Not needed for own money."),
    )  # fmt: skip
    rights = TextAreaField(
        _l("Rights of others"), validators=[Optional()],
        description=_l("Somebody else’s patents, software, data or material that it needs or contains."),
    )  # fmt: skip
    no_rights = BooleanField(_l("Nobody else has a right in it"), validators=[Optional()])
    made_abroad = BooleanField(
        _l("It was made outside mainland China"), validators=[Optional()],
        description=_l("What is made in China needs a security review before it is filed abroad."),
    )  # fmt: skip
    secrecy = RadioField(
        _l("Secrecy"), default=Secrecy.ORDINARY.value,
        choices=[SelectChoice(one.value, WORDS[f"secrecy.{one.value}"].text) for one in Secrecy],
    )  # fmt: skip

    @property
    def details(self) -> dict[str, Any]:
        """The values but the shares, as services.disclose and revise take them."""
        texts = {name: self[name].data or "" for name in TEXTS}
        return texts | self.days | {
            "nothing_shown": self.nothing_shown.data,
            "funding": Funding(self.funding.data) if self.funding.data else None,
            "no_rights": self.no_rights.data,
            "made_in_china": not self.made_abroad.data,
            "secrecy": Secrecy(self.secrecy.data),
        }  # fmt: skip

    @classmethod
    def of(cls, disclosure: Disclosure) -> Self:
        """The form with what a disclosure says now."""
        return cls(obj=disclosure, data={"made_abroad": not disclosure.made_in_china})


class InventionForm(SharesForm, DescriptionForm):
    """An invention as its inventors describe it, with their shares."""


class AssessmentForm(Form):
    """What the search found."""

    assessment = TextAreaField(
        _l("Assessment"), validators=[Required(_l("Write down what you found."))],
        description=_l("Is it new, is it inventive, what comes nearest to it?"),
    )  # fmt: skip


class QuestionForm(Form):
    """What counsel asks the author to add."""

    question = TextAreaField(_l("What is missing"), validators=[Required(_l("Say what is missing."))])


class AttachForm(Form):
    """A drawing or data that belongs to an invention."""

    file = UploadField(
        _l("Add a file"),
        description=_l("PDF, pictures, Office or text, up to 25 MB. It is as secret as the text."),
    )  # fmt: skip

    @property
    def details(self) -> dict[str, Any]:
        """The values as services.attach takes them; no data where no file was chosen."""
        given = self.file.data
        name = (given.filename or "") if given else ""
        return {"data": given.stream if name else None, "name": name}


class ChangeForm(SharesForm):
    """Other shares than the agreed ones, and why."""

    reason = TextAreaField(
        _l("Reason"), validators=[Required(_l("Say why the shares change; everybody concerned reads it."))]
    )  # fmt: skip


class DecisionForm(Form):
    """What becomes of an invention, and why; kind and office for a filing, measures and day for a secret."""

    decision = RadioField(
        _l("Decision"), default=Decision.FILE.value, choices=_choices("decision_on_invention", Decision)
    )  # fmt: skip
    kind = RadioField(
        _l("Kind"), default=PatentKind.INVENTION.value,
        choices=[SelectChoice(one.value, WORDS[f"patent_kind.{one.value}"].text) for one in PatentKind],
    )  # fmt: skip
    reason = TextAreaField(
        _l("Reason"), validators=[Required(_l("Give the reason; whoever signs sees it and not the text."))],
        description=_l("Whoever signs reads this and not the text: do not describe the invention here."),
    )  # fmt: skip
    office = SelectField(
        _l("First filing at"), validators=[Optional()], default=OFFICES[0].value, choices=OFFICES,
        description=_l("Abroad first: an invention made in China waits for the security review."),
    )  # fmt: skip
    measures = TextAreaField(
        _l("Measures that keep it secret"), validators=[Optional()],
        description=_l("Who may know it, where it is kept, who has signed what. Only for a trade secret."),
    )  # fmt: skip
    review_on = DayField(
        _l("Look at the secret again on"), validators=[Optional()],
        description=_l("Only for a trade secret; left empty: in a year."),
    )  # fmt: skip

    @property
    def details(self) -> dict[str, Any]:
        """The values as services.propose takes them."""
        return {
            "decision": Decision(self.decision.data), "kind": PatentKind(self.kind.data), "reason": self.reason.data,
            "office": self.office.data, "measures": self.measures.data or "", "review_on": self.review_on.data,
        }  # fmt: skip
