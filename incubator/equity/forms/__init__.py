"""Input about equity: one file a noun."""

from incubator.equity.forms.fields import UnitsField, VestingFields, smallest
from incubator.equity.forms.grants import GrantForm
from incubator.equity.forms.life import BatchForm, DepartureForm, ExerciseForm, StepAskForm, TableForm
from incubator.equity.forms.plans import PlanForm
from incubator.equity.forms.steps import AcceptForm, DeclineForm, ReasonForm, StepForm

__all__ = [
    "AcceptForm",
    "BatchForm",
    "DeclineForm",
    "DepartureForm",
    "ExerciseForm",
    "GrantForm",
    "PlanForm",
    "ReasonForm",
    "StepAskForm",
    "StepForm",
    "TableForm",
    "UnitsField",
    "VestingFields",
    "smallest",
]
