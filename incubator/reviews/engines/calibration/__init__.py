"""Scores with the reviewers' severity taken out, and how sure they are. numpy and scipy: for jobs alone."""

from incubator.reviews.engines.calibration.agreement import agreement, alpha, intraclass
from incubator.reviews.engines.calibration.fitting import Calibration, Finding, calibrate
from incubator.reviews.engines.calibration.ranking import DRAWS, Contest, Standing, extra_reviews, stand
from incubator.reviews.engines.calibration.rounds import draws_for, inputs_hash, rank_round
from incubator.reviews.engines.calibration.scores import Scores

ENGINE_VERSION = "calibration/1"

__all__ = [
    "DRAWS",
    "ENGINE_VERSION",
    "Calibration",
    "Contest",
    "Finding",
    "Scores",
    "Standing",
    "agreement",
    "alpha",
    "calibrate",
    "draws_for",
    "extra_reviews",
    "inputs_hash",
    "intraclass",
    "rank_round",
    "stand",
]
