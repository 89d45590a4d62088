"""What charts are given of very large data."""

from __future__ import annotations

import numpy as np
import pytest

from tui_linreg.tui.view import thinned


@pytest.mark.parametrize("scale", [1.0, 1e300, 1e-300])
def test_many_samples_are_thinned_to_some_of_them_and_keep_their_extremes(scale: float) -> None:
    random = np.random.default_rng(0)
    x, y = random.standard_normal(200_000) * scale, random.standard_normal(200_000) * scale
    few_x, few_y = thinned(x, y)
    assert len(few_x) == len(few_y) < 66_000
    assert set(zip(few_x.tolist(), few_y.tolist(), strict=True)) <= set(zip(x.tolist(), y.tolist(), strict=True))
    for few, all_of_them in ((few_x, x), (few_y, y)):
        assert (few.min(), few.max()) == (all_of_them.min(), all_of_them.max())
        # No part of the range is emptied: each of 64 strips that held samples still does.
        edges = np.linspace(all_of_them.min(), all_of_them.max(), 65)
        before, after = np.histogram(all_of_them, edges)[0], np.histogram(few, edges)[0]
        assert ((after > 0) == (before > 0)).all()


def test_few_samples_are_left_alone() -> None:
    x, y = np.arange(20_000.0), np.ones(20_000)
    assert thinned(x, y)[0] is x
    assert len(thinned(np.arange(30_000.0), np.ones(30_000))[0]) <= 300
