"""A funding round from files: the real one comes out as published, a bad one is refused whole."""

from pathlib import Path

import pytest

from incubator.reviews.engines.deciding import Rule, Verdict, evaluate
from incubator.reviews.engines.rounds import (
    RULE_DATA,
    Assessment,
    Problem,
    Proposal,
    RoundData,
    RoundErrors,
    Theme,
    read_round,
)

REAL = Path(__file__).parents[4] / "shared" / "data" / "funding_round"

THEMES = "theme,budget_usd\n1,1000\n2,50\n"
PROPOSALS = """\
proposal,theme,order,published_score,valid_assessments,net_votes,meets_threshold,requested_usd,published_status
1,1,1,4.5,2,900,1,600,funded
4,1,2,3.67,1,800,1,500,not funded
2,2,1,,,-7,0,40,not funded
"""
ASSESSMENTS = """\
proposal,assessor,impact,feasibility,auditability,valid
1,1,5,5,5,1
1,2,4,4,4,1
4,1,4,3,4,1
3,1,2,2,2,1
2,2,1,1,1,0
"""


def written(folder: Path, **files: str | bytes) -> Path:
    texts: dict[str, str | bytes] = {"themes": THEMES, "proposals": PROPOSALS, "assessments": ASSESSMENTS}
    for name, text in (texts | files).items():
        data = text.encode() if isinstance(text, str) else text
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def problems(folder: Path, **files: str | bytes) -> list[str]:
    with pytest.raises(RoundErrors) as refused:
        read_round(written(folder, **files))
    assert str(refused.value) == "\n".join(map(str, refused.value.problems))
    return [str(problem) for problem in refused.value.problems]


@pytest.fixture(scope="module")
def real() -> RoundData:
    if not REAL.is_dir():
        pytest.skip("the real funding round is not beside this checkout (../shared/data/funding_round)")
    return read_round(REAL)


def test_the_real_round_has_its_size_and_its_four_proposals_not_put_to_the_vote(real: RoundData) -> None:
    assert (len(real.themes), len(real.proposals), len(real.assessments)) == (19, 708, 4118)
    assert len({assessment.assessor for assessment in real.assessments}) == 317
    assert real.not_put_to_vote == (415, 476, 481, 597)


def test_all_705_published_scores_come_out(real: RoundData) -> None:
    published = {p.number: p.published_score for p in real.proposals if p.published_score is not None}
    computed = {number: real.summaries[number].total for number in published}
    assert len(published) == 705
    assert computed == published
    counts = {p.number: p.valid_assessments or 0 for p in real.proposals}
    assert {number: real.summaries[number].reviews for number in counts} == counts


def test_the_three_without_a_valid_assessment_have_no_score(real: RoundData) -> None:
    assert [p.number for p in real.proposals if real.summaries[p.number].total is None] == [302, 321, 225]


def test_all_708_published_decisions_come_out(real: RoundData) -> None:
    outcome = evaluate(Rule.from_data(RULE_DATA), real.rows(), real.budgets)
    decided = {int(d.key): d.verdict is Verdict.ACCEPTED for d in outcome.rows}
    assert len(decided) == 708
    assert decided == {proposal.number: proposal.funded for proposal in real.proposals}
    assert outcome.errors == ()


def test_the_given_order_of_the_real_round_is_that_of_net_votes(real: RoundData) -> None:
    by_votes = sorted(real.proposals, key=lambda p: (p.theme, -p.net_votes))
    assert by_votes == sorted(real.proposals, key=lambda p: (p.theme, p.order))


def test_a_small_round_is_read_into_minor_units_and_hundredths(tmp_path: Path) -> None:
    data = read_round(written(tmp_path))
    assert data.themes == (Theme(1, 100_000), Theme(2, 5_000))
    assert data.proposals[1:] == (
        Proposal(4, 1, 2, 367, 1, 800, meets_threshold=True, requested=50_000, funded=False),
        Proposal(2, 2, 1, None, None, -7, meets_threshold=False, requested=4_000, funded=False),
    )
    scores = {"impact": 1, "feasibility": 1, "auditability": 1}
    assert data.assessments[4] == Assessment(2, 2, scores, valid=False)
    assert data.not_put_to_vote == (3,)
    assert {number: summary.total for number, summary in data.summaries.items()} == {1: 450, 4: 367, 2: None, 3: 200}


def test_a_byte_order_mark_other_line_ends_blank_lines_and_moved_columns_are_fine(tmp_path: Path) -> None:
    moved = "budget_usd,theme\r\n1000,1\r\n\r\n50,2\r\n"
    assert read_round(written(tmp_path, themes="\ufeff" + moved)).themes == (Theme(1, 100_000), Theme(2, 5_000))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "themes.csv").unlink()
    with pytest.raises(RoundErrors) as refused:
        read_round(folder)
    assert refused.value.problems == (
        Problem("themes.csv", 0, "cannot be read (No such file or directory); a round needs this file"),
    )


@pytest.mark.parametrize(
    ("themes", "told"),
    [
        (b"", "1: the header lacks theme, budget_usd; it must name theme,budget_usd"),
        (b"theme,budget_usd\n", "1: has no line after the header; there must be at least one"),
        (
            b"theme,note\n1,x\n",
            "1: the header lacks budget_usd and has the unknown note; it must name theme,budget_usd",
        ),
        (b"theme,theme,budget_usd\n", "1: the header repeats theme; it must name theme,budget_usd"),
        (b"theme,budget_usd\n1,5\n2,\xff\n", "3: byte 0xff is not UTF-8; save the file as UTF-8"),
        (
            b'theme,budget_usd\n1,5\n2,"6\n',
            "3: is no CSV (unexpected end of data); check the quotes and the characters of this line",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem_and_not_a_flood(tmp_path: Path, themes: bytes, told: str) -> None:
    assert problems(tmp_path, themes=themes) == [f"themes.csv:{told}"]


def test_short_and_long_lines_are_told_and_what_hangs_on_them_is_not_blamed(tmp_path: Path) -> None:
    assert problems(tmp_path, themes="theme,budget_usd\n1\n2,50,9\n") == [
        "themes.csv:2: has 1 of the header's 2 cells; write one for each column",
        "themes.csv:3: has 3 of the header's 2 cells; write one for each column",
    ]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("-5", "'-5' is out of range; it must be from 0 to 1000000000000"),
        ("9" * 5000, f"'{'9' * 40}' is out of range; it must be from 0 to 1000000000000"),
        ("1e3", "'1e3' is no whole number; write one from 0 to 1000000000000, in digits only"),
        ("１０", "'１０' is no whole number; write one from 0 to 1000000000000, in digits only"),
        (" 5", "' 5' is no whole number; write one from 0 to 1000000000000, in digits only"),
        ("", "'' is no whole number; write one from 0 to 1000000000000, in digits only"),
    ],
)
def test_a_budget_must_be_a_whole_number_from_0(tmp_path: Path, cell: str, told: str) -> None:
    assert problems(tmp_path, themes=f"theme,budget_usd\n1,{cell}\n2,50\n") == [f"themes.csv:2: budget_usd: {told}"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "5,1,9,4.567,2,1,1,1,funded",
            ["published_score: '4.567' is no score; write one from 1 to 5 with at most two decimals, such as 3.89"],
        ),
        ("5,1,9,0.99,2,1,1,1,funded", ["published_score: '0.99' is out of range; it must be from 1 to 5"]),
        ("5,1,9,10000,2,1,1,1,funded", ["published_score: '10000' is out of range; it must be from 1 to 5"]),
        ("5,1,9,,2,1,1,1,funded", ["published_score and valid_assessments must both have a value or both be empty"]),
        ("5,1,9,4,,1,1,1,funded", ["published_score and valid_assessments must both have a value or both be empty"]),
        ("5,1,9,4,2,1,1,1,Funded", ["published_status: 'Funded' is no status; write 'funded' or 'not funded'"]),
        (
            "5,1,9,4,2,1,yes,1,funded",
            ["meets_threshold: 'yes' is no whole number; write one from 0 to 1, in digits only"],
        ),
        ("5,7,9,4,2,1,1,1,funded", ["theme: 7 is not in themes.csv; add it there or correct it here"]),
        ("4,1,9,4,2,1,1,1,funded", ["the proposal (proposal 4) stands in line 3 already; keep one"]),
        ("5,1,2,4,2,1,1,1,funded", ["the place (theme 1, order 2) stands in line 3 already; keep one"]),
        (
            "x,7,0,4,2,1,1,-1,funded",
            [
                "proposal: 'x' is no whole number; write one from 1 to 1000000000000, in digits only",
                "order: '0' is out of range; it must be from 1 to 1000000000000",
                "requested_usd: '-1' is out of range; it must be from 0 to 1000000000000",
                "theme: 7 is not in themes.csv; add it there or correct it here",
            ],
        ),
    ],
)  # fmt: skip
def test_a_bad_proposal_is_told_with_its_line(tmp_path: Path, line: str, told: list[str]) -> None:
    assert problems(tmp_path, proposals=PROPOSALS + line + "\n") == [f"proposals.csv:5: {words}" for words in told]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("1,3,6,4,4,1", "impact: '6' is out of range; it must be from 1 to 5"),
        ("1,3,4,0,4,1", "feasibility: '0' is out of range; it must be from 1 to 5"),
        ("1,3,4,4,4.5,1", "auditability: '4.5' is no whole number; write one from 1 to 5, in digits only"),
        ("1,3,4,4,4,2", "valid: '2' is out of range; it must be from 0 to 1"),
        ("5,3,4,4,4,1", "proposal: 5 is unknown; the proposals of this round are numbered from 1 to 4"),
        ("0,3,4,4,4,1", "proposal: '0' is out of range; it must be from 1 to 1000000000000"),
        ("1,2,4,4,4,1", "the assessment (proposal 1, assessor 2) stands in line 3 already; keep one"),
    ],
)
def test_a_bad_assessment_is_told_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    assert problems(tmp_path, assessments=ASSESSMENTS + line + "\n") == [f"assessments.csv:7: {told}"]


def test_all_problems_of_all_files_come_at_once_by_file_and_line(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        themes=THEMES + "2,5\n",
        proposals=PROPOSALS + "1,1,3,4,2,1,1,1,funded\n5,1,3,4,2,1,1,x,funded\n",
        assessments=ASSESSMENTS + "9,1,1,1,1,1\n1,1,1,1,1\n",
    ) == [
        "themes.csv:4: the theme (theme 2) stands in line 3 already; keep one",
        "proposals.csv:5: the proposal (proposal 1) stands in line 2 already; keep one",
        "proposals.csv:6: requested_usd: 'x' is no whole number; write one from 0 to 1000000000000, in digits only",
        "proposals.csv:6: the place (theme 1, order 3) stands in line 5 already; keep one",
        "assessments.csv:7: proposal: 9 is unknown; the proposals of this round are numbered from 1 to 5",
        "assessments.csv:8: has 5 of the header's 6 cells; write one for each column",
    ]


def test_an_unreadable_proposals_file_does_not_make_every_assessment_unknown(tmp_path: Path) -> None:
    assert problems(tmp_path, proposals=b"proposal\n1\n")[0].startswith("proposals.csv:1: the header lacks theme, ")
    assert len(problems(tmp_path, proposals=b"proposal\n1\n")) == 1
