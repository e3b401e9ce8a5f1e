"""Rounds of a committee, its reviews, conflicts of interest, decisions, letters and the runs of the solvers."""

from incubator.reviews.models.bids import ReviewBid, Wish
from incubator.reviews.models.blinding import AnonymisedText
from incubator.reviews.models.conflicts import ConflictLift
from incubator.reviews.models.handing import HandOver, HandOverState, ReviewReminder
from incubator.reviews.models.helping import HelpState, ReviewRating, SubReview
from incubator.reviews.models.meetings import Choice, Meeting, MeetingItem, MeetingPresence, MeetingVote
from incubator.reviews.models.panels import GateAnswer, Panel, PanelKind, PanelOutcome, PanelReview
from incubator.reviews.models.rounds import (
    Confidence,
    Conflict,
    ConflictKind,
    Decision,
    DecisionSignature,
    Evaluation,
    ImportedResult,
    Letter,
    Recommendation,
    Review,
    ReviewScore,
    ReviewSummary,
    Round,
)
from incubator.reviews.models.runs import AssignmentPair, AssignmentRun, RankingFigure, RankingRun, RunReplay
from incubator.reviews.models.versions import ReviewVersion

__all__ = [
    "AnonymisedText",
    "AssignmentPair",
    "AssignmentRun",
    "Choice",
    "Confidence",
    "Conflict",
    "ConflictKind",
    "ConflictLift",
    "Decision",
    "DecisionSignature",
    "Evaluation",
    "GateAnswer",
    "HandOver",
    "HandOverState",
    "HelpState",
    "ImportedResult",
    "Letter",
    "Meeting",
    "MeetingItem",
    "MeetingPresence",
    "MeetingVote",
    "Panel",
    "PanelKind",
    "PanelOutcome",
    "PanelReview",
    "RankingFigure",
    "RankingRun",
    "Recommendation",
    "Review",
    "ReviewBid",
    "ReviewRating",
    "ReviewReminder",
    "ReviewScore",
    "ReviewSummary",
    "ReviewVersion",
    "Round",
    "RunReplay",
    "SubReview",
    "Wish",
]
