"""Asking ClamAV, where an installation has one (clamd's INSTREAM command): fails closed."""

import socket
import struct

from incubator.core import settings
from incubator.files.engines.faults import Fault, FaultError

PATIENCE = 20.0
SHORT_PATIENCE = 2.0
CHUNK = 1 << 16


def scan(data: bytes) -> None:
    """Raises FaultError INFECTED, or NO_SCANNER when one is configured and gives no clear answer."""
    address = settings.current().clamav
    if not address:
        return
    try:
        answer = _ask(address, data)
    except OSError as error:
        raise FaultError(Fault.NO_SCANNER) from error
    if answer.endswith(b" FOUND"):
        raise FaultError(Fault.INFECTED)
    if not answer.endswith(b": OK"):
        raise FaultError(Fault.NO_SCANNER)


def is_answering() -> bool | None:
    """Whether the scanner answers clamd's PING; None where none is set."""
    address = settings.current().clamav
    if not address:
        return None
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=SHORT_PATIENCE) as connection:
            connection.sendall(b"zPING\0")
            return connection.recv(16).startswith(b"PONG")
    except OSError:
        return False


def _ask(address: str, data: bytes) -> bytes:
    """Send the bytes in chunks, each after its length in four bytes, and read the answer up to its NUL."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), CHUNK):
            piece = data[start : start + CHUNK]
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
        answer = b""
        while piece := connection.recv(4096):
            answer += piece
    return answer.rstrip(b"\0").strip()
