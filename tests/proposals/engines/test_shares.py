import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.proposals import words
from incubator.proposals.engines.shares import ShareFault, fault_of, joined


@pytest.mark.parametrize(
    ("shares", "fault"),
    [
        ([10_000], None),
        ([3333, 3333, 3334], None),
        ([], ShareFault.NOBODY),
        ([10_000, 0], ShareFault.NOT_POSITIVE),
        ([11_000, -1000], ShareFault.NOT_POSITIVE),
        ([9_999], ShareFault.TOO_LITTLE),
        ([5000, 5001], ShareFault.TOO_MUCH),
    ],
)
def test_shares_are_positive_and_sum_to_the_whole(shares, fault):
    assert fault_of(shares) == fault


@given(st.lists(st.integers(-10, 12_000), max_size=6))
def test_only_positive_shares_that_sum_to_the_whole_pass(shares):
    is_right = bool(shares) and sum(shares) == 10_000 and all(share > 0 for share in shares)
    assert (fault_of(shares) is None) == is_right


def test_faults_say_how_much_is_missing_or_too_much(app):
    with app.test_request_context():
        assert [words.share_fault(fault, total) for fault, total in (
            (ShareFault.TOO_LITTLE, 9_999), (ShareFault.TOO_MUCH, 12_050),
        )] == [
            "The shares must sum to 100.00 %: 0.01 % is missing.",
            "The shares must sum to 100.00 %: 20.50 % is too much.",
        ]  # fmt: skip
        assert words.share_fault(ShareFault.NOT_POSITIVE, 0) == "Each share must be above 0 %."
        assert words.share_fault(ShareFault.NOBODY, 0) == "A team has at least its proposer."


@pytest.mark.parametrize("credit", [-1, 0, 10_000, 20_000])
def test_a_credit_of_nothing_or_of_the_whole_is_no_merger(credit):
    with pytest.raises(ValueError, match="above nothing and below the whole"):
        joined({"a": 10_000}, {"b": 10_000}, credit)
