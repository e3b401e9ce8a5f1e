"""What proposals announce."""

from dataclasses import dataclass
from typing import ClassVar

from incubator.core.outbox import Event


@dataclass(frozen=True)
class ProposalAnswered(Event):
    """The committee's questions are answered, or their time is over: the review goes on."""

    name: ClassVar[str] = "proposal.answered"
    proposal_id: int


@dataclass(frozen=True)
class AppealReferred(Event):
    """An appeal against a decision was upheld: the committee decides anew."""

    name: ClassVar[str] = "proposal.appeal_referred"
    proposal_id: int


@dataclass(frozen=True)
class CommentWritten(Event):
    """Somebody said something about a proposal."""

    name: ClassVar[str] = "comment.written"
    comment_id: int


@dataclass(frozen=True)
class ProposalMoved(Event):
    """A proposal that somebody follows came into another state."""

    name: ClassVar[str] = "proposal.moved"
    proposal_id: int
