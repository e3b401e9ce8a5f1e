"""Keys that tell nothing: random, never counted."""

import secrets

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
SPOKEN = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read as something else


def public_id() -> str:
    """16 random lowercase base32 characters: what stands in addresses, feeds and provider tags."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))


def spoken(prefix: str) -> str:
    """The number that people quote, such as V-7K3M2Q."""
    return f"{prefix}-" + "".join(secrets.choice(SPOKEN) for _ in range(6))
