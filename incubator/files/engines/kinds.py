"""What a file is, told from its bytes alone: a name proves nothing."""

import io
import zipfile
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of files that people may hand in."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"
    SVG = "svg"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    TEXT = "text"
    OLD_OFFICE = "old_office"
    UNKNOWN = "unknown"


OFFICE_FOLDERS = {"word/": Kind.DOCX, "xl/": Kind.XLSX, "ppt/": Kind.PPTX}
OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": Kind.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": Kind.ODS,
    b"application/vnd.oasis.opendocument.presentation": Kind.ODP,
}
MAGIC = (
    (b"%PDF-", Kind.PDF),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLD_OFFICE),
)
ZIP = b"PK\x03\x04"
MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.PNG: "image/png",
    Kind.JPEG: "image/jpeg",
    Kind.GIF: "image/gif",
    Kind.WEBP: "image/webp",
    Kind.SVG: "image/svg+xml",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    Kind.ODT: "application/vnd.oasis.opendocument.text",
    Kind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Kind.ODP: "application/vnd.oasis.opendocument.presentation",
    Kind.TEXT: "text/plain",
}
EXTENSIONS = {kind: (f".{kind.value}",) for kind in MEDIA_TYPES} | {
    Kind.JPEG: (".jpg", ".jpeg"),
    Kind.TEXT: (".txt", ".csv", ".md"),
}
"""How names of a kind end; the first is given to a name that ends otherwise."""


def kind_of(data: bytes) -> Kind:
    """The kind of a file's bytes; UNKNOWN for what is none of ours."""
    for magic, kind in MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data.startswith(ZIP):
        return _kind_of_archive(data)
    return _kind_of_text(data)


def _kind_of_archive(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                return OPEN_DOCUMENTS.get(archive.read("mimetype").strip(), Kind.UNKNOWN)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return Kind.UNKNOWN
    if "[Content_Types].xml" in names:
        for folder, kind in OFFICE_FOLDERS.items():
            if any(name.startswith(folder) for name in names):
                return kind
    return Kind.UNKNOWN


def _kind_of_text(data: bytes) -> Kind:
    """Plain text is UTF-8 without control signs that does not begin like a mark-up; SVG is its own kind."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Kind.UNKNOWN
    if not text.strip() or any(sign < " " and sign not in "\t\r\n\f" for sign in text):
        return Kind.UNKNOWN
    if not text.lstrip().startswith("<"):
        return Kind.TEXT
    return Kind.SVG if "<svg" in text[:4_000].lower() else Kind.UNKNOWN
