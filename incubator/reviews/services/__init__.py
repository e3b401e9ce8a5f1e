"""What can be done with reviews, rounds and decisions."""

from incubator.reviews.queries.panels import Subject
from incubator.reviews.services.anonymising import anonymise, approve_text
from incubator.reviews.services.assigning import (
    ROUND_CLOSED,
    ask_one_more,
    assign,
    assign_more,
    clear,
    declare,
    put_to_committee,
    recuse,
)
from incubator.reviews.services.assignment_runs import (
    add_pair,
    ask_more,
    drop_pair,
    prepare_assignment,
    publish_assignment,
    try_assignment,
)
from incubator.reviews.services.bids import save_bids
from incubator.reviews.services.bulk import Done, decide_many, reconsider_many
from incubator.reviews.services.conflicts import keep_onlookers_out, lift, recompute
from incubator.reviews.services.correcting import decline, exclude, reopen
from incubator.reviews.services.deciding import BelowQuorum, close_round, override, prepare, sign
from incubator.reviews.services.gates import answer_gate
from incubator.reviews.services.handing import answer_hand_over, ask_hand_over
from incubator.reviews.services.helping import (
    answer_help,
    ask_help,
    declare_for_help,
    give_opinion,
    rate_review,
)
from incubator.reviews.services.importing import ImportReplay, import_round, replay_import
from incubator.reviews.services.letters import write_letters
from incubator.reviews.services.many import Change, save_many
from incubator.reviews.services.meetings import (
    close_item,
    convene,
    end,
    move_item,
    note,
    note_presence,
    open_item,
    vote,
    vote_again,
)
from incubator.reviews.services.panels import (
    Judgement,
    ask_more_judges,
    cancel_panel,
    clear_panel_review,
    close_to_conflicted,
    confirm_panel,
    decide_panel,
    open_panel,
    recuse_from_panel,
    replay_panel,
    save_panel_review,
    seal_panel_review,
    send_back_panel,
    subject_of,
)
from incubator.reviews.services.ranking_runs import rank
from incubator.reviews.services.recalling import recall
from incubator.reviews.services.rehearsing import Rehearsal, rehearse
from incubator.reviews.services.releasing import PoolShort, hold, release
from incubator.reviews.services.reminding import remind_now
from incubator.reviews.services.replaying import Replay, replay, replay_round
from incubator.reviews.services.reviewing import Content, save, saved, seal
from incubator.reviews.services.run_replays import replay_run
from incubator.reviews.services.settling import (
    address_of,
    outcomes_for,
    release_settled,
    settle,
    sign_settled,
    tell_committee,
)
from incubator.reviews.services.superseding import reconsider

__all__ = [
    "ROUND_CLOSED",
    "BelowQuorum",
    "Change",
    "Content",
    "Done",
    "ImportReplay",
    "Judgement",
    "PoolShort",
    "Rehearsal",
    "Replay",
    "Subject",
    "add_pair",
    "address_of",
    "anonymise",
    "answer_gate",
    "answer_hand_over",
    "answer_help",
    "approve_text",
    "ask_hand_over",
    "ask_help",
    "ask_more",
    "ask_more_judges",
    "ask_one_more",
    "assign",
    "assign_more",
    "cancel_panel",
    "clear",
    "clear_panel_review",
    "close_item",
    "close_round",
    "close_to_conflicted",
    "confirm_panel",
    "convene",
    "decide_many",
    "decide_panel",
    "declare",
    "declare_for_help",
    "decline",
    "drop_pair",
    "end",
    "exclude",
    "give_opinion",
    "hold",
    "import_round",
    "keep_onlookers_out",
    "lift",
    "move_item",
    "note",
    "note_presence",
    "open_item",
    "open_panel",
    "outcomes_for",
    "override",
    "prepare",
    "prepare_assignment",
    "publish_assignment",
    "put_to_committee",
    "rank",
    "rate_review",
    "recall",
    "recompute",
    "reconsider",
    "reconsider_many",
    "recuse",
    "recuse_from_panel",
    "rehearse",
    "release",
    "release_settled",
    "remind_now",
    "reopen",
    "replay",
    "replay_import",
    "replay_panel",
    "replay_round",
    "replay_run",
    "save",
    "save_bids",
    "save_many",
    "save_panel_review",
    "saved",
    "seal",
    "seal_panel_review",
    "send_back_panel",
    "settle",
    "sign",
    "sign_settled",
    "subject_of",
    "tell_committee",
    "try_assignment",
    "vote",
    "vote_again",
    "write_letters",
]
