"""Shares and seeds are taken out of the noise, and holes out of the panel."""

from __future__ import annotations

import numpy as np
import pytest

from hormesis.statistics import Panel
from tests.statistics.simulated import FLAT, SHARES, SMILE, panels


def test_the_spread_is_that_of_the_noise_whatever_shares_and_seeds_do() -> None:
    flat = panels(FLAT, 3, 0.02, 300)
    smile = panels(SMILE, 3, 0.02, 300, between=5.0)
    assert np.mean([panel.spread**2 for panel in flat]) == pytest.approx(0.02**2, rel=0.1)
    assert np.mean([panel.spread**2 for panel in smile]) == pytest.approx(0.02**2, rel=0.1)
    assert flat[0].freedom == 10


def test_a_share_that_one_seed_did_not_reach_is_left_out_and_a_seed_that_lacks_most_too() -> None:
    values = np.arange(12.0).reshape(4, 3)
    values[1, 2] = np.nan
    panel = Panel(SHARES[:4], ("0", "1", "2"), values).complete()
    assert panel.shares.tolist() == [0.0, 0.10, 0.15]
    assert panel.seeds == ("0", "1", "2")
    values = np.arange(12.0).reshape(4, 3)
    values[1:, 2] = np.nan
    panel = Panel(SHARES[:4], ("0", "1", "2"), values).complete()
    assert panel.seeds == ("0", "1")
    assert len(panel.shares) == 4


def test_one_seed_has_no_spread() -> None:
    assert np.isnan(Panel(SHARES, ("0",), SMILE[:, None]).spread)
