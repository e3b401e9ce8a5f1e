"""Keys that tell nothing: random, never counted."""

import base64
import secrets

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
SPOKEN = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read as something else


def public_id() -> str:
    """16 random lowercase base32 characters: what stands in addresses, feeds and provider tags."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def spoken(prefix: str) -> str:
    """The number that people quote, such as V-7K3M2Q."""
    return f"{prefix}-" + "".join(secrets.choice(SPOKEN) for _ in range(6))
