"""The document that is handed in, and its hash."""

import hashlib
from typing import Any

import rfc8785


def digest(content: dict[str, Any]) -> bytes:
    """SHA-256 of the canonical JSON (RFC 8785) of a document of plain JSON values; 32 bytes."""
    return hashlib.sha256(rfc8785.dumps(content)).digest()
