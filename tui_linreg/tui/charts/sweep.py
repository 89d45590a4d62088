"""The chart of finite differences over their h."""

from __future__ import annotations

import numpy as np
import torch

from tui_linreg.engine.analysis.gradient_check import LIMITS, Band
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.points import NONE, Points, Write
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.view import View

_LOWEST = 1e-17
_X_ENDS = (4e-15, 2.5)
_FINE, _SUSPICIOUS = LIMITS[torch.float64]
_SETS = (
    ("float64", "central", "dloss_dpred", "big", "central"),
    ("float64", "forward", "mean", "ring", "forward"),
    ("float32", "central", "dpred_db", "plus", "central f32"),
    ("float32", "forward", "dpred_dw", "cross", "forward f32"),
)
"""dtype, difference, role, marker, label: their markers differ, so that they need no colour."""


def make(view: View) -> Chart:
    """Return the relative errors of the difference quotients for ∂L/∂w as h shrinks to the left."""
    if not view.reached(Phase.WEIGHT_GRADIENT):
        return Chart((), "h", empty="∂L/∂w is not computed yet: press →")
    sweep = view.instruments.sweep(view.step)
    errors = [getattr(sweep.curves[dtype, "w"], kind) for dtype, kind, *_ in _SETS]
    finite = np.concatenate(errors)
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return Chart((), "h", empty="the loss is not finite here: there are no differences")
    # In steps of many decades, so that it moves seldom.
    top = next((top for top in (1e2, 1e10, 1e40) if finite.max() <= top), 1e300)
    guides = [Series(_X_ENDS, (height, height), "line", "muted", "dotted") for height in (_FINE, _SUSPICIOUS)]
    # At places where seldom a curve passes; drawn above the points anyway.
    names = [
        Series([1e-12], [_FINE], "text", "muted", f" {_short(_FINE)} ↓ {Band.FINE.value} "),
        Series([3e-13], [_SUSPICIOUS], "text", "muted", f"{_short(_SUSPICIOUS)} ↑ {Band.WRONG.value.split()[-1]}"),
    ]
    # An error of 0, or one too small to be seen, stands at the bottom edge.
    heights = [np.maximum(values, _LOWEST) for values in errors]
    curves = [
        Series(sweep.h, values, "line", role, "dash" if kind == "forward" else "dot")
        for values, (_, kind, role, _, _) in zip(heights, _SETS, strict=True)
    ]
    # One marker each says which it is, at another h each, so that none covers another.
    marks = [
        Series(sweep.h[at], values[at], "points", role, marker, label)
        for i, (values, (_, _, role, marker, label)) in enumerate(zip(heights, _SETS, strict=True))
        for at in (np.flatnonzero(np.isfinite(values))[(1 + 2 * i) * len(values) // 8 :][:1],)
    ]
    curves.reverse()  # float64 lies on top
    return Chart(
        (*guides, *curves, *marks, *names), "h", "error of ∂L/∂w, bands: gradient check (float64)",
        x_range=_X_ENDS, y_range=(_LOWEST, top), log_x=True, log_y=True,
    )  # fmt: skip


def points(view: View) -> Points:
    """Return the errors of the central difference in float64, from the smallest h on; the words say all four."""
    if not view.reached(Phase.WEIGHT_GRADIENT):
        return NONE
    sweep = view.instruments.sweep(view.step)
    order = np.argsort(sweep.h, kind="stable")
    curves = [(label, getattr(sweep.curves[dtype, "w"], kind)[order]) for dtype, kind, _, _, label in _SETS]

    def words(at: int, write: Write) -> str:
        errors = (f"{label} {float(values[at]):.1e}" for label, values in curves)
        return f"h {float(sweep.h[order][at]):.0e}  {'  '.join(errors)}"

    return Points(sweep.h[order], np.maximum(curves[0][1], _LOWEST), words, stride=4)


def _short(limit: float) -> str:
    """Return a power of ten as it is written in running text: 1e-7."""
    return f"{limit:.0e}".replace("e-0", "e-")
