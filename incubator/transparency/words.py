"""What the walk finds, in words."""

from flask_babel import lazy_gettext as _l

from incubator.core.audit import DENIED
from incubator.people.services import SIGN_IN_REFUSED

FINDINGS: dict[str, object] = {
    "row_missing": _l("The row that the cause names is not there."),
    "cause_missing": _l("The event that is said to have led here is not there, or is about nothing of this chain."),
    "cause_changed": _l("The row names another cause than the event of its birth."),
    "birth_missing": _l("There is no event of its birth."),
    "state_changed": _l("It stands in another state than its last event says."),
}
STEPS: dict[str, object] = {
    "approval.request": _l("Signature asked for"),
    "approval.sign": _l("Signed"),
    "approval.refuse": _l("Signature refused"),
    "approval.cancel": _l("Request taken back"),
    "decision.sign": _l("Signed"),
    "decision.override": _l("Decided otherwise than the rule"),
    DENIED: _l("Denied"),
    SIGN_IN_REFUSED: _l("Sign-in failed"),
}
"""Events that move no state, in words."""
PROOFS: dict[str, tuple[str, str, object]] = {
    "holds": ("good", "circle-check", _l("Proof holds")),
    "erased": ("neutral", "archive", _l("Content erased, event stands")),
    "broken": ("bad", "alert-triangle", _l("Content does not match its proof")),
}
"""proof -> (tint, icon, text)"""
