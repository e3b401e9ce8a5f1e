"""What may go wrong at a provider, in the words of the README's table."""

from enum import StrEnum


class Fault(StrEnum):
    """One thing that goes wrong, once; what is asked again afterwards succeeds."""

    DOWN = "The provider cannot be reached"
    FAILS = "It fails before anything happens"
    LOST = "It does what was asked and its answer is lost"
    GARBLED = "It does what was asked and answers nonsense"
    THROTTLED = "It is asked too often"
    REFUSED = "It does not accept our credentials"
    SLOW = "What was asked takes its time"
    TAKEN = "Somebody else's account has the name"
    RENAMED = "An account is gone or renamed by hand"
    STUCK = "Something cannot be removed"
