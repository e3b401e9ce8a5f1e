"""How well a reviewer suits a proposal: what both write about, and the themes of what the reviewer judged before."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from incubator.reviews.engines.assignment.problem import ABSENT, UNIT

LATIN = re.compile(r"[a-z][a-z0-9-]{2,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
TEXT, THEME = 0.7, 0.3
"""The weights of the two parts."""


def words(text: str) -> Counter[str]:
    """Latin words of three letters or more, and pairs of neighbouring Chinese characters, with how often."""
    lower = text.lower()
    found = Counter(LATIN.findall(lower))
    for run in CHINESE.findall(lower):
        found.update(a + b for a, b in pairwise(run))
    return found


def affinities(
    texts: Sequence[str], themes: Sequence[str], known: Sequence[Sequence[str]], judged: Sequence[Mapping[str, int]]
) -> NDArray[np.int32]:
    """(P, R) in 1e-6, -1 for a reviewer of whom nothing is known.

    texts and themes: of the proposals. known: the texts each reviewer wrote or judged. judged: how many of each theme.
    The text's part is the cosine of the TF-IDF vectors, the theme's the share of what the reviewer judged.
    """
    mine = [words(text) for text in texts]
    theirs = [sum((words(text) for text in some), Counter()) for some in known]
    weights = _weighted([*mine, *theirs])
    text = (weights[: len(mine)] @ weights[len(mine) :].T).toarray()
    theme = np.array([[_share(one, of) for one in judged] for of in themes]).reshape(len(texts), len(known))
    mixed = UNIT * (TEXT * text + THEME * theme)
    scores: NDArray[np.int32] = np.clip(np.rint(mixed), 0, UNIT).astype(np.int32)
    unknown = np.array([not some and not one for some, one in zip(known, judged, strict=True)], dtype=bool)
    scores[:, unknown] = ABSENT
    return scores


WISHES = {"want": UNIT, "can": UNIT // 2, "rather_not": 0}
"""What a reviewer's own word counts for: as much as all else that is known, and alone where nothing is."""


def with_wishes(scores: NDArray[np.int32], wishes: Iterable[tuple[int, int, str]]) -> NDArray[np.int32]:
    """The scores with what reviewers would like: (proposal, reviewer, wish); the mean of both, or the wish alone."""
    mixed = scores.copy()
    for p, r, wish in wishes:
        known, own = int(scores[p, r]), WISHES[wish]
        mixed[p, r] = own if known == ABSENT else (known + own) // 2
    return mixed


def with_languages(
    scores: NDArray[np.int32], langs: Sequence[str], reads: Sequence[Iterable[str]]
) -> NDArray[np.int32]:
    """The scores, halved where nothing tells that the reviewer reads the proposal's language; absent stays absent."""
    known = [set(some) for some in reads]
    is_read = np.array([[lang in some for some in known] for lang in langs], dtype=bool).reshape(scores.shape)
    return np.where(is_read | (scores < 0), scores, scores // 2).astype(np.int32)


def _share(judged: Mapping[str, int], theme: str) -> float:
    return judged.get(theme, 0) / max(sum(judged.values()), 1)


def _weighted(documents: Sequence[Mapping[str, int]]) -> sparse.csr_array:
    """Rows of length 1 (or 0): (1 + log count) x log(N / documents with the word)."""
    seen = Counter(word for document in documents for word in document)
    column = {word: place for place, word in enumerate(sorted(seen))}
    rows, columns, values = [], [], []
    for place, document in enumerate(documents):
        for word, count in document.items():
            rows.append(place)
            columns.append(column[word])
            values.append((1 + np.log(count)) * np.log((1 + len(documents)) / seen[word]))
    shape = (len(documents), max(len(column), 1))
    matrix = sparse.csr_array((np.array(values, dtype=np.float64), (rows, columns)), shape=shape)
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_array(sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ matrix)


def with_default(
    scores: NDArray[np.int32], default: int | None, barred: Iterable[tuple[int, int]]
) -> NDArray[np.int32]:
    """The scores with unknown pairs at a default (None: they stay absent) and barred ones absent."""
    filled = np.where(scores < 0, ABSENT if default is None else default, scores).astype(np.int32)
    for pair in barred:
        filled[pair] = ABSENT
    return filled
