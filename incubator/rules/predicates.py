"""Who may vouch for a rule: it depends on what the rule is about."""

from typing import Any

from incubator.people.models import Company, Person, Role
from incubator.people.predicates import has_role
from incubator.rules.models import RuleVersion

FAMILIES: dict[str, tuple[Role, ...]] = {
    "patent": (Role.HR, Role.IP_COUNSEL),
    "equity": (Role.HR,),
}
"""The second part of a code (such as cn.patent.award.2024) says who may confirm the rule."""


def keepers(code: str) -> tuple[Role, ...]:
    """The roles that may confirm a rule of this code; HR where nothing else is said."""
    return FAMILIES.get(code.split(".")[1] if "." in code else code, (Role.HR,))


def may_confirm(actor: Any, rule: RuleVersion | None) -> bool:
    """A keeper of the rule: of the company whose own rule it is; the law is the same in every company."""
    if rule is None:
        return has_role(Role.HR, Role.IP_COUNSEL)(actor, None)
    return has_role(*keepers(rule.code))(actor, rule if rule.company is not None else None)


def may_adopt(actor: Any, company: Company | None) -> bool:
    """HR or IP counsel of the company; which of them the rule asks for is checked with its code."""
    return isinstance(actor, Person) and has_role(Role.HR, Role.IP_COUNSEL)(actor, company)


def awaits(person: Person, rule: RuleVersion) -> bool:
    """Whether this person's word is still wanted: the rule is unconfirmed, and they have not given it."""
    said = any(confirmation.person_id == person.id for confirmation in rule.confirmations)
    return rule.confirmed_at is None and not said and may_confirm(person, rule)
