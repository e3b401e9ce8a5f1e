"""The list of who can sign in: aligned columns, readable by its owner alone."""

import os
import unicodedata
from dataclasses import astuple, dataclass
from pathlib import Path

NAME = "demo-people.txt"
HEAD = ("Name", "Part", "HR number", "Password")


@dataclass(frozen=True)
class Login:
    """One line of the list."""

    name: str
    part: str
    hr_number: str
    password: str


def table(logins: list[Login]) -> str:
    """The list as text, in columns also where Chinese names are twice as wide."""
    rows = [HEAD, *(astuple(login) for login in logins)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "".join("  ".join(map(_padded, row, widths)).rstrip() + "\n" for row in rows)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def prepare(home: Path, logins: list[Login]) -> None:
    """Write the list beside its place, before the people are committed."""
    home.mkdir(parents=True, exist_ok=True)
    new = _new(home)
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(table(logins))


def settle(home: Path) -> Path:
    """Put a prepared list into its place, once the people are committed; repeatable. Returns the place."""
    place = home / NAME
    if _new(home).exists():
        _new(home).replace(place)
    return place


def _new(home: Path) -> Path:
    return home / f".{NAME}.new"
