"""What an office document packs: measured before anything opens it, and nothing in it may act by itself."""

import io
import re
import zipfile

from incubator.files.engines.faults import Fault, FaultError
from incubator.files.engines.kinds import ZIP

MOST_ENTRIES = 3_000
LARGEST_UNPACKED = 250 * 1024 * 1024
DEEPEST = 2
"""An office document may hold another one (a chart its table), and that one no third."""
ENCRYPTED = 0x1
MACROS = re.compile(r"(^|/)(vbaProject\.bin|vbaData\.xml)$|(^|/)(Basic|Scripts)/|(^|/)macrosheets/", re.IGNORECASE)
PROGRAMS = re.compile(
    r"(^|/)(activeX/|oleObject[^/]*\.bin$)|\.(exe|dll|js|vbs|bat|cmd|ps1|jar|msi|scr)$", re.IGNORECASE
)
REMOTE = re.compile(
    rb"<(?:\w+:)?Relationship\b(?=[^>]*TargetMode\s*=\s*[\"']External)"
    rb"(?=[^>]*/(?:attachedTemplate|oleObject|frame|subDocument)[\"'])",
)
"""A relationship that fetches a template, a frame or an object from elsewhere when the document opens."""
FIELDS = re.compile(rb"<w:(?:instrText|fldSimple)[^>]*>?[^<>]{0,200}\bDDE(?:AUTO)?\b")
LARGEST_PART = 20 * 1024 * 1024


def check_archive(data: bytes, depth: int = 1) -> None:
    """Raises FaultError for an office document with macros, programs, remote parts, a password or too much in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _measure(entries)
            for entry in entries:
                _check_name(entry.filename)
            for entry in entries:
                _check_part(archive, entry, depth)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise FaultError(Fault.DAMAGED) from error


def _measure(entries: list[zipfile.ZipInfo]) -> None:
    """Python unpacks no entry beyond the size it declares, so that what is declared is what counts."""
    if len(entries) > MOST_ENTRIES:
        raise FaultError(Fault.TOO_MANY)
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise FaultError(Fault.TOO_LARGE)
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise FaultError(Fault.PASSWORD)


def _check_name(name: str) -> None:
    if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name:
        raise FaultError(Fault.DAMAGED)
    if MACROS.search(name):
        raise FaultError(Fault.MACROS)
    if PROGRAMS.search(name):
        raise FaultError(Fault.PROGRAM)


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, depth: int) -> None:
    name = entry.filename.lower()
    if name == "[content_types].xml" and b"macroenabled" in _part(archive, entry).lower():
        raise FaultError(Fault.MACROS)
    if name.endswith(".rels") and REMOTE.search(_part(archive, entry)):
        raise FaultError(Fault.REMOTE)
    if name.startswith("word/") and name.endswith(".xml") and FIELDS.search(_part(archive, entry)):
        raise FaultError(Fault.PROGRAM)
    with archive.open(entry) as part:
        is_archive = part.read(len(ZIP)) == ZIP
    if is_archive:
        if depth >= DEEPEST:
            raise FaultError(Fault.NESTED)
        check_archive(_part(archive, entry), depth + 1)


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.file_size > LARGEST_PART:
        raise FaultError(Fault.TOO_LARGE)
    return archive.read(entry)
