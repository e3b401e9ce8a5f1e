"""Markdown as blocks for paper: paragraphs, headings, items, code and tables of runs of text, and nothing that acts."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypedDict

from markdown_it import MarkdownIt
from markdown_it.token import Token

Run = tuple[str, str]
"""A piece of text and how it stands out: letters of 'b' (bold), 'i' (emphasis) and 'c' (code)."""


class Block(TypedDict, total=False):
    """kind: paragraph, heading, item, code or table. depth: how deep an item stands, from 1; mark: its bullet or
    number. rows: of a table, each a list of cells, the first the head."""

    kind: str
    runs: list[Run]
    depth: int
    mark: str
    rows: list[list[str]]


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def blocks(text: str) -> list[Block]:
    """The blocks of a text, as CommonMark with tables reads it."""
    reader = _Reader()
    for token in _parser().parse(text):
        reader.take(token)
    return reader.found


class _Reader:
    """Goes through the tokens of a text once."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self.lists: list[int | None] = []
        self.mark = ""
        self.kind = "paragraph"
        self.rows: list[list[str]] | None = None

    def take(self, token: Token) -> None:
        """The next token."""
        step = getattr(self, f"_{token.type}", None)
        if step is not None:
            step(token)

    def _heading_open(self, _token: Token) -> None:
        self.kind = "heading"

    def _heading_close(self, _token: Token) -> None:
        self.kind = "paragraph"

    def _bullet_list_open(self, _token: Token) -> None:
        self.lists.append(None)

    def _ordered_list_open(self, token: Token) -> None:
        self.lists.append(int(token.attrs.get("start", 1)))

    def _bullet_list_close(self, _token: Token) -> None:
        self.lists.pop()

    _ordered_list_close = _bullet_list_close

    def _list_item_open(self, _token: Token) -> None:
        number = self.lists[-1]
        self.mark = "•" if number is None else f"{number}."
        if number is not None:
            self.lists[-1] = number + 1

    def _inline(self, token: Token) -> None:
        runs = _runs(token.children or ())
        if self.rows is not None:
            self.rows[-1].append("".join(text for text, _look in runs))
        elif self.lists:
            self.found.append({"kind": "item", "runs": runs, "depth": len(self.lists), "mark": self.mark})
            self.mark = ""
        else:
            self.found.append({"kind": self.kind, "runs": runs})

    def _fence(self, token: Token) -> None:
        self.found.append({"kind": "code", "runs": [(token.content.rstrip("\n"), "c")]})

    _code_block = _fence

    def _table_open(self, _token: Token) -> None:
        self.rows = []

    def _tr_open(self, _token: Token) -> None:
        self.rows = [*(self.rows or []), []]

    def _table_close(self, _token: Token) -> None:
        self.found.append({"kind": "table", "rows": self.rows or []})
        self.rows = None


LOOKS = {"strong": "b", "em": "i"}


def _runs(tokens: Sequence[Token]) -> list[Run]:
    """Pieces of a line, neighbours that look alike as one; a link is followed by where it leads."""
    found: list[Run] = []
    look, leads = "", ""
    for token in tokens:
        name, _mark, end = token.type.partition("_")
        if name in LOOKS:
            look = look + LOOKS[name] if end == "open" else look.replace(LOOKS[name], "", 1)
        elif name == "link":
            leads = str(token.attrs.get("href", "")) if end == "open" else _told(found, leads, look)
        else:
            _add(found, _text_of(token), look + ("c" if token.type == "code_inline" else ""))
    return found


def _text_of(token: Token) -> str:
    return {"softbreak": " ", "hardbreak": "\n"}.get(token.type, token.content)


def _told(found: list[Run], leads: str, look: str) -> str:
    if leads and not (found and found[-1][0].endswith(leads.removeprefix("mailto:"))):
        _add(found, f" ({leads})", look)
    return ""


def _add(found: list[Run], text: str, look: str) -> None:
    if found and found[-1][1] == look:
        found[-1] = (found[-1][0] + text, look)
    elif text:
        found.append((text, look))


def plain(value: Any) -> list[Block]:
    """A short answer as one paragraph."""
    return [{"kind": "paragraph", "runs": [(str(value), "")]}]
