"""What waits for a person, asked of every package in one statement."""

import datetime as dt
import importlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from flask_babel import get_locale
from sqlalchemy import Select, union_all

from incubator.home.words import WORDS
from incubator.people.models import Person
from incubator.people.reader import sent_to

PACKAGES = (
    "approvals",
    "rules",
    "calls",
    "proposals",
    "ventures",
    "patents",
    "cloud",
    "equity",
    "reviews",
    "transparency",
)
LIMIT = 100


@dataclass(frozen=True)
class Waiting:
    """One thing that needs a person."""

    kind: str
    title: str
    address: str
    due_at: dt.datetime | None
    since: dt.datetime

    @property
    def icon(self) -> str:
        """The icon of its kind."""
        return WORDS[self.kind][0]

    @property
    def tint(self) -> str:
        """The tint of its kind."""
        return WORDS[self.kind][1]

    @property
    def words(self) -> object:
        """What is to be done, in the reader's language."""
        return WORDS[self.kind][2]


@cache
def modules_with(question: str) -> tuple[ModuleType, ...]:
    """The packages whose queries answer a question (such as 'waiting_for') about a person."""
    names = [f"incubator.{package}.queries" for package in PACKAGES]
    modules = [importlib.import_module(name) for name in names if importlib.util.find_spec(name)]
    return tuple(module for module in modules if hasattr(module, question))


def waiting_for(person: Person) -> list[Waiting]:
    """Everything that needs this person: what is due first, then what has waited longest; at most 100."""
    return [Waiting(*row) for row in _everything(person, str(get_locale()))]


@sent_to
def _everything(person: Person, _language: str) -> Select[*tuple[Any, ...]]:
    """One statement of all packages; titles are in the language in force, so it is kept once a language."""
    selects = [select.order_by(None) for module in modules_with("waiting_for") for select in module.waiting_for(person)]
    everything = union_all(*selects).subquery()
    _kind, _title, address, due_at, since = everything.c
    return everything.select().order_by(due_at.asc().nulls_last(), since.asc(), address).limit(LIMIT)
