"""What can be done with reviews, rounds and decisions."""

from incubator.reviews.services.assigning import ROUND_CLOSED, assign, clear, declare, put_to_committee, recuse
from incubator.reviews.services.assignment_runs import (
    add_pair,
    drop_pair,
    prepare_assignment,
    publish_assignment,
)
from incubator.reviews.services.conflicts import lift, recompute
from incubator.reviews.services.correcting import decline, exclude, reopen
from incubator.reviews.services.deciding import BelowQuorum, close_round, override, prepare, sign
from incubator.reviews.services.importing import ImportReplay, import_round, replay_import
from incubator.reviews.services.letters import write_letters
from incubator.reviews.services.ranking_runs import rank
from incubator.reviews.services.recalling import recall
from incubator.reviews.services.rehearsing import Rehearsal, rehearse
from incubator.reviews.services.releasing import PoolShort, hold, release
from incubator.reviews.services.replaying import Replay, replay, replay_round
from incubator.reviews.services.reviewing import Content, save, saved, seal

__all__ = [
    "ROUND_CLOSED",
    "BelowQuorum",
    "Content",
    "ImportReplay",
    "PoolShort",
    "Rehearsal",
    "Replay",
    "add_pair",
    "assign",
    "clear",
    "close_round",
    "declare",
    "decline",
    "drop_pair",
    "exclude",
    "hold",
    "import_round",
    "lift",
    "override",
    "prepare",
    "prepare_assignment",
    "publish_assignment",
    "put_to_committee",
    "rank",
    "recall",
    "recompute",
    "recuse",
    "rehearse",
    "release",
    "reopen",
    "replay",
    "replay_import",
    "replay_round",
    "save",
    "saved",
    "seal",
    "sign",
    "write_letters",
]
