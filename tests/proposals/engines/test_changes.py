"""What changed between two texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.proposals.engines import changes as engine
from incubator.proposals.engines.changes import Change, Piece, changes

SAME, ADDED, GONE = Change.SAME, Change.ADDED, Change.GONE


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "", []),
        ("", "New", [Piece(ADDED, "New")]),
        ("Old", "", [Piece(GONE, "Old")]),
        (
            "Heat is lost in two plants.",
            "Heat is lost in three plants.",
            [Piece(SAME, "Heat is lost in "), Piece(GONE, "two"), Piece(ADDED, "three"), Piece(SAME, " plants.")],
        ),
        (
            "机房余热被浪费",
            "机房的余热被浪费",
            [Piece(SAME, "机房"), Piece(ADDED, "的"), Piece(SAME, "余热被浪费")],
        ),
        ("don't", "don’t", [Piece(GONE, "don't"), Piece(ADDED, "don’t")]),
    ],
)
def test_words_and_chinese_signs_are_compared(before, after, pieces):
    assert changes(before, after) == pieces


TEXTS = st.text(alphabet=st.sampled_from("ab 余热。.\n’-_"), max_size=60)


@given(TEXTS, TEXTS)
def test_the_pieces_make_both_texts(before, after):
    pieces = changes(before, after)
    assert "".join(one.text for one in pieces if one.change is not ADDED) == before
    assert "".join(one.text for one in pieces if one.change is not GONE) == after


@given(TEXTS, TEXTS)
def test_long_texts_are_compared_by_sentences(before, after):
    most, engine.MOST_TOKENS = engine.MOST_TOKENS, 1
    try:
        pieces = changes(before, after)
    finally:
        engine.MOST_TOKENS = most
    assert "".join(one.text for one in pieces if one.change is not ADDED) == before
    assert "".join(one.text for one in pieces if one.change is not GONE) == after


def test_a_very_long_text_is_compared_sentence_by_sentence():
    before = "One sentence. " * 2_000
    after = before.replace("One", "Two", 1)
    assert changes(before, after)[:2] == [Piece(GONE, "One sentence. "), Piece(ADDED, "Two sentence. ")] or changes(
        before, after
    )[0] == Piece(ADDED, "Two sentence. ")
