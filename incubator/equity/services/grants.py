"""The life of a grant: drafted by HR, checked, approved by a second HR person, offered, accepted by its holder."""

import datetime as dt
import json
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.approvals import services as approvals
from incubator.core import audit, clock, keys
from incubator.core.actions import action, require
from incubator.core.db import db
from incubator.core.errors import Invalid, Stale, WrongState
from incubator.core.transaction import attempt
from incubator.equity.engines.vesting import START_DAY
from incubator.equity.models import EquityGrant, EquityPlan, Movement
from incubator.equity.services import caps, letters, regime, register, vesting
from incubator.equity.services.plans import open_approval, signers
from incubator.equity.states import GRANT, GrantState, PlanState
from incubator.equity.words import instrument_of
from incubator.notifications.services import notify
from incubator.people.models import Person
from incubator.people.predicates import SYSTEM
from incubator.ventures.models import VentureMember
from incubator.ventures.states import VentureState

MOST = 10**15


@action("equity_grant.create")
def draft_grant(actor: Person, plan: EquityPlan, /, **terms: Any) -> EquityGrant:
    """Draft a grant from an active plan to a member of its venture; terms as of `check_terms`."""
    values = check_terms(actor, plan, **terms)
    grant = EquityGrant(
        number=keys.spoken("G"), plan=plan, company_id=plan.company_id, maker=actor,
        currency=plan.security.currency, **values,
    )  # fmt: skip
    origin = audit.event_of(plan.venture, "venture.create")
    audit.created(grant, cause_id=origin.id, payload=_terms_payload(grant))
    return grant


@action("equity_grant.revise")
def revise(actor: Person, grant: EquityGrant, /, **terms: Any) -> None:
    """Change a draft; terms as of `check_terms`, those that are not given stay."""
    if grant.state is not GrantState.DRAFT:
        raise WrongState(_("Only a draft can be changed."))
    for name, value in check_terms(actor, grant.plan, but=grant.id, **(terms_of(grant) | terms)).items():
        setattr(grant, name, value)
    audit.record("equity_grant.revise", grant, _terms_payload(grant))


def terms_of(grant: EquityGrant) -> dict[str, Any]:
    """The keywords of `check_terms` that a stored grant came from."""
    is_graph = "vesting_conditions" in grant.terms
    months = grant.plan.terms if is_graph else grant.terms
    return {
        "holder": grant.holder, "units": grant.units, "price_minor": grant.price_minor,
        "granted_on": grant.granted_on, "starts_on": grant.starts_on, "facts": grant.facts,
        "conditions": json.dumps(grant.terms) if is_graph else None, **usual_terms(months),
    }  # fmt: skip


def usual_terms(terms: dict[str, Any]) -> dict[str, Any]:
    """Stored terms in months as keywords of `check_terms`."""
    return {
        "months": terms["months"], "every_months": terms["months_between"], "cliff_months": terms["cliff_months"],
        "allocation": terms["allocation"], "day_rule": terms.get("day_rule", START_DAY),
    }  # fmt: skip


def check_terms(
    actor: Person,
    plan: EquityPlan,
    *,
    holder: Person,
    units: int,
    price_minor: int,
    granted_on: dt.date,
    starts_on: dt.date,
    months: int,
    every_months: int,
    cliff_months: int,
    allocation: str,
    day_rule: str = START_DAY,
    conditions: str | None = None,
    facts: dict[str, Any] | None = None,
    but: int | None = None,
) -> dict[str, Any]:
    """Check the terms of a grant and give its columns. units: smallest units; price_minor: for one whole unit.

    conditions: an OCF VESTING_TERMS object as JSON, in place of the months. facts: as of `check_given`. Raises
    Invalid at the field, also when a limit would be passed (by what is granted and submitted now; checked again under
    lock at submission and at approval). WrongState when the plan is not active.
    """
    _check_plan(plan)
    _check_holder(actor, plan, holder)
    _check_figures(plan, units, price_minor, granted_on, starts_on)
    if conditions and conditions.strip():
        terms = vesting.read_graph(conditions, decimals=plan.security.decimals)
    else:
        terms = vesting.read_terms(
            months=months, every_months=every_months, cliff_months=cliff_months, allocation=allocation,
            day_rule=day_rule,
        )  # fmt: skip
    said = check_given(facts or {}, granted_on)
    asked = regime.Asked(holder.id, units, price_minor, granted_on, terms, said, but)
    caps.refuse_excess(all_limits(plan, asked), plan.security, drafting=True)
    return {
        "facts": said,
        "holder": holder,
        "holder_company_id": holder.company_id,
        "units": units,
        "price_minor": price_minor,
        "granted_on": granted_on,
        "starts_on": starts_on,
        "terms": terms,
    }


def preview(actor: Person, grant: EquityGrant, **terms: Any) -> list[vesting.Line]:
    """What a draft would vest with changed terms, checked and not stored. Raises Invalid at the field."""
    require(actor, "equity_grant.revise", grant)
    values = check_terms(actor, grant.plan, but=grant.id, **(terms_of(grant) | terms))
    return vesting.lines_for(values["terms"], units=values["units"], starts_on=values["starts_on"],
                             granted_on=values["granted_on"])  # fmt: skip


FACTS = ("pay_minor", "unit_value_minor", "bought_units", "joined_on")
"""What the rules may ask beside the terms of a grant (engines/regime.py)."""


def check_given(facts: dict[str, Any], granted_on: dt.date) -> dict[str, Any]:
    """What was said for the rules, without what was not: pay_minor (of a year), unit_value_minor (of one whole unit),
    bought_units (smallest units), joined_on (a date). Raises Invalid at the field."""
    said = {name: facts[name] for name in FACTS if facts.get(name) is not None}
    for name, value in said.items():
        if isinstance(value, int) and not 0 <= value < MOST:
            raise Invalid(_("Enter a number that is not below 0"), field=name)
    joined = said.get("joined_on")
    if joined is not None:
        joined = joined if isinstance(joined, dt.date) else dt.date.fromisoformat(joined)
        if joined > granted_on:
            raise Invalid(_("This lies after the grant date"), field="joined_on")
        said["joined_on"] = joined.isoformat()
    return said


def asked_of(grant: EquityGrant, *, pending: bool = True) -> regime.Asked:
    """A stored grant as the rules look at it."""
    return regime.Asked(grant.holder_id, grant.units, grant.price_minor, grant.granted_on, grant.terms, grant.facts,
                        grant.id, pending)  # fmt: skip


def all_limits(plan: EquityPlan, asked: regime.Asked) -> list[caps.CapLine]:
    """The pool, the plan's own limit, the rules on parts of the capital, and those on the terms, in this order."""
    return [
        *caps.explain(plan, holder_id=asked.holder_id, ask=asked.units, on=asked.granted_on, but=asked.but,
                      pending=asked.pending),
        *regime.explain(plan, asked),
    ]  # fmt: skip


def _check_plan(plan: EquityPlan) -> None:
    """Raise WrongState where nothing can be granted: the plan is not in force, or its venture was stopped."""
    if plan.state is not PlanState.ACTIVE:
        raise WrongState(_("Grants are made from an approved plan only."))
    if plan.venture.state is VentureState.STOPPED:
        raise WrongState(_("This venture was stopped: nothing more is granted."))


def _check_holder(actor: Person, plan: EquityPlan, holder: Person) -> None:
    if holder.id == actor.id:
        raise Invalid(_("You cannot draft a grant to yourself"), field="holder")
    member = select(VentureMember.id).where(
        VentureMember.venture_id == plan.venture_id, VentureMember.person_id == holder.id
    )
    if not holder.is_active or db.session.scalar(member) is None:
        raise Invalid(_("Choose somebody of the venture's team"), field="holder")


def _check_figures(plan: EquityPlan, units: int, price_minor: int, granted_on: dt.date, starts_on: dt.date) -> None:
    if not 0 < units < MOST:
        raise Invalid(_("Enter at least 1"), field="units")
    if not 0 <= price_minor < MOST:
        raise Invalid(_("Enter an amount, such as 1.20"), field="price_minor")
    if granted_on < plan.starts_on:
        raise Invalid(
            _("The plan starts on %(day)s; a grant cannot be dated before it", day=plan.starts_on.isoformat()),
            field="granted_on",
        )
    if abs((starts_on - granted_on).days) > 366:
        raise Invalid(_("Vesting starts within a year of the grant date"), field="starts_on")


def _terms_payload(grant: EquityGrant) -> dict[str, Any]:
    return {
        "number": grant.number,
        "units": grant.units,
        "price_minor": grant.price_minor,
        "currency": grant.currency,
        "granted_on": grant.granted_on.isoformat(),
        "starts_on": grant.starts_on.isoformat(),
        "terms": grant.terms,
    }


@action("equity_grant.submit")
def submit(actor: Person, grant: EquityGrant) -> None:
    """Check the limits under lock, freeze the grant with its letter, and ask a second HR person to approve it."""
    plan = caps.lock(grant.plan)
    db.session.refresh(grant)
    _check_plan(plan)
    _check_holder(actor, plan, grant.holder)
    lines = all_limits(plan, asked_of(grant))
    caps.refuse_excess(lines, plan.security)
    grant.rules = caps.versions(lines)
    grant.letter = letters.write(grant)
    grant.letter_hash = letters.fingerprint(grant.letter)
    grant.content = letters.content_of(grant)
    grant.content_hash = letters.fingerprint(grant.content)
    evidence = {"content_sha256": grant.content_hash.hex(), "caps": _figures(lines)}
    GRANT.move(grant, "check", payload=evidence, rule_version_id=_rule_id(lines))
    GRANT.move(grant, "submit")
    approvals.request(
        actor,
        grant,
        title={
            "en": f"Grant {grant.number} ({plan.venture.name})",
            "zh": f"授予 {grant.number}（{plan.venture.name}）",
        },
        address=f"/equity/grants/{grant.public_id}",
        company=grant.company,
        content=grant.content,
        steps=signers(plan),
        beneficiaries=[grant.holder_id],
        may_delegate=True,
    )


def _figures(lines: list[caps.CapLine]) -> list[dict[str, Any]]:
    return [
        {
            "rule": line.check.rule,
            "source": line.check.source,
            "limit": line.check.limit,
            "used": line.check.used,
            "asked": line.check.asked,
            "headroom": line.check.headroom,
            "confirmed": line.check.confirmed,
            **({"measure": line.check.measure.value, **line.check.inputs} if line.check.parameter else {}),
        }
        for line in lines
    ]


def _rule_id(lines: list[caps.CapLine]) -> int | None:
    """The version of the rule that leaves the least; events carry one, the payload names them all."""
    by_rule = [line for line in lines if line.rule and not line.check.parameter]
    tightest = min(by_rule, key=lambda line: line.check.headroom, default=None)
    return tightest.rule.id if tightest and tightest.rule else None


@action("equity_grant.approve")
def approve(actor: Person, grant: EquityGrant) -> None:
    """Sign as the second HR person: limits again under lock, units taken from the pool, the offer goes out."""
    plan = caps.lock(grant.plan)
    db.session.refresh(grant)
    _check_plan(plan)
    lines = all_limits(plan, asked_of(grant, pending=False))
    caps.refuse_excess(lines, plan.security)
    caps.refuse_unconfirmed(lines)
    if caps.versions(lines) != grant.rules:
        raise Stale(_("A rule has changed since this grant was checked. Send it back to be checked again."))
    if approvals.sign(actor, open_approval(grant), content=letters.content_of(grant)):
        _issue(grant, plan, lines)


def _issue(grant: EquityGrant, plan: EquityPlan, lines: list[caps.CapLine]) -> None:
    evidence = {"content_sha256": (grant.content_hash or b"").hex(), "caps": _figures(lines)}
    event = GRANT.move(grant, "approve", payload=evidence, rule_version_id=_rule_id(lines))
    plan.granted_units += grant.units
    register.issue(
        plan.security, holder=grant.holder.public_id, instrument=instrument_of(plan.kind), quantity=grant.units,
        effective_on=grant.granted_on, event=event, price_minor=grant.price_minor, grant=grant,
    )  # fmt: skip
    grant.offered_at = clock.now()
    grant.answer_by_on = clock.today() + dt.timedelta(days=plan.offer_days)
    GRANT.move(grant, "offer", payload={"letter_sha256": (grant.letter_hash or b"").hex()})
    address = f"/equity/grants/{grant.public_id}"
    notify(grant.holder_id, "equity_grant.offered", address, venture=plan.venture.name, number=grant.number)
    notify(grant.maker_id, "equity_grant.approved", address, number=grant.number)


@action("equity_grant.send_back")
def send_back(actor: Person, grant: EquityGrant, *, reason: str) -> None:
    """Return a grant to its maker with a reason, as the second HR person."""
    approvals.refuse(actor, open_approval(grant), reason=reason)
    GRANT.move(grant, "send_back", reason=reason)
    notify(grant.maker_id, "equity_grant.sent_back", f"/equity/grants/{grant.public_id}", number=grant.number)


@action("equity_grant.cancel")
def cancel(actor: Person, grant: EquityGrant, *, reason: str) -> None:
    """Give up a grant that is not approved yet, as its maker."""
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    if grant.state is GrantState.IN_APPROVAL:
        approvals.cancel(actor, open_approval(grant), reason=reason)
    GRANT.move(grant, "cancel", reason=reason)


@action("equity_grant.accept")
def accept(actor: Person, grant: EquityGrant, *, letter_hash: str) -> None:
    """Accept an offer as its holder: the letter that was read, by whom and when; the grant is in force at once.

    letter_hash: SHA-256 (hex) of the letter on the page, so that nobody accepts another text than they read.
    """
    if grant.letter_hash is None or letter_hash != grant.letter_hash.hex():
        raise Stale(_("The letter on your page is not the one on offer. Reload the page and read it again."))
    if grant.answer_by_on is not None and clock.today() > grant.answer_by_on:
        raise WrongState(_("This offer could be accepted until %(day)s.", day=grant.answer_by_on.isoformat()))
    grant.accepted_at = clock.now()
    event = GRANT.move(
        grant, "accept", payload={"letter_sha256": letter_hash, "holder": actor.public_id, "units": grant.units}
    )
    (security,) = register.of_grant(grant)
    register.enter(security, Movement.ACCEPTANCE, 0, clock.today(), event)
    GRANT.move(grant, "activate")
    vesting.store(grant)
    notify(grant.maker_id, "equity_grant.accepted", f"/equity/grants/{grant.public_id}", number=grant.number)


@action("equity_grant.decline")
def decline(actor: Person, grant: EquityGrant, *, reason: str = "") -> None:
    """Decline an offer as its holder; the units go back to the pool."""
    _take_back(grant, "decline", reason.strip() or None)
    notify(grant.maker_id, "equity_grant.declined", f"/equity/grants/{grant.public_id}", number=grant.number)


@action("equity_grant.retract")
def retract(actor: Person, grant: EquityGrant, *, reason: str) -> None:
    """Take an offer back before it is accepted, as another person of HR than its maker; the units go back."""
    if not reason.strip():
        raise Invalid(_("Say why"), field="reason")
    _take_back(grant, "retract", reason.strip())
    address = f"/equity/grants/{grant.public_id}"
    notify(grant.holder_id, "equity_grant.retracted", address, number=grant.number)
    notify(grant.maker_id, "equity_grant.retracted", address, number=grant.number)


def lapse_offers(today: dt.date) -> int:
    """Lapse the offers whose last day is over; how many. Called by the job, and repeatable."""
    over = select(EquityGrant).where(EquityGrant.state == GrantState.OFFERED, EquityGrant.answer_by_on < today)
    lapsed = 0
    for grant in db.session.scalars(over.order_by(EquityGrant.id).limit(200)).all():
        with attempt(), audit.because(SYSTEM, "equity_grant.lapse"):
            if _take_back(grant, "lapse", None):
                lapsed += 1
                address = f"/equity/grants/{grant.public_id}"
                notify(grant.holder_id, "equity_grant.lapsed", address, number=grant.number)
                notify(grant.maker_id, "equity_grant.lapsed", address, number=grant.number)
    return lapsed


def _take_back(grant: EquityGrant, step: str, reason: str | None) -> bool:
    """End an offer under the plan's lock: its units leave the register and return to the pool."""
    plan = caps.lock(grant.plan)
    db.session.refresh(grant)
    if step == "lapse" and grant.state is not GrantState.OFFERED:
        return False
    event = GRANT.move(grant, step, reason=reason)
    plan.granted_units -= grant.units
    (security,) = register.of_grant(grant)
    register.take(security, Movement.RETURN, grant.units, clock.today(), event)
    return True
