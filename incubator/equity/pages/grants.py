"""What the pages of a grant show."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from incubator.approvals import queries as approvals
from incubator.core import clock
from incubator.core.actions import can
from incubator.core.errors import Invalid
from incubator.equity import queries, words
from incubator.equity.forms import ExerciseForm
from incubator.equity.models import EquityGrant
from incubator.equity.pages.common import CHARTED, chart_of, labels, step_words
from incubator.equity.pages.limits import limit_rows
from incubator.equity.services import caps, grants, regime, steps, vesting
from incubator.equity.services.rights import RISES
from incubator.equity.states import PENDING, GrantState
from incubator.people.models import Person
from incubator.web.formats import iso


@dataclass(frozen=True)
class Answers:
    """A stored grant as its form's values."""

    holder: str
    units: Any
    price_minor: int
    granted_on: dt.date


def answers(grant: EquityGrant) -> Answers:
    """The values that the form of a draft starts with."""
    units = grant.plan.security.quantity(grant.units)
    return Answers(grant.holder.public_id, units, grant.price_minor, grant.granted_on)


def vesting_page(grant: EquityGrant, typed: Sequence[Any] | None = None) -> dict[str, Any]:
    """The page of when a draft vests. typed: the lines of what was typed and is not stored."""
    lines = vesting.rebuild(grant) if typed is None else typed
    return {"grant": grant, "is_preview": typed is not None, **_shown(grant, lines), **labels()}


def facts_page(grant: EquityGrant) -> dict[str, Any]:
    """The page of what the rules ask of a draft, with every limit."""
    return {"grant": grant, "plan": grant.plan, "security": grant.plan.security, "asked": regime.asked_facts(grant),
            **_limits(grant), **labels()}  # fmt: skip


def check_page(grant: EquityGrant) -> dict[str, Any]:
    """Everything that will be signed: terms, schedule, limits."""
    return {"grant": grant, **_shown(grant, vesting.rebuild(grant)), **_limits(grant), **labels()}


def grant_page(reader: Person, grant: EquityGrant, exercise: ExerciseForm | None = None) -> dict[str, Any]:
    """A grant for whoever reads it: HR sees the limits and the signatures too. exercise: the form as it was sent."""
    lines = grant.lines if grant.state in CHARTED else vesting.rebuild(grant)
    is_hr = can(reader, "equity_grant.create", grant)
    signs = is_hr or can(reader, "equity_grant.approve", grant)
    to_decide = signs and grant.state in (GrantState.DRAFT, *PENDING)
    movements = queries.transactions_of(grant)
    return {
        "grant": grant,
        "is_hr": is_hr,
        "is_holder": grant.holder_id == reader.id,
        "records": queries.records_of(grant),
        "movements": _movements(grant, movements),
        "steps": queries.steps_of(grant) if grant.state in CHARTED else [],
        "step_words": step_words,
        **_exercising(reader, grant, movements, exercise),
        "approval": approvals.latest_of(grant) if signs else None,
        **_shown(grant, lines),
        **(_limits(grant) if to_decide else {"limits": [], "limit_error": None}),
        **labels(),
    }


def _exercising(
    reader: Person, grant: EquityGrant, movements: Sequence[Any], form: ExerciseForm | None
) -> dict[str, Any]:
    """The form to exercise, for the holder of a grant that is exercised."""
    may = grant.holder_id == reader.id and grant.state is GrantState.LIVE and steps.is_exercisable(grant)
    if not may:
        return {"exercise": None, "exercisable": 0}
    there = steps.exercisable(grant, clock.today(), vesting.standing(movements))
    return {"exercise": form or ExerciseForm(formdata=None).for_grant(grant), "exercisable": there,
            "is_cash": grant.plan.kind in words.CASH_KINDS and grant.plan.kind not in RISES,
            "is_rise": grant.plan.kind in RISES}  # fmt: skip


def _movements(grant: EquityGrant, movements: Sequence[Any]) -> list[dict[str, Any]]:
    security = grant.plan.security
    return [
        {
            "day": iso(row.effective_on),
            "kind": words.MOVEMENTS[row.kind],
            "units": caps.units_text(row.quantity, security) if row.quantity else None,
        }
        for row in movements
    ]


def _shown(grant: EquityGrant, lines: Sequence[Any]) -> dict[str, Any]:
    today = clock.today()
    return {
        "plan": grant.plan,
        "security": grant.plan.security,
        "lines": lines,
        "sums": queries.vested(lines, today),
        "chart": chart_of(lines, grant.plan.security, [grant.starts_on], today) if lines else None,
        "today": today,
    }


def _limits(grant: EquityGrant) -> dict[str, Any]:
    """The limits as they are now; a rule that is not there is said, not hidden."""
    try:
        limits = grants.all_limits(grant.plan, grants.asked_of(grant))
    except Invalid as refusal:
        return {"limits": [], "limit_error": refusal.message}
    return {"limits": limit_rows(limits, grant.plan.security), "limit_error": None}
