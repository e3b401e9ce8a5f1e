"""Input about inventions, matters and awards: one file a noun."""

from incubator.patents.forms.disclosures import AssessmentForm, FilingDecisionForm, InventionForm, SharesForm
from incubator.patents.forms.fields import ReasonForm
from incubator.patents.forms.matters import EventForm, FilingForm

__all__ = [
    "AssessmentForm",
    "EventForm",
    "FilingDecisionForm",
    "FilingForm",
    "InventionForm",
    "ReasonForm",
    "SharesForm",
]
