"""How long a text is to people: in words."""

import re

HAN = r"\u3400-\u9fff\uf900-\ufaff"
RUN = rf"[^\W_{HAN}]+"
WORD = re.compile(rf"[{HAN}]|{RUN}(?:['’.,-]{RUN})*")


def words(text: str) -> int:
    """The words of a text: each Chinese character counts as one, and each run of letters or figures."""
    return len(WORD.findall(text))
