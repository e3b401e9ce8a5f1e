"""What the page of a transfer shows: terms, lock, who answered what, signatures, and the next step."""

from typing import Any

from incubator.approvals import queries as approvals
from incubator.core import clock
from incubator.core.actions import can
from incubator.equity import queries
from incubator.equity.forms import AnswerForm, PriceForm, ReasonForm, SettleForm
from incubator.equity.models import EquityTransfer
from incubator.equity.services import appraisals, transfers
from incubator.equity.states import TransferState
from incubator.people.models import Person

WITHDRAWABLE = ("requested", "lock_check", "notice", "taken", "waived")


def transfer_page(reader: Person, transfer: EquityTransfer, **forms: Any) -> dict[str, Any]:
    """A transfer for whoever reads it: HR and the seller see all answers, others their own."""
    is_hr = can(reader, "transfer.give_notice", transfer)
    sees_all = is_hr or reader.public_id == transfer.seller_public_id or transfer.maker_id == reader.id
    answers = [a for a in transfer.answers if sees_all or a.person_id == reader.id]
    today = clock.today()
    mine = [a for a in answers if a.wanted is None and a.answer_by_on >= today and can(reader, "transfer.answer", a)]
    form = forms.get("form") or ReasonForm(formdata=None)
    return {
        "transfer": transfer, "security": transfer.security, "issuer": transfer.security.issuer, "answers": answers,
        "mine": mine if transfer.state is TransferState.NOTICE else [], "is_hr": is_hr, "sees_all": sees_all,
        "is_over": transfer.state is TransferState.NOTICE and transfers.outcome_of(transfer, today).is_settled,
        "approval": approvals.latest_of(transfer) if is_hr else None, "today": today, "form": form,
        "reason_form": form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        "answer_form": _or(form, AnswerForm).of_transfer(transfer), "names": _names(transfer),
        "price_form": _or(form, PriceForm).of_class(transfer.security) if is_hr else None,
        "settle_form": form if isinstance(form, SettleForm) else SettleForm(formdata=None, settled_on=today),
        "withdrawable": transfer.state in WITHDRAWABLE and can(reader, "transfer.withdraw", transfer),
        "last_day": appraisals.last_day(transfer.appraisal) if transfer.appraisal else None,
    }  # fmt: skip


def _or(form: Any, kind: Any) -> Any:
    return form if isinstance(form, kind) else kind(formdata=None)


def _names(transfer: EquityTransfer) -> dict[str, str]:
    """Names of everybody in the outcome, by key."""
    return {answer.holder_public_id: answer.holder_name for answer in transfer.answers} | {
        transfer.buyer_public_id: transfer.buyer_name,
        transfer.seller_public_id: transfer.seller_name,
    }


def windows(person: Person) -> list[Any]:
    """The classes a person may sell units of."""
    return list(queries.classes_held_by(person))
