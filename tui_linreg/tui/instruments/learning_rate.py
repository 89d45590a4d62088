"""What the learning rate will do: in words, beside the rates that matter on one scale, and the numbers behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tui_linreg.engine.analysis.learning_rate import LearningRate
from tui_linreg.number_text import aligned, column, fitted, thousands
from tui_linreg.tui.instruments.common import mistaken_note, signed, stacked, wrapped
from tui_linreg.tui.plot import ranges as plot_data
from tui_linreg.tui.styles import Line, Span
from tui_linreg.tui.view import View

_NAME, _NUMBER = 21, 12
_WIDEST_SCALE = 60
_UNKNOWN = "·"
_ROUND = (
    (2.0, "nearly round: one η suits all directions"),
    (20.0, "a stretched bowl: slower along its valley"),
    (math.inf, "a long valley: slow along it"),
)


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the words first, then the rates on their scale, the numbers, and what they are, where there is room."""
    rate = view.instruments.learning_rate(view.step.place.step)
    words = [*_words(rate, width), *mistaken_note(view, width)]
    groups = [words, _scale(view, rate, width), _numbers(view, rate, width)]
    room = height - sum(map(len, groups)) - len(groups)  # a blank line above each but the first
    meaning: list[Line] = []
    for sentence in _meaning(view, width):
        if len(meaning) + len(sentence) <= room:  # a sentence is whole or not there
            meaning += sentence
    return stacked([(0, group) for group in (*groups, meaning)], height)


def _words(rate: LearningRate, width: int) -> list[Line]:
    sign, role = ("✓", "identical") if rate.outcome == "converges" else ("✗", "differs")
    if rate.undecided:
        sign, role = "≈", "rounding"
    first, *others = rate.sentences
    more = [line for text in others for line in signed(" ", text, width, f"{role} bold", "text")]
    return [*signed(sign, first, width, f"{role} bold", f"{role} bold"), *more]


def _scale(view: View, rate: LearningRate, width: int) -> list[Line]:
    """Return the four rates, each at its place on one logarithmic scale."""
    known = not view.waits_for(("radii",))
    edge = view.instruments.radii(view.step.place.step).edge if known else math.nan
    values = (rate.lr, edge, rate.eta_best, rate.eta_max)
    texts = column(values, _NUMBER - 2, 6)
    if not known:
        texts[1] = _UNKNOWN.rjust(len(texts[0]))
    names = (
        "η of this run" if rate.stretch.whole else "η of this step",
        "edge, these batches",
        "best η, full batch",
        "η_max, full batch",
    )
    marks = ("◆", "┃", "▲", "┃")
    roles = ("batch bold", "differs", "mean", "muted")
    room = min(width - _NAME - _NUMBER, _WIDEST_SCALE)
    limits = _limits(values)
    scale: list[Line] = []
    if room >= 12 and limits is not None:
        scale.append([(" " * (_NAME + _NUMBER), ""), (_ticks(limits, room), "muted")])
    for name, value, text, mark, role in zip(names, values, texts, marks, roles, strict=True):
        line: list[Span] = [(name.ljust(_NAME), "muted"), (text.rjust(_NUMBER - 2) + "  ", "text bold")]
        if room >= 12 and limits is not None:
            line += _track(value, mark, role, limits, room, zones=value is edge)
        scale.append(line)
    return scale


def _limits(values: Sequence[float]) -> plot_data.Range | None:
    logs = [math.log10(value) for value in values if 0 < value < math.inf]
    return (min(logs) - 0.25, max(logs) + 0.35) if logs else None


def _place(log: float, limits: plot_data.Range, room: int) -> int:
    return min(max(round((log - limits[0]) / (limits[1] - limits[0]) * (room - 1)), 0), room - 1)


def _ticks(limits: plot_data.Range, room: int) -> str:
    """Return the labels above the scale, each with its middle at its place, as many as have room."""
    text, free = "", 0
    for at, label in plot_data.log_ticks(limits, max(room // 8, 1)):
        start = _place(at, limits, room) - (len(label) - 1) // 2
        if start >= free and start + len(label) <= room:
            text = text.ljust(start) + label
            free = start + len(label) + 2
    return text


def _track(value: float, mark: str, role: str, limits: plot_data.Range, room: int, *, zones: bool) -> list[Span]:
    """Return one rate's mark on the scale; with `zones` the words for both sides of it as well."""
    if not 0 < value < math.inf:
        return [("┄" * room, "faint")]
    at = _place(math.log10(value), limits, room)
    left, right = "─" * at, "─" * (room - at - 1)
    if not zones:
        return [(left, "faint"), (mark, role), (right, "faint")]
    return [*_worded(" converges ", left), (mark, role), *_worded(" diverges ", "┄" * len(right))]


def _worded(word: str, track: str) -> list[Span]:
    if len(word) + 2 > len(track):
        return [(track, "faint")]
    before = (len(track) - len(word)) // 2
    return [(track[:before], "faint"), (word, "muted"), (track[before + len(word) :], "faint")]


def _numbers(view: View, rate: LearningRate, width: int) -> list[Line]:
    condition = rate.condition_number
    shape = next((words for bound, words in _ROUND if condition < bound), "flat in one direction: x has variance 0")
    if 20 <= condition < math.inf and not view.run.scaled:
        shape = "a long valley; standardize makes the full batch's round"
    epochs = rate.epochs_to_tenth
    steps, epochs_of_run = view.run.schedule.batches, thousands(view.run.schedule.epochs)
    each = "one step" if steps == 1 else f"{thousands(steps)} steps"
    epochs_text = "never" if math.isinf(epochs) else fitted(epochs, 10, 2)
    numbers = [fitted(rate.spectral_radius, 10, 6), fitted(condition, 10, 4), epochs_text]
    if rate.overflow is not None:
        step = rate.overflow.step + 1
        numbers.append(f"~{step}" if step < 10**8 else f"~{step:.1e}")
    texts = aligned(numbers, _NUMBER, 4)
    rows = [
        ("spectral radius", texts[0], f"long-run factor of distances per epoch; here {each}"),
        ("condition number", texts[1], shape),
        ("epochs for a tenth", texts[2], f"until a tenth is left, in the long run; this run has {epochs_of_run}"),
    ]
    if rate.overflow is not None:
        step, last = rate.overflow.step + 1, view.run.schedule.steps
        name = "would overflow at" if rate.overflows_late or rate.changes_before_overflow else "overflows at step"
        when = f"{'after the end of this run, step ' if rate.overflows_late else 'of '}{thousands(last)}"
        if rate.changes_before_overflow:
            when = "but η changes before"
        rows.append((name, texts[3], when))
    return [
        [(name.ljust(_NAME), "muted"), (number, "text bold"), (_short(words, width), "muted")]
        for name, number, words in rows
    ]


def _short(words: str, width: int) -> str:
    """Return the words, without what stands after a semicolon or a colon, or none of them, where there is no room."""
    room = width - _NAME - _NUMBER
    for text in (words, words.partition("; ")[0], words.partition(":")[0]):
        if len(text) <= room:
            return text
    return ""


def _meaning(view: View, width: int) -> list[list[Line]]:
    """Return sentences of a line or more each, the most useful first."""
    ends = "one step" if view.run.schedule.batches == 1 else "an epoch of these batches"
    texts = (
        "Look for ◆: up to ▲ a larger η speeds the full batch up; past the edge these batches diverge.",
        "Best η is 1/(1 + s), s the mean of x²; η_max is 2/λ_max of the curvature: of the full batch.",
        f"From the edge on {ends} no longer shrinks every distance: the radius is 1.",
    )
    return [wrapped(text, width) for text in texts]
