"""Making a plan: HR drafts it for a venture, a second HR person approves it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import queries as approval_queries
from incubator.approvals import services as approvals
from incubator.approvals.models import Approval
from incubator.core import audit
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.equity.engines import leaving as leaving_rules
from incubator.equity.engines.leaving import LeavingError
from incubator.equity.models import EquityGrant, EquityPlan, EquityStep, Issuer, OnCancellation, PlanKind, SecurityClass
from incubator.equity.services import caps, growing
from incubator.equity.services.vesting import read_terms
from incubator.equity.states import PENDING, PLAN, GrantState
from incubator.equity.words import ISSUER_KINDS, KINDS, ON_CANCELLATION, REGIMES, SIGNERS, SIZES
from incubator.notifications.services import notify
from incubator.people.models import Person, Role
from incubator.rules import queries as rules
from incubator.rules.models import RuleVersion
from incubator.ventures.models import Venture

ORDINARY = "ordinary"
"""The code of the one class that an issuer starts with."""
MOST = 10**15
UNDER_WAY = (*PENDING, GrantState.APPROVED, GrantState.OFFERED, GrantState.ACCEPTED)


@action("equity_plan.create")
def create_plan(
    actor: Person, venture: Venture, /, *, title: dict[str, str], kind: str, regime: str, issuer_kind: str, size: str,
    unit: dict[str, str], decimals: int = 0, total_units: int, pool_units: int, person_units: int | None = None,
    starts_on: dt.date, currency: str = "CNY", on_cancellation: str = OnCancellation.RETURN,
    signers: Sequence[str] = (), leaving: Mapping[str, Any] | None = None, offer_days: int = 30,
    growth: Mapping[str, Any] | None = None, facts: Mapping[str, int | None] | None = None, **vests: Any,
) -> EquityPlan:  # fmt: skip
    """Draft a plan for a venture and ask a second HR person to approve it. Units are smallest units of the class.

    on_cancellation: of units that lapse. signers: roles that sign beside HR, in order. leaving: the plan's own rules of
    departure, by reason (engines/leaving.py). vests: keywords of `read_terms`. offer_days: to accept an offer.
    facts: what rules ask of the company (FACTS). growth: terms of value growth (`growing.read`).
    The venture's issuer and its class of units are made with the first plan; later plans must name the same total.
    """
    _check_words({"title": title, "unit": unit})
    _check_choices({"kind": (kind, KINDS), "regime": (regime, REGIMES), "issuer_kind": (issuer_kind, ISSUER_KINDS),
                    "size": (size, SIZES), "on_cancellation": (on_cancellation, ON_CANCELLATION)})  # fmt: skip
    own = _check_leaving(leaving or {})
    _check_units(decimals, total_units, pool_units, person_units)
    terms = read_terms(**vests)
    _check_offer(offer_days)
    _check_size(venture, kind, size, starts_on, regime)
    issuer = _issuer(
        venture, issuer_kind, size, _articles(venture, REGIMES[regime].terms_for(PlanKind(kind)), starts_on)
    )
    asked = SecurityClass(code=ORDINARY, unit=unit, decimals=decimals, total_units=total_units, currency=currency)
    security = _security(issuer, asked)
    plan = EquityPlan(
        venture=venture, company_id=venture.company_id, security=security, maker=actor, title=title, kind=kind,
        regime=regime, pool_units=pool_units, person_units=person_units, starts_on=starts_on, terms=terms,
        on_cancellation=on_cancellation, signers=_check_signers(signers), leaving=own, offer_days=offer_days,
        facts=_check_facts(facts or {}),
        growth=growing.read(kind, growth or {}, security),
    )  # fmt: skip
    origin = audit.event_of(venture, "venture.create")
    audit.created(plan, cause_id=origin.id, payload=content_of(plan))
    _submit(actor, plan)
    return plan


def _issuer(venture: Venture, kind: str, size: str, articles: dict[str, Any]) -> Issuer:
    return Issuer(company_id=venture.company_id, venture_id=venture.id, name=venture.name, kind=kind, size=size,
                  articles=articles)  # fmt: skip


def _check_offer(offer_days: int) -> None:
    if not 1 <= offer_days <= 365:
        raise Invalid(_("Enter a number between %(low)s and %(high)s", low=1, high=365), field="offer_days")


FACTS = ("net_asset_growth_minor", "after_tax_profit_minor", "staff")
"""What rules may ask of the company: growth of net assets in three years and after-tax profit of the year, in minor
units, and how many people it employs."""


def _check_facts(facts: Mapping[str, int | None]) -> dict[str, int]:
    """Those that were said. Raises Invalid at the field."""
    said = {name: value for name in FACTS if (value := facts.get(name)) is not None}
    for name, value in said.items():
        if not 0 <= value < MOST:
            raise Invalid(_("Enter a number that is not below 0"), field=name)
    return said


def _check_size(venture: Venture, kind: str, size: str, on: dt.date, regime: str) -> None:
    """Options are for companies of some sizes only, where the state's rules hold and are there."""
    if regime == "cn.equity" and kind == PlanKind.OPTION:
        rule = _rule_of("cn.equity.option", on, venture)
        if rule is not None and size not in rule.parameters.get("sizes", SIZES):
            raise Invalid(
                _("By %(source)s only companies of other sizes give options",
                  source=f"{rule.source} ({rule.code} v{rule.number})"),
                field="size", code="size_excluded",
            )  # fmt: skip


def _articles(venture: Venture, codes: Sequence[str], on: dt.date) -> dict[str, Any]:
    """An issuer made for a plan begins with the lock that the plan's rules ask for; HR changes it on its page."""
    found = [_rule_of(code, on, venture) for code in codes if code.endswith(".lock")]
    months = [rule.parameters["months"] for rule in found if rule is not None]
    return {"lock_months": max(months)} if months else {}


def _rule_of(code: str, on: dt.date, venture: Venture) -> RuleVersion | None:
    try:
        return rules.in_force(code, on, venture.company)
    except Invalid:
        return None


def _check_signers(roles: Sequence[str]) -> list[str]:
    """The roles in the order in which they sign. Raises Invalid for one that never signs."""
    if not set(roles) <= set(SIGNERS):
        raise Invalid(_("Choose of the list"), field="signers")
    return [str(role) for role in SIGNERS if role in roles]


def _check_leaving(own: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {str(reason): dict(rule) for reason, rule in own.items() if leaving_rules.read(own, reason)}
    except LeavingError as error:
        raise Invalid(_("The plan's rule cannot be applied: %(why)s", why=str(error)), field="leaving") from error


def _check_words(words: dict[str, dict[str, str]]) -> None:
    for field, text in words.items():
        for language in ("en", "zh"):
            if not text.get(language, "").strip():
                raise Invalid(_("Write it in English and in Chinese"), field=f"{field}_{language}")


def _check_choices(choices: dict[str, tuple[str, dict[str, Any]]]) -> None:
    for field, (value, known) in choices.items():
        if value not in known:
            raise Invalid(_("Choose one of the list"), field=field)


def _check_units(decimals: int, total: int, pool: int, person: int | None) -> None:
    if not 0 <= decimals <= 6:
        raise Invalid(_("Choose between 0 and 6 decimals"), field="decimals")
    if not 0 < total < MOST:
        raise Invalid(_("Enter how many units there are in all, at least 1"), field="total")
    if not 0 < pool <= total:
        raise Invalid(_("The pool is at least 1 and at most the total"), field="pool")
    if person is not None and not 0 < person <= pool:
        raise Invalid(_("One person's limit is at least 1 and at most the pool"), field="person")


def _security(issuer: Issuer, asked: SecurityClass) -> SecurityClass:
    """The venture's class of units: the one that stands, else the one asked for with its issuer."""
    found = db.session.scalar(
        select(SecurityClass)
        .join(Issuer, Issuer.id == SecurityClass.issuer_id)
        .where(Issuer.venture_id == issuer.venture_id, SecurityClass.code == asked.code)
    )
    if found is None:
        asked.issuer = issuer
        db.session.add(asked)
        return asked
    if (found.total_units, found.decimals) != (asked.total_units, asked.decimals):
        raise Invalid(_("This venture's capital stands with another total already"), field="total")
    return found


def content_of(plan: EquityPlan) -> dict[str, Any]:
    """What is signed, rebuilt from the rows as they are now."""
    security = plan.security
    return {
        "venture": plan.venture.number,
        "title": plan.title,
        "kind": str(plan.kind),
        "regime": plan.regime,
        "issuer": {"kind": str(security.issuer.kind), "size": str(security.issuer.size)},
        "class": {
            "code": security.code,
            "unit": security.unit,
            "decimals": security.decimals,
            "total_units": security.total_units,
            "currency": security.currency,
        },
        "pool_units": plan.pool_units,
        "person_units": plan.person_units,
        "starts_on": plan.starts_on.isoformat(),
        "terms": plan.terms,
        "on_cancellation": str(plan.on_cancellation),
        "signers": plan.signers,
        "leaving": plan.leaving,
    } | {name: value for name, value in (("facts", plan.facts), ("growth", plan.growth)) if value}


@action("equity_plan.close")
def close_plan(actor: Person, plan: EquityPlan, *, reason: str) -> None:
    """Close a plan, as HR but not its maker: nothing more is granted from it; what is granted goes on.

    Raises WrongState while a grant from it is under way.
    """
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    caps.lock(plan)
    under_way = select(EquityGrant.id).where(EquityGrant.plan_id == plan.id, EquityGrant.state.in_(UNDER_WAY))
    if db.session.scalar(under_way.limit(1)) is not None:
        raise WrongState(_("Grants from this plan are under way. Decide them first."))
    PLAN.move(plan, "close", reason=reason.strip(), payload={"granted_units": plan.granted_units})
    if plan.maker_id != actor.id:
        notify(plan.maker_id, "equity_plan.closed", f"/equity/plans/{plan.public_id}", venture=plan.venture.name)


def _submit(actor: Person, plan: EquityPlan) -> None:
    PLAN.move(plan, "submit")
    approvals.request(
        actor,
        plan,
        title={
            "en": f"Equity plan {plan.title['en']} ({plan.venture.name})",
            "zh": f"股权激励计划《{plan.title['zh']}》（{plan.venture.name}）",
        },
        address=f"/equity/plans/{plan.public_id}",
        company=plan.company,
        content=content_of(plan),
        steps=signers(plan),
        beneficiaries=[member.person_id for member in plan.venture.members],
        may_delegate=True,
    )


def signers(plan: EquityPlan) -> list[Role]:
    """Who signs a plan and its grants, in order: HR, then whom the plan names (finance, legal, board, funder)."""
    return [Role.HR, *(Role(one) for one in plan.signers)]


def signers_of_step(step: EquityStep) -> list[Role]:
    """Who signs a step on grants in force: HR, and finance where the company pays."""
    return [Role.HR, Role.FINANCE] if step.amount_minor else [Role.HR]


def open_approval(subject: Any) -> Approval:
    """The request that waits for a signature. Raises WrongState when there is none."""
    approval = approval_queries.open_of(subject)
    if approval is None:
        raise WrongState(_("Nothing waits for a signature here."))
    return approval


@action("equity_plan.approve")
def approve_plan(actor: Person, plan: EquityPlan) -> None:
    """Sign a plan as the second HR person; then grants can be made from it."""
    if approvals.sign(actor, open_approval(plan), content=content_of(plan)):
        PLAN.move(plan, "approve", payload={"pool_units": plan.pool_units})
        notify(plan.maker_id, "equity_plan.approved", f"/equity/plans/{plan.public_id}", venture=plan.venture.name)


@action("equity_plan.refuse")
def refuse_plan(actor: Person, plan: EquityPlan, *, reason: str) -> None:
    """Refuse a plan with a reason; the maker drafts another."""
    approvals.refuse(actor, open_approval(plan), reason=reason)
    PLAN.move(plan, "refuse", reason=reason)
    notify(plan.maker_id, "equity_plan.refused", f"/equity/plans/{plan.public_id}", venture=plan.venture.name)
