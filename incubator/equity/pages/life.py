"""What the pages of steps, departures, payments and HR's list of what is due show."""

import calendar
import datetime as dt
from typing import Any

from incubator.approvals import queries as approvals
from incubator.core import clock
from incubator.core.actions import can
from incubator.equity import queries, words
from incubator.equity.models import EquityGrant, EquityStep, PayBatch, StepKind
from incubator.equity.pages.common import labels, quantity, step_words
from incubator.equity.services import effects, vesting
from incubator.equity.services.bulk import Shown
from incubator.equity.services.leaving import Line
from incubator.equity.services.steps import OF_HR
from incubator.people.models import Person
from incubator.web.formats import iso, number
from incubator.web.words import local_words, look


def kinds_for(grant: EquityGrant) -> dict[str, object]:
    """The steps that HR may ask for on a grant, in words."""
    rights = {StepKind.RELEASE: ("rsu",), StepKind.REPURCHASE: ("restricted", "share_award")}
    has_events = bool(vesting.events_of(grant.terms))
    return {
        kind: step_words(kind)
        for kind in OF_HR
        if grant.plan.kind in rights.get(kind, (grant.plan.kind,)) and (kind is not StepKind.EVENT or has_events)
    }


def movements_to_correct(grant: EquityGrant) -> dict[str, object]:
    """The movements of a grant that can be taken back, in words, by public id."""
    security = grant.plan.security
    return {
        row.public_id: f"{iso(row.effective_on)} · {words.MOVEMENTS[row.kind]}"
        f" · {number(security.quantity(row.quantity), security.decimals)}"
        for row in vesting.log_of(grant)
        if row.kind not in effects.UNCORRECTABLE
    }


def ask_page(grant: EquityGrant) -> dict[str, Any]:
    """What stands beside the form of a step."""
    return {"grant": grant, "plan": grant.plan, "security": grant.plan.security}


def step_page(reader: Person, step: EquityStep) -> dict[str, Any]:
    """A step with what it asks for and its signatures."""
    approval = approvals.latest_of(step)
    return {
        "step": step,
        "title": step_words(step.kind),
        "grant": step.grant,
        "security": step.grant.plan.security if step.grant else None,
        "approval": approval,
        "may_sign": approval is not None and step.state == "in_approval" and can(reader, "approval.sign", approval),
        "may_cancel": step.state == "in_approval" and can(reader, "equity_step.cancel", step),
        "lines": [_line(line) for line in step.details.get("lines", ())],
        "reasons": words.WHY,
        "orders": words.ORDERS,
        "quantity": quantity,
        **labels(),
    }


def _line(plain: dict[str, Any]) -> dict[str, Any]:
    return plain | {"until": dt.date.fromisoformat(plain["until"]) if plain["until"] else None}


def preview_lines(lines: list[Line]) -> list[dict[str, Any]]:
    """The outcomes of a departure as the page shows them."""
    return [_line(line.plain) | {"currency": line.grant.currency} for line in lines]


def shown_leavers(shown: list[Shown]) -> list[dict[str, Any]]:
    """What a table of leavers comes to, person by person."""
    return [{"name": one.name, "hr_number": one.hr_number, "kind": one.kind, "currency": one.currency,
             "lines": [_line(line) for line in one.lines]} for one in shown]  # fmt: skip


def due_page(person: Person) -> dict[str, Any]:
    """What HR has to do, and what vests this month."""
    today = clock.today()
    last = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    grants = queries.grants_due(person)
    return {
        "today": today,
        "grants": grants["sign"],
        "steps": queries.waiting_steps(person),
        "vestings": queries.vestings(person, today.replace(day=1), last),
        "leavers": queries.leavers(person),
        "windows": queries.open_windows(person, today),
        "offers": grants["offer"],
        "to_pay": queries.to_pay(person),
        "stopped": grants["stopped"],
        "step_words": step_words,
        "quantity": quantity,
        **labels(),
    }


def person_page(reader: Person, holder: Person) -> dict[str, Any]:
    """One person's equity in the reader's care."""
    return {
        "holder": holder,
        "grants": queries.grants_of_person(reader, holder),
        "coming": queries.vestings_of_person(reader, holder),
        "payments": queries.payments_of_person(reader, holder),
        "may_depart": can(reader, "equity_step.depart", holder),
        "step_words": step_words,
        "quantity": quantity,
        **labels(),
    }


def person_rows(reader: Person, holder: Person) -> list[dict[str, Any]]:
    """The same grants for a table that leaves (tables.PERSON_GRANTS)."""
    return [
        {"number": row.number, "plan": local_words(row.title), "venture": row.venture,
         "units": quantity(row.units, row.decimals), "vested": quantity(row.vested, row.decimals),
         "price_minor": row.price_minor, "currency": row.currency, "granted_on": row.granted_on,
         "state": str(look(f"equity_grant.{row.state}").text)}
        for row in queries.grants_of_person(reader, holder)
    ]  # fmt: skip


def batch_page(batch: PayBatch) -> dict[str, Any]:
    """A batch with its lines."""
    return {"batch": batch, "lines": queries.lines_of(batch), "step_words": step_words}
