"""What the inventors of a granted patent are owed: computed by the rule in force that day, checked, paid."""

from typing import Any

from flask_babel import gettext as _

from incubator.approvals import queries as approval_queries
from incubator.approvals import services as approvals
from incubator.approvals.models import Approval
from incubator.core import audit, clock, keys
from incubator.core.actions import action
from incubator.core.errors import Invalid, WrongState
from incubator.ledger import services as ledger
from incubator.notifications.services import notify
from incubator.patents.engines import awards as engine
from incubator.patents.models import Award, AwardShare, Matter, PayrollLine
from incubator.patents.states import AWARD
from incubator.people.models import Person, Role
from incubator.rules import queries as rules
from incubator.rules.models import RuleVersion

RULE = "cn.patent.award"
PAYROLL_RULE = "cn.patent.payroll"


def owe(matter: Matter, *, cause_id: int) -> Award:
    """The award for a patent just granted, due by law; called in the transaction that records the grant.

    Raises Invalid at happened_on when no rule was in force that day.
    """
    rule, computed = _compute(matter)
    award = Award(
        number=keys.spoken("A"), matter=matter, company=matter.company, rule=rule, amount=computed.minor,
        currency=computed.currency, due_on=computed.due.due_on, calculation=_explained(matter, computed),
        shares=[
            AwardShare(person=share.person, share_bp=part.points, amount=part.minor)
            for share, part in zip(_sharing(matter), computed.parts, strict=True)
        ],
    )  # fmt: skip
    audit.created(award, cause_id=cause_id, payload=content_of(award))
    return award


def _sharing(matter: Matter) -> list[Any]:
    return [share for share in matter.disclosure.shares if share.share_bp]


def _compute(matter: Matter) -> tuple[RuleVersion, engine.Award]:
    if matter.granted_on is None:
        raise ValueError("an award follows from a grant")
    try:
        rule = rules.in_force(RULE, matter.granted_on, matter.company)
        data = engine.AwardRule.from_data(rule.code, rule.valid_from, rule.valid_to, rule.parameters)
        shares = [engine.Share(share.person.public_id, share.share_bp) for share in _sharing(matter)]
        return rule, engine.award([data], kind=matter.kind, announced_on=matter.granted_on, shares=shares)
    except engine.AwardError as error:
        raise Invalid(_("The award cannot be computed: %(why)s", why=error), field="happened_on") from error
    except Invalid as error:
        raise Invalid(error.message, field="happened_on", code=error.code) from error


def _explained(matter: Matter, computed: engine.Award) -> dict[str, Any]:
    """What it was computed from, in plain JSON."""
    return {
        "engine": engine.ENGINE_VERSION,
        "kind": matter.kind.value,
        "announced_on": computed.announced_on.isoformat(),
        "months": computed.due.months,
        "corresponding_on": computed.due.corresponding_on.isoformat(),
        "due_on": computed.due.due_on.isoformat(),
        "moved": computed.due.moved,
        "provisional": computed.due.provisional,
    }


def content_of(award: Award) -> dict[str, Any]:
    """What is put to approval and signed: the rule, the inputs, and every part."""
    return {
        "award": award.number,
        "matter": award.matter.number,
        "rule": {"code": award.rule.code, "number": award.rule.number, "id": award.rule.public_id},
        "amount": award.amount,
        "currency": award.currency,
        "calculation": award.calculation,
        "parts": [[share.person.public_id, share.share_bp, share.amount] for share in award.shares],
    }


@action("award.calculate")
def calculate(actor: Person, award: Award) -> Approval:
    """Compute the award by the rule as it stands now and put it to a second person of HR."""
    rule, computed = _compute(award.matter)
    AWARD.move(award, "calculate", payload={"amount": computed.minor}, rule_version_id=rule.id)
    award.rule, award.amount, award.currency = rule, computed.minor, computed.currency
    award.due_on, award.calculation = computed.due.due_on, _explained(award.matter, computed)
    for share, part in zip(award.shares, computed.parts, strict=True):
        share.amount = part.minor
    return approvals.request(
        actor,
        award,
        title={"en": f"Inventors' award {award.number}", "zh": f"发明人奖励 {award.number}"},
        address=f"/awards/{award.public_id}",
        company=award.company,
        content=content_of(award),
        steps=[Role.HR],
        beneficiaries=[share.person_id for share in award.shares],
    )


@action("award.approve")
def approve(actor: Person, award: Award) -> None:
    """Sign the award as the second person; it then stands in the payroll, in the same transaction.

    Raises WrongState while the rule is not confirmed by two persons, and whatever approvals.sign() raises.
    """
    approval = _open(award)
    if not rules.is_confirmed(award.rule):
        raise WrongState(
            _(
                "The rule this award rests on (%(code)s, version %(number)s) is not confirmed by two persons yet. "
                "Confirm it first.",
                code=award.rule.code,
                number=award.rule.number,
            )
        )
    if approvals.sign(actor, approval, content=content_of(award)):
        AWARD.move(award, "approve", rule_version_id=award.rule_version_id)
        _enter_payroll(award)


@action("award.return")
def send_back(actor: Person, award: Award, *, reason: str) -> None:
    """Decline to sign, with a reason; the award is due again and can be calculated anew."""
    approvals.refuse(actor, _open(award), reason=reason)
    AWARD.move(award, "return", reason=reason.strip())


def _open(award: Award) -> Approval:
    approval = approval_queries.open_of(award)
    if approval is None:
        raise WrongState(_("This award does not wait for a signature."))
    return approval


def _enter_payroll(award: Award) -> None:
    """A line a person for the month of the approval, and the movement from the company to what it owes them."""
    event = AWARD.move(award, "enter_payroll", payload={"amount": award.amount})
    paid = [share for share in award.shares if share.amount]
    if paid:
        outside = ledger.account_of("external", award.company, award.currency, min_balance=None)
        legs = [ledger.Leg(ledger.account_of("payable", share, award.currency), share.amount) for share in paid]
        entry = ledger.post(
            f"award-{award.public_id}", [ledger.Leg(outside, -award.amount), *legs],
            memo=f"Inventors' award {award.number}", cause_id=event.id,
        )  # fmt: skip
        counted = _counts_in_total(award)
        for share in paid:
            line = PayrollLine(
                award_share=share, company=award.company, period=f"{clock.today():%Y-%m}", amount=share.amount,
                currency=award.currency, in_wages_total=counted, entry=entry,
            )  # fmt: skip
            audit.created(line, cause_id=event.id, payload={"amount": share.amount, "period": line.period})
            notify(share.person_id, "award.in_payroll", "/inventions/", number=award.number)


def _counts_in_total(award: Award) -> bool:
    """Whether the payment counts in the year's payroll total (Transformation Law, Art. 45)."""
    rule = rules.in_force(PAYROLL_RULE, clock.today(), award.company)
    return bool(rule.parameters["counts_in_payroll_total"])
