"""Letters as PDF."""

import datetime as dt
import re
import subprocess
import sys
import zlib

import pytest

from incubator.files import letters
from incubator.files.engines.checking import check
from incubator.files.engines.kinds import Kind

LETTER: letters.Letter = {
    "group": "Northlight 北光集团",
    "number": "D-7K3M2Q",
    "date": dt.date(2026, 11, 24),
    "to": ["Lin Yue 林悦", "Northlight Energy"],
    "title": "Decision on “Heat from server rooms” 机房余热",
    "body": [
        "Dear Lin Yue,\nthe committee has *accepted* #your $proposal$ \\ [x].",
        {"head": ["Day", "Units"], "rows": [["2027-03-31", "1,200"], ["2028-03-31", "2,400"]]},
        "评审委员会已通过您的提案。",
    ],
    "closing": ["Venture committee"],
}


def signs_of(pdf: bytes) -> str:
    """The signs that can be extracted from a PDF, by the fonts' ToUnicode maps (ISO 32000-2, 9.10)."""
    objects = {int(n): body for n, body in re.findall(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL)}

    def stream(body: bytes) -> bytes:
        raw = re.search(rb"stream\n(.*?)\nendstream", body, re.DOTALL)
        assert raw
        return zlib.decompress(raw[1]) if b"FlateDecode" in body else raw[1]

    signs: set[str] = set()
    for body in objects.values():
        for number in re.findall(rb"/ToUnicode (\d+) 0 R", body):
            pairs = stream(objects[int(number)]).decode("latin-1")
            singles = re.findall(r"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>", pairs)
            signs |= {bytes.fromhex(sign).decode("utf-16-be") for _code, sign in singles}
    return "".join(sorted(signs))


@pytest.fixture
def english(app) -> bytes:
    return letters.pdf("letter", LETTER, "en")


def test_a_letter_is_a_pdf_with_its_fonts_and_nothing_that_acts(english):
    assert check(english) is Kind.PDF
    assert len(english) < 200_000
    fonts = set(re.findall(rb"/FontName/([A-Z]{6}\+[\w-]+)", english))
    assert {name.split(b"+")[1] for name in fonts} == {b"NotoSansSC-Regular", b"NotoSansSC-Bold"}
    assert len(re.findall(rb"/FontFile[23] ", english)) >= 2


def test_its_text_can_be_extracted_in_both_languages(english):
    signs = signs_of(english)
    assert set("Northlight北光集团机房余热评审委员会已通过您的提案") - set(signs) == set()
    assert set("*#$\\[]") - set(signs) == set()  # what looks like mark-up is text


def test_the_same_letter_gives_the_same_bytes_in_another_process(app, english):
    code = (
        "import sys, datetime; from tests.files.test_letters import LETTER; from tests.conftest import *;"
        "from flask import Flask; from flask_babel import Babel; a = Flask('x'); Babel(a);"
        "from incubator.web import language; a.extensions['kept'] = {};"
        "from incubator.files import letters;"
        "c = a.app_context(); c.push(); sys.stdout.buffer.write(letters.pdf('letter', LETTER, 'en'))"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert other == english
    assert letters.pdf("letter", LETTER, "zh") != english


def test_the_fingerprint_is_of_what_is_said_and_stands_at_the_foot(app, english):
    changed: letters.Letter = {**LETTER, "number": "D-2"}
    assert letters.fingerprint(LETTER) != letters.fingerprint(changed)
    assert len(letters.fingerprint(LETTER)) == 32
    assert letters._filled(LETTER, "en")["fingerprint"] == letters.fingerprint(LETTER).hex()
    assert letters._filled(LETTER, "zh")["labels"]["date"] == "日期"
    assert letters._filled(LETTER, "zh")["date"] == "2026年11月24日"


def test_a_long_letter_has_pages(app):
    long: letters.Letter = {**LETTER, "body": ["One paragraph of many words. " * 12] * 40}
    assert len(re.findall(rb"/Type/Page\b", letters.pdf("letter", long, "en"))) > 2


def test_without_fonts_one_clear_error(app, monkeypatch, tmp_path):
    monkeypatch.setattr(letters, "FONTS", tmp_path)
    with pytest.raises(letters.FontsMissingError, match="run `npm ci --ignore-scripts` and `npm run build`"):
        letters.pdf("letter", LETTER, "en")


def test_the_web_process_does_not_load_the_typesetter():
    code = (
        "import sys, incubator.app, incubator.files.letters; print('typst' in sys.modules, 'openpyxl' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False False"
