"""What of a step is signed, and by whom."""

from typing import Any

from incubator.approvals import services as approvals
from incubator.equity.models import EquityStep
from incubator.equity.services.plans import signers_of_step
from incubator.equity.words import STEPS
from incubator.people.models import Person


def request_signatures(actor: Person, step: EquityStep, beneficiaries: set[int]) -> None:
    """Ask for the signatures that a step needs."""
    about = step.grant.number if step.grant else (step.person.name if step.person else "")
    words = STEPS[step.kind]
    approvals.request(
        actor,
        step,
        title={language: f"{text} · {about}" for language, text in words.items()},
        address=f"/equity/steps/{step.public_id}",
        company=step.grant.company if step.grant else step.company,
        content=content_of(step),
        steps=signers_of_step(step),
        beneficiaries=sorted(beneficiaries),
        may_delegate=True,
    )


def content_of(step: EquityStep) -> dict[str, Any]:
    """What is signed, rebuilt from the row as it is now."""
    return {
        "kind": step.kind.value,
        "grant": step.grant.number if step.grant else None,
        "person": step.person.public_id if step.person else None,
        "effective_on": step.effective_on.isoformat(),
        "units": step.units,
        "price_minor": step.price_minor,
        "amount_minor": step.amount_minor,
        "currency": step.currency,
        "details": step.details,
        "reason": step.reason,
    }
