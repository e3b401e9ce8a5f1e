"""What a proposal's answers must be: within limits at every save, complete when it is handed in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from incubator.calls.templates import FieldSpec, FormTemplate, Kind

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
    """An answer as it is stored: text stripped, with line ends of one kind and without NUL; empty text is None."""
    if isinstance(value, str):
        return value.translate(SPOILERS).replace("\r\n", "\n").strip() or None
    return value


def fault_of(spec: FieldSpec, value: Any) -> Fault | None:
    """What is wrong with one cleaned answer; None answers nothing, which is never wrong in a draft."""
    if value is None:
        return None
    if spec.kind in (Kind.MONEY, Kind.NUMBER):
        if isinstance(value, bool) or not isinstance(value, int):
            return Fault.WRONG_KIND
        return None if 0 <= value <= spec.limit else Fault.OUT_OF_RANGE
    if not isinstance(value, str):
        return Fault.WRONG_KIND
    if spec.kind is Kind.CHOICE:
        return None if value in {choice.value for choice in spec.choices} else Fault.NO_CHOICE
    return None if len(value) <= spec.limit else Fault.TOO_LONG


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
