import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.proposals import words
from incubator.proposals.engines.shares import ShareFault, fault_of, joined, without


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


def test_who_stays_has_the_same_proportions_of_the_whole():
    # 5,000 and 3,000 of 8,000: 6,250 and 3,750; thirds of what is left share the odd point, the first has it
    assert without({"a": 5000, "b": 3000, "c": 2000}, "c") == {"a": 6250, "b": 3750}
    assert without({"a": 1, "b": 1, "c": 1, "d": 9997}, "d") == {"a": 3334, "b": 3333, "c": 3333}
    with pytest.raises(ValueError, match="not all zero"):
        without({"a": 10_000}, "a")


TEAMS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10_000), min_size=1)


def test_a_team_that_joins_has_its_credit_and_whoever_is_on_both_has_the_sum():
    # 10,000 less 2,000 of credit is 8,000: 4,800 and 3,200; of the 2,000 half goes to b, who has 4,200
    assert joined({"a": 6000, "b": 4000}, {"b": 5000, "c": 5000}, 2000) == {"a": 4800, "b": 4200, "c": 1000}


@given(TEAMS, TEAMS, st.integers(1, 9_999))
def test_teams_that_become_one_sum_to_the_whole(team, coming, credit):
    assert sum(joined(team, coming, credit).values()) == 10_000
