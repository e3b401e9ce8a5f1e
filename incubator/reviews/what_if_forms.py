"""The form of a question to a ranking that changes nothing: another budget, other weights."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import ValidationError

from incubator.reviews.engines import scoring
from incubator.reviews.models import Round
from incubator.web.forms import AmountField, Form, Required, WholeNumberField
from incubator.web.words import local_words


class WhatIfForm(Form):
    """Another budget, and other weights (made by what_if_form); a GET form that changes nothing."""

    keys: tuple[str, ...] = ()
    usual: Mapping[str, int] = {}
    theme = HiddenField()

    def rubric(self, rubric: scoring.Rubric) -> scoring.Rubric:
        """The rubric under the weights given; those of nothing are left out."""
        given = {key: self[f"weight_{key}"].data or 0 for key in self.keys}
        kept = tuple(replace(one, weight=given[one.key]) for one in rubric.criteria if given[one.key])
        return scoring.Rubric(kept, rubric.low, rubric.high) if kept else rubric

    @property
    def changes_weights(self) -> bool:
        """Whether a weight differs from the rubric's."""
        return any(self[f"weight_{key}"].data != self.usual[key] for key in self.keys)

    def validate_budget(self, field: Any) -> None:
        """Nothing below zero."""
        if field.data is not None and field.data < 0:
            raise ValidationError(str(_l("Enter an amount of zero or more.")))


def what_if_form(round_: Round, theme: Any, given: Any) -> WhatIfForm:
    """The form of a round's theme (a row of themes_of), filled from the address, else with what is in force."""
    usual = {criterion.key: criterion.weight_bp // 100 for criterion in round_.rubric.criteria}
    fields: dict[str, Any] = {"keys": tuple(usual), "usual": usual}
    fields["budget"] = AmountField(
        _l("Budget"), [Required(_l("Enter an amount, such as 1,200.50"))], currency=theme.currency
    )
    for criterion in round_.rubric.criteria:
        words = _l("Enter a weight from 0 to 100.")
        fields[f"weight_{criterion.key}"] = WholeNumberField(
            local_words(criterion.name), [Required(words), Between(0, 100, words)], render_kw={"inputmode": "numeric"}
        )
    kind: type[WhatIfForm] = type("WhatIf", (WhatIfForm,), fields)
    data = {"budget": theme.budget, "theme": theme.public_id} | {f"weight_{k}": v for k, v in usual.items()}
    return kind(formdata=given if "budget" in given else None, data=data)


class Between:
    """A whole number within bounds."""

    def __init__(self, low: int, high: int, message: object) -> None:
        self.low, self.high, self.message = low, high, message

    def __call__(self, _form: object, field: Any) -> None:
        """Raise ValidationError when the number is out of bounds."""
        if field.data is not None and not self.low <= field.data <= self.high:
            raise ValidationError(str(self.message))
