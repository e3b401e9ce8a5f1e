"""The table of drivers and faults in the README: `python -m tests.cloud.contract.matrix` writes it from a run."""

import re
import sys
from pathlib import Path

import pytest

from tests.cloud.contract.faults import Fault
from tests.cloud.contract.rigs import DECLARED, RIGS

README = Path("README.md")
BEGIN, END = "<!-- drivers and faults: written by `make matrix` -->", "<!-- end -->"
CASE = re.compile(r"whatever_happens\[(\w+)-(\w+)\]$")
PASSED = "yes"

Cells = dict[tuple[str, str], str]


class Recorder:
    """Keeps how each case ended."""

    def __init__(self) -> None:
        self.cells: Cells = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A case passed when all its phases did, over each rig that plays it."""
        found = CASE.search(report.nodeid)
        if found and (report.when == "call" or report.failed) and not report.skipped:
            before = self.cells.get((found[1], found[2]), PASSED)
            self.cells[found[1], found[2]] = before if report.passed else "NO"


def declared() -> Cells:
    """The table when every case passes."""
    return {(name, fault.name): PASSED for name in RIGS for fault in DECLARED[name][0]}


def table(cells: Cells) -> str:
    """In Markdown, with the reasons of what cannot happen below."""
    names = list(RIGS)
    rows = [f"| what goes wrong | {' | '.join(f'`{name}`' for name in names)} |", f"|---|{'---|' * len(names)}"]
    rows += [
        f"| {fault.value} | {' | '.join(cells.get((name, fault.name), '–') for name in names)} |" for fault in Fault
    ]
    reasons = [
        f"- `{name}`, {fault.value[0].lower() + fault.value[1:]}: {why}"
        for name in names
        for fault, why in DECLARED[name][1].items()
    ]
    return "\n".join([*rows, "", "Not tried (–), because it cannot happen there:", "", *reasons])


def written() -> str:
    """What stands in the README."""
    return README.read_text().split(BEGIN)[1].split(END)[0].strip()


def main() -> int:
    """Run the cases and write the table; fails with them."""
    recorder = Recorder()
    code = pytest.main(["-q", "-n", "0", "tests/cloud/contract", "-k", "whatever_happens"], plugins=[recorder])
    before, rest = README.read_text().split(BEGIN)
    README.write_text(f"{before}{BEGIN}\n\n{table(recorder.cells)}\n\n{END}{rest.split(END, 1)[1]}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
