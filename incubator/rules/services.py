"""Installing the rules that the product ships, adopting a company's own, and confirming either."""

import datetime as dt
from typing import IO, Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.files import services as files
from incubator.people.models import Company, Person
from incubator.people.predicates import SYSTEM, has_role
from incubator.rules import queries
from incubator.rules.models import RuleConfirmation, RuleVersion
from incubator.rules.packs import PACK
from incubator.rules.predicates import keepers
from incubator.rules.shipped import PackRule

NEEDED = 2
"""So many different persons make a rule confirmed."""
AT_WILL = frozenset({"adoption", "offices"})
"""What one version may say and another leave out: how it was adopted, and the offices whose patents it is about."""


def install_packs() -> int:
    """Add the shipped rules that are not there yet, each unconfirmed; returns how many were added. Repeatable.

    A shipped rule that was installed before stays as it is: what people confirmed never changes under them.
    """
    law = select(RuleVersion.code, RuleVersion.number).where(RuleVersion.company_id.is_(None))
    known = {(code, number) for code, number in db.session.execute(law)}
    missing = [rule for rule in PACK if (rule.code, rule.number) not in known]
    if missing:
        rules = [_version(rule) for rule in missing]
        db.session.add_all(rules)
        with audit.because(SYSTEM, "rule.install"):
            first = audit.record("rule.install", rules[0], _said(rules[0]))
            audit.record_many("rule.install", [(rule, first.id, _said(rule)) for rule in rules[1:]])
    return len(missing)


def _version(shipped: PackRule) -> RuleVersion:
    return RuleVersion(
        code=shipped.code, number=shipped.number, company_id=None,
        title={"en": shipped.title_en, "zh": shipped.title_zh}, jurisdiction=shipped.jurisdiction,
        source=shipped.source, article=shipped.article, valid_from=shipped.valid_from, valid_to=shipped.valid_to,
        parameters=dict(shipped.parameters), sure=shipped.sure,
    )  # fmt: skip


def _said(rule: RuleVersion) -> dict[str, Any]:
    return {"code": rule.code, "sure": rule.sure, "parameters": rule.parameters}


@action("rule.confirm")
def confirm(actor: Person, rule: RuleVersion) -> RuleConfirmation:
    """Give one's word that a version says what its source says; the second, different person's word confirms it."""
    locked = select(RuleVersion).where(RuleVersion.id == rule.id).with_for_update()
    db.session.scalars(locked, execution_options={"populate_existing": True}).one()
    if rule.confirmed_at is not None:
        raise WrongState(_("Two persons have confirmed this rule already."))
    said = set(
        db.session.scalars(select(RuleConfirmation.person_id).where(RuleConfirmation.rule_version_id == rule.id))
    )
    if actor.id in said:
        raise NotAllowed(_("You have confirmed this rule already; a second person must confirm it too."))
    event = audit.record("rule.confirm", rule, {"code": rule.code, "number": rule.number}, rule_version_id=rule.id)
    confirmation = RuleConfirmation(rule=rule, person=actor, cause_id=event.id)
    db.session.add(confirmation)
    if len(said) + 1 >= NEEDED:
        rule.confirmed_at = clock.now()
    db.session.flush()
    return confirmation


@action("rule.adopt")
def adopt_company_rule(
    actor: Person,
    company: Company,
    *,
    code: str,
    title: dict[str, str],
    source: str,
    article: str,
    valid_from: dt.date,
    parameters: dict[str, Any],
    staff_heard_on: dt.date,
    published_on: dt.date,
    valid_to: dt.date | None = None,
    is_institute: bool = False,
    document: IO[bytes] | None = None,
    document_name: str = "",
) -> RuleVersion:
    """Enter a company's own rule, which comes before law's default (Rule 92: staff heard, rule published).

    parameters: of the same shape as the default's of the same family. It is unconfirmed until two persons confirm
    it. is_institute: one that the state set up, which may not go below the default (Transformation Law, Art. 45).
    Raises Invalid when the adoption was not lawful or the parameters do not fit.
    """
    if not has_role(*keepers(code))(actor, company):
        raise NotAllowed(_("A rule of this kind is entered by those who may confirm it."))
    _check_adoption(valid_from, valid_to, staff_heard_on, published_on)
    default = queries.in_force(code, valid_from, company)
    _check_shape(parameters, default.parameters)
    if is_institute:
        _check_floor(parameters, queries.law_in_force(code, valid_from).parameters)
    adoption = {"staff_heard_on": staff_heard_on.isoformat(), "published_on": published_on.isoformat()}
    rule = RuleVersion(
        code=code, number=_next_number(code, company), company=company, title=title,
        jurisdiction=default.jurisdiction, source=source, article=article, valid_from=valid_from, valid_to=valid_to,
        parameters=parameters | {"adoption": adoption | ({"state_institute": True} if is_institute else {})}, sure="T",
        file=files.keep(actor, document, document_name) if document is not None else None,
    )  # fmt: skip
    db.session.add(rule)
    audit.record("rule.adopt", rule, {"code": code, "parameters": rule.parameters})
    return rule


def _next_number(code: str, company: Company) -> int:
    last = select(func.max(RuleVersion.number)).where(RuleVersion.code == code, RuleVersion.company_id == company.id)
    return (db.session.scalar(last) or 0) + 1


def _check_adoption(
    valid_from: dt.date, valid_to: dt.date | None, staff_heard_on: dt.date, published_on: dt.date
) -> None:
    if valid_to is not None and valid_to < valid_from:
        raise Invalid(_("The last day lies before the first."), field="valid_to")
    if staff_heard_on > published_on:
        raise Invalid(_("The staff must be heard before the rule is published."), field="staff_heard_on")
    if published_on > valid_from:
        raise Invalid(_("A rule holds from the day it is published, not before."), field="valid_from")


def _check_shape(given: dict[str, Any], default: dict[str, Any]) -> None:
    """The same keys and kinds of values as law's default, all the way down."""
    expected, told = ({key: one[key] for key in one if key not in AT_WILL} for one in (default, given))
    if _shape(told) != _shape(expected) or not isinstance(given.get("offices", []), list):
        raise Invalid(
            _("The parameters must be those of the rule it replaces: %(keys)s.", keys=", ".join(sorted(expected))),
            field="parameters",
        )


def _check_floor(given: dict[str, Any], law: dict[str, Any]) -> None:
    """No amount and no part below the default's. Years and months are no such figures."""
    for key, floor in law.items():
        if isinstance(floor, dict) and isinstance(given.get(key), dict):
            _check_floor(given[key], floor)
        elif isinstance(floor, int) and key != "months" and given.get(key, 0) < floor:
            raise Invalid(
                _("An institute set up by the state may not go below the law: %(key)s is at least %(floor)s.",
                  key=key, floor=floor),
                field="is_institute",
            )  # fmt: skip


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    return "number" if isinstance(value, int) and not isinstance(value, bool) else type(value).__name__
