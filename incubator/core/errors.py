"""What a service raises when it declines to act; the web turns each into a page or an answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hidden:
    """A row that somebody asked for and may not see, if there is one: its table's model and its public id."""

    model: type[object]
    public_id: str


class DomainError(Exception):
    """A rule of the business says no.

    code: a stable word for logs and API answers; field: the form field it belongs to, if any;
    message: what was wrong and what would be right, in the reader's language (a lazy string is fine);
    about: what it is about, for the audit trail: a row, or Hidden.
    """

    status = 422
    code = "refused"

    def __init__(
        self, message: object, *, field: str | None = None, code: str | None = None, about: object = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code or type(self).code
        self.about = about


class Invalid(DomainError):
    """The input breaks a rule (422)."""

    code = "invalid"


class NotFound(DomainError):
    """Not there, or not for your eyes: the two are the same answer (404)."""

    status = 404
    code = "not_found"


class NotAllowed(DomainError):
    """A step on a thing you see, that is somebody else's to take (403)."""

    status = 403
    code = "not_allowed"


class WrongState(DomainError):
    """The thing is not in a state from which this step exists (409)."""

    status = 409
    code = "wrong_state"


class Stale(DomainError):
    """Somebody else changed it meanwhile (409)."""

    status = 409
    code = "stale"


class NotInTransaction(RuntimeError):
    """Programming error: a write outside of transaction()."""
