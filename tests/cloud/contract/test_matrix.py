"""The README's table of drivers and faults says what the suite tries."""

from tests.cloud.contract import matrix
from tests.cloud.contract.faults import Fault
from tests.cloud.contract.rigs import DECLARED, RIGS


def test_the_table_in_the_readme_is_that_of_this_suite() -> None:
    """Stale after a driver or a fault came or went: `make matrix` writes it anew."""
    assert matrix.written() == matrix.table(matrix.declared())


def test_for_every_fault_that_is_not_tried_it_is_said_why() -> None:
    assert set(DECLARED) == set(RIGS)
    for tried, why_not in DECLARED.values():
        assert set(tried) | set(why_not) == set(Fault)
        assert not set(tried) & set(why_not)
