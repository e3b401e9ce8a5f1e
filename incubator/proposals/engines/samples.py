"""Sample answers to a form, for trying it out: the longest text, the greatest number, every cell of every table."""

from typing import Any

from incubator.calls.templates import ColumnSpec, FieldSpec, FormTemplate, Kind

WORDS = "Sample words to try the form. 试填文字。"
LONGEST = 400
DAY = "2027-01-01"


def answers_for(form: FormTemplate) -> dict[str, Any]:
    """An answer to every question that keeps to it."""
    return {key: _answer(spec) for key, spec in form.fields.items()}


def _answer(spec: FieldSpec) -> Any:
    if spec.kind is Kind.CHOICE:
        return spec.choices[0].value
    if spec.kind is Kind.DATE:
        return DAY
    if spec.kind is Kind.TABLE:
        return [[_cell(column) for column in spec.columns] for _row in spec.rows]
    return _cell(spec)


def _cell(spec: FieldSpec | ColumnSpec) -> str | int:
    if spec.kind in (Kind.MONEY, Kind.NUMBER):
        return spec.limit
    return (WORDS * (LONGEST // len(WORDS) + 1))[: min(spec.limit, LONGEST)].strip()
