"""Forms of the office that assigns: the settings of a run, and one pair by hand."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import NumberRange, Optional

from incubator.calls.models import Call
from incubator.proposals.models import Proposal
from incubator.reviews.models import AssignmentRun
from incubator.reviews.queries import quorum_of
from incubator.web.forms import Form, Required, WholeNumberField

MOST = 1_000
COMPANY = (
    SelectChoice("any", _l("As many as suit best")),
    SelectChoice("one", _l("At most one")),
    SelectChoice("none", _l("None")),
)
PARTS = (
    SelectChoice("", _l("No limit")),
    SelectChoice("2", _l("One in two")),
    SelectChoice("3", _l("One in three")),
    SelectChoice("4", _l("One in four")),
)
PER_COMPANY = {"any": None, "one": 1, "none": 0}
ROLES = ("technology", "finance")


def _count(label: object, low: int, high: int, **details: Any) -> WholeNumberField:
    words = _l("Enter a whole number from %(low)s to %(high)s.", low=low, high=high)
    return WholeNumberField(label, [Required(words), NumberRange(low, high, words)], **details)


class TrialForm(Form):
    """Loads of an assignment that is only tried."""

    reviews = _count(_l("Reviews a proposal"), 1, 20)
    least = _count(_l("Least reviews a member"), 0, MOST, default=0)
    most = _count(_l("Most reviews a member"), 1, MOST, default=10)
    unknown = WholeNumberField(
        _l("Suitability of a member of whom nothing is known, in per cent"),
        [Optional(), NumberRange(0, 100, _l("Enter a whole number from 0 to 100."))], default=20,
        description=_l("Left empty, such a member is given nothing."),
    )  # fmt: skip
    fair = BooleanField(
        _l("Raise the worst-served proposal first"),
        description=_l("Not done where it would cost more than 2.5 per cent of all suitability."),
    )
    partial = BooleanField(_l("Where not everything can be given out, propose as much as can be"))

    @property
    def settings(self) -> dict[str, Any]:
        """What the service takes."""
        counts = {name: self[name].data for name in ("reviews", "least", "most", "unknown")}
        return counts | {"fair": bool(self.fair.data), "partial": bool(self.partial.data)}


class AssignmentForm(TrialForm):
    """And seats and rules; three fields a member are added by `assignment_form`."""

    company = RadioField(_l("Reviewers of the proposer’s own company"), choices=list(COMPANY), default="any")
    technology = BooleanField(_l("One of the reviewers knows the technology"))
    finance = BooleanField(_l("One of the reviewers knows finance"))
    senior = BooleanField(_l("One of the reviewers is senior"))
    parts = RadioField(
        _l("No pair surer than"), choices=list(PARTS), default="",
        description=_l("A cap on how sure anybody can be of a proposal: pairs are drawn by coins from the run’s "
                       "seed. With seats by role, companies or seniority, one of as many whole assignments that share "
                       "no pair is drawn. It can’t be joined with the worst-served first."),
    )  # fmt: skip
    members: Sequence[Any]

    @property
    def settings(self) -> dict[str, Any]:
        """What the service takes."""
        return super().settings | {
            "per_company": PER_COMPANY[self.company.data],
            "seats": [role for role in ROLES if self[role].data],
            "needs_senior": bool(self.senior.data),
            "parts": int(self.parts.data) if self.parts.data else None,
            "members": {row.public_id: self._member(row.public_id) for row in self.members},
        }

    def _member(self, key: str) -> dict[str, Any]:
        return {
            "most": self[f"most_{key}"].data,
            "roles": [role for role in ROLES if self[f"{role}_{key}"].data],
            "senior": bool(self[f"senior_{key}"].data),
        }


def assignment_form(call: Call, members: Sequence[Any], runs: Sequence[AssignmentRun]) -> AssignmentForm:
    """The form over the call's committee, filled from the last run."""
    fields: dict[str, Any] = {}
    words = _l("Enter a whole number from %(low)s to %(high)s.", low=0, high=MOST)
    for row in members:
        key, name = row.public_id, row.name
        fields[f"most_{key}"] = WholeNumberField(
            _("Most for %(name)s", name=name), [Optional(), NumberRange(0, MOST, words)]
        )
        fields[f"technology_{key}"] = BooleanField(_("%(name)s knows the technology", name=name))
        fields[f"finance_{key}"] = BooleanField(_("%(name)s knows finance", name=name))
        fields[f"senior_{key}"] = BooleanField(_("%(name)s is senior", name=name))
    kind: type[AssignmentForm] = type("AssignmentForm", (AssignmentForm,), fields)
    whole = [run for run in runs if "extra" not in run.settings]
    before = _stored(whole[0].settings) if whole else {"reviews": max(1, quorum_of(call.rule))}
    form = kind(data=before)
    form.members = members
    return form


def _stored(settings: dict[str, Any]) -> dict[str, Any]:
    simple = {name: settings[name] for name in ("reviews", "least", "most", "unknown", "fair", "partial")}
    simple |= {role: role in settings["seats"] for role in ROLES} | {"senior": settings["needs_senior"]}
    simple["parts"] = str(settings.get("parts") or "")
    simple["company"] = next(key for key, value in PER_COMPANY.items() if value == settings["per_company"])
    for key, own in settings["members"].items():
        simple |= {f"most_{key}": own["most"], f"senior_{key}": own["senior"]}
        simple |= {f"{role}_{key}": role in own["roles"] for role in ROLES}
    return simple


class MoreForm(Form):
    """Which proposals are to have one more review: public ids."""

    proposals = SelectMultipleField(_l("Proposals"), validate_choice=False)

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes, which knows what is under review."""
        return {"proposals": [_plain(key) for key in self.proposals.data or ()]}


class PairForm(Form):
    """One pair: public ids."""

    proposal = SelectField(_l("Proposal"), validate_choice=False)
    reviewer = SelectField(_l("Reviewer"), validate_choice=False)

    def offer(self, proposals: Sequence[Proposal], members: Sequence[Any]) -> None:
        """What can be chosen."""
        self.proposal.choices = [SelectChoice(one.public_id, f"{one.number} {one.title}") for one in proposals]
        self.reviewer.choices = [SelectChoice(row.public_id, row.name) for row in members]

    @property
    def values(self) -> dict[str, Any]:
        """What the services take; the service refuses what it does not know."""
        return {"proposal": _plain(self.proposal.data), "reviewer": _plain(self.reviewer.data)}


def _plain(text: str | None) -> str:
    return (text or "").replace("\x00", "")[:40]
