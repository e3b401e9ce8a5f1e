"""The rows of long lists of patents as HTML: each is the kept text of its look around its values."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from flask import get_template_attribute
from flask_babel import gettext as _
from markupsafe import Markup, escape

from incubator.patents.states import DeadlineState
from incubator.web.formats import iso, money, time_left
from incubator.web.language import Line, drawn_before, lines
from incubator.web.words import local_words

TEMPLATE = "patents/_rows.html"
DUE = ("public_id", "rule", "title", "due_on", "when", "number", "office", "counsel", "fee")
LISTED = ("address", "title", "number", "company", "application_number", "filed_on", "granted_on")


def deadline_rows(rows: Iterable[Any], day: dt.date, *, bulk: bool) -> Markup:
    """The docket of deadlines (rows of queries.deadline_docket) as it stands on a day."""
    left: dict[dt.date, str] = {}
    timed = [(row, _when(row, left, row.state is DeadlineState.OPEN)) for row in rows]
    drawn = drawn_before(("patents.due", day, bulk), timed, _plain, lambda one: (_due_row(*one, day, bulk),))
    return Markup("".join(text for (text,) in drawn))  # noqa: S704 - rendered templates


def _plain(timed: tuple[Any, str]) -> Any:
    """All that a deadline's row shows, as plain values."""
    row, when = timed
    return row[:12], tuple(row.rule.items()), row[13:], when


def _due_row(row: Any, when: str, day: dt.date, bulk: bool) -> str:
    return lines("patents.due", get_template_attribute(TEMPLATE, "due"), DUE, [_due(row, when, day, bulk)])


def _due(row: Any, when: str, day: dt.date, bulk: bool) -> Line:
    is_open = row.state is DeadlineState.OPEN
    named = local_words(row.rule) + ("" if row.year is None else f" {row.year}")
    look = (
        _standing(row, day), row.provisional, row.confirmed_at is None, is_open and row.acknowledged_at is not None,
        row.lang if row.title is not None else None, bulk,
    )  # fmt: skip
    return look, (
        row.public_id, escape(named), escape(row.title or ""), row.due_on.isoformat(), when,
        row.number, escape(f"{row.office} {row.application_number or ''}"), escape(row.counsel or "–"),
        "–" if row.fee_amount is None else money(row.fee_amount, row.fee_currency),
    )  # fmt: skip


def _standing(row: Any, day: dt.date) -> str:
    """The word of its state: what is open may be in grace, or missed."""
    if row.state is not DeadlineState.OPEN:
        return str(row.state.value)
    if row.due_on >= day:
        return "open"
    return "grace" if row.grace_until is not None and row.grace_until >= day else "missed"


def _when(row: Any, left: dict[dt.date, str], is_open: bool) -> str:
    """How long there is, or when it was met; many are due on one day."""
    if not is_open:
        return _("met on %(day)s", day=row.done_on.isoformat()) if row.done_on is not None else ""
    if row.due_on not in left:
        left[row.due_on] = time_left(row.due_on)
    return left[row.due_on]


def docket_rows(rows: Iterable[Any]) -> Markup:
    """Inventions and applications (rows of queries.docket)."""
    drawn = drawn_before("patents.docket", rows, _plain_listed, lambda row: (_listed_row(row),))
    return Markup("".join(text for (text,) in drawn))  # noqa: S704 - rendered templates


def _plain_listed(row: Any) -> Any:
    """All that a row shows, as plain values."""
    return row[:6], tuple(row.company.items()), row[7:]


def _listed_row(row: Any) -> str:
    return lines("patents.docket", get_template_attribute(TEMPLATE, "listed"), LISTED, [_listed(row)])


def _listed(row: Any) -> Line:
    kind, address = next(
        ((kind, key) for kind, key in (("matter", row.matter_id), ("invention", row.disclosure_id),
                                       ("care", row.care_id)) if key is not None),
        ("hidden", ""),
    )  # fmt: skip
    state = f"disclosure.{row.state}" if row.matter_state is None else f"matter.{row.matter_state}"
    return (kind, state, row.lang), (
        address, escape(row.title or ""), row.matter_number or row.number, escape(local_words(row.company)),
        escape(row.application_number or "–"), iso(row.filed_on), iso(row.granted_on),
    )  # fmt: skip
