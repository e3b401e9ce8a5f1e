"""What the office does: themes and their credit pools, rubrics, rules, committees, and calls."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.calls.events import CallExtended
from incubator.calls.models import (
    Blinding,
    Call,
    CallTheme,
    Committee,
    CommitteeMember,
    CreditPool,
    Criterion,
    DecisionRuleVersion,
    RubricVersion,
    Seat,
    Theme,
    Visibility,
)
from incubator.calls.states import LIFE, CallState
from incubator.calls.templates import DEFAULT_CRITERIA, DEFAULT_RULE, WORDS_NEEDED, CriterionData, FormTemplate
from incubator.core import audit, clock, outbox
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.money import MINOR_DIGITS, WHOLE
from incubator.ledger import services as ledger
from incubator.people.models import Company, Person

Text = Mapping[str, str]


@dataclass(frozen=True)
class ThemeBudget:
    """What a call may award within a theme and year; budget in minor units."""

    theme: Theme
    year: int
    budget: int
    currency: str = "CNY"


@action("theme.create")
def create_theme(actor: Actor, company: Company, *, name: Text, source: str = "") -> Theme:
    """Name a strategic theme of a company; source says where it comes from."""
    check_words(name, "name")
    theme = Theme(company=company, name=dict(name), source=source.strip())
    audit.created(theme, payload={"name": dict(name)})
    return theme


@action("credit_pool.create")
def create_pool(
    actor: Actor, company: Company, *, theme: Theme, year: int, currency: str = "CNY", amount: int
) -> CreditPool:
    """Set cloud credits (minor units) aside for a theme and year of a company, from outside the ledger."""
    if currency not in MINOR_DIGITS or amount <= 0:
        raise Invalid(_("Enter an amount above zero."), field="amount")
    key = {"company_id": company.id, "theme_id": theme.id, "year": year, "currency": currency}
    if db.session.scalar(select(CreditPool.id).filter_by(**key)) is not None:
        raise Invalid(_("There is a pool for this theme and year already."), field="theme")
    pool = CreditPool(**key)
    event = audit.created(pool, payload={"amount": amount, "currency": currency, "year": year})
    outside = ledger.account_of("external", company, currency, min_balance=None)
    inside = ledger.account_of("pool", pool, currency)
    legs = [ledger.Leg(outside, -amount), ledger.Leg(inside, amount)]
    ledger.post(f"credit_pool.fund:{pool.public_id}", legs, memo="Credits set aside", cause_id=event.id)
    return pool


@action("rubric.publish")
def publish_rubric(
    actor: Actor, company: Company, *, code: str, name: Text, criteria: Sequence[CriterionData | Mapping[str, Any]]
) -> RubricVersion:
    """Publish the next version of a rubric; weights are basis points and sum to 100.00 %."""
    check_words(name, "name")
    checked = [item if isinstance(item, CriterionData) else CriterionData.of(item) for item in criteria]
    if sum(item.weight_bp for item in checked) != WHOLE:
        raise Invalid(_("The weights must sum to 100.00 %."), field="criteria")
    if len({item.key for item in checked}) < len(checked):
        raise Invalid(_("Each criterion has a key of its own."), field="criteria")
    rubric = RubricVersion(
        code=code, number=_next_number(RubricVersion, code), name=dict(name), published_at=clock.now()
    )
    rubric.criteria = [
        Criterion(position=position, **item.model_dump(mode="json")) for position, item in enumerate(checked)
    ]
    audit.created(rubric, payload={"code": code, "number": rubric.number})
    return rubric


@action("decision_rule.publish")
def publish_decision_rule(
    actor: Actor, company: Company, *, code: str, name: Text, data: Mapping[str, Any]
) -> DecisionRuleVersion:
    """Publish the next version of a decision rule; `reviews` refuses data that its engine does not understand."""
    check_words(name, "name")
    if not data:
        raise Invalid(_("The rule says nothing."), field="data")
    number = _next_number(DecisionRuleVersion, code)
    rule = DecisionRuleVersion(code=code, number=number, name=dict(name), data=dict(data), published_at=clock.now())
    audit.created(rule, payload={"code": code, "number": number})
    return rule


def install_templates(actor: Actor, company: Company) -> tuple[RubricVersion, DecisionRuleVersion]:
    """The rubric and the rule that every installation starts with; those that stand are kept."""
    rubric = _newest(RubricVersion, "default") or publish_rubric(
        actor, company, code="default", name={"en": "Default rubric", "zh": "通用评审标准"}, criteria=DEFAULT_CRITERIA
    )
    rule = _newest(DecisionRuleVersion, "default") or publish_decision_rule(
        actor,
        company,
        code="default",
        name={"en": "3.50 of 5, two reviews, budget a theme", "zh": "3.50 分以上、两份评审、按方向预算"},
        data=DEFAULT_RULE,
    )
    return rubric, rule


@action("committee.create")
def create_committee(
    actor: Actor, company: Company, *, name: Text, chair: Person, members: Collection[Person]
) -> Committee:
    """Name the people who judge: a chair and at least one other, who signs second."""
    check_words(name, "name")
    others = [person for person in members if person.id != chair.id]
    if not others:
        raise Invalid(_("A committee has a chair and at least one other member."), field="members")
    committee = Committee(company=company, name=dict(name))
    committee.members = [CommitteeMember(person=chair, seat=Seat.CHAIR)]
    committee.members += [CommitteeMember(person=person, seat=Seat.MEMBER) for person in others]
    audit.created(committee, payload={"members": [chair.public_id, *(person.public_id for person in others)]})
    return committee


@action("call.create")
def create_call(actor: Actor, company: Company, /, **details: Any) -> Call:
    """Draft a call; details as in `update_call`. Missing words may follow until it is published."""
    call = Call(company=company)
    with db.session.no_autoflush:
        _fill(call, **details)
    audit.created(call, payload={"title": call.title})
    return call


@action("call.update")
def update_call(actor: Actor, call: Call, /, **details: Any) -> Call:
    """Change a draft: title, summary, opens_at, closes_at, screening_due_on, review_due_on, meets_on, release_on, form,
    committee, rubric, rule, themes (a list of ThemeBudget), keeps_company_out, blinding, visibility."""
    if call.state is not CallState.DRAFT:
        raise WrongState(_("A published call stands as it is."))
    call.themes.clear()
    db.session.flush()
    _fill(call, **details)
    audit.record("call.update", call, {"title": call.title})
    return call


def _fill(
    call: Call,
    *,
    title: Text,
    summary: Text,
    opens_at: dt.datetime,
    closes_at: dt.datetime,
    review_due_on: dt.date,
    meets_on: dt.date,
    release_on: dt.date,
    form: FormTemplate | Mapping[str, Any],
    committee: Committee,
    rubric: RubricVersion,
    rule: DecisionRuleVersion,
    themes: Sequence[ThemeBudget],
    screening_due_on: dt.date | None = None,
    keeps_company_out: bool = False,
    blinding: Blinding = Blinding.REVIEWER_HIDDEN,
    visibility: Visibility = Visibility.CLOSED,
) -> None:
    _check_order(opens_at, closes_at, (screening_due_on, review_due_on, meets_on, release_on))
    if visibility is Visibility.JOINABLE and blinding is Blinding.BOTH_HIDDEN:
        raise Invalid(
            _("Who proposes is hidden from the reviewers: then no proposal is opened to colleagues."),
            field="visibility",
        )
    _check_ties(rubric, rule)
    template = form if isinstance(form, FormTemplate) else FormTemplate.of(form)
    call.title, call.summary = dict(title), dict(summary)
    call.opens_at, call.closes_at, call.screening_due_on = opens_at, closes_at, screening_due_on
    call.review_due_on, call.meets_on, call.release_on = review_due_on, meets_on, release_on
    call.keeps_company_out, call.form = keeps_company_out, template.as_data()
    call.blinding, call.visibility = blinding, visibility
    call.committee, call.rubric, call.rule = committee, rubric, rule
    call.themes = [_budget(entry) for entry in themes]


def _budget(entry: ThemeBudget) -> CallTheme:
    if entry.budget <= 0 or entry.currency not in MINOR_DIGITS:
        raise Invalid(_("Enter an amount above zero."), field="themes")
    return CallTheme(theme=entry.theme, year=entry.year, budget=entry.budget, currency=entry.currency)


PHASES = ("screening_due_on", "review_due_on", "meets_on", "release_on")
"""The days after the closing, in their order."""


def _check_order(opens_at: dt.datetime, closes_at: dt.datetime, days: Sequence[dt.date | None]) -> None:
    """days: those of PHASES; only the first may be None."""
    if opens_at >= closes_at:
        raise Invalid(_("The call must close after it opens."), field="closes_on")
    earlier = (closes_at - dt.timedelta(seconds=1)).astimezone(clock.GROUP_ZONE).date()
    for field, day in zip(PHASES, days, strict=True):
        if day is not None and day < earlier:
            raise Invalid(_("This day must not lie before the phase that precedes it."), field=field)
        earlier = day or earlier


def _check_ties(rubric: RubricVersion, rule: DecisionRuleVersion) -> None:
    keys = {criterion.key for criterion in rubric.criteria}
    wanted = {tie.partition(":")[2] for tie in rule.data.get("ties", ()) if tie.startswith("criterion:")}
    if missing := sorted(wanted - keys):
        raise Invalid(_("The rule breaks ties by a criterion the rubric lacks: %(key)s", key=missing[0]), field="rule")


@action("call.change_form")
def change_form(actor: Actor, call: Call, *, form: FormTemplate) -> Call:
    """Ask other things in a draft. Raises WrongState once it is published."""
    if call.state is not CallState.DRAFT:
        raise WrongState(_("A published call stands as it is."))
    call.form = form.as_data()
    audit.record("call.change_form", call, {"questions": len(form.fields)})
    return call


@action("call.publish")
def publish(actor: Actor, call: Call) -> Call:
    """Open a call to employees from its opening day on; from now on form, rubric and rule are frozen."""
    check_words(call.title, "title")
    check_words(call.summary, "summary")
    if not FormTemplate.of(call.form).fields:
        raise Invalid(_("The form asks nothing yet."), field="template")
    if not call.themes:
        raise Invalid(_("A call needs at least one theme with a budget."), field="themes")
    if call.closes_at <= clock.now():
        raise Invalid(_("The call would be closed already."), field="closes_on")
    LIFE.move(call, "publish", payload={"rubric": call.rubric.public_id, "rule": call.rule.public_id})
    return call


@action("call.close")
def close(actor: Actor, call: Call, *, reason: str = "") -> Call:
    """Take no more proposals. Who closes a call before its day says why; what is under review goes on."""
    if isinstance(actor, Person) and call.closes_at > clock.now() and not reason.strip():
        raise Invalid(_("Say why it closes before its day: employees read it."), field="reason")
    LIFE.move(call, "close", reason=reason.strip() or None)
    return call


@action("call.extend")
def extend(
    actor: Actor,
    call: Call,
    *,
    closes_at: dt.datetime,
    review_due_on: dt.date,
    meets_on: dt.date,
    release_on: dt.date,
    reason: str,
    screening_due_on: dt.date | None = None,
) -> Call:
    """Close a published call later than it said, with a reason; the days after it may move with it.

    screening_due_on: None leaves it as it is.
    """
    fresh = select(Call).where(Call.id == call.id).with_for_update(of=Call)
    db.session.scalars(fresh.execution_options(populate_existing=True)).one()
    if call.state is not CallState.PUBLISHED or call.closes_at <= clock.now():
        raise WrongState(_("Only a call that still takes proposals can be extended."))
    if closes_at <= call.closes_at:
        raise Invalid(_("Name a day after the present closing day."), field="closes_on")
    if not reason.strip():
        raise Invalid(_("Say why: employees read it."), field="reason")
    screened = screening_due_on or call.screening_due_on
    _check_order(call.opens_at, closes_at, (screened, review_due_on, meets_on, release_on))
    payload = {"from": call.closes_at.isoformat(), "to": closes_at.isoformat()}
    call.closes_at, call.screening_due_on, call.review_due_on = closes_at, screened, review_due_on
    call.meets_on, call.release_on = meets_on, release_on
    audit.record("call.extend", call, payload, reason=reason.strip())
    outbox.publish(CallExtended(call_id=call.id))
    return call


A_YEAR = dt.timedelta(weeks=52)
"""A copied call's days fall on the same days of the week."""


@action("call.copy")
def copy_call(actor: Actor, call: Call) -> Call:
    """A draft like this call, a year later, with the newest versions of its rubric and rule."""
    copy = Call(company=call.company)
    with db.session.no_autoflush:
        _fill(
            copy,
            title=call.title,
            summary=call.summary,
            opens_at=call.opens_at + A_YEAR,
            closes_at=call.closes_at + A_YEAR,
            screening_due_on=call.screening_due_on + A_YEAR if call.screening_due_on else None,
            review_due_on=call.review_due_on + A_YEAR,
            meets_on=call.meets_on + A_YEAR,
            release_on=call.release_on + A_YEAR,
            form=call.form,
            committee=call.committee,
            rubric=_newest(RubricVersion, call.rubric.code),
            rule=_newest(DecisionRuleVersion, call.rule.code),
            themes=[ThemeBudget(one.theme, one.year + 1, one.budget, one.currency) for one in call.themes],
            keeps_company_out=call.keeps_company_out,
            blinding=call.blinding,
            visibility=call.visibility,
        )
    audit.created(copy, payload={"title": copy.title, "copy_of": call.public_id})
    return copy


def check_words(words: Text, field: str) -> None:
    """Raise Invalid at <field>_<language> where a language is missing."""
    if missing := [language for language in WORDS_NEEDED if not words.get(language, "").strip()]:
        raise Invalid(_("Both languages are needed."), field=f"{field}_{missing[0]}")


def _next_number(model: type[RubricVersion] | type[DecisionRuleVersion], code: str) -> int:
    return (db.session.scalar(select(func.max(model.number)).where(model.code == code)) or 0) + 1


def _newest(model: Any, code: str) -> Any:
    return db.session.scalar(select(model).where(model.code == code).order_by(model.number.desc()).limit(1))
