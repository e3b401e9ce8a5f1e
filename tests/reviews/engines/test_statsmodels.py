"""The calibration against statsmodels' MixedLM, which fits the same model by other means (Penicillin-like tables)."""

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

from incubator.reviews.engines.calibration import Scores, calibrate
from tests.reviews.engines.test_calibration import table


@pytest.mark.parametrize(
    ("proposals", "reviewers", "severity", "rest"), [(30, 10, 0.8, 1.3), (24, 8, 1.5, 0.5), (20, 20, 0.4, 0.9)]
)
def test_variances_and_effects_are_those_of_statsmodels(
    proposals: int, reviewers: int, severity: float, rest: float
) -> None:
    """Variances within 1e-3 of each other, effects within 2e-3 residual standard deviations."""
    scores = Scores.from_rows(table(proposals, reviewers, 3, seed=reviewers, severity=severity, rest=rest))
    model = fitted(scores)
    ours = calibrate(scores)
    found = ours.variances
    assert found is not None
    assert ours.severity is not None
    pairs = ((found.proposal, model.vcomp[0]), (found.reviewer, model.vcomp[1]), (found.residual, model.scale))
    assert max(abs(mine - theirs) / theirs for mine, theirs in pairs) < 1e-3

    effects = np.asarray(model.random_effects[0])
    shown = model.fe_params[0] + effects[:proposals]
    worst = max(np.abs(shown - ours.shown).max(), np.abs(effects[proposals:] - ours.severity).max())
    assert worst / np.sqrt(model.scale) < 2e-3


def fitted(scores: Scores) -> MixedLM:
    """The same scores as one group with two crossed variance components, by restricted likelihood."""
    matrices = [np.eye(int(of.max()) + 1)[of] for of in (scores.of, scores.by)]
    names = [[f"{key}{i}" for i in range(one.shape[1])] for key, one in zip("ab", matrices, strict=True)]
    kinds = VCSpec(["a", "b"], [[one] for one in names], [[one] for one in matrices])
    model = MixedLM(scores.values, np.ones((scores.n, 1)), np.zeros(scores.n), exog_vc=kinds)
    return model.fit(reml=True)
