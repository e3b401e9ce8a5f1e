"""What the auditor's page of a review says of its steps."""

from flask_babel import lazy_gettext as _l

STEPS: dict[str, object] = {
    "review.create": _l("Assigned"),
    "review.clear": _l("Declared: no conflict of interest"),
    "review.recuse": _l("Declared a conflict of interest"),
    "review.start": _l("First saved"),
    "review.seal": _l("Sealed"),
    "review.lock": _l("Locked, as the round was closed"),
    "review.expire": _l("Expired, as the round was closed"),
}
"""event -> what it is called; another stands under its own name."""
