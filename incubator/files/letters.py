"""Letters as PDF: typeset with Typst, fonts embedded, text that can be searched, the same letter the same bytes."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

import rfc8785
from flask_babel import force_locale
from flask_babel import gettext as _

from incubator.config import CHECKOUT
from incubator.web.formats import day_long

TEMPLATES = CHECKOUT / "templates" / "letters"
FONTS = CHECKOUT / "static" / "dist" / "fonts"
NEEDED = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")
LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
REGIONS = {"en": "gb", "zh": "cn"}
PDF = "application/pdf"


class FontsMissingError(RuntimeError):
    """The fonts of letters are not built."""


class Table(TypedDict):
    """A table in a letter: the first column stands left, the others right."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


class Letter(TypedDict, total=False):
    """What a letter says, in one language, as plain text: nothing is read as mark-up.

    group: who writes · number: of the letter · date: of the letter · to: the lines of the address · title ·
    body: paragraphs (a line end breaks the line) and tables · closing: lines at the end · mark: at each page's foot.
    """

    group: str
    number: str
    date: dt.date
    to: Sequence[str]
    title: str
    body: Sequence[str | Table]
    closing: Sequence[str]
    mark: str


class Dossier(Letter, total=False):
    """A whole of many parts, for templates/letters/dossier.typ. written: the language of its texts; facts: name and
    value each.

    parts: {title, entries: [{label, blocks}…]} each; a block as proposals' engines make it: {kind, runs | rows…}.
    """

    written: str
    facts: Sequence[Sequence[str]]
    parts: Sequence[Mapping[str, Any]]


def pdf(template: str, values: Letter, language: str) -> bytes:
    """A letter as PDF (about 0.3 s; call it in a job). The same template, values and language give the same bytes.

    template: the name of a file in templates/letters ('letter' for all that is in Letter); language: 'en' or 'zh'.
    At the foot of each page stands `fingerprint(values)`. Raises FontsMissingError before the front end is built.
    """
    import typst

    check_fonts()
    date = values["date"]
    made = typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2b"],
        sys_inputs={"letter": json.dumps(_filled(values, language))},
        timestamp=int(dt.datetime.combine(date, dt.time(), dt.UTC).timestamp()),
    )
    return bytes(made)


def fingerprint(values: Mapping[str, Any]) -> bytes:
    """SHA-256 of what a letter says: RFC 8785 JSON, the date as ISO 8601; 32 bytes."""
    plain = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}
    return hashlib.sha256(rfc8785.dumps(plain)).digest()


def _filled(values: Letter, language: str) -> dict[str, Any]:
    with force_locale(LOCALES[language]):
        labels = {"number": _("No."), "date": _("Date"), "fingerprint": _("Fingerprint of this text (SHA-256):")}
        date = day_long(values["date"])
    return {
        "to": [],
        "closing": [],
        "mark": "",
        **values,
        "date": date,
        "lang": language,
        "region": REGIONS[language],
        "labels": labels,
        "fingerprint": fingerprint(values).hex(),
    }


@cache
def _are_there(folder: Path) -> bool:
    return all((folder / name).is_file() for name in NEEDED)


def check_fonts() -> None:
    """Raises FontsMissingError where the front-end build has not put the fonts of letters in their place."""
    if not _are_there(FONTS):
        _are_there.cache_clear()
        raise FontsMissingError("the fonts of letters are not built: run `npm ci --ignore-scripts` and `npm run build`")
