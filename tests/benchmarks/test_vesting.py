"""The benchmark of vesting computes real lines."""

from benchmarks import vesting


def test_lines_are_computed_and_told() -> None:
    told = vesting.measure(40)
    assert [figure.name for figure in told] == ["40 grants of 48 instalments, CPU", "lines that came of them"]
    assert told[1].value > 40 * 20
