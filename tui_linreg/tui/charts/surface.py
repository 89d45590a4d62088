"""The chart of the loss over b and w: level lines, the paths of both models, the next step, marked places."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.analysis.quadratic import Quadratic
from tui_linreg.engine.analysis.surface import (
    Level,
    Window,
    bands,
    contour_lines,
    levels,
    surface,
    window_near,
    window_of_path,
)
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.axes import kept_labels, label
from tui_linreg.tui.plot.chart import Chart, Ground, Series
from tui_linreg.tui.plot.marks import mix
from tui_linreg.tui.plot.ranges import Limits
from tui_linreg.tui.view import View

Places = NDArray[np.int64]
Vector = NDArray[np.float64]
Spot = tuple[float, float]
Path = tuple[Vector, Vector]

_LEVELS = 7
_INNER = 0.46
"""Labels lie at most so much of the window away from its middle."""
_TRIES = 24
"""Places along a contour where its label is tried."""
_APART = 0.004
"""A share of the window: models nearer to each other than that share a cell."""
_FINE = (48, 48)
"""Columns and rows of the grid on which levels are chosen; the same for each size of the chart, so that they stay."""


def make(view: View) -> Chart:
    """Return the loss of all train samples or of this batch over (b, w), as the cursor has reached it."""
    instruments, step = view.instruments, view.step
    whole = instruments.whole
    shown = _of_batch(view) if view.surface.batch else whole
    before = step.scratch.b_before, step.scratch.w_before
    after = step.scratch.b_after, step.scratch.w_after
    moved = view.reached(Phase.UPDATE)
    here = after if moved else before
    arrow = (before, after) if view.reached(Phase.WEIGHT_GRADIENT) and all(map(math.isfinite, after)) else None
    fixed = instruments.fixed_point(*here).spot
    places = [(whole.b, whole.w)] + ([] if fixed is None else [(fixed.b, fixed.w)])
    ours, torch = view.history.path, view.history.torch_path
    window = _window(view, before, after, places, [ours, torch])
    head = "dot" if arrow is None else _head(*arrow, window)
    chosen = levels(surface(shown, window, *_FINE), _LEVELS)
    samples = "this batch" if view.surface.batch else "all train samples"
    series = (
        *([label("points", "batch", "diamond", "here")] if all(map(math.isfinite, here)) else []),
        *([] if arrow is None else [_step_label(head, moved)]),
        label("points", "identical", "plus", "least squares", "lowest"),
        *([] if fixed is None else [label("points", "dpred_dw", "ring", "fixed point", "fixed")]),
        *kept_labels(kept_run for kept_run in view.kept_runs if kept_run.same_surface),
        *_contours(shown, window, chosen),
        *_paths(ours, torch, window),
        *([] if arrow is None else [_step_line(*arrow), _spot(arrow[1], head, "dpred_db")]),
        _spot((whole.b, whole.w), "plus", "identical"),
        *([] if fixed is None else [_spot((fixed.b, fixed.w), "ring", "dpred_dw")]),
        *_kept_spots(view),
        _spot(here, "diamond", "batch"),
    )
    return Chart(
        series, "b", f"w   L of {samples}", x_range=(window.b_low, window.b_high),
        y_range=(window.w_low, window.w_high), ground=_ground(view, shown, chosen),
    )  # fmt: skip


def _of_batch(view: View) -> Quadratic:
    x, y = (values.cpu().double().numpy() for values in (view.step.x, view.step.y))
    return Quadratic.of(x, y)


def _window(view: View, before: Spot, after: Spot, places: list[Spot], paths: list[Path]) -> Window:
    if view.surface.near:
        here = after if view.reached(Phase.UPDATE) else before
        return window_near(*here, after[0] - before[0], after[1] - before[1])
    after_known = view.reached(Phase.UPDATE)
    shown = [kept_run.line(after_known) for kept_run in view.kept_runs if kept_run.same_surface]
    extra = [*places, *(line for line in shown if line is not None)]
    b, w = (np.concatenate([path[i] for path in paths]) for i in (0, 1))
    return window_of_path(b, w, extra)


def _ground(view: View, shown: Quadratic, chosen: list[Level]) -> Ground:
    """Return a colour for each level, the lowest loss nearest to the accent, faint enough to read on."""
    colours = view.styles.colours
    count = len(chosen) + 1
    shares = [0.34 * (1 - i / max(count - 1, 1)) for i in range(count)]
    tints = tuple(mix(colours["dloss_dpred"], colours["background"], share) for share in shares)
    return Ground(partial(_bands, shown, chosen), tints)


def _bands(shown: Quadratic, chosen: list[Level], columns: int, rows: int, limits: Limits) -> Places:
    (b_low, b_high), (w_low, w_high) = limits
    return bands(surface(shown, Window(b_low, b_high, w_low, w_high), columns, rows), chosen)


def _contours(shown: Quadratic, window: Window, chosen: list[Level]) -> list[Series]:
    """Return each level's line, and its label at the left where it does not touch the edge."""
    lines: list[Series] = []
    labels: list[Series] = []
    for level in chosen:
        contour = contour_lines(shown, level.value, window)
        lines += [Series(b, w, "line", "stem") for b, w in contour]
        b, w = _label_spots(contour, window)
        labels.append(Series(b, w, "text", "text", f" {level.label} ", first_free=True))
    return [*lines, *labels]


def _label_spots(lines: list[tuple[Vector, Vector]], window: Window) -> tuple[Vector, Vector]:
    """Return places on a contour for its label, not at the edge: from the left, then evenly over all of it."""
    across, up = window.b_high - window.b_low, window.w_high - window.w_low
    b, w = (np.concatenate([line[i] for line in lines] or [np.empty(0)]) for i in (0, 1))
    inside = (np.abs(b - window.b_low - across / 2) < _INNER * across) & (
        np.abs(w - window.w_low - up / 2) < _INNER * up
    )
    order = np.flatnonzero(inside)[np.argsort(b[inside], kind="stable")]
    order = order[:: max(1, len(order) // _TRIES)]
    return b[order], w[order]


def _paths(ours: Path, torch: Path, window: Window) -> list[Series]:
    """Return both models' paths up to the cursor: one line where they share cells, else torch's dashed below ours."""
    across, up = window.b_high - window.b_low, window.w_high - window.w_low
    with np.errstate(invalid="ignore", over="ignore"):
        apart = (np.abs(torch[0] - ours[0]) > _APART * across) | (np.abs(torch[1] - ours[1]) > _APART * up)
    name, short = ("path", None) if apart.any() else ("both paths", "paths")
    series = [Series(*ours, "line", "line_after"), Series(*ours, "points", "line_after", "bullet", name, short=short)]
    if not apart.any():
        return series
    end = torch[0][-1:], torch[1][-1:]
    end_of_torch = Series(*end, "points", "text", "square", "torch's path", short="torch's")
    return [Series(*torch, "line", "text", "dash"), *series, end_of_torch]


def _kept_spots(view: View) -> list[Series]:
    """Return the letters of the kept runs at their b and w, where they have the same loss surface."""
    after = view.reached(Phase.UPDATE)
    series: list[Series] = []
    for kept_run in view.kept_runs:
        spot = kept_run.line(after=after) if kept_run.same_surface else None
        if spot is not None:
            series.append(Series((spot[0],), (spot[1],), "text", "mean", kept_run.letter))
    return series


def _head(before: Spot, after: Spot, window: Window) -> str:
    """Return the marker that points along a step as the screen shows it."""
    across = (after[0] - before[0]) / (window.b_high - window.b_low)
    up = (after[1] - before[1]) / (window.w_high - window.w_low)
    if abs(up) > abs(across):
        return "up" if up > 0 else "down"
    return "right" if across > 0 else "left"


def _step_label(head: str, taken: bool) -> Series:
    if taken:
        return label("line", "dpred_db", "dot", "−η∇L taken", "−η∇L")
    return label("points", "dpred_db", head, "−η∇L")


def _step_line(before: Spot, after: Spot) -> Series:
    b, w = zip(before, after, strict=True)
    return Series(b, w, "line", "dpred_db")


def _spot(at: Spot, marker: str, colour: str) -> Series:
    return Series(at[:1], at[1:], "points", colour, marker)
