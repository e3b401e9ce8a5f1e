"""What can be done with a proposal, from the first draft to its place in a venture."""

from incubator.proposals.services.asking import MOST as MOST_QUESTIONS
from incubator.proposals.services.asking import AnswersMoved, Asked, answer, ask, end_asking, keep_answers
from incubator.proposals.services.attachments import MOST as MOST_ATTACHMENTS
from incubator.proposals.services.attachments import attach, detach
from incubator.proposals.services.background import add_background, remove_background
from incubator.proposals.services.bulk import MOST_AT_ONCE, Order, is_undoable, take_step, undo
from incubator.proposals.services.chain import charter, decide, deliberate, open_review, recall
from incubator.proposals.services.changes import (
    CHANGEABLE,
    accept_change,
    decline_change,
    leave,
    propose_change,
    withdraw_change,
)
from incubator.proposals.services.copying import ENDED, copy_on
from incubator.proposals.services.differences import answer_likeness, ask_likeness, give_difference
from incubator.proposals.services.drafts import WRITABLE, TextMoved, create_draft, restore, save
from incubator.proposals.services.handing_in import lapse, submit, tell_of_more_time, withdraw
from incubator.proposals.services.importing import import_drafts
from incubator.proposals.services.likeness import (
    fit,
    index_meanings,
    index_new,
    meaning_of,
    say_meaning,
    words_of,
)
from incubator.proposals.services.merging import merge
from incubator.proposals.services.opening import LONGEST_SUMMARY, close_to_colleagues, open_to_colleagues
from incubator.proposals.services.outcomes import (
    answer_appeal,
    appeal,
    appeal_ends,
    drop_trigger,
    due_triggers,
    fire_trigger,
    set_trigger,
)
from incubator.proposals.services.presence import Present, note_presence
from incubator.proposals.services.screening import (
    classify,
    put_back,
    return_,
    route,
    rule_out,
    screen,
    take_return_back,
)
from incubator.proposals.services.talk import (
    accept_offer,
    decline_offer,
    follow,
    mentioned,
    offer_to_join,
    tell_followers,
    tell_of_comment,
    unfollow,
    withdraw_comment,
    withdraw_offer,
    write_comment,
)
from incubator.proposals.services.teams import (
    Share,
    accept_share,
    add_member,
    adopt_counter,
    ask_team,
    counter_share,
    decline_share,
    set_team,
    take_back,
)
from incubator.proposals.states import JOINABLE

__all__ = [
    "CHANGEABLE",
    "ENDED",
    "JOINABLE",
    "LONGEST_SUMMARY",
    "MOST_ATTACHMENTS",
    "MOST_AT_ONCE",
    "MOST_QUESTIONS",
    "WRITABLE",
    "AnswersMoved",
    "Asked",
    "Order",
    "Present",
    "Share",
    "TextMoved",
    "accept_change",
    "accept_offer",
    "accept_share",
    "add_background",
    "add_member",
    "adopt_counter",
    "answer",
    "answer_appeal",
    "answer_likeness",
    "appeal",
    "appeal_ends",
    "ask",
    "ask_likeness",
    "ask_team",
    "attach",
    "charter",
    "classify",
    "close_to_colleagues",
    "copy_on",
    "counter_share",
    "create_draft",
    "decide",
    "decline_change",
    "decline_offer",
    "decline_share",
    "deliberate",
    "detach",
    "drop_trigger",
    "due_triggers",
    "end_asking",
    "fire_trigger",
    "fit",
    "follow",
    "give_difference",
    "import_drafts",
    "index_meanings",
    "index_new",
    "is_undoable",
    "keep_answers",
    "lapse",
    "leave",
    "meaning_of",
    "mentioned",
    "merge",
    "note_presence",
    "offer_to_join",
    "open_review",
    "open_to_colleagues",
    "propose_change",
    "put_back",
    "recall",
    "remove_background",
    "restore",
    "return_",
    "route",
    "rule_out",
    "save",
    "say_meaning",
    "screen",
    "set_team",
    "set_trigger",
    "submit",
    "take_back",
    "take_return_back",
    "take_step",
    "tell_followers",
    "tell_of_comment",
    "tell_of_more_time",
    "undo",
    "unfollow",
    "withdraw",
    "withdraw_change",
    "withdraw_comment",
    "withdraw_offer",
    "words_of",
    "write_comment",
]
