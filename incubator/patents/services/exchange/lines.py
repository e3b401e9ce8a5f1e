"""The lines of the tables that can be read: inventions, and applications with what happened to them."""

import re
from typing import Annotated, Literal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import AfterValidator, Field

from incubator.web.sheets import Day, Heading, Row

INVENTOR = re.compile(r"^(\S+?)\s*[:：=]\s*([0-9]{1,3}(?:\.[0-9]{1,2})?)\s*[%％]?$")
Text = Annotated[str, Field(max_length=50_000)]


def _shares(text: str) -> str:
    """'000123: 60; 000124: 40' and nothing else. Raises ValueError."""
    if any(INVENTOR.match(part.strip()) is None for part in re.split(r"[;；\n]", text) if part.strip()):
        raise ValueError(_("Write HR numbers with their shares, such as 000123: 60; 000124: 40"))
    return text


class DisclosureLine(Row):
    """One invention. `reference` is its number in the list, by which it is known when the file is read again."""

    reference: Annotated[str, Field(max_length=60), Heading(_l("Reference"))]
    venture: Annotated[str, Heading(_l("Venture"))]
    title: Annotated[str, Field(max_length=200), Heading(_l("Title"))]
    problem: Annotated[Text, Heading(_l("The problem"))]
    solution: Annotated[Text, Heading(_l("The solution"))]
    inventors: Annotated[str, AfterValidator(_shares), Heading(_l("Inventors and their shares"))]
    prior_art: Annotated[Text, Heading(_l("What is known already"))] = ""
    language: Annotated[Literal["en", "zh"], Heading(_l("Language"))] = "zh"
    published_on: Annotated[Day | None, Heading(_l("Shown to the public on"))] = None
    planned_on: Annotated[Day | None, Heading(_l("Publication planned for"))] = None
    sold_on: Annotated[Day | None, Heading(_l("Sold or offered since"))] = None
    rights: Annotated[Text, Heading(_l("Rights of others"))] = ""

    @property
    def shares(self) -> list[tuple[str, int]]:
        """HR numbers with basis points."""
        found = [INVENTOR.match(part.strip()) for part in re.split(r"[;；\n]", self.inventors) if part.strip()]
        return [(one[1], _points(one[2])) for one in found if one is not None]


def _points(text: str) -> int:
    whole, _dot, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)


class MatterLine(Row):
    """One application of an invention that is known by its number or reference."""

    invention: Annotated[str, Heading(_l("Invention"))]
    office: Annotated[Literal["CNIPA", "WIPO", "EPO", "USPTO"], Heading(_l("Office"))]
    kind: Annotated[Literal["invention", "utility_model", "design"], Heading(_l("Kind"))]
    number: Annotated[str, Field(max_length=60), Heading(_l("Application number"))]
    filed_on: Annotated[Day, Heading(_l("Filed"))]
    published_on: Annotated[Day | None, Heading(_l("Published"))] = None
    granted_on: Annotated[Day | None, Heading(_l("Granted"))] = None
