"""Input about grants."""

import json
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import Optional

from incubator.equity.forms.fields import UnitsField, VestingFields, called, choices_of, smallest
from incubator.equity.models import EquityPlan
from incubator.web.forms import AmountField, DayField, Required


class GrantForm(VestingFields):
    """The terms of a grant. `for_plan` says whom it may be for and how fine its units are."""

    holder = SelectField(_l("Holder"), description=_l("Somebody of the venture's team"))
    units = UnitsField(_l("Units"), validators=[Required(_l("Enter how many units, such as 48,000"))])
    price_minor = AmountField(_l("Price of one unit"), validators=[Required(_l("Enter an amount, such as 1.20"))])
    granted_on = DayField(_l("Grant date"), validators=[Required(_l("Enter the grant date"))])
    starts_on = DayField(_l("Vesting starts on"), validators=[Required(_l("Enter the day vesting starts"))])

    conditions = TextAreaField(
        _l("Conditions"),
        validators=[Optional()],
        description=_l("In place of the months: vesting terms of the Open Cap Format, as JSON"),
    )

    def start_from(self, terms: dict[str, Any]) -> None:
        """Fill in stored terms; where they are conditions, the months of the plan stand beside them."""
        if "vesting_conditions" in terms:
            self.conditions.data = json.dumps(terms, ensure_ascii=False, indent=1)
            terms = self.plan.terms
        super().start_from(terms)

    def for_plan(self, plan: EquityPlan, maker_id: int) -> "GrantForm":
        """Offer the members of the plan's venture, without the maker."""
        self.plan = plan
        self.people = {m.person.public_id: m.person for m in plan.venture.members if m.person_id != maker_id}
        self.holder.choices = choices_of({key: called(person) for key, person in self.people.items()})
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `draft_grant`. Raises Invalid for a fraction of the smallest unit."""
        decimals = self.plan.security.decimals
        return dict(self.data) | {
            "holder": self.people[self.holder.data],
            "units": smallest(self.units.data, decimals, "units"),
        }
