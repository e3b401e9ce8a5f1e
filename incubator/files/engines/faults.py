"""Why a file is refused."""

from enum import StrEnum


class Fault(StrEnum):
    """One reason; the words for it stand in files/words.py."""

    EMPTY = "empty"
    LARGE = "large"
    UNKNOWN = "unknown"
    OLD_OFFICE = "old_office"
    NOT_ACCEPTED = "not_accepted"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    NESTED = "nested"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    MACROS = "macros"
    SCRIPT = "script"
    PROGRAM = "program"
    REMOTE = "remote"
    UNREADABLE = "unreadable"
    INFECTED = "infected"
    NO_SCANNER = "no_scanner"


class FaultError(Exception):
    """A file is refused for a reason."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault
