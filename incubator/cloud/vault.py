"""Secrets at rest: encrypted with the installation's key (Fernet: AES-128-CBC with HMAC-SHA256)."""

from typing import TYPE_CHECKING

from incubator.core import settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def encrypt(plain: str) -> bytes:
    """What may stand in the database."""
    return _cipher().encrypt(plain.encode())


def decrypt(ciphertext: bytes) -> str:
    """What was encrypted. Raises cryptography's InvalidToken when the key or the text is another."""
    return _cipher().decrypt(ciphertext).decode()


def _cipher() -> "Fernet":
    from cryptography.fernet import Fernet  # 7 MB: few web processes ever need it

    return Fernet(settings.current().encryption_key)
