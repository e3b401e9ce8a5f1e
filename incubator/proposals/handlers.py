"""What follows from events of lower packages and of this one."""

from incubator.calls.events import CallExtended
from incubator.core.outbox import subscribe
from incubator.proposals import services
from incubator.proposals.events import CommentWritten, ProposalMoved


@subscribe(CallExtended)
def tell_of_more_time(event: CallExtended) -> None:
    """Who has a draft in the call learns until when it can be handed in."""
    services.tell_of_more_time(event.call_id)


@subscribe(CommentWritten)
def tell_of_comment(event: CommentWritten) -> None:
    """Who is mentioned, follows or proposes learns of a remark."""
    services.tell_of_comment(event.comment_id)


@subscribe(ProposalMoved)
def tell_followers(event: ProposalMoved) -> None:
    """Who follows learns that it moved on."""
    services.tell_followers(event.proposal_id)
