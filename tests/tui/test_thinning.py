"""What charts are given of very large data."""

from __future__ import annotations

import numpy as np
import pytest
from engine_helpers import on_data
from panel_views import view_at

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.plot.ranges import drawn_rows


def cloud(count: int, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.standard_normal(count) * scale, random.standard_normal(count) * scale


@pytest.mark.parametrize("scale", [1.0, 1e300, 1e-300, 1e-308])
def test_many_samples_are_thinned_to_some_of_them_and_keep_their_extremes(scale: float) -> None:
    x, y = cloud(200_000, scale)
    rows = drawn_rows(x, y)
    assert rows is not None
    assert len(rows) < 66_000
    assert (np.diff(rows) > 0).all()
    for few, all_of_them in ((x[rows], x), (y[rows], y)):
        assert (few.min(), few.max()) == (all_of_them.min(), all_of_them.max())
        # No part of the range is emptied: each of 64 strips that held samples still does.
        edges = np.linspace(all_of_them.min(), all_of_them.max(), 65)
        before, after = np.histogram(all_of_them, edges)[0], np.histogram(few, edges)[0]
        assert ((after > 0) == (before > 0)).all()


def test_few_samples_are_left_alone() -> None:
    assert drawn_rows(np.arange(20_000.0), np.ones(20_000)) is None
    rows = drawn_rows(np.arange(30_000.0), np.ones(30_000))
    assert rows is not None
    assert len(rows) <= 300


def test_a_large_batch_is_thinned_by_its_own_samples() -> None:
    x, y = cloud(50_000)
    session = on_data(x, y, batch_size=25_000, epochs=1)
    view = view_at(session, 1, Phase.LOSS)
    assert len(view.run.drawn[0]) < 50_000
    (points,) = (series for series in CHARTS[3].make(view).series if series.kind == "points")
    own = session.step(1).x.numpy()
    assert 1000 < len(points.x) == len(points.y) < len(own)
    assert (min(points.x), max(points.x)) == (own.min(), own.max())
