"""Yes-or-no questions about a person, for the permission table."""

from typing import Any, Protocol

from incubator.core import clock
from incubator.core.actions import Rule
from incubator.people.models import Company, Person, Role, RoleGrant


class OfCompany(Protocol):
    """Anything that belongs to a company."""

    @property
    def company(self) -> Company:
        """The company it belongs to."""


class System:
    """The actor of scheduled and background work."""

    actor_id = None


SYSTEM = System()


def is_employee(actor: Any, _subject: object) -> bool:
    """A person who works here."""
    return isinstance(actor, Person) and actor.is_active


def is_own_view(actor: Any, view: Any) -> bool:
    """A list's view that this very person saved; without one: anybody who works here."""
    return is_employee(actor, None) and (view is None or view.person_id == actor.id)


def has_handed_in(actor: Any, found: Any) -> bool:
    """Whoever handed a table of the directory in."""
    return isinstance(actor, Person) and found is not None and found.actor_id == actor.id


def is_system(actor: Any, _subject: object) -> bool:
    """The system itself."""
    return isinstance(actor, System)


def nobody(_actor: Any, _subject: object) -> bool:
    """A step without a screen yet: declared, and refused to everybody."""
    return False


def in_force(grant: RoleGrant) -> bool:
    """A role counts from its first to its last day."""
    today = clock.today()
    return grant.from_on <= today and (grant.until_on is None or today <= grant.until_on)


def scopes(person: Person, *roles: Role) -> list[str]:
    """The company paths over which a person holds one of these roles today."""
    return [grant.company.path for grant in person.roles if grant.role in roles and in_force(grant)]


def has_role(*roles: Role) -> Rule:
    """Build the question: does the actor hold one of these roles at the subject's company or above it?

    Without a subject: anywhere at all (which opens a page; what it shows is filtered by scope).
    """

    def predicate(actor: Any, subject: OfCompany | None) -> bool:
        if not isinstance(actor, Person):
            return False
        held = scopes(actor, *roles)
        if subject is None:
            return bool(held)
        return any(subject.company.path.startswith(path) for path in held)

    return predicate


def all_of(*rules: Rule) -> Rule:
    """Every one of these must hold."""
    return lambda actor, subject: all(rule(actor, subject) for rule in rules)


def any_of(*rules: Rule) -> Rule:
    """One of these is enough."""
    return lambda actor, subject: any(rule(actor, subject) for rule in rules)


def somewhere(rule: Rule) -> Rule:
    """The rule without a subject: for steps on many things, each of which is asked about by itself."""
    return lambda actor, _subject: rule(actor, None)


def no(rule: Rule) -> Rule:
    """This must not hold."""
    return lambda actor, subject: not rule(actor, subject)


keeps_directory = somewhere(has_role(Role.HR, Role.ADMINISTRATOR))
"""Who takes employees in from a table; of which companies is asked of each line."""
