"""What the auditor's page of a review says of its steps."""

from typing import Any

from flask_babel import lazy_gettext as _l

from incubator.reviews.models import PanelKind, PanelOutcome

STEPS: dict[str, object] = {
    "review.create": _l("Assigned"),
    "review.clear": _l("Declared: no conflict of interest"),
    "review.recuse": _l("Declared a conflict of interest"),
    "review.start": _l("First saved"),
    "review.seal": _l("Sealed"),
    "review.decline": _l("Declined"),
    "review.hand_over": _l("Handed over to another member"),
    "review.reopen": _l("Opened again by the chair"),
    "review.keep": _l("Kept as it was sealed"),
    "review.exclude": _l("Struck by the chair"),
    "review.lock": _l("Locked, as the round was closed"),
    "review.expire": _l("Expired, as the round was closed"),
}
"""event -> what it is called; another stands under its own name."""

FINDINGS: dict[str, tuple[str, object]] = {
    "no_reviews": ("", _l("No review is sealed yet.")),
    "all_equal": (
        "warn",
        _l("All scores are equal: every proposal has the same chance, and agreement between reviewers is not defined."),
    ),
    "not_identifiable": (
        "warn",
        _l(
            "Every proposal has one review. A strong proposal can’t be told from a lenient reviewer: the order is that "
            "of the raw scores, and no chances are given."
        ),
    ),
    "not_calibrated": (
        "warn",
        _l(
            "Not calibrated: it takes 30 reviews and five reviewers with two or more to tell severity. The scores "
            "shown are the plain means, and the intervals come from how far reviews of one proposal differ."
        ),
    ),
    "not_separated": (
        "warn",
        _l(
            "The scores do not separate the proposals: reviewers differ as much about one as between two. Every "
            "proposal has the same chance."
        ),
    ),
    "no_leniency": ("", _l("No leniency found: reviewers score alike on the whole, and nothing was taken out.")),
    "leniency": ("", _l("Some reviewers score higher or lower than others on the whole; this was taken out.")),
    "disconnected": (
        "warn",
        _l(
            "Some groups of proposals share no reviewer. Between the groups, a strong group can’t be told from lenient "
            "reviewers: compare across them with care, or have a reviewer of one group read in the other."
        ),
    ),
    "single_reviews": (
        "warn",
        _l("Some proposals have one review; their scores are drawn most strongly towards the mean."),
    ),
    "by_moments": (
        "",
        _l("The round is too large for the exact fit; the method of moments was used, which says the same there."),
    ),
}
"""finding of a ranking run -> kind of note, what it says."""

WHY: dict[str, object] = {
    "conflict": _l("conflict of interest"),
    "declined": _l("declined, or stepped back from it"),
    "full": _l("full with proposals that suit better"),
    "rule": _l("a rule about seats, companies or seniority, or fairness"),
    "balance": _l("needed elsewhere, or the least load of another member"),
}
"""why a better reviewer was passed over -> words."""

CONFLICTS: dict[str, object] = {
    "team_member": _l("Member of the team"),
    "line_manager": _l("Line manager of, or managed by, a team member"),
    "cost_center": _l("Same cost centre as a team member"),
    "co_inventor": _l("Shares an invention with a team member"),
    "team_mate": _l("Was in a venture with a team member"),
    "co_proposer": _l("Handed in a proposal with a team member"),
    "home_company": _l("Of the proposer’s own company"),
    "declared": _l("Declared a conflict of interest"),
}
"""kind of conflict -> words."""

KINDS = {
    PanelKind.SECOND: _l("Second round of a proposal"),
    PanelKind.GATE: _l("Gate before a venture’s tranche"),
    PanelKind.PROVIDER: _l("Evaluation of a provider"),
}
GATE_WORDS = {
    PanelOutcome.PASS: _l("Go: the tranche falls due, with the stage and credits set over it"),
    PanelOutcome.HOLD: _l("Hold: no new money until a day, then the gate again"),
    PanelOutcome.PIVOT: _l("Pivot: the venture changes its way, then the gate again"),
    PanelOutcome.FAIL: _l("Kill: the venture is stopped"),
}
OTHER_WORDS = {
    PanelOutcome.PASS: _l("Supported"),
    PanelOutcome.HOLD: _l("Put off"),
    PanelOutcome.FAIL: _l("Not supported"),
}


def outcome_words(kind: PanelKind) -> dict[PanelOutcome, Any]:
    """How the outcomes of a kind read."""
    return GATE_WORDS if kind is PanelKind.GATE else OTHER_WORDS
