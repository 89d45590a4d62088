"""The charts of one mini-batch: what is out of the window is said, standardized data are labelled so."""

from __future__ import annotations

import numpy as np
import pytest
from chart_reading import theme
from panel_views import explorer_of, view_of

from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import outside
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.plot.chart import Chart
from tui_linreg.tui.plot.plot import draw


def words(chart: Chart) -> list[str]:
    return [series.marker for series in chart.series if series.kind == "text"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 5], ""), ([-9, 9], ""), ([-9, -8], "below ↓"), ([8, 1e300], "above ↑"), ([np.nan, np.inf], "not finite")],
)
def test_where_a_line_is_seen_from_the_window(values: list[float], expected: str) -> None:
    assert outside(np.array(values, dtype=np.float64), -6, 6) == expected


def test_a_line_out_of_the_window_says_where_it_is() -> None:
    assert words(CHARTS[1].make(view_of(explorer_of(5), 5))) == []
    run = explorer_of(40, lr=10.0)
    chart = CHARTS[1].make(view_of(run, 40))
    assert chart.y_range is not None
    lines = {series.label: np.asarray(series.y) for series in chart.series if series.kind == "line"}
    expected = [f"{name} {where}" for name, y in lines.items() if (where := outside(y, *chart.y_range))]
    assert expected
    assert words(chart) == expected
    picture = "\n".join(strip.text for strip in draw(chart, theme(), 60, 18))
    assert all(each in picture for each in expected)
    assert words(CHARTS[1].make(view_of(run, 40, Phase.PREDICT))) == [each for each in expected if "before" in each]


def test_standardized_data_are_labelled_so() -> None:
    for number in (1, 3):
        scaled = CHARTS[number].make(view_of(explorer_of(dataset="diabetes", standardize=True)))
        assert scaled.x_label.endswith("(standardized)")
        assert "(standardized)" in scaled.y_label
        assert "standardized" not in (plain := CHARTS[number].make(view_of(explorer_of()))).x_label + plain.y_label


def test_residuals_stand_on_a_zero_line() -> None:
    chart = CHARTS[3].make(view_of(explorer_of(3)))
    assert [at for at, _ in chart.h_lines] == [0.0]
    assert "zero line" in chart.y_label
