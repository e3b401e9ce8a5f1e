"""Chinese application numbers: both forms, check digit, one canonical writing.

From 1 October 2003: YYYY K NNNNNNN.C (201710601862.3), weights 2 3 4 5 6 7 8 9 2 3 4 5 from the left. Before:
YY K NNNNN.C (95115608.X), weights 2 to 9. The weighted sum modulo 11 is the check digit, 10 written X
(design, incentives.md; the office's standard ZC 0006-2003).
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_NUMBER = re.compile(r"(?:ZL|CN)*([0-9]{12}|[0-9]{8})\.?([0-9X])")
_BLANK = re.compile(r"\s+")


class NumberError(ValueError):
    """What was given is no Chinese application number; the message says why."""


class PatentKind(StrEnum):
    """The three kinds of patent; an international application is of one of them."""

    INVENTION = "invention"
    UTILITY_MODEL = "utility_model"
    DESIGN = "design"


KINDS = {
    "1": PatentKind.INVENTION,
    "2": PatentKind.UTILITY_MODEL,
    "3": PatentKind.DESIGN,
    "8": PatentKind.INVENTION,
    "9": PatentKind.UTILITY_MODEL,
}
"""The kind by its digit; 8 and 9 came in through the PCT."""


@dataclass(frozen=True, slots=True)
class ApplicationNumber:
    """A valid number: as it was given, and written the one way it is compared and shown."""

    raw: str
    canonical: str
    year: int
    kind: PatentKind
    is_pct: bool


def application_number(raw: str) -> ApplicationNumber:
    """Read a number as people write it: ZL or CN before it, spaces, full-width digits, the dot left out.

    NumberError when it has another shape, a kind or year that does not exist, or a wrong check digit.
    """
    found = _NUMBER.fullmatch(_BLANK.sub("", unicodedata.normalize("NFKC", raw)).upper())
    if found is None:
        raise NumberError("write it like 201710601862.3, or like 95115608.X when it was filed before October 2003")
    digits, check = found.groups()
    year, kind = _year(digits), digits[-8] if len(digits) == 12 else digits[2]
    if kind not in KINDS:
        raise NumberError(f"the kind is {kind}; it must be one of {', '.join(KINDS)}")
    if check_digit(digits) != check:
        raise NumberError(f"the check digit is {check}; the number asks for {check_digit(digits)}: a digit is wrong")
    return ApplicationNumber(raw, f"{digits}.{check}", year, KINDS[kind], kind in "89")


def check_digit(digits: str) -> str:
    """The check digit of 12 (from October 2003) or 8 digits: 0 to 9 or X."""
    rest = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=False)) % 11
    return "X" if rest == 10 else str(rest)


def _year(digits: str) -> int:
    """The year of filing; the office opened in 1985 and changed the form in 2003."""
    long = len(digits) == 12
    year = int(digits[:4]) if long else 1900 + int(digits[:2])
    if not long and year < 1985:
        year += 100
    if (long and year < 2003) or (not long and year > 2003):
        form = "12 digits from 2003" if long else "8 digits from 1985 to 2003"
        raise NumberError(f"the year is {year}; numbers have {form}")
    return year
