"""Input about inventions, matters and awards: one file a noun."""

from incubator.patents.forms.disclosures import (
    AssessmentForm,
    ChangeForm,
    DaysForm,
    DecisionForm,
    DescriptionForm,
    InventionForm,
    QuestionForm,
    SharesForm,
)
from incubator.patents.forms.exploitation import FiguresForm, LicenceForm, PaymentForm, RegimeForm, UseForm
from incubator.patents.forms.fields import ReasonForm
from incubator.patents.forms.matters import EventForm, FilingForm
from incubator.patents.forms.secrets import SECURITY, SecretForm, details

__all__ = [
    "SECURITY",
    "AssessmentForm",
    "ChangeForm",
    "DaysForm",
    "DecisionForm",
    "DescriptionForm",
    "EventForm",
    "FiguresForm",
    "FilingForm",
    "InventionForm",
    "LicenceForm",
    "PaymentForm",
    "QuestionForm",
    "ReasonForm",
    "RegimeForm",
    "SecretForm",
    "SharesForm",
    "UseForm",
    "details",
]
