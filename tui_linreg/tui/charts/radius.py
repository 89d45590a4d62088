"""The chart of the spectral radius over η."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tui_linreg.engine.analysis.learning_rate import factor
from tui_linreg.tui.charts.points import NONE, Points, Write
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.ranges import LARGEST
from tui_linreg.tui.view import View

_TOP = 2.0
"""The top of a linear axis at most: of radii above it only that the run diverges matters."""
_LOWEST = 1e-12


def make(view: View) -> Chart:
    """Return the radius of one epoch's map over η, with radius 1, this run's η, the edge and the best η marked."""
    rates, logs, edge, (best, best_log) = view.instruments.radii(view.step.place.step)
    rate = view.instruments.learning_rate(view.step.place.step)
    finite = np.isfinite(logs) & np.isfinite(rates)
    last = float(rates[-1]) if len(rates) else math.nan
    if not finite.any() or not 0 < last < LARGEST:
        return Chart((), "η", "radius", empty="no η is small enough for numbers to stay finite")
    with np.errstate(over="ignore", under="ignore"):
        radii = np.exp(logs)
    shown = radii[finite & (radii < LARGEST)]
    most = float(shown.max()) if len(shown) else _TOP
    if view.log_y:
        low, high = max(min(float(shown.min()), 0.5) / 2 if len(shown) else 0.5, _LOWEST), max(most, 2.0) * 2
        above = 10 ** (math.log10(low) + (math.log10(high) - math.log10(low)) * 0.95)
    else:
        low, high = 0.0, min(max(most, 1.0) * 1.1, _TOP)
        above = 1 + (high - 1) / 2
    here = _here(rate.lr, rate.log_radius, (0.0, last), (low, high))
    # Where the word touches neither the curve nor the vertical at η.
    aside = 0.65 if edge < last / 2 else 0.4 if 0.02 < rate.lr / last < 0.25 else 0.13
    inside = 0 < rate.lr <= last
    series = [
        Series((0.0, last), (1.0, 1.0), "line", "differs", "dash", "radius 1", short="1"),
        Series(rates, radii, "line", "line_after"),
        _mark(edge, 1.0, "differs", "cross", f"edge {edge:.4g}", last, f"edge {edge:.3g}"),
        _mark(
            best,
            max(math.exp(best_log), low) if math.isfinite(best_log) else low,
            "mean",
            "plus",
            f"best for these batches {best:.3g}",
            last,
            f"best {best:.3g}",
        ),
        Series([last * aside], [above], "text", "muted", "diverges"),
        *_next(view, (0.0, last), (low, high)),
        here,
    ]
    return Chart(
        tuple(series), "η", "radius (log)" if view.log_y else "radius", x_range=(0.0, last), y_range=(low, high),
        log_y=bool(view.log_y), v_lines=((rate.lr, "muted"),) if inside else (),
    )  # fmt: skip


def points(view: View) -> Points:
    """Return the points of the curve."""
    rates, logs, *_ = view.instruments.radii(view.step.place.step)
    finite = np.flatnonzero(np.isfinite(rates) & np.isfinite(logs))
    if not len(finite):
        return NONE
    with np.errstate(over="ignore", under="ignore"):
        radii = np.exp(logs[finite])

    def words(at: int, write: Write) -> str:
        where = finite[at]
        return f"η {write(float(rates[where]))}  radius {factor(float(logs[where]))}"

    first = int(np.argmin(np.abs(rates[finite] - view.step.lr)))
    return Points(rates[finite], radii, words, first)


def _mark(
    at: float, radius: float, color: str, marker: str, label: str, last: float, short: str | None = None
) -> Series:
    """Return a marked place of the curve, without points where it lies outside of the chart."""
    inside = 0 < at <= last
    return Series([at] * inside, [radius] * inside, "points", color, marker, label, short=short)


def _next(view: View, xs: tuple[float, float], ys: tuple[float, float]) -> list[Series]:
    """Return the η of the next step where it is another one."""
    step = view.step.place.step + 1
    if view.instruments.session.config.rates.at(step) == view.step.lr:
        return []
    rate = view.instruments.learning_rate(step)
    mark = _here(rate.lr, rate.log_radius, xs, ys)
    return [replace(mark, marker="ring" if mark.marker == "diamond" else mark.marker, label=f"next {mark.label}")]


def _here(lr: float, log: float, xs: tuple[float, float], ys: tuple[float, float]) -> Series:
    """Return this run's η; as an arrow at the edge of the chart where it lies outside."""
    value = math.exp(min(log, 709.0)) if not math.isnan(log) else math.inf
    marker = "right" if lr > xs[1] else "up" if value > ys[1] else "diamond"
    text = f"η {lr:g}" if marker == "diamond" else f"η {lr:g}, radius {factor(log)}"
    return Series([min(lr, xs[1])], [min(max(value, ys[0]), ys[1])], "points", "batch", marker, text)
