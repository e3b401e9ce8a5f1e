"""Scales for charts: where a value stands on an axis, as text for an SVG attribute.

Only the drawing needs these numbers, so they are floats; no amount, share or score is computed here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TypeAlias

from flask import Flask

Number: TypeAlias = int | float | Decimal
Point: TypeAlias = tuple[Number, Number]

GAP = 0.35
"""Per cent left empty between two parts of a stacked bar."""
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True)
class Scale:
    """A linear scale from low…high (any unit) to start…end (per cent or px)."""

    low: Number
    high: Number
    start: float = 0.0
    end: float = 100.0

    def __call__(self, value: Number) -> float:
        """Where the value stands; the middle when the scale has no length."""
        length = float(self.high) - float(self.low)
        share = (float(value) - float(self.low)) / length if length else 0.5
        return self.start + share * (self.end - self.start)

    def pct(self, value: Number) -> str:
        """The place in per cent, for x, cx, x1 and x2."""
        return f"{self(value):.2f}%"

    def px(self, value: Number, shift: float = 0.0) -> str:
        """The place in px, moved by `shift`, for y, cy, y1 and y2."""
        return f"{self(value) + shift:.1f}"

    def span(self, low: Number, high: Number, least: float = 0.0) -> str:
        """The width between two values in per cent, at least `least`."""
        return f"{max(abs(self(high) - self(low)), least):.2f}%"


def path(points: Iterable[Point], x: Scale, y: Scale, *, closed: bool = False) -> str:
    """The `d` of a line through the points, or of the area they enclose."""
    drawn = "L".join(f"{x(px):.2f} {y(py):.2f}" for px, py in points)
    return f"M{drawn}{'Z' if closed else ''}"


def stairs(points: Sequence[Point]) -> list[Point]:
    """The points of a staircase: a value holds until the next one begins (vesting, stages)."""
    corners: list[Point] = []
    for x, y in points:
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    return corners


def ticks(high: Number, count: int = 4) -> list[Decimal]:
    """Round values from the first step up to at least `high`, about `count` of them; [1] when nothing is there."""
    top = Decimal(str(high))
    if top <= 0:
        return [Decimal(1)]
    rough = top / count
    power = Decimal(10) ** rough.adjusted()
    step = next(factor * power for factor in STEPS if factor * power >= rough)
    return [step * i for i in range(1, int((top / step).to_integral_value(ROUND_CEILING)) + 1)]


def shares(parts: Sequence[tuple[str, Number, str]]) -> list[tuple[str, str, str]]:
    """(start, width, tone) of each part (label, value, tone) of a bar that is 100 per cent wide."""
    total = sum(float(value) for _, value, _ in parts)
    placed, start = [], 0.0
    for _, value, tone in parts:
        width = float(value) / total * 100 if total else 0.0
        if width:
            placed.append((f"{start:.2f}%", f"{max(width - GAP, GAP):.2f}%", tone))
        start += width
    return placed


def init_app(app: Flask) -> None:
    """Give templates `scale`, `svg_path`, `svg_shares`, `stairs` and `ticks`."""
    app.jinja_env.globals.update(scale=Scale, svg_path=path, svg_shares=shares, stairs=stairs, ticks=ticks)
