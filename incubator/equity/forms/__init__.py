"""Input about equity: one file a noun."""

from incubator.equity.forms.capital import (
    AppraisalForm,
    CapRow,
    ClassForm,
    EntryForm,
    FileForm,
    HolderForm,
    IssuerFields,
    IssuerForm,
    PatentEntryForm,
    RoundForm,
    StateForm,
)
from incubator.equity.forms.fields import UnitsField, VestingFields, smallest
from incubator.equity.forms.grants import FactsForm, GrantForm, GrantVestingForm
from incubator.equity.forms.growth import HappeningForm, PartForm, RepaymentForm, SettlementForm
from incubator.equity.forms.life import BatchForm, DepartureForm, ExerciseForm, StepAskForm, TableForm
from incubator.equity.forms.plans import PlanForm
from incubator.equity.forms.steps import AcceptForm, DeclineForm, ReasonForm, StepForm
from incubator.equity.forms.transfers import AnswerForm, PriceForm, SettleForm, TransferForm, ValueForm

__all__ = [
    "AcceptForm",
    "AnswerForm",
    "AppraisalForm",
    "BatchForm",
    "CapRow",
    "ClassForm",
    "DeclineForm",
    "DepartureForm",
    "EntryForm",
    "ExerciseForm",
    "FactsForm",
    "FileForm",
    "GrantForm",
    "GrantVestingForm",
    "HappeningForm",
    "HolderForm",
    "IssuerFields",
    "IssuerForm",
    "PartForm",
    "PatentEntryForm",
    "PlanForm",
    "PriceForm",
    "ReasonForm",
    "RepaymentForm",
    "RoundForm",
    "SettleForm",
    "SettlementForm",
    "StateForm",
    "StepAskForm",
    "StepForm",
    "TableForm",
    "TransferForm",
    "UnitsField",
    "ValueForm",
    "VestingFields",
    "smallest",
]
