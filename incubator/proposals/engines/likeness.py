"""What a text is about, as terms that two texts can share: English words without their endings, and Chinese words as
jieba's dictionary cuts them (long ones also in the shorter words within)."""

import re

MOST = 400
"""Terms kept of a text: enough for a title with all its answers' first words."""
LONGEST = 80
"""Characters of a term; what is longer is no word, and tells by its beginning."""
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
LATIN = re.compile(r"[a-z][a-z0-9]{2,79}")
ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion", "ers", "er", "ies", "ied", "ed", "es", "s",
           "al", "ly", "e", "y")  # fmt: skip
STEM = 4
"""Letters that stay of a word at least."""
WORDS = """
the and for with that this from are was were have has had will would can could our your their its which who what when
where how not but than then into over under each every more most less least they them there here been being also only
such very about between after before during while does did doing use used using make made
"""
COMMON = frozenset(LATIN.findall(WORDS))


def terms(text: str) -> list[str]:
    """The terms of a text, each once, in the order they come; at most 400, of at most 80 characters."""
    lowered = text.lower()
    found = [stem(word) for word in LATIN.findall(lowered) if word not in COMMON]
    for run in HAN.findall(lowered):
        found += _words(run)
    return list(dict.fromkeys(word[:LONGEST] for word in found))[:MOST]


def _words(run: str) -> list[str]:
    """The words of a run of Chinese characters; single characters tell too little, unless there is nothing else."""
    import rjieba  # 33 MB of dictionary: only who compares Chinese texts pays for it

    words = rjieba.cut_for_search(run)
    return [word for word in words if len(word) > 1] or words


def stem(word: str) -> str:
    """An English word without its ending, as long as four letters stay."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM:
            return word[: -len(ending)]
    return word
