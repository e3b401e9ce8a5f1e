"""Notices in words: kind -> text with %(name)s for the notice's values."""

from flask_babel import lazy_gettext as _l

from incubator.notifications.models import Notice

WORDS: dict[str, object] = {
    # proposals (section of engineer D); add: from flask_babel import lazy_gettext as _l
    # reviews (section of engineer E)
    # ventures, cloud (section of engineer F)
    # approvals, patents (section of engineer G)
    # equity, transparency (section of engineer H)
    "equity_plan.approved": _l("The equity plan of %(venture)s is approved."),
    "equity_plan.refused": _l("The equity plan of %(venture)s was refused."),
    "equity_grant.offered": _l("You are offered a grant of %(venture)s: %(number)s."),
    "equity_grant.approved": _l("Grant %(number)s is approved and offered to its holder."),
    "equity_grant.sent_back": _l("Grant %(number)s was sent back to you."),
    "equity_grant.accepted": _l("Grant %(number)s was accepted by its holder."),
    "equity_grant.declined": _l("Grant %(number)s was declined by its holder."),
}


def words(notice: Notice) -> str:
    """The notice in the reader's language. A lazy string is put into words first, then filled."""
    return str(WORDS[notice.kind]) % notice.values
