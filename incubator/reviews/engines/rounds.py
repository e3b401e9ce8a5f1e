"""A funding round as three CSV files: read, checked as a whole, turned into what the engines take.

A directory holds `themes.csv`, `proposals.csv` and `assessments.csv` (UTF-8, comma, a header line, columns in any
order). Every bad line of every file is collected; while there is one, nothing is handed out: `read_round` raises
`RoundErrors` with all of them.

Proposals of a round are numbered from 1. An assessment may be of a proposal that has no row in proposals.csv: it
was assessed and then *not put to the vote*. Because a round's numbers run without a break, such a number is
believed only up to the largest one in proposals.csv; a number beyond it is an unknown proposal and an error.
Those believed are listed in `RoundData.not_put_to_vote`, for a person to look at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from incubator.reviews.engines.deciding import Row
from incubator.reviews.engines.round_files import CRITERIA, Problem, Table, read_table
from incubator.reviews.engines.scoring import Rubric, Summary, equal_rubric, summarise

__all__ = [
    "CRITERIA",
    "CURRENCY",
    "RUBRIC",
    "RULE_DATA",
    "Assessment",
    "Problem",
    "Proposal",
    "RoundData",
    "RoundErrors",
    "Theme",
    "read_round",
]

CURRENCY = "USD"
MINOR = 100
"""Minor units in a unit of the currency."""
RUBRIC: Rubric = equal_rubric(CRITERIA)
RULE_DATA: Mapping[str, Any] = {
    "order": "given",
    "threshold": {"kind": "given_flag"},
    "quorum": 0,
    "budget": "theme",
    "leftovers": "skip",
    "ties": ["key"],
    "below_threshold": "rejected",
    "over_budget": "rejected",
}
"""The round's own decision rule: by net votes as given, over the given threshold, while the theme's money lasts."""


class RoundErrors(Exception):
    """The round cannot be read; `problems` are all that is wrong, file by file, each in the order of its lines."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme and its budget in minor units."""

    number: int
    budget: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal put to the vote: `order` 1 first in its theme, `requested` minor units, score in hundredths."""

    number: int
    theme: int
    order: int
    published_score: int | None
    valid_assessments: int | None
    net_votes: int
    meets_threshold: bool
    requested: int
    funded: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessor's three scores of a proposal; not `valid` when the reviewers of reviews struck it."""

    proposal: int
    assessor: int
    scores: Mapping[str, int]
    valid: bool


@dataclass(frozen=True)
class RoundData:
    """A whole round in the order of its files, every reference resolved."""

    themes: tuple[Theme, ...]
    proposals: tuple[Proposal, ...]
    assessments: tuple[Assessment, ...]

    @cached_property
    def not_put_to_vote(self) -> tuple[int, ...]:
        """The numbers that were assessed and have no row in proposals.csv, ascending."""
        voted = {proposal.number for proposal in self.proposals}
        return tuple(sorted({assessment.proposal for assessment in self.assessments} - voted))

    @cached_property
    def budgets(self) -> dict[str, int]:
        """Minor units a theme, as `deciding.evaluate` takes them."""
        return {str(theme.number): theme.budget for theme in self.themes}

    @cached_property
    def summaries(self) -> dict[int, Summary]:
        """The summary of each voted or assessed proposal over its valid assessments."""
        valid: dict[int, list[Mapping[str, int]]] = {proposal.number: [] for proposal in self.proposals}
        for assessment in self.assessments:
            scores = valid.setdefault(assessment.proposal, [])
            if assessment.valid:
                scores.append(assessment.scores)
        return {number: summarise(RUBRIC, scores) for number, scores in valid.items()}

    def rows(self) -> tuple[Row, ...]:
        """The proposals put to the vote as `deciding.evaluate` takes them; the key is the number."""
        return tuple(_row(proposal, self.summaries[proposal.number]) for proposal in self.proposals)


def read_round(directory: Path) -> RoundData:
    """Read and check the three files of a directory. RoundErrors with everything that is wrong."""
    themes = read_table(directory / "themes.csv")
    proposals = read_table(directory / "proposals.csv")
    assessments = read_table(directory / "assessments.csv")
    problems = [
        *_by_line(themes.problems, _twice(themes, "the theme", "theme")),
        *_by_line(
            proposals.problems,
            _twice(proposals, "the proposal", "proposal"),
            _twice(proposals, "the place", "theme", "order"),
            _half_scored(proposals),
            _unknown_themes(proposals, themes),
        ),
        *_by_line(
            assessments.problems,
            _twice(assessments, "the assessment", "proposal", "assessor"),
            _unknown_proposals(assessments, proposals),
        ),
    ]
    if problems:
        raise RoundErrors(tuple(problems))
    return RoundData(
        tuple(Theme(row["theme"], row["budget_usd"] * MINOR) for _, row in themes.rows),
        tuple(_proposal(row) for _, row in proposals.rows),
        tuple(_assessment(row) for _, row in assessments.rows),
    )


def _by_line(*found: tuple[Problem, ...]) -> list[Problem]:
    return sorted((problem for some in found for problem in some), key=lambda problem: problem.line)


def _proposal(row: Mapping[str, Any]) -> Proposal:
    return Proposal(
        number=row["proposal"],
        theme=row["theme"],
        order=row["order"],
        published_score=row["published_score"],
        valid_assessments=row["valid_assessments"],
        net_votes=row["net_votes"],
        meets_threshold=bool(row["meets_threshold"]),
        requested=row["requested_usd"] * MINOR,
        funded=row["published_status"],
    )


def _assessment(row: Mapping[str, Any]) -> Assessment:
    scores = {key: row[key] for key in CRITERIA}
    return Assessment(row["proposal"], row["assessor"], scores, bool(row["valid"]))


def _row(proposal: Proposal, summary: Summary) -> Row:
    return Row(
        key=str(proposal.number),
        theme=str(proposal.theme),
        reviews=summary.reviews,
        requested=proposal.requested,
        total=summary.total,
        means=summary.means,
        given_order=proposal.order,
        given_flag=proposal.meets_threshold,
    )


def _twice(table: Table, what: str, *columns: str) -> tuple[Problem, ...]:
    """A problem for each line that repeats these columns of an earlier one."""
    first: dict[tuple[int, ...], int] = {}
    found = []
    for line, row in table.rows:
        values = tuple(row[column] for column in columns if column in row)
        if len(values) == len(columns) and (earlier := first.setdefault(values, line)) != line:
            words = ", ".join(f"{column} {value}" for column, value in zip(columns, values, strict=True))
            found.append(Problem(table.name, line, f"{what} ({words}) stands in line {earlier} already; keep one"))
    return tuple(found)


def _half_scored(proposals: Table) -> tuple[Problem, ...]:
    """A score without its number of assessments, or the other way round."""
    pair = ("published_score", "valid_assessments")
    message = f"{' and '.join(pair)} must both have a value or both be empty"
    return tuple(
        Problem(proposals.name, line, message)
        for line, row in proposals.rows
        if all(column in row for column in pair) and (row[pair[0]] is None) != (row[pair[1]] is None)
    )


def _unknown_themes(proposals: Table, themes: Table) -> tuple[Problem, ...]:
    known = themes.values("theme")
    return tuple(
        Problem(proposals.name, line, f"theme: {row['theme']} is not in themes.csv; add it there or correct it here")
        for line, row in proposals.rows
        if themes.complete and "theme" in row and row["theme"] not in known
    )


def _unknown_proposals(assessments: Table, proposals: Table) -> tuple[Problem, ...]:
    last = max(proposals.values("proposal"), default=0)
    message = f"is unknown; the proposals of this round are numbered from 1 to {last}"
    return tuple(
        Problem(assessments.name, line, f"proposal: {row['proposal']} {message}")
        for line, row in assessments.rows
        if proposals.complete and row.get("proposal", 0) > last
    )
