"""A scorer against labels."""

from __future__ import annotations

import numpy as np
import pytest

from hormesis.errors import HormesisError
from hormesis.evaluate import scorer_agreement


def test_agreement_leaves_failures_out() -> None:
    reference = np.array([0.1, 0.4, 0.6, 0.9, 0.9])
    found = scorer_agreement(np.array([0.0, 0.2, 0.3, 0.8, np.nan]), reference)
    assert (found.auroc, found.spearman, found.n, found.failures) == (1.0, 1.0, 4, 1)
    assert np.isnan(scorer_agreement(np.ones(5), reference).spearman)
    with pytest.raises(HormesisError, match="3 scores"):
        scorer_agreement(np.ones(3), reference)
