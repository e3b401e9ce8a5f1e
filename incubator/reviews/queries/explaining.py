"""A decision in words, from the figures the rule left."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from incubator.reviews.engines.deciding import Reason
from incubator.web.formats import money


def score_text(hundredths: int | None) -> str:
    """3.88 for 388."""
    return "–" if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02}"


def _of_lot(result: Mapping[str, Any]) -> str:
    """That its place was drawn, where it was."""
    if result.get("lot") is None:
        return ""
    words = _("The ranking left it undecided, and its place among those was drawn by lot: %(lot)s.", lot=result["lot"])
    return f"{words} "


def explain_apart(result: Mapping[str, Any], currency: str) -> str:
    """The same without place and budget left, from which who is kept from a proposal could tell that there is one."""
    requested = money(result["requested"], currency, trim=True)
    match Reason(result["reason"]):
        case Reason.WITHIN_BUDGET:
            return str(
                _(
                    "It reaches what the rule asks for, and the theme's budget covered its %(requested)s.",
                    requested=requested,
                )
            )
        case Reason.OVER_BUDGET | Reason.AFTER_THE_LINE:
            return str(_("The theme's budget did not reach for its %(requested)s at its turn.", requested=requested))
        case _:
            return explain(result, currency)


def explain(result: Mapping[str, Any], currency: str) -> str:
    """Why the rule says what it says of a proposal, in a sentence for the committee and the proposer."""
    values = {
        "rank": result["rank"],
        "total": score_text(result["total"]),
        "minimum": score_text(result["minimum"]),
        "reviews": result["reviews"],
        "quorum": result["quorum"],
        "requested": money(result["requested"], currency, trim=True),
        "left": money(result["budget_before"], currency, trim=True),
        "short": money(result["short_by"], currency, trim=True),
    }
    drawn = _of_lot(result)
    match Reason(result["reason"]):
        case Reason.WITHIN_BUDGET:
            return drawn + str(
                _(
                    "Place %(rank)s in its theme. It asks for %(requested)s; the theme had %(left)s left at its turn.",
                    **values,
                )
            )
        case Reason.BELOW_MINIMUM:
            return str(_("Its score of %(total)s is below the minimum of %(minimum)s.", **values))
        case Reason.NOT_FLAGGED:
            return str(_("It did not reach the threshold that this round applied."))
        case Reason.OVER_BUDGET:
            return drawn + str(
                _(
                    "Place %(rank)s in its theme. It asks for %(requested)s; the theme had %(left)s left at its turn, "
                    "%(short)s too little.",
                    **values,
                )
            )
        case Reason.AFTER_THE_LINE:
            return str(
                _("Place %(rank)s in its theme. A proposal before it no longer fitted the theme's budget.", **values)
            )
        case Reason.BELOW_QUORUM:
            return str(_("It has %(reviews)s counted reviews; the rule asks for %(quorum)s.", **values))
