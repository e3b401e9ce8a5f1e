"""A table to fill in: fixed rows and columns, each cell a short text, a whole number or an amount."""

from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from wtforms import Field
from wtforms.utils import unset_value

from incubator.calls.templates import ColumnSpec, FieldSpec, Kind
from incubator.web.formats import money, number
from incubator.web.forms import read_decimal

WORDS = {
    Kind.NUMBER: _l("Enter a whole number, such as 1,200"),
    Kind.MONEY: _l("Enter an amount, such as 1,200.50"),
}


class TableField(Field):  # type: ignore[misc]
    """data: a list of rows, each a list of cells (text, whole number, minor units, None); None when all is empty."""

    def __init__(self, label: object, validators: Any = None, *, spec: FieldSpec, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.spec = spec
        self.typed: dict[tuple[int, int], str] = {}

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the cells that were sent, else what is stored."""
        super().process(None, data, extra_filters)
        self.typed = {}
        if formdata is not None and any(name.startswith(f"{self.name}-") for name in formdata):
            rows = [[self._read(formdata, r, c) for c in self._across] for r in range(len(self.spec.rows))]
            self.raw_data = [text for text in self.typed.values() if text]
            self.data = rows if any(cell is not None for row in rows for cell in row) else None

    @property
    def _across(self) -> range:
        return range(len(self.spec.columns))

    def _read(self, formdata: Any, row: int, column: int) -> str | int | None:
        sent = formdata.getlist(f"{self.name}-{row}-{column}")
        text = str(sent[0]).replace("\x00", "").strip() if sent else ""
        self.typed[row, column] = text
        spec = self.spec.columns[column]
        if not text or spec.kind is Kind.SHORT:
            return text or None
        try:
            return _whole(text, spec)
        except ValueError as error:
            self.process_errors.append(f"{self.spec.rows[row]}, {spec.label}: {error}")
            return None

    def shown(self, row: int, column: int) -> str:
        """What stands in a cell: as it was typed, else as it is written in the reader's language."""
        if self.typed:
            return self.typed.get((row, column), "")
        return cell_text(self.spec.columns[column], _cell(self.data, row, column))

    def widget(self, _field: "TableField", **kwargs: Any) -> Markup:
        """The table with a control a cell; the first has the field's own id, so that its label leads there."""
        heads = "".join(f'<th scope="col">{escape(str(one.label))}</th>' for one in self.spec.columns)
        body = "".join(self._row(row, str(label), kwargs) for row, label in enumerate(self.spec.rows))
        top = f"<thead><tr><td></td>{heads}</tr></thead>"
        return Markup(f'<div class="scroll"><table class="tbl">{top}<tbody>{body}</tbody></table></div>')  # noqa: S704

    def _row(self, row: int, label: str, kwargs: dict[str, Any]) -> str:
        cells = "".join(f"<td>{self._control(row, column, label, kwargs)}</td>" for column in self._across)
        return f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>'

    def _control(self, row: int, column: int, label: str, kwargs: dict[str, Any]) -> str:
        spec = self.spec.columns[column]
        name = f"{self.name}-{row}-{column}"
        given = {
            "class": "in", "id": self.id if row == column == 0 else name, "name": name,
            "value": self.shown(row, column),
            "aria-label": f"{label}, {spec.label}", "aria-describedby": kwargs.get("aria-describedby"),
            "aria-invalid": kwargs.get("aria-invalid"), "autocomplete": "off",
            "inputmode": {Kind.MONEY: "decimal", Kind.NUMBER: "numeric"}.get(spec.kind),
            "maxlength": spec.limit if spec.kind is Kind.SHORT else None,
        }  # fmt: skip
        attributes = " ".join(f'{key}="{escape(value)}"' for key, value in given.items() if value is not None)
        return f"<input {attributes}>"


def _whole(text: str, spec: ColumnSpec) -> int:
    words = WORDS[spec.kind]
    found = read_decimal(text, words).scaleb(2 if spec.kind is Kind.MONEY else 0)
    if found != found.to_integral_value() or abs(found) >= 10**15:
        raise ValueError(str(words))
    return int(found)


def _cell(rows: Any, row: int, column: int) -> Any:
    if not isinstance(rows, list) or row >= len(rows) or not rows[row] or column >= len(rows[row]):
        return None
    return rows[row][column]


def cell_text(column: ColumnSpec, value: Any) -> str:
    """A stored cell as it is read."""
    if value is None:
        return ""
    if column.kind is Kind.MONEY and isinstance(value, int):
        return money(value).lstrip("¥")
    return number(value) if column.kind is Kind.NUMBER and isinstance(value, int) else str(value)
