"""The shape of a rule that the product ships."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class PackRule:
    """Version `number` of the rule `code`, valid from and to, both days included (None: until further notice)."""

    code: str
    number: int
    jurisdiction: str
    source: str
    article: str
    valid_from: dt.date
    valid_to: dt.date | None
    parameters: Mapping[str, Any]
    sure: Literal["T", "S", "M"]
    title_en: str
    title_zh: str
