"""The chart of the loss over b and w: contours, the paths of both models, the next step, marked places."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tui_linreg.engine.analysis.quadratic import Quadratic
from tui_linreg.engine.analysis.surface import (
    Window,
    contour_lines,
    levels,
    surface,
    window_near,
    window_of_path,
)
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.charts.points import Points, Write
from tui_linreg.tui.plot.chart import Chart, Series
from tui_linreg.tui.plot.ranges import Limits
from tui_linreg.tui.view import View

Vector = NDArray[np.float64]
Spot = tuple[float, float]
Path = tuple[Vector, Vector]

_LEVELS = 5
_MOST_UNEQUAL = 100.0
"""Scales are equal up to this ratio of the window's sides: beyond it one of them would be a dot or two."""
_INNER = 0.46
"""Labels lie at most so much of the window away from its middle."""
_TRIES = 24
"""Places along a contour where its label is tried."""
_APART = 0.004
"""A share of the window: models nearer to each other than that share a cell."""
_CELL = 0.03
"""A share of the window's longer side: about the size of a cell, in which only one marker is seen."""
_FINE = (48, 48)
"""Columns and rows of the grid on which levels are chosen."""


def make(view: View) -> Chart:
    """Return the loss of all train samples or of this batch over (b, w), as the cursor has reached it."""
    instruments, step = view.instruments, view.step
    whole = instruments.whole
    shown = _shown(view)
    before = step.scratch.b_before, step.scratch.w_before
    after = step.scratch.b_after, step.scratch.w_after
    moved = view.reached(Phase.UPDATE)
    here = after if moved else before
    arrow = (before, after) if view.reached(Phase.WEIGHT_GRADIENT) and all(map(math.isfinite, after)) else None
    fixed = instruments.fixed_point(*here, step.place.step).spot
    places = [(whole.b, whole.w)] + ([] if fixed is None else [(fixed.b, fixed.w)])
    ours, torch = view.history.path, view.history.torch_path
    window = _window(view, before, after, [*places, before], [ours, torch])
    samples = "this batch" if view.surface.batch else "all train samples"
    few = "batch" if view.surface.batch else "train"
    across, up = window.b_high - window.b_low, window.w_high - window.w_low
    equal = max(across, up) <= _MOST_UNEQUAL * min(across, up)
    series = (
        *_paths(ours, torch, window),
        *_kept_paths(view),
        *([] if arrow is None else _step(*arrow, window, moved)),
        *_marked(places, window),
        _spot(here, "diamond", "batch", "here"),
    )
    return Chart(
        series, "b", f"w   L of {samples if equal else f'{few}, unequal scales'}",
        x_range=(window.b_low, window.b_high), y_range=(window.w_low, window.w_high), equal=equal,
        within=partial(_contours, shown),
        later=(Series((), (), "line", "dpred_db", "step", "−η∇L taken", short="−η∇L"),),
    )  # fmt: skip


def _shown(view: View) -> Quadratic:
    """Return the loss that is drawn: of all train samples, or of this batch."""
    return Quadratic.of_step(view.step) if view.surface.batch else view.instruments.whole


def points(view: View) -> Points:
    """Return the path of the hand-written model: b and w after 0, 1, … updates."""
    history = view.history
    updates, (b, w) = history.path_updates, history.path
    shown, name = _shown(view), "L of this batch" if view.surface.batch else "L"

    def words(at: int, write: Write) -> str:
        here, update = (float(b[at]), float(w[at])), int(updates[at])
        when = f"after step {update}" if update else "before step 1"
        return f"{when}  b {write(here[0])}  w {write(here[1])}  {name} {write(float(shown.at(*here)))}"

    return Points(b, w, words, len(b) - 1, history.batches, steps=np.maximum(updates - 1, 0))


def _window(view: View, before: Spot, after: Spot, places: list[Spot], paths: list[Path]) -> Window:
    if view.surface.near:
        here = after if view.reached(Phase.UPDATE) else before
        return window_near(*here, after[0] - before[0], after[1] - before[1])
    after_known = view.reached(Phase.UPDATE)
    kept = [kept_run.path(after_known) for kept_run in view.kept_runs if kept_run.same_surface]
    b, w = (np.concatenate([path[i] for path in (*paths, *kept)]) for i in (0, 1))
    return window_of_path(b, w, places)


def _contours(shown: Quadratic, limits: Limits) -> tuple[Series, ...]:
    """Return the contours within what is shown, and the level of each beside it."""
    window = Window(*limits[0], *limits[1])
    lines: list[Series] = []
    labels: list[Series] = []
    for level in levels(surface(shown, window, *_FINE), _LEVELS):
        contour = contour_lines(shown, level.value, window)
        lines += [Series(b, w, "line", "contour") for b, w in contour]
        b, w = _label_spots(contour, window)
        labels.append(Series(b, w, "text", "muted", level.label, first_free=True))
    return (*lines, *labels)


def _label_spots(lines: list[tuple[Vector, Vector]], window: Window) -> tuple[Vector, Vector]:
    """Return places on a contour for its label, not at the edge: evenly over all of it, from the right."""
    across, up = window.b_high - window.b_low, window.w_high - window.w_low
    b, w = (np.concatenate([line[i] for line in lines] or [np.empty(0)]) for i in (0, 1))
    inside = (np.abs(b - window.b_low - across / 2) < _INNER * across) & (
        np.abs(w - window.w_low - up / 2) < _INNER * up
    )
    order = np.flatnonzero(inside)[np.argsort(-b[inside], kind="stable")]
    order = order[:: max(1, len(order) // _TRIES)]
    return b[order], w[order]


def _paths(ours: Path, torch: Path, window: Window) -> list[Series]:
    """Return both models' paths up to the cursor: one line where they share cells, else torch's dashed below ours."""
    across, up = window.b_high - window.b_low, window.w_high - window.w_low
    with np.errstate(invalid="ignore", over="ignore"):
        apart = (np.abs(torch[0] - ours[0]) > _APART * across) | (np.abs(torch[1] - ours[1]) > _APART * up)
    name, short = ("path", None) if apart.any() else ("both paths", "paths")
    series = [Series(*ours, "line", "line_after", "beads", name, short=short)]
    if not apart.any():
        return series
    end = torch[0][-1:], torch[1][-1:]
    end_of_torch = Series(*end, "points", "text", "square", "torch's path", short="torch's")
    return [Series(*torch, "line", "text", "dash"), *series, end_of_torch]


def _kept_paths(view: View) -> list[Series]:
    """Return the paths of the kept runs, with a letter at the end, where they have the same loss surface."""
    after = view.reached(Phase.UPDATE)
    series: list[Series] = []
    for kept_run in view.kept_runs:
        if kept_run.same_surface:
            b, w = kept_run.path(after)
            series.append(Series(b, w, "line", "mean", "dotted"))
            series.append(Series(b[-1:], w[-1:], "text", "mean", kept_run.letter, kept_run.what, short=""))
    return series


def _head(before: Spot, after: Spot, window: Window) -> str:
    """Return the marker that points along a step as the screen shows it."""
    across = (after[0] - before[0]) / (window.b_high - window.b_low)
    up = (after[1] - before[1]) / (window.w_high - window.w_low)
    if abs(up) > abs(across):
        return "up" if up > 0 else "down"
    return "right" if across > 0 else "left"


def _marked(places: list[Spot], window: Window) -> list[Series]:
    """Return the lowest point, and the fixed point over it; with one entry in the legend where they share a cell."""
    lowest, *fixed = places
    if not fixed:
        return [_spot(lowest, "plus", "identical", "least squares", "lowest")]
    if _far(lowest, fixed[0], window) < _CELL:
        return [
            _spot(lowest, "plus", "identical"),
            _spot(fixed[0], "ring", "dpred_dw", "least squares, fixed point", "lowest, fixed"),
        ]
    return [
        _spot(lowest, "plus", "identical", "least squares", "lowest"),
        _spot(fixed[0], "ring", "dpred_dw", "fixed point", "fixed"),
    ]


def _far(one: Spot, other: Spot, window: Window) -> float:
    """Return how far apart two places are, as a share of the window's longer side."""
    longer = max(window.b_high - window.b_low, window.w_high - window.w_low)
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) / longer


def _step(before: Spot, after: Spot, window: Window, taken: bool) -> list[Series]:
    """Return the step as an arrow: a line and its head, which lies beneath the cursor once the step is taken."""
    b, w = zip(before, after, strict=True)
    seen = _far(before, after, window) > _CELL  # else the marker of the cursor covers it
    name = "−η∇L taken" if taken and seen else ""
    line = Series(b, w, "line", "dpred_db", "step", name, short=name and "−η∇L")
    return [line, _spot(after, _head(before, after, window), "dpred_db", "−η∇L" if seen and not taken else "")]


def _spot(at: Spot, marker: str, colour: str, label: str = "", short: str | None = None) -> Series:
    return Series(at[:1], at[1:], "points", colour, marker, label, short=short)
