import pytest

from incubator.proposals.engines.lengths import words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Heat from server rooms", 4),
        ("It’s 3.5 m, well-kept.", 4),
        ("机房余热", 4),
        ("机房 heat 2026", 4),
        ("… — !", 0),
    ],
)
def test_each_chinese_character_counts_and_each_run_of_letters_or_figures(text, count):
    assert words(text) == count
