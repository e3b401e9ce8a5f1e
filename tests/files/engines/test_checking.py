"""What may be kept, told from the bytes."""

import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incubator.files.engines import archives, pdf, svg
from incubator.files.engines.checking import DOCUMENTS, IMAGES, check
from incubator.files.engines.faults import Fault, FaultError
from incubator.files.engines.kinds import EXTENSIONS, MEDIA_TYPES, Kind, kind_of
from tests.files import samples
from tests.files.samples import JPEG, PNG, SVG, office, opened, packed, stream


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (samples.pdf(b"<< /Type /Catalog >>"), Kind.PDF),
        (PNG, Kind.PNG),
        (JPEG, Kind.JPEG),
        (b"GIF87a" + bytes(9), Kind.GIF),
        (b"GIF89a" + bytes(9), Kind.GIF),
        (b"RIFF\0\0\0\0WEBPVP8 ", Kind.WEBP),
        (SVG, Kind.SVG),
        (office("word"), Kind.DOCX),
        (office("xl"), Kind.XLSX),
        (office("ppt"), Kind.PPTX),
        (opened(), Kind.ODT),
        (opened(b"application/vnd.oasis.opendocument.spreadsheet"), Kind.ODS),
        (opened(b"application/vnd.oasis.opendocument.presentation\n"), Kind.ODP),
        ("Wärme 余热\n".encode(), Kind.TEXT),
        (b"\xef\xbb\xbfa,b\r\n", Kind.TEXT),
    ],
)
def test_a_kind_is_told_from_the_bytes(data, kind):
    assert check(data) is kind


@pytest.mark.parametrize(
    "data",
    [
        packed({"a.txt": b"x"}),
        packed({"[Content_Types].xml": b"x"}),
        opened(b"application/epub+zip"),
        b"PK\x03\x04broken",
        b"\xff\xfe\x00",
        b"<html><script>",
        b"MZ\x90\0\x03",
        b"a\x07b",
        b" \n",
    ],
)
def test_what_is_none_of_ours_is_unknown(data):
    assert kind_of(data) is Kind.UNKNOWN
    assert fault(data) is Fault.UNKNOWN


def fault(data: bytes, **details: object) -> Fault:
    with pytest.raises(FaultError) as refused:
        check(data, **details)
    return refused.value.fault


def test_every_kind_that_is_taken_has_a_type_and_an_end():
    assert set(MEDIA_TYPES) == set(EXTENSIONS) == set(DOCUMENTS) == set(Kind) - {Kind.UNKNOWN, Kind.OLD_OFFICE}


def test_empty_large_old_and_not_accepted():
    assert fault(b"") is Fault.EMPTY
    assert fault(b"abc", largest=2) is Fault.LARGE
    assert check(b"abc", largest=3) is Kind.TEXT
    assert fault(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") is Fault.OLD_OFFICE
    assert fault(samples.pdf(b""), accept=IMAGES) is Fault.NOT_ACCEPTED


# ---- PDF


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (b"<< /S /JavaScript /JS (app.alert(1)) >>", Fault.SCRIPT),
        (b"<< /Names << /JavaScript 3 0 R >> >>", Fault.SCRIPT),
        (b"<< /S /J#61vaScript >>", Fault.SCRIPT),
        (b"<< /S/Launch/F(cmd.exe)>>", Fault.PROGRAM),
        (b"<< /Subtype /RichMedia >>", Fault.PROGRAM),
        (b"<< /S /SubmitForm >>", Fault.SCRIPT),
        (b"<< /S /ImportData >>", Fault.SCRIPT),
        (b"<< /XFA 3 0 R >>", Fault.SCRIPT),
        (b"<< /Type /EmbeddedFile >>", Fault.NESTED),
        (b"<< /Names << /EmbeddedFiles 1 0 R >> >>", Fault.NESTED),
        (b"<< /Encrypt 4 0 R >>", Fault.PASSWORD),
        (stream(b"1 0 << /S /JavaScript >>", b"/Type /ObjStm "), Fault.SCRIPT),
        (stream(b"x" * 100_000 + b"<< /S /L#61unch >>", b"/Type /ObjStm "), Fault.PROGRAM),
        (stream(b" " * (pdf.CHUNK - 5) + b"/JavaScript ", b"/Type /ObjStm "), Fault.SCRIPT),
        (b"<< /Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n00\nendstream", Fault.UNREADABLE),
        (b"<< /Type /Obj#53tm /Filter /LZW >>stream\n", Fault.UNREADABLE),
        (b"<< /Type /ObjStm /X (stream) /Filter /LZW >>stream\n", Fault.UNREADABLE),
        (b"<< /Filter /LZW /X (obj) /Type /ObjStm >>stream\n", Fault.UNREADABLE),
        (b"<< /Filter /LZW /Xobj 1 /Type /ObjStm >>stream\n", Fault.UNREADABLE),
        (b"<< /Type /ObjStm >>", Fault.UNREADABLE),
        (b"<< /Type /ObjStm /Filter /FlateDecode /DecodeParms << /Predictor 12 >> >>\nstream\n", Fault.UNREADABLE),
    ],
)
def test_what_acts_in_a_pdf_is_found(part, expected):
    assert fault(samples.pdf(b"<< /Type /Catalog >>", part)) is expected


@pytest.mark.parametrize(
    "part",
    [
        b"<< /S /URI /URI (https://example.com/JavaScriptLaunch) >>",
        b"<< /LaunchPad true /XFAB 1 >>",
        stream(b"BT (Heat) Tj ET"),
        b"<< /Filter /DCTDecode >>\nstream\n\xff\xd8\xffno zlib\nendstream",
        b"<< /Filter /ASCII85Decode >>\nstream\nGar8O~>\nendstream\nendobj\n9 0 obj " + stream(b"", b"/Type /ObjStm "),
        b"<< /Length 0 >>\nstream\n",
        b"<< >>\nstream\n" + zlib.compress(b"cut off" * 99)[:-9],
    ],
)
def test_a_harmless_pdf_is_taken(part):
    assert check(samples.pdf(b"<< /Type /Catalog >>", part)) is Kind.PDF


@given(st.binary(max_size=300), st.integers(0, 200_000))
def test_a_script_is_found_wherever_it_lies_in_an_object_stream(noise, before):
    hidden = stream(noise + b" " * before + b"/JavaScript " + noise, b"/Type /ObjStm ")
    assert fault(samples.pdf(hidden)) in {Fault.SCRIPT, *pdf.ACTIVE.values()}


def test_what_a_pdf_unpacks_to_is_bounded(monkeypatch):
    monkeypatch.setattr(pdf, "LARGEST_UNPACKED", 1_000_000)
    assert fault(samples.pdf(stream(bytes(1_000_001)))) is Fault.TOO_LARGE
    assert check(samples.pdf(stream(bytes(900_000)))) is Kind.PDF
    monkeypatch.setattr(pdf, "MOST_STREAMS", 2)
    assert fault(samples.pdf(*[stream(b"x")] * 3)) is Fault.TOO_MANY


def test_streams_within_streams_are_not_read_without_end():
    unpacker = zlib.compressobj(0)
    nothing = unpacker.compress(b"stream\n\x78\x01" * 20_000) + unpacker.flush()
    data = samples.pdf(b"<< >>\nstream\n" + nothing)
    assert kind_of(data) is Kind.PDF
    check(data)  # ends


def test_a_stream_that_is_read_over_and_over_is_refused(monkeypatch):
    monkeypatch.setattr(pdf, "MOST_READ", 0)
    assert fault(samples.pdf(stream(b"x" * 100))) is Fault.TOO_LARGE


# ---- office documents


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (office(word__vbaProject_bin=b"x"), Fault.MACROS),
        (office("xl", xl__macrosheets__sheet1_xml=b"x"), Fault.MACROS),
        (opened(Basic__Standard=b"x"), Fault.MACROS),
        (packed({"[Content_Types].xml": b"vnd.ms-word.document.macroEnabled", "word/a": b""}), Fault.MACROS),
        (office(word__activeX__activeX1_xml=b"x"), Fault.PROGRAM),
        (office(word__embeddings__oleObject1_bin=b"x"), Fault.PROGRAM),
        (office(word__media__run_exe=b"x"), Fault.PROGRAM),
        (office(word__a_xml=b'<w:instrText xml:space="preserve"> DDEAUTO c:\\\\cmd.exe'), Fault.PROGRAM),
        (office(word__b_xml=b'<w:fldSimple w:instr=" DDE cmd "'), Fault.PROGRAM),
        (
            office(word___rels__s_rels=b'<Relationship Type="http://x/attachedTemplate" TargetMode="External"/>'),
            Fault.REMOTE,
        ),
        (
            office(word___rels__settings_rels=b"<r:Relationship TargetMode='External' Type='http://x/oleObject'/>"),
            Fault.REMOTE,
        ),
        (packed({"[Content_Types].xml": b"", "word/a": b"", "../b": b""}), Fault.DAMAGED),
        (packed({"[Content_Types].xml": b"", "word/a": b"", "/b": b""}), Fault.DAMAGED),
        (packed({"[Content_Types].xml": b"", "word/a": b"", "c:b": b""}), Fault.DAMAGED),
        (office(word__a_xlsx=packed({"b.zip": packed({"c": b""})})), Fault.NESTED),
        (office(word__a_xlsx=office("xl", xl__vbaProject_bin=b"x")), Fault.MACROS),
    ],
)  # fmt: skip
def test_what_acts_in_an_office_document_is_found(data, expected):
    assert fault(data) is expected


def test_a_harmless_office_document_is_taken():
    link = b'<Relationship Type="http://x/hyperlink" Target="https://example.com" TargetMode="External"/>'
    text = b"<w:instrText> PAGE </w:instrText><w:t>DDE is an old thing</w:t>"
    data = office(word___rels__document_rels=link, word__a_xml=text, word__embeddings__table_xlsx=office("xl"))
    assert check(data) is Kind.DOCX


def test_what_an_archive_unpacks_to_is_measured_first(monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_UNPACKED", 1_000)
    assert fault(office(word__a_xml=bytes(1_001))) is Fault.TOO_LARGE
    monkeypatch.setattr(archives, "LARGEST_PART", 100)
    assert fault(office(word__a_xml=bytes(101))) is Fault.TOO_LARGE
    monkeypatch.setattr(archives, "MOST_ENTRIES", 2)
    assert fault(office(word__a_xml=b"")) is Fault.TOO_MANY


def test_a_password_and_a_damaged_archive():
    data = bytearray(office())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    assert fault(bytes(data)) is Fault.PASSWORD
    whole = bytearray(zlib_free())
    whole[whole.index(b"content!") + 2] ^= 0xFF
    assert fault(bytes(whole)) is Fault.DAMAGED


def zlib_free() -> bytes:
    """An office document whose parts are stored as they are."""
    import io

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", b"content!")
        archive.writestr("word/document.xml", b"")
    return file.getvalue()


# ---- drawings


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (b"<script>alert(1)</script>", Fault.SCRIPT),
        (b'<g xmlns:x="http://www.w3.org/2000/svg"><x:script/></g>', Fault.SCRIPT),
        (b'<rect onload="x"/>', Fault.SCRIPT),
        (b'<a href="java&#10;script:x"/>', Fault.SCRIPT),
        (b"<foreignObject/>", Fault.SCRIPT),
        (b'<image href="https://example.com/a.png"/>', Fault.REMOTE),
        (b'<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="//x/y"/>', Fault.REMOTE),
        (b'<rect style="fill:url(https://x)"/>', Fault.REMOTE),
        (b"<style>@import 'x'</style>", Fault.REMOTE),
        (b"<style/><g>", Fault.DAMAGED),
    ],
)
def test_what_acts_in_a_drawing_is_found(inside, expected):
    data = SVG.replace(b"<rect", inside + b"<rect")
    assert fault(data) is expected


def test_a_drawing_that_expands_or_is_none_is_refused(monkeypatch):
    assert fault(b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>') is Fault.SCRIPT
    assert fault(b"<html><svg></svg></html>") is Fault.UNKNOWN
    monkeypatch.setattr(svg, "MOST_ELEMENTS", 1)
    assert fault(SVG.replace(b"<rect", b"<g/><rect")) is Fault.TOO_MANY


def test_a_harmless_drawing_is_taken():
    inside = b'<style>a{fill:url(#b)}</style><use href="#a"/><image href="data:image/png;base64,AA=="/>'
    assert check(SVG.replace(b"<rect", inside + b"<rect")) is Kind.SVG
