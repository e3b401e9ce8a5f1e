"""Input about grants, a page of the wizard a form: whom and how much, when it vests, what the rules ask."""

import datetime as dt
import json
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import Optional

from incubator.equity.forms.fields import UnitsField, VestingFields, called, choices_of, smallest
from incubator.equity.models import EquityPlan
from incubator.web.forms import AmountField, DayField, Form, Required


class GrantForm(Form):
    """Who gets how much at which price. `for_plan` says whom it may be for and how fine its units are."""

    holder = SelectField(_l("Holder"), description=_l("Somebody of the venture's team"))
    units = UnitsField(_l("Units"), validators=[Required(_l("Enter how many units, such as 48,000"))])
    price_minor = AmountField(_l("Price of one unit"), validators=[Required(_l("Enter an amount, such as 1.20"))])
    granted_on = DayField(_l("Grant date"), validators=[Required(_l("Enter the grant date"))])

    def for_plan(self, plan: EquityPlan, maker_id: int) -> "GrantForm":
        """Offer the members of the plan's venture, without the maker."""
        self.plan = plan
        self.people = {m.person.public_id: m.person for m in plan.venture.members if m.person_id != maker_id}
        self.holder.choices = choices_of({key: called(person) for key, person in self.people.items()})
        return self

    @property
    def values(self) -> dict[str, Any]:
        """Keywords of `draft_grant`. Raises Invalid for a fraction of the smallest unit."""
        return {
            "holder": self.people[self.holder.data],
            "units": smallest(self.units.data, self.plan.security.decimals, "units"),
            "price_minor": self.price_minor.data,
            "granted_on": self.granted_on.data,
        }


class GrantVestingForm(VestingFields):
    """When a grant vests: in months, or by conditions. `preview` comes when it is only to be shown."""

    starts_on = DayField(_l("Vesting starts on"), validators=[Required(_l("Enter the day vesting starts"))])
    conditions = TextAreaField(
        _l("Conditions"),
        validators=[Optional()],
        description=_l(
            "In place of the months: vesting terms of the Open Cap Format, as JSON. An event with the id gate-2 "
            "happens when the gate over tranche 2 says go, one with the id stage-pilot when the venture enters that "
            "stage."
        ),
    )
    preview = HiddenField()

    def start_from_grant(self, terms: dict[str, Any], usual: dict[str, Any], starts_on: dt.date) -> None:
        """Fill in stored terms; where they are conditions, the months of the plan stand beside them."""
        self.starts_on.data = starts_on
        if "vesting_conditions" in terms:
            self.conditions.data = json.dumps(terms, ensure_ascii=False, indent=1)
            terms = usual
        self.start_from(terms)

    @property
    def values(self) -> dict[str, Any]:
        """Keywords of `revise`."""
        return {name: value for name, value in self.data.items() if name not in ("preview", "csrf_token")}


class FactsForm(Form):
    """What the rules ask beside the terms; only what they ask is on the page."""

    pay_minor = AmountField(_l("Pay of a year"), validators=[Optional()])
    unit_value_minor = AmountField(_l("Fair value of one unit"), validators=[Optional()])
    bought_units = UnitsField(_l("Units bought with the award"), validators=[Optional()])
    joined_on = DayField(_l("Works here since"), validators=[Optional()])

    def for_plan(self, plan: EquityPlan) -> "FactsForm":
        """How fine its units are."""
        self.decimals = plan.security.decimals
        return self

    def start_from_facts(self, plan: EquityPlan, facts: dict[str, Any]) -> "FactsForm":
        """Fill in what was said."""
        self.pay_minor.data, self.unit_value_minor.data = facts.get("pay_minor"), facts.get("unit_value_minor")
        if facts.get("bought_units") is not None:
            self.bought_units.data = plan.security.quantity(facts["bought_units"])
        if facts.get("joined_on"):
            self.joined_on.data = dt.date.fromisoformat(facts["joined_on"])
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The facts as `revise` takes them. Raises Invalid for a fraction of the smallest unit."""
        bought = smallest(self.bought_units.data, self.decimals, "bought_units")
        return {"facts": {"pay_minor": self.pay_minor.data, "unit_value_minor": self.unit_value_minor.data,
                          "bought_units": bought, "joined_on": self.joined_on.data}}  # fmt: skip
