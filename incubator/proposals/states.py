"""The life of a proposal (who takes which step stands in permissions/)."""

from enum import StrEnum

from incubator.core.states import StateMachine


class ProposalState(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    AWAITING_TEAM = "awaiting_team"
    SUBMITTED = "submitted"
    SCREENING = "screening"
    RETURNED = "returned"
    INELIGIBLE = "ineligible"
    MERGED = "merged"
    IN_REVIEW = "in_review"
    CLARIFICATION = "clarification"
    DELIBERATION = "deliberation"
    ACCEPTED = "accepted"
    ACCEPTED_CONDITIONAL = "accepted_conditional"
    SHELVED = "shelved"
    REJECTED = "rejected"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class ChangeState(StrEnum):
    """Where a change of an agreed team stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class OfferState(StrEnum):
    """Where an offer to join a team stands."""

    MADE = "made"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


S = ProposalState
OUTCOMES = (S.ACCEPTED, S.ACCEPTED_CONDITIONAL, S.SHELVED, S.REJECTED)
UNDECIDED = (
    S.DRAFT, S.AWAITING_TEAM, S.SUBMITTED, S.SCREENING, S.RETURNED, S.IN_REVIEW, S.CLARIFICATION, S.DELIBERATION,
)  # fmt: skip
JOINABLE = tuple(one for one in UNDECIDED if one is not S.AWAITING_TEAM)
"""States in which a team can still grow."""

LIFE = StateMachine[ProposalState](
    "proposal",
    {
        # step          from                                          to
        "ask_team":     ((S.DRAFT,), S.AWAITING_TEAM),
        "submit":       ((S.AWAITING_TEAM, S.RETURNED), S.SUBMITTED),
        "decline_team": ((S.AWAITING_TEAM,), S.DRAFT),
        "lapse":        ((S.DRAFT, S.AWAITING_TEAM), S.LAPSED),
        "screen":       ((S.SUBMITTED,), S.SCREENING),
        "put_back":     ((S.SCREENING,), S.SUBMITTED),
        "return":       ((S.SCREENING,), S.RETURNED),
        "take_return_back": ((S.RETURNED,), S.SCREENING),
        "rule_out":     ((S.SCREENING,), S.INELIGIBLE),
        "merge":        ((S.SCREENING,), S.MERGED),
        "open_review":  ((S.SCREENING,), S.IN_REVIEW),
        "ask":          ((S.IN_REVIEW,), S.CLARIFICATION),
        "answer":       ((S.CLARIFICATION,), S.IN_REVIEW),
        "deliberate":   ((S.IN_REVIEW,), S.DELIBERATION),
        "decide":       ((S.DELIBERATION,), OUTCOMES),
        "settle":       ((S.ACCEPTED_CONDITIONAL,), (S.ACCEPTED, S.REJECTED)),
        "charter":      ((S.ACCEPTED,), S.ACCEPTED),
        "withdraw":     (UNDECIDED, S.WITHDRAWN),
        "appeal":       ((S.REJECTED, S.SHELVED, S.ACCEPTED_CONDITIONAL, S.INELIGIBLE), S.APPEALED),
        "answer_appeal": ((S.APPEALED,), (*OUTCOMES, S.INELIGIBLE, S.SCREENING)),
        "recall":       ((S.SHELVED,), S.SUBMITTED),
    },
)  # fmt: skip
"""copy_on makes a new draft with its parent and moves nothing. An appeal leads back to the state it was made in, or to
that of a superseding decision; being found not eligible is no decision: what was wrongly ruled out is checked again.
put_back and take_return_back are counter-steps of an officer's own bulk step, while nothing has happened since."""

C = ChangeState
TEAM_CHANGE = StateMachine[ChangeState](
    "team_change",
    {
        # step      from            to
        "agree":    ((C.PROPOSED,), C.AGREED),
        "decline":  ((C.PROPOSED,), C.DECLINED),
        "withdraw": ((C.PROPOSED,), C.WITHDRAWN),
    },
)  # fmt: skip

F = OfferState
JOIN_OFFER = StateMachine[OfferState](
    "join_offer",
    {
        # step      from         to
        "accept":   ((F.MADE,), F.ACCEPTED),
        "decline":  ((F.MADE,), F.DECLINED),
        "withdraw": ((F.MADE,), F.WITHDRAWN),
    },
)  # fmt: skip
