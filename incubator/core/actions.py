"""One name per thing a user can do: it is the permission, the audit event and the log line."""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask_babel import gettext as _

from incubator.core import audit
from incubator.core.audit import Actor
from incubator.core.db import Model
from incubator.core.errors import NotAllowed

log = logging.getLogger(__name__)

Rule = Callable[[Any, Any], bool]
_rules: dict[str, Rule] = {}
actions: dict[str, str] = {}

A = TypeVar("A", bound=Actor)
T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


def install_permissions(table: Mapping[str, Rule]) -> None:
    """Hand the permission table over, once, at start."""
    _rules.clear()
    _rules.update(table)


def is_declared(name: str) -> bool:
    """Tell whether the permission table has a row of this name."""
    return name in _rules


def can(actor: Actor, name: str, subject: object = None) -> bool:
    """Tell whether the actor may do this to that."""
    return _rules[name](actor, subject)


def require(actor: Actor, name: str, subject: object = None) -> None:
    """Raise NotAllowed unless the actor may do this to that."""
    if not can(actor, name, subject):
        raise NotAllowed(_("This step is not yours to take here, or not now."), code=name, about=subject)


def _named(subject: object) -> str:
    """For the log: a row by its table and id, anything else by its class alone."""
    return repr(subject) if isinstance(subject, Model) else type(subject).__name__


def action(name: str) -> Callable[[Callable[Concatenate[A, T, P], R]], Callable[Concatenate[A, T, P], R]]:
    """Guard a service function with its permission and open the cause of what it changes.

    The events themselves are written by states.move(), audit.created() and audit.record().
    """

    def decorate(function: Callable[Concatenate[A, T, P], R]) -> Callable[Concatenate[A, T, P], R]:
        actions[name] = f"{function.__module__}.{function.__name__}"

        @wraps(function)
        def guarded(actor: A, subject: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
            require(actor, name, subject)
            with audit.because(actor, name):
                result = function(actor, subject, *args, **kwargs)
            log.info(name, extra={"action": name, "actor": actor.actor_id, "subject": _named(subject)})
            return result

        return guarded

    return decorate
