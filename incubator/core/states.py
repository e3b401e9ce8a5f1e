"""State machines declared as a table: step -> (from, to)."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Generic, TypeVar

from flask_babel import gettext as _

from incubator.core import audit
from incubator.core.audit import Along, AuditEvent
from incubator.core.errors import WrongState

S = TypeVar("S", bound=StrEnum)
machines: dict[str, "StateMachine[Any]"] = {}


class StateMachine(Generic[S]):
    """Names each step of a thing's life, whence it may start and where it may lead.

    A step that can end in one of several states lists them; its caller says which (`to=`).
    """

    def __init__(self, name: str, steps: Mapping[str, tuple[Collection[S], S | Collection[S]]]) -> None:
        self.name = name
        self.steps = {
            step: (tuple(sources), (target,) if isinstance(target, StrEnum) else tuple(target))
            for step, (sources, target) in steps.items()
        }
        machines[name] = self

    def allows(self, thing: Any, step: str) -> bool:
        """Tell whether the thing's state lets this step start."""
        return thing.state in self.steps[step][0]

    def move(
        self,
        thing: Any,
        step: str,
        *,
        to: S | None = None,
        reason: str | None = None,
        payload: dict[str, Any] | None = None,
        cause_id: int | None = None,
        rule_version_id: int | None = None,
        along: Along | None = None,
    ) -> AuditEvent:
        """Take a step and write its event, with what goes along (see audit.record).

        Raises WrongState (409) when it does not start here.
        """
        sources, targets = self.steps[step]
        if thing.state not in sources:
            raise WrongState(
                _(
                    "This has moved on meanwhile: it is now “%(state)s”. Reload the page to see where it stands.",
                    state=word(self.name, thing.state),
                )
            )
        target = to if to is not None else targets[0]
        if target not in targets or (to is None and len(targets) > 1):
            raise ValueError(f"{self.name}.{step} does not lead to {target}")
        before, thing.state = thing.state, target
        details = {"from": before.value, "to": target.value} | (payload or {})
        return audit.record(
            f"{self.name}.{step}",
            thing,
            details,
            cause_id=cause_id,
            reason=reason,
            rule_version_id=rule_version_id,
            along=along,
        )


def _plain(machine: str, state: StrEnum) -> str:
    return f"{machine}.{state}"


word = _plain
"""How a state reads in the reader's language; the web sets it to its dictionary of words."""


def use_words(function: Any) -> None:
    """Let messages name states as the pages do."""
    globals()["word"] = function
