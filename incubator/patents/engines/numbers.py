"""Numbers of patent offices: as people write them, and one canonical writing.

Chinese application numbers, both forms, with their check digit:

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
    """What was given is no number of that office; the message says why."""


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


@dataclass(frozen=True, slots=True)
class OfficeNumber:
    """A number of any office; year and kind are None where the number does not tell them.

    warnings: words of what looks wrong and is accepted all the same ('check_digit': the given and the right one).
    """

    raw: str
    canonical: str
    year: int | None
    kind: PatentKind | None
    warnings: tuple[tuple[str, str, str], ...] = ()


FORMS = {
    "CNIPA": "201710601862.3",
    "WIPO": "PCT/CN2023/123456",
    "EPO": "EP16839078.9",
    "USPTO": "16/123,456",
}
"""How an application number of each office is written."""
_PCT = re.compile(r"PCT/?([A-Z]{2})(?:([0-9]{4})/?([0-9]{6})|([0-9]{2})/?([0-9]{5}))")
_EP = re.compile(r"(?:EP)?([0-9]{8})(?:\.?([0-9]))?")
_US = re.compile(r"(?:US)?([0-9]{2})/?([0-9]{3}),?([0-9]{3})")
_PUBLISHED = re.compile(
    r"(?:(CN|EP)([0-9]{6,9})|(WO)([0-9]{4})/?([0-9]{6})|(WO)([0-9]{2})/?([0-9]{5})|"
    r"(US)([0-9]{4})/?([0-9]{7})|(US)((?:D|PP|RE)?[0-9]{6,8}))([A-Z][0-9]?)?"
)


def squeezed(raw: str) -> str:
    """Full-width letters and digits made narrow, white space dropped, in capitals."""
    return _BLANK.sub("", unicodedata.normalize("NFKC", raw)).upper()


def office_number(office: str, raw: str) -> OfficeNumber:
    """An application number of an office. Raises NumberError for another form; a wrong EP check digit only warns."""
    readers = {"CNIPA": _chinese, "WIPO": _international, "EPO": _european, "USPTO": _american}
    if office not in readers:
        text = squeezed(raw)
        if not text:
            raise NumberError("enter the number the office gave")
        return OfficeNumber(raw, text, None, None)
    return readers[office](raw)


def _chinese(raw: str) -> OfficeNumber:
    read = application_number(raw)
    return OfficeNumber(raw, read.canonical, read.year, read.kind)


def _international(raw: str) -> OfficeNumber:
    """PCT/CC2004/NNNNNN from 2004, PCT/CCYY/NNNNN before (PCT Administrative Instructions, Section 307)."""
    found = _PCT.fullmatch(squeezed(raw))
    if found is None:
        raise NumberError(f"write it like {FORMS['WIPO']}, or like PCT/CN98/00123 before 2004")
    office, year, serial, short_year, short_serial = found.groups()
    if year is not None:
        return OfficeNumber(raw, f"PCT/{office}{year}/{serial}", int(year), None)
    full = int(short_year) + (1900 if int(short_year) >= 78 else 2000)
    return OfficeNumber(raw, f"PCT/{office}{short_year}/{short_serial}", full, None)


def _european(raw: str) -> OfficeNumber:
    """Eight digits and a check digit, which is added where it is missing and warned of where it is wrong."""
    found = _EP.fullmatch(squeezed(raw))
    if found is None:
        raise NumberError(f"write it like {FORMS['EPO']}")
    digits, given = found.groups()
    right, year = ep_check_digit(digits), int(digits[:2])
    wrong = given is not None and given != right
    return OfficeNumber(
        raw, f"EP{digits}.{given or right}", year + (1900 if year >= 78 else 2000), None,
        (("check_digit", given, right),) if wrong else (),
    )  # fmt: skip


def ep_check_digit(digits: str) -> str:
    """The check digit of an EP application: digits times 1, 2, 1, 2 …, their cross sums added up, to the next ten.

    Source: EPO, support of Open Patent Services (99403122 gives 7).
    """
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return str(-sum(product // 10 + product % 10 for product in products) % 10)


def _american(raw: str) -> OfficeNumber:
    """Series code and serial number; series 29 is for designs."""
    found = _US.fullmatch(squeezed(raw))
    if found is None:
        raise NumberError(f"write it like {FORMS['USPTO']}")
    series, first, second = found.groups()
    kind = PatentKind.DESIGN if series == "29" else None
    return OfficeNumber(raw, f"US{series}/{first}{second}", None, kind)


def publication_number(raw: str) -> str | None:
    """The canonical writing of a publication or patent number (CN, EP, WO, US), such as WO2024/012345A1; None for
    what is none."""
    found = _PUBLISHED.fullmatch(squeezed(raw).replace(",", "").replace(".", ""))
    if found is None:
        return None
    *parts, kind = found.groups()
    country, *numbers = [part for part in parts if part]
    return f"{country}{'/'.join(numbers)}{kind or ''}"
