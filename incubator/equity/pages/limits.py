"""The limits on a grant as maker and checker read them: rule, source, inputs, limit, headroom after all pending."""

from dataclasses import dataclass
from typing import Any

from incubator.equity.engines.caps import Measure
from incubator.equity.models import SecurityClass
from incubator.equity.services.caps import CapLine, shown, units_text
from incubator.equity.words import INPUTS, MISSING
from incubator.web.formats import money

IN_MONEY = {"pay", "unit_value", "appraised", "net_asset_growth", "profit"}


@dataclass(frozen=True)
class LimitRow:
    """One limit in words; figures as text, None where there is none."""

    line: CapLine
    limit: str
    granted: str | None
    pending: str | None
    asked: str
    left: str
    inputs: list[tuple[object, str]]
    missing: object | None

    @property
    def check(self) -> Any:
        """The engine's check."""
        return self.line.check


def limit_rows(lines: list[CapLine], security: SecurityClass) -> list[LimitRow]:
    """The lines of `caps.explain` and `regime.explain` for a page."""
    return [_row(line, security) for line in lines]


def _row(line: CapLine, security: SecurityClass) -> LimitRow:
    check, counted = line.check, line.check.measure is not Measure.MONTHS and not line.check.floor
    left = check.headroom if check.floor else check.headroom - check.asked
    return LimitRow(
        line,
        limit=shown(line, check.limit, security),
        granted=shown(line, line.held.granted, security) if counted else None,
        pending=shown(line, line.held.pending, security) if counted else None,
        asked=shown(line, check.asked, security),
        left=shown(line, left, security),
        inputs=[(INPUTS[name], _text(name, value, security)) for name, value in check.inputs.items()],
        missing=MISSING[check.missing] if check.missing else None,
    )


def _text(name: str, value: Any, security: SecurityClass) -> str:
    if name == "state_holders":
        return ", ".join(value) or "–"
    if name == "after":
        return units_text(value, security)
    return money(value, security.currency) if name in IN_MONEY else str(value)
