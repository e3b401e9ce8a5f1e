"""What the demonstration has made so far, by the keys its words use."""

import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from incubator.calls.models import Call, Committee, Theme
from incubator.demo.diary import Diary
from incubator.people.models import Company, Person
from incubator.proposals.models import Proposal
from incubator.ventures.models import Venture

YUAN = 100
"""Minor units of one yuan: words give amounts in yuan."""


def words(name: str) -> dict[str, Any]:
    """The words of a subject, as they stand in words/<name>.toml."""
    return tomllib.loads((resources.files("incubator.demo") / "words" / f"{name}.toml").read_text("utf-8"))


@dataclass
class Stage:
    """Everything made so far, and the diary of what is still to happen. story: who plays which part."""

    diary: Diary
    companies: dict[str, Company] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    story: dict[str, Person] = field(default_factory=dict)
    themes: dict[str, Theme] = field(default_factory=dict)
    committees: dict[str, Committee] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)
    ventures: dict[str, Venture] = field(default_factory=dict)
