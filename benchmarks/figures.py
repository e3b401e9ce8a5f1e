"""Figures, how they read on a terminal, and the file they are kept in."""

import datetime as dt
import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One measured number; goal: the most it may be (or the least, with at_least), None when it is only told."""

    section: str
    name: str
    value: float
    unit: str
    goal: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


@dataclass
class Report:
    """All figures of a run, in order; each is printed as soon as it is there."""

    figures: list[Figure] = field(default_factory=list)
    loads: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def section(self, name: str) -> None:
        """Begin a section, with the machine's load as it is now."""
        self.loads[name] = load()
        print(f"\n{name}  (load {self.loads[name]})", flush=True)
        print(f"  {'':58}{'measured':>12}{'goal':>10}", flush=True)

    def add(self, figures: Iterable[Figure]) -> None:
        """Keep figures and print them."""
        for figure in figures:
            self.figures.append(figure)
            print(line(figure), flush=True)

    def say(self, notes: Iterable[str]) -> None:
        """Keep and print what no figure says, such as what could not be measured here."""
        for note in notes:
            self.notes.append(note)
            print(f"  {note}", flush=True)

    def missed(self) -> list[Figure]:
        """Those that do not reach their goal."""
        return [figure for figure in self.figures if figure.met is False]

    def write(self, options: dict[str, Any]) -> Path:
        """Keep the run as JSON, without anything that names this machine or its folders."""
        RESULTS.mkdir(exist_ok=True)
        now = dt.datetime.now(dt.UTC)
        path = RESULTS / f"{now:%Y-%m-%dT%H%M%SZ}.json"
        figures = [asdict(figure) | {"met": figure.met} for figure in self.figures]
        whole = {"at": now.isoformat(), "machine": machine(), "options": options, "loads": self.loads}
        whole |= {"notes": self.notes}
        path.write_text(json.dumps(whole | {"figures": figures}, indent=1, ensure_ascii=False) + "\n")
        return path


def line(figure: Figure) -> str:
    """One figure as a row of the table."""
    sign = "" if figure.goal is None else "≥ " if figure.at_least else "≤ "
    goal = "" if figure.goal is None else f"{sign}{figure.goal:g}"
    word = {None: "", True: "met", False: "NOT MET"}[figure.met]
    value = f"{figure.value:,.2f}" if figure.unit in {"×", "s", "ms", "/s"} else f"{figure.value:,.0f}"
    return f"  {figure.name:58}{value:>8} {figure.unit:3}{goal:>10}  {word:8}{figure.note}".rstrip()


def load() -> str:
    """The machine's load over 1, 5 and 15 minutes."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
