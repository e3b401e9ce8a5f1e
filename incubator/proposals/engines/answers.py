"""What a proposal's answers must be: within limits at every save, complete when it is handed in."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from incubator.calls.templates import ColumnSpec, FieldSpec, FormTemplate, Kind

TITLE_LIMIT = 200
SPOILERS = {ord("\x00"): None}
"""PostgreSQL's text holds no NUL."""


class Fault(StrEnum):
    """What is wrong with an answer."""

    UNKNOWN = "unknown"
    WRONG_KIND = "wrong_kind"
    TOO_LONG = "too_long"
    OUT_OF_RANGE = "out_of_range"
    NO_CHOICE = "no_choice"


@dataclass(frozen=True)
class Problem:
    """One fault at one field; limit: the greatest length or value that would be right."""

    key: str
    fault: Fault
    limit: int | None = None


def clean(value: Any) -> Any:
    """An answer as it is stored: text stripped, with line ends of one kind and without NUL; empty text is None.

    A day becomes its ISO text; a table (a list of rows, each a list of cells) is None when every cell is empty.
    """
    if isinstance(value, str):
        return value.translate(SPOILERS).replace("\r\n", "\n").strip() or None
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        cells = [clean(one) for one in value]
        return cells if any(one is not None for one in cells) else None
    return value


def fault_of(spec: FieldSpec, value: Any) -> Fault | None:
    """What is wrong with one cleaned answer; None answers nothing, which is never wrong in a draft."""
    if value is None:
        return None
    if spec.kind is Kind.TABLE:
        return _fault_of_table(spec, value)
    if spec.kind is Kind.DATE:
        return None if isinstance(value, str) and is_day(value) else Fault.WRONG_KIND
    if spec.kind is Kind.CHOICE and isinstance(value, str):
        return None if value in [choice.value for choice in spec.choices] else Fault.NO_CHOICE
    return _fault_of_cell(spec, value)


def is_day(text: str) -> bool:
    """Whether a text is a day as it is stored, such as 2026-11-24."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _fault_of_cell(spec: FieldSpec | ColumnSpec, value: Any) -> Fault | None:
    if spec.kind in (Kind.MONEY, Kind.NUMBER):
        if isinstance(value, bool) or not isinstance(value, int):
            return Fault.WRONG_KIND
        return None if 0 <= value <= spec.limit else Fault.OUT_OF_RANGE
    if not isinstance(value, str):
        return Fault.WRONG_KIND
    return None if len(value) <= spec.limit else Fault.TOO_LONG


def _fault_of_table(spec: FieldSpec, value: Any) -> Fault | None:
    """A row a label, a cell a column, some of them empty; the first fault."""
    is_table = isinstance(value, list) and len(value) == len(spec.rows)
    if not is_table:
        return Fault.WRONG_KIND
    for row in value:
        if row is not None and (not isinstance(row, list) or len(row) != len(spec.columns)):
            return Fault.WRONG_KIND
        for column, cell in zip(spec.columns, row or (), strict=False):
            if cell is not None and (fault := _fault_of_cell(column, cell)):
                return fault
    return None


def check(form: FormTemplate, title: str, answers: Mapping[str, Any]) -> Iterator[Problem]:
    """The faults of a draft: unknown fields, wrong kinds, limits."""
    if len(title) > TITLE_LIMIT:
        yield Problem("title", Fault.TOO_LONG, TITLE_LIMIT)
    fields = form.fields
    for key, value in answers.items():
        if key not in fields:
            yield Problem(key, Fault.UNKNOWN)
        elif fault := fault_of(fields[key], value):
            yield Problem(key, fault, fields[key].limit)


def missing(form: FormTemplate, answers: Mapping[str, Any]) -> list[FieldSpec]:
    """The required questions without an answer, in order."""
    return [spec for key, spec in form.fields.items() if spec.required and answers.get(key) is None]
