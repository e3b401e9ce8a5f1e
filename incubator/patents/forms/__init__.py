"""Input about inventions, matters and awards: one file a noun."""

from incubator.patents.forms.deadlines import CompletionForm
from incubator.patents.forms.disclosures import (
    AssessmentForm,
    AttachForm,
    ChangeForm,
    DaysForm,
    DecisionForm,
    DescriptionForm,
    InventionForm,
    QuestionForm,
    SharesForm,
)
from incubator.patents.forms.exploitation import FiguresForm, ImportForm, LicenceForm, PaymentForm, RegimeForm, UseForm
from incubator.patents.forms.fields import ReasonForm
from incubator.patents.forms.matters import (
    AnyEventForm,
    CorrectionForm,
    CostForm,
    CounselForm,
    EventForm,
    FilingForm,
    MatterForm,
    NoteForm,
    ReductionForm,
)
from incubator.patents.forms.secrets import SECURITY, SecretForm, details

__all__ = [
    "SECURITY",
    "AnyEventForm",
    "AssessmentForm",
    "AttachForm",
    "ChangeForm",
    "CompletionForm",
    "CorrectionForm",
    "CostForm",
    "CounselForm",
    "DaysForm",
    "DecisionForm",
    "DescriptionForm",
    "EventForm",
    "FiguresForm",
    "FilingForm",
    "ImportForm",
    "InventionForm",
    "LicenceForm",
    "MatterForm",
    "NoteForm",
    "PaymentForm",
    "QuestionForm",
    "ReasonForm",
    "ReductionForm",
    "RegimeForm",
    "SecretForm",
    "SharesForm",
    "UseForm",
    "details",
]
