"""Input about inventions, matters and awards: one file a noun."""

from incubator.patents.forms.deadlines import CompletionForm, WhyForm
from incubator.patents.forms.disclosures import AssessmentForm, FilingDecisionForm, InventionForm, SharesForm
from incubator.patents.forms.fields import ReasonForm
from incubator.patents.forms.matters import (
    AnyEventForm,
    CostForm,
    CounselForm,
    EventForm,
    FilingForm,
    MatterForm,
    ReductionForm,
)

__all__ = [
    "AnyEventForm",
    "AssessmentForm",
    "CompletionForm",
    "CostForm",
    "CounselForm",
    "EventForm",
    "FilingDecisionForm",
    "FilingForm",
    "InventionForm",
    "MatterForm",
    "ReasonForm",
    "ReductionForm",
    "SharesForm",
    "WhyForm",
]
