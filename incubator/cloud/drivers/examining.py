"""Trying what may be looked at, and saying in plain words what came of it."""

from collections.abc import Callable

from incubator.cloud.drivers.base import Check, DriverError

Look = Callable[[], object]


def looked(words: str, look: Look) -> Check:
    """What is claimed, when the look succeeds; else that it is not so, and why."""
    try:
        look()
    except DriverError as error:
        return Check(False, f"Not so: {words} ({type(error).__name__}: {error})")
    return Check(True, words)


def all_looked(*looks: tuple[str, Look]) -> list[Check]:
    """Each in turn; when the first fails, the rest would fail for the same reason and are left out."""
    first, *rest = looks
    found = [looked(*first)]
    return found + [looked(*look) for look in rest] if found[0].is_good else found
