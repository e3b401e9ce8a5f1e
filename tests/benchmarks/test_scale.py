"""A large group's texts are indexed as the job would."""

import random

from benchmarks import words
from benchmarks.scale import terms_of
from incubator.proposals.engines.likeness import terms


def test_the_terms_of_a_text_are_those_of_its_sentences() -> None:
    dice = random.Random(3)
    for lang in ("en", "zh"):
        text = " ".join([words.title(dice, lang), words.text(dice, lang, 9), words.RARE])
        assert set(terms_of(text)) == set(terms(text))
