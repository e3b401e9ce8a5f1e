"""What changed between two texts, readable: words kept, added and taken out, in reading order.

English is compared word by word, Chinese sign by sign; a long text sentence by sentence, so that comparing stays
quick (difflib's time grows with the square of what it compares).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    GONE = "gone"


@dataclass(frozen=True)
class Piece:
    """A run of text with one fate."""

    change: Change
    text: str


MOST_TOKENS = 3_000
WORDS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_]+(?:['’-][^\W_]+)*|\s+|.", re.DOTALL)
SENTENCES = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]+\s*|[^.!?。！？\n]+")


def changes(before: str, after: str) -> list[Piece]:
    """Pieces whose SAME and GONE texts make `before`, whose SAME and ADDED texts make `after`; none for two empties."""
    tokens = (_tokens(before), _tokens(after))
    if max(map(len, tokens)) > MOST_TOKENS:
        tokens = (SENTENCES.findall(before), SENTENCES.findall(after))
    old, new = tokens
    pieces: list[Piece] = []
    for step, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step == "equal":
            _add(pieces, Change.SAME, old[i:j])
        else:
            _add(pieces, Change.GONE, old[i:j])
            _add(pieces, Change.ADDED, new[k:m])
    return pieces


def _tokens(text: str) -> list[str]:
    return WORDS.findall(text)


def _add(pieces: list[Piece], change: Change, tokens: Sequence[str]) -> None:
    if tokens:
        pieces.append(Piece(change, "".join(tokens)))
