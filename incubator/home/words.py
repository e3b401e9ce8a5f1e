"""What waits for a person, in words: kind -> (icon, tint, text)."""

from flask_babel import lazy_gettext as _l

WORDS: dict[str, tuple[str, str, object]] = {
    # proposals (section of engineer D); add: from flask_babel import lazy_gettext as _l
    # reviews (section of engineer E)
    # ventures, cloud (section of engineer F)
    # approvals, patents (section of engineer G)
    # equity, transparency (section of engineer H)
    "equity_offer": ("signature", "warn", _l("An offer of equity waits for your answer")),
    "equity_draft": ("pencil", "info", _l("A draft grant waits for you to finish it")),
}
