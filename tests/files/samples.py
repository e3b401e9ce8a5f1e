"""Small files of every kind, made here."""

import io
import zipfile
import zlib

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'


def pdf(*objects: bytes) -> bytes:
    """A PDF's bytes with these objects; enough for who looks at the bytes."""
    return b"%PDF-1.7\n" + b"\n".join(b"%d 0 obj\n%s\nendobj" % entry for entry in enumerate(objects, 1)) + b"\n%%EOF\n"


def stream(content: bytes, extra: bytes = b"") -> bytes:
    packed = zlib.compress(content)
    return b"<< /Length %d /Filter /FlateDecode %s>>\nstream\n%s\nendstream" % (len(packed), extra, packed)


def packed(entries: dict[str, bytes]) -> bytes:
    """A ZIP file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def office(folder: str = "word", **more: bytes) -> bytes:
    """An office document; a part's name has __ for / and _ before its end: word__document_xml."""
    parts = {name.replace("__", "/"): data for name, data in more.items()}
    parts = {".".join(name.rsplit("_", 1)): data for name, data in parts.items()}
    return packed({"[Content_Types].xml": b"<Types/>", f"{folder}/document.xml": b"<w:document/>"} | parts)


def opened(kind: bytes = b"application/vnd.oasis.opendocument.text", **more: bytes) -> bytes:
    return packed(
        {"mimetype": kind, "content.xml": b"<a/>"} | {name.replace("__", "/"): data for name, data in more.items()}
    )
