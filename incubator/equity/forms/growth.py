"""Input about value growth: what changed value without growth, a settlement, a repayment."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from incubator.equity.forms.fields import choices_of
from incubator.equity.models import Appraisal
from incubator.equity.words import STRIPPED
from incubator.web.formats import iso
from incubator.web.forms import AmountField, DayField, Form, Required, WholeNumberField


class HappeningForm(Form):
    """Capital, a dividend or a split."""

    kind = SelectField(_l("What"), choices=choices_of(STRIPPED))
    happened_on = DayField(_l("Day"), validators=[Required(_l("Enter a day"))])
    amount_minor = AmountField(_l("Amount"), validators=[Optional()])
    paid_on = DayField(_l("Paid on (dividend)"), validators=[Optional()])
    ratio_new = WholeNumberField(_l("New units (split)"), validators=[Optional()])
    ratio_old = WholeNumberField(_l("for old units"), validators=[Optional()])
    evidence = StringField(
        _l("Evidence"), validators=[Required(_l("Name the resolution or the voucher")), Length(max=400)]
    )


class SettlementForm(Form):
    """Up to which appraisal growth is settled. `confirmed` comes with the second sending, after it was shown."""

    value = SelectField(_l("Approved appraisal"), validators=[Required(_l("Choose an appraisal"))])
    first_due_on = DayField(_l("First part is due on"), validators=[Required(_l("Enter a day"))])
    reason = TextAreaField(_l("Reason"), validators=[Optional()])
    confirmed = HiddenField()

    def for_appraisals(self, found: Sequence[Appraisal]) -> "SettlementForm":
        """Offer the approved appraisals that have not expired."""
        self.appraisals = {one.public_id: one for one in found}
        self.value.choices = choices_of(
            {key: f"{iso(one.appraised_on)} · {one.firm} · {one.filing_number}" for key, one in self.appraisals.items()}
        )
        return self

    @property
    def values(self) -> dict[str, Any]:
        """The keywords of `settle_growth`."""
        return {"value": self.appraisals.get(self.value.data), "first_due_on": self.first_due_on.data,
                "reason": self.reason.data or ""}  # fmt: skip


class PartForm(Form):
    """Which part."""

    part = HiddenField()


class RepaymentForm(PartForm):
    """When and by what a part was paid back."""

    settled_on = DayField(_l("Paid back on"), validators=[Required(_l("Enter a day"))])
    evidence = StringField(_l("Receipt"), validators=[Required(_l("Name the receipt")), Length(max=200)])
