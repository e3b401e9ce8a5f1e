"""What this package says in words: faults of answers and shares, and the steps of a proposal's way."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from incubator.core.money import WHOLE
from incubator.proposals.engines import outlook
from incubator.proposals.engines.answers import Fault
from incubator.proposals.engines.shares import ShareFault

FAULTS: dict[Fault, object] = {
    Fault.UNKNOWN: _l("The call does not ask this."),
    Fault.WRONG_KIND: _l("This is not the kind of answer the call asks for."),
    Fault.TOO_LONG: _l("Shorten this to at most %(limit)s characters."),
    Fault.OUT_OF_RANGE: _l("Enter a number from 0 to the limit of this question."),
    Fault.NO_CHOICE: _l("Choose one of the answers."),
}
STEPS: dict[str, object] = {
    "proposal.create": _l("Draft begun"),
    "proposal.ask_team": _l("Team asked to agree to the shares"),
    "proposal.accept_share": _l("Share accepted"),
    "proposal.decline_team": _l("Back to a draft"),
    "proposal.submit": _l("Handed in"),
    "proposal.lapse": _l("Lapsed at the closing of the call"),
    "proposal.screen": _l("Eligibility check begun"),
    "proposal.put_back": _l("Eligibility check taken back"),
    "proposal.take_return_back": _l("Return taken back"),
    "proposal.route": _l("Put into another call"),
    "proposal.return": _l("Returned to be put right"),
    "proposal.rule_out": _l("Found not eligible"),
    "proposal.open_review": _l("Put to the reviewers"),
    "proposal.deliberate": _l("Put to the committee"),
    "proposal.decide": _l("Decided"),
    "proposal.charter": _l("Venture opened"),
    "proposal.withdraw": _l("Withdrawn"),
    "proposal.copy_on": _l("Carried on in a new draft"),
    "proposal.counter_share": _l("Another share proposed"),
    "proposal.change_team": _l("Shares of the team changed, with everybody’s consent"),
    "proposal.leave": _l("A member left the team"),
    "proposal.ask": _l("The committee asked questions"),
    "proposal.answer": _l("Questions answered"),
    "proposal.merge": _l("Merged into another proposal"),
    "proposal.appeal": _l("Appealed"),
    "proposal.refer_appeal": _l("Appeal upheld: the committee decides anew"),
    "proposal.settle": _l("Its conditions decided on"),
    "proposal.answer_appeal": _l("Appeal answered"),
    "proposal.fire_trigger": _l("What it waited for has come"),
    "proposal.recall": _l("Taken from the shelf into a call"),
}
"""The events that the way of a proposal shows; others are not the reader's business."""
COMING: dict[str, object] = {
    outlook.HANDED_IN: _l("Handing in, by the proposer"),
    outlook.AGREED: _l("Handing in, once the whole team has agreed"),
    outlook.ANSWERED: _l("Answers to the committee’s questions, by the proposer"),
    outlook.APPEAL_ANSWERED: _l("Answer to the appeal, by the innovation office"),
    outlook.DECIDED_ANEW: _l("A new decision, by the chair and a second member"),
    outlook.SCREENED: _l("Eligibility check, by the innovation office"),
    outlook.REVIEWED: _l("Review, by the reviewers"),
    outlook.MEETING: _l("Committee meeting"),
    outlook.RELEASE: _l("Decision, by the chair and a second member"),
}


def fault(kind: Fault, limit: int | None) -> str:
    """What to do about an answer."""
    return str(FAULTS[kind]) % {"limit": f"{limit:,}" if limit is not None else ""}


def share_fault(kind: ShareFault, total: int) -> str:
    """What to do about the shares; total in basis points."""
    if kind is ShareFault.NOT_POSITIVE:
        return str(_("Each share must be above 0 %."))
    if kind is ShareFault.NOBODY:
        return str(_("A team has at least its proposer."))
    gap = abs(WHOLE - total)
    n = f"{gap // 100}.{gap % 100:02}"
    if kind is ShareFault.TOO_LITTLE:
        return str(_("The shares must sum to 100.00 %%: %(n)s %% is missing.", n=n))
    return str(_("The shares must sum to 100.00 %%: %(n)s %% is too much.", n=n))
