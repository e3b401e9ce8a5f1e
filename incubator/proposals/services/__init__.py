"""What can be done with a proposal, from the first draft to its place in a venture."""

from incubator.proposals.services.attachments import MOST as MOST_ATTACHMENTS
from incubator.proposals.services.attachments import attach, detach
from incubator.proposals.services.chain import charter, decide, deliberate, open_review
from incubator.proposals.services.copying import ENDED, copy_on
from incubator.proposals.services.drafts import WRITABLE, TextMoved, create_draft, restore, save
from incubator.proposals.services.handing_in import lapse, submit, tell_of_more_time, withdraw
from incubator.proposals.services.screening import return_, rule_out, screen
from incubator.proposals.services.teams import (
    Share,
    accept_share,
    add_member,
    ask_team,
    decline_share,
    set_team,
    take_back,
)

__all__ = [
    "ENDED",
    "MOST_ATTACHMENTS",
    "WRITABLE",
    "Share",
    "TextMoved",
    "accept_share",
    "add_member",
    "ask_team",
    "attach",
    "charter",
    "copy_on",
    "create_draft",
    "decide",
    "decline_share",
    "deliberate",
    "detach",
    "lapse",
    "open_review",
    "restore",
    "return_",
    "rule_out",
    "save",
    "screen",
    "set_team",
    "submit",
    "take_back",
    "tell_of_more_time",
    "withdraw",
]
