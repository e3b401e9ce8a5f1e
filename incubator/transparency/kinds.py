"""The kinds of rows that make the chain, and how each is described on the auditor's walk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, null, select, type_coerce
from sqlalchemy.orm import aliased

from incubator.calls.models import Call, DecisionRuleVersion, RubricVersion
from incubator.cloud.models import Lease, Sandbox
from incubator.core.db import Model
from incubator.equity.models import EquityGrant, EquityPlan
from incubator.patents.models import Award, Disclosure, Exploitation, Matter
from incubator.people.access import within
from incubator.people.models import Person, Role
from incubator.proposals.models import Proposal, ProposalVersion
from incubator.reviews.models import Decision, Review, Round
from incubator.reviews.queries import is_audited_by
from incubator.rules.models import RuleVersion
from incubator.ventures.models import CreditGrant, Tranche, Venture

Describe = Callable[[Person], Select[Any]]


@dataclass(frozen=True)
class Kind:
    """A table of the chain: its word, its model, whether a case opens its rows, and how a row is described.

    describe gives: id, public_id, state, number, title, rule, address (each text; address None where the reader
    has no page of it).
    """

    label: object
    model: type[Model]
    opened: bool
    describe: Describe


def _local(words: Any) -> ColumnElement[str]:
    """A column of words by language, in the reader's."""
    language = "zh" if str(get_locale() or "").startswith("zh") else "en"
    return type_coerce(words[language].astext, String)


def _version(code: Any, number: Any) -> ColumnElement[str]:
    text: ColumnElement[str] = code + literal(" v") + cast(number, String)
    return text


def _row(model: Any, *, number: Any = None, title: Any = None, rule: Any = None, address: Any = None) -> Select[Any]:
    state = getattr(model, "state", None)
    texts = [None if state is None else cast(state, String), number, title, rule, address]
    columns = [cast(null() if text is None else text, String) for text in texts]
    return select(model.id, model.public_id, *columns)


def _grants(_person: Person) -> Select[Any]:
    one = func.jsonb_array_elements(EquityGrant.rules).table_valued("value").alias("one")
    each = one.c.value.op("->>")("code") + literal(" v") + one.c.value.op("->>")("number")
    rules = select(func.string_agg(each, literal(", "))).select_from(one).scalar_subquery()
    address = literal("/equity/grants/") + EquityGrant.public_id
    return _row(EquityGrant, number=EquityGrant.number, title=_local(EquityPlan.title), rule=rules,
                address=address).join(EquityPlan, EquityPlan.id == EquityGrant.plan_id)  # fmt: skip


def _plans(_person: Person) -> Select[Any]:
    address = literal("/equity/plans/") + EquityPlan.public_id
    return _row(EquityPlan, title=_local(EquityPlan.title), rule=EquityPlan.regime, address=address)


def _ventures(_person: Person) -> Select[Any]:
    address = literal("/ventures/") + Venture.public_id
    return _row(Venture, number=Venture.number, title=Venture.name, address=address)


def _decisions(person: Person) -> Select[Any]:
    in_scope = within(Call.company_id, person, Role.AUDITOR)
    address = case((in_scope, literal("/rounds/") + Round.public_id + literal("/decision")), else_=null())
    rule = _version(DecisionRuleVersion.code, DecisionRuleVersion.number)
    return (
        _row(Decision, number=Decision.number, title=cast(Decision.outcome, String), rule=rule, address=address)
        .join(Round, Round.id == Decision.round_id)
        .join(Call, Call.id == Round.call_id)
        .join(DecisionRuleVersion, DecisionRuleVersion.id == Decision.rule_version_id)
    )


def _reviews(person: Person) -> Select[Any]:
    reviewer = aliased(Person)
    address = case((is_audited_by(person), literal("/reviews/") + Review.public_id), else_=null())
    rule = _version(RubricVersion.code, RubricVersion.number)
    return (
        _row(Review, title=reviewer.name, rule=rule, address=address)
        .join(Round, Round.id == Review.round_id)
        .join(RubricVersion, RubricVersion.id == Round.rubric_version_id)
        .join(reviewer, reviewer.id == Review.reviewer_id)
    )


def _proposals(_person: Person) -> Select[Any]:
    hashed = func.encode(ProposalVersion.hash, "hex")
    version = literal("v") + cast(ProposalVersion.number, String) + literal(" · SHA-256 ") + hashed
    address = literal("/proposals/") + Proposal.public_id
    return _row(Proposal, number=Proposal.number, title=Proposal.title, rule=version, address=address).outerjoin(
        ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id
    )


def _calls(person: Person) -> Select[Any]:
    address = case((within(Call.company_id, person, Role.AUDITOR), literal("/calls/") + Call.public_id), else_=null())
    rule = _version(RubricVersion.code, RubricVersion.number) + literal(", ") + _version(
        DecisionRuleVersion.code, DecisionRuleVersion.number
    )  # fmt: skip
    return (
        _row(Call, title=_local(Call.title), rule=rule, address=address)
        .join(RubricVersion, RubricVersion.id == Call.rubric_version_id)
        .join(DecisionRuleVersion, DecisionRuleVersion.id == Call.rule_version_id)
    )


def _credits(_person: Person) -> Select[Any]:
    amount = cast(CreditGrant.amount, String) + literal(" ") + CreditGrant.currency
    address = literal("/ventures/") + Venture.public_id
    return _row(CreditGrant, title=amount, address=address).join(Venture, Venture.id == CreditGrant.venture_id)


def _tranches(_person: Person) -> Select[Any]:
    return _row(Tranche, number=cast(Tranche.number, String))


def _leases(_person: Person) -> Select[Any]:
    return _row(Lease)


def _sandboxes(_person: Person) -> Select[Any]:
    address = literal("/sandboxes/") + Sandbox.public_id
    return _row(Sandbox, number=Sandbox.number, title=Sandbox.name, address=address)


def _disclosures(_person: Person) -> Select[Any]:
    """By number alone: before filing an invention is opened by a case of two persons only."""
    return _row(Disclosure, number=Disclosure.number)


def _matters(_person: Person) -> Select[Any]:
    title = Matter.office + literal(" ") + func.coalesce(Matter.application_number, "")
    return _row(Matter, number=Matter.number, title=title, address=literal("/patents/") + Matter.public_id)


def _awards(_person: Person) -> Select[Any]:
    rule = _version(RuleVersion.code, RuleVersion.number)
    address = literal("/awards/") + Award.public_id
    return _row(Award, number=Award.number, rule=rule, address=address).join(
        RuleVersion, RuleVersion.id == Award.rule_version_id
    )


def _uses(_person: Person) -> Select[Any]:
    return _row(Exploitation, number=Exploitation.number, address=literal("/exploitation/") + Exploitation.public_id)


KINDS: dict[str, Kind] = {
    "equity_grant": Kind(_l("Equity grant"), EquityGrant, True, _grants),
    "award": Kind(_l("Inventor award"), Award, True, _awards),
    "exploitation": Kind(_l("Use of a patent"), Exploitation, False, _uses),
    "matter": Kind(_l("Patent"), Matter, True, _matters),
    "disclosure": Kind(_l("Invention"), Disclosure, False, _disclosures),
    "venture": Kind(_l("Venture"), Venture, True, _ventures),
    "decision": Kind(_l("Decision"), Decision, True, _decisions),
    "review": Kind(_l("Review"), Review, True, _reviews),
    "proposal": Kind(_l("Proposal"), Proposal, True, _proposals),
    "call": Kind(_l("Call"), Call, False, _calls),
    "equity_plan": Kind(_l("Equity plan"), EquityPlan, True, _plans),
    "credit_grant": Kind(_l("Grant of credits"), CreditGrant, True, _credits),
    "tranche": Kind(_l("Tranche"), Tranche, True, _tranches),
    "lease": Kind(_l("Order of cloud"), Lease, True, _leases),
    "sandbox": Kind(_l("Sandbox"), Sandbox, True, _sandboxes),
}
ROOT = "call"
"""Where every chain begins."""
BRANCHES = (
    "review", "decision", "equity_plan", "credit_grant", "tranche", "lease", "sandbox", "disclosure", "matter", "award",
    "exploitation",
)  # fmt: skip
"""What hangs on the chain at its sides. Other people's grants never do."""
