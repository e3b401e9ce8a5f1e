"""What in a PDF acts by itself: scripts, programs to start, files within (ISO 32000-2, 12.6 and 7.11)."""

import re
import zlib
from collections.abc import Iterator

from incubator.files.engines.faults import Fault, FaultError

ACTIVE = {
    b"/JavaScript": Fault.SCRIPT,
    b"/Launch": Fault.PROGRAM,
    b"/RichMedia": Fault.PROGRAM,
    b"/SubmitForm": Fault.SCRIPT,
    b"/ImportData": Fault.SCRIPT,
    b"/XFA": Fault.SCRIPT,
    b"/EmbeddedFile": Fault.NESTED,
}
"""Names that only what acts carries. A script's /JS always stands beside /JavaScript (12.6.4.17)."""
END = rb"(?=[\s/<>\[\]()%]|$)"
NAMES = re.compile(b"(" + b"|".join(map(re.escape, ACTIVE)) + rb")s?" + END)
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM = re.compile(rb"stream\r?\n")
OBJECTS = re.compile(rb"/ObjStm" + END)
FLATE_ONLY = re.compile(rb"/(?:ASCIIHexDecode|AHx|ASCII85Decode|A85|LZWDecode|LZW|RunLengthDecode|RL|Predictor)" + END)
PLAIN_HEAD = re.compile(rb"obj\s*<<[\w/\[\]\s.]*>>\s*stream")
"""How an object stream begins: nothing but names and numbers, so that nothing in it can pose as its end."""
CHUNK = 1 << 16
OVERLAP = 64
MOST_STREAMS = 100_000
MOST_READ = 4
"""How often, on the whole, a byte may be read: streams that begin within streams would be read without end."""
LARGEST_UNPACKED = 512 * 1024 * 1024
"""Bytes that all compressed streams together may unpack to; they are looked at piece by piece, never held."""


def check_pdf(data: bytes) -> None:
    """Raises FaultError for a PDF with scripts, programs, files within, a password, or parts nobody can look into.

    Object streams (7.5.7) hide names from who looks at the bytes alone, so each stream is unpacked and searched;
    a name may be written with #xx for any sign (7.3.5).
    """
    plain = _unescaped(data)
    _search(plain)
    if re.search(rb"/Encrypt" + END, plain):
        raise FaultError(Fault.PASSWORD)
    _check_object_streams(plain)
    _check_streams(data)


def _check_streams(data: bytes) -> None:
    view, unpacked, read = memoryview(data), 0, 0
    for count, found in enumerate(STREAM.finditer(data), 1):
        if count > MOST_STREAMS:
            raise FaultError(Fault.TOO_MANY)
        for piece, taken in _pieces(view, found.end()):
            unpacked, read = unpacked + len(piece), read + taken
            if unpacked > LARGEST_UNPACKED or read > MOST_READ * (len(data) + CHUNK):
                raise FaultError(Fault.TOO_LARGE)
            _search(_unescaped(piece))


def _search(data: bytes) -> None:
    found = NAMES.search(data)
    if found:
        raise FaultError(ACTIVE[found[1]])


def _unescaped(data: bytes) -> bytes:
    return ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)


def _check_object_streams(plain: bytes) -> None:
    """An object stream packed otherwise than by Flate alone could hide anything; so could a dictionary with texts."""
    for found in OBJECTS.finditer(plain):
        begin = plain.rfind(b"obj", 0, found.start())
        end = plain.find(b"stream", found.end())
        head = PLAIN_HEAD.fullmatch(plain, max(begin, 0), end + len(b"stream") if end >= 0 else len(plain))
        if head is None or FLATE_ONLY.search(head[0]):
            raise FaultError(Fault.UNREADABLE)


def _pieces(data: memoryview, start: int) -> Iterator[tuple[bytes, int]]:
    """What a Flate stream unpacks to, in pieces that overlap, each with how many bytes were taken for it."""
    unpacker, tail = zlib.decompressobj(), b""
    try:
        while not unpacker.eof and start < len(data):
            given: bytes | memoryview = data[start : start + CHUNK]
            start += len(given)
            while given and not unpacker.eof:
                piece = unpacker.decompress(given, CHUNK)
                taken = len(given) - len(unpacker.unconsumed_tail)
                given = unpacker.unconsumed_tail
                yield tail + piece, taken
                tail = (tail + piece)[-OVERLAP:]
    except zlib.error:
        return
