"""The lines at the edges: on top which run and where in it, at the bottom what is going on and the keys."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path

from rich.cells import cell_len
from textual.strip import Strip

from tui_linreg.engine.errors import printable
from tui_linreg.engine.phases import PHASES, QUANTITIES, Phase, info
from tui_linreg.engine.step import Verdict
from tui_linreg.number_text import duration, signed, significant, thousands
from tui_linreg.tui.background import Busy
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.commands import BY_ID, shown
from tui_linreg.tui.loader import STAGES
from tui_linreg.tui.panes.base import Pane, Waiting
from tui_linreg.tui.panes.phase import line_text
from tui_linreg.tui.styles import PHASE_ROLES, VERDICT_ROLES, Line, Span, bar, cut, cut_words, line_width, spread
from tui_linreg.tui.view import View


class Header(Pane):
    """Two lines: the run and LIVE or PAST; epoch, batch, samples and phase."""

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        styles = view.styles
        lines = (
            spread(_run_parts(view, width), [_corner(view)], width),
            spread(_place_parts(view), _ladders(view), width),
        )
        return [styles.strip(line, width, "@panel") for line in lines]

    def blank(self, waiting: Waiting, width: int, height: int) -> list[Strip]:
        config = waiting.config
        first = [
            (0, [(" tui-linreg", "accent bold")]),
            (1, [("   " + printable(Path(config.data).name if config.data else config.source), "text")]),
            (2, [("   η ", "muted"), (f"{config.rates.at(0):g}", "text bold")]),
        ]
        return [
            waiting.styles.strip(spread(first, [[]], width), width, "@panel"),
            waiting.styles.strip([], width, "@panel"),
        ]


def _run_parts(view: View, width: int) -> list[tuple[int, Line]]:
    run = view.run
    notes = view.hidden.notes
    note = next((each for each in notes if len(each) <= width // 3), notes[-1]) if notes else ""
    return [
        (0, [(" tui-linreg", "accent bold")]),
        (0, [("   " if note else "", ""), (f" {note} " if note else "", "rounding bold reverse")]),
        (1, [("   " + run.name, "text")]),
        (4, [(f"   {thousands(run.n_train)} train  {thousands(run.n_valid)} validation", "muted")]),
        (1, _author(view)),
        (3, [(f"   {run.device} {run.dtype}", "text")]),
        (2, [("   η ", "muted"), (f"{view.step.lr:g}", "text bold")]),
        (3, [(view.stretch.when, "muted")]),
        (5, [(f"   seed {run.seed}", "muted")]),
        (6, [("   standardized" if run.scaled else "", "muted")]),
    ]


def _author(view: View) -> Line:
    """Return whose model runs, where there is a learner's file."""
    if view.run.author:
        return [("   " + view.run.author, "accent bold")]
    return [("   built-in model", "differs")] if view.error_line is not None else []


def _corner(view: View) -> Line:
    if view.mode is not None and view.mode.badge:
        return [(f" {view.mode.badge} ", "accent bold reverse"), (" ", "")]
    if view.live:
        return [(f" LIVE step {view.trained} ", "identical bold reverse"), (" ", "")]
    return [(f" PAST step {view.step.place.step + 1}/{view.trained} ", "batch bold reverse"), (" ", "")]


def _place_parts(view: View) -> list[tuple[int, Line]]:
    if view.mode is not None and view.mode.samples:
        return [(0, [(f" {view.mode.samples}", "text bold")]), (1, [(f"  m {thousands(view.step.place.m)}", "muted")])]
    place, schedule = view.step.place, view.run.schedule
    epochs, batches = str(schedule.epochs), str(schedule.batches)
    rows = str(place.start) if place.m == 1 else f"{place.start}–{place.stop - 1}"
    return [
        (0, [(" epoch ", "muted"), (f"{place.epoch + 1:>{len(epochs)}}/{epochs} ", "text bold")]),
        (3, bar((place.epoch + 1) / schedule.epochs, 12)),
        (0, [("  batch ", "muted"), (f"{place.batch + 1:>{len(batches)}}/{batches} ", "text bold")]),
        (2, bar((place.batch + 1) / schedule.batches, 12)),
        (1, [("  samples ", "muted"), (rows.ljust(2 * len(str(view.run.n_train)) + 1), "text")]),
        (4, [(f"  m {place.m}".ljust(5 + len(str(schedule.batch_size))), "muted")]),
    ]


def _ladders(view: View) -> list[Line]:
    full: list[Span] = [("phase ", "muted"), (f"{view.phase:d}/7 ", "text bold")]
    for entry in PHASES:
        text = f" {entry.phase:d} {entry.short} "
        if entry.phase == view.phase:
            full.append((text, f"{PHASE_ROLES[entry.phase]} bold reverse"))
        else:
            full.append((text, "text" if view.reached(entry.phase) else "faint"))
    now = info(view.phase)
    role = PHASE_ROLES[view.phase]
    longest = max(len(entry.name) for entry in PHASES)
    short: Line = [("phase ", "muted"), (f"{now.phase:d}/7 {now.name.ljust(longest)} ", f"{role} bold")]
    brief: Line = [("phase ", "muted"), (f"{now.phase:d}/7 {now.short.ljust(7)}", f"{role} bold")]
    return [[*full, (" ", "")], short, brief]


_FOOTER = (
    ("phase.previous phase.next", 0), ("batch.next batch.previous", 0), ("epoch.previous epoch.next", 8),
    ("epochs", 13), ("play", 4), ("predict", 1), ("derivation", 2), ("hunt", 3), ("lessons", 1), ("chart.fit", 2),
    ("hand", 5), ("until", 6), ("goto", 9), ("panel.next", 6), ("edit", 5), ("code", 7), ("cursor", 8), ("keep", 9),
    ("digits", 10), ("lr.half lr.twice", 10), ("restart", 11), ("export", 11), ("maximise", 11), ("log_y", 12),
    ("screenshot", 12), ("slower faster", 12), ("help", 0), ("quit", 4), ("palette", 12),
)  # fmt: skip
"""Binding ids that share a place, and how soon they are chosen, if they fit.

While playing `play` comes first, at the end of a run `epochs`.
"""
_FIRST = 3
"""Where not all up to this have room with their labels, labels are brief."""


_LEAST_FAULT = 30
_PROGRESS = (24, 16, 8)
"""Cells that a progress bar may have: few sizes, so that it does not jump with the digits beside it."""


class StatusBar(Pane):
    """One line: long work, else the last message, else an error, else a warning, else the line as it stands."""

    _stage = STAGES[0]

    @property
    def answers(self) -> bool:
        """Whether it says what a key did, how long work goes on, or what a mode shows."""
        view = self.view
        return view is None or view.busy is not None or bool(view.message) or view.mode is not None

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        hidden = view.hidden.in_place_of("numbers")
        if view.busy is not None:
            line = _working(view.busy, view.message, width)
        elif view.message:
            line = [(f" {cut(view.message, width - 1)}", "accent")]
            if view.error_line is not None and (room := width - cell_len(view.message) - 6) > _LEAST_FAULT:
                line = [*line, (f"   ✗ {view.error_line.fitted(room)}", "differs bold")]
            elif view.overflow is not None and not hidden:
                room = max(width - cell_len(view.message) - 6, 0)
                line = [*line, (f"   ✗ {cut(_why(view), room)}" if room > _LEAST_FAULT else "", "differs bold")]
        elif view.mode is not None:
            line = [(f" {cut(view.mode.fitted(width - 1), width - 1)}", "accent")]
        elif view.error_line is not None:
            line = [(f" ✗ {view.error_line.fitted(width - 3)}", "differs bold")]
        elif view.overflow is not None and not hidden:
            line = [(f" ✗ not finite since step {view.overflow + 1}: {_why(view)}", "differs bold")]
        elif view.run.warning is not None:
            line = cut_words([(f" ! {view.run.warning}", "rounding bold")], width)
        elif view.run.notices and view.step.place.epoch == 0:
            notice = view.run.notices[0]
            if len(notice) > width - 3:
                notice = notice.replace("the from-scratch model makes the mistake", "mistake")
            line = cut_words([(f" ! {notice}", "rounding bold")], width)
        elif hidden:
            line = [(f" numbers: {hidden}", "muted")]
        else:
            line = spread(_facts(view), [_verdicts(view), []], width)
        return [view.styles.strip(line, width)]

    def say_loading(self, stage: str) -> None:
        """Say what is being loaded, until the first view comes."""
        self._stage = stage
        self.rebuild()

    def blank(self, waiting: Waiting, width: int, height: int) -> list[Strip]:
        parts: list[Span] = [(" loading  ", "muted")]
        stages = STAGES if self._stage in STAGES else (*STAGES, self._stage)
        at = stages.index(self._stage)
        for i, stage in enumerate(stages):
            sign, role = ("✓", "identical") if i < at else ("▸", "accent bold") if i == at else ("·", "faint")
            parts.append((f" {sign} {stage} ", role))
        return [waiting.styles.strip([*parts, (" keys are kept", "faint")], width)]


def _why(view: View) -> str:
    return view.run.warning or f"the numbers outgrew {view.run.dtype}"


def _facts(view: View) -> list[tuple[int, Line]]:
    ours = view.step.scratch
    b, w = (ours.b_after, ours.w_after) if view.reached(Phase.UPDATE) else (ours.b_before, ours.w_before)
    names = ("b", "w") if view.reached(Phase.UPDATE) else ("b_before", "w_before")
    line = line_text(view, b, w, *names)
    facts: list[tuple[int, Line]] = [
        (0, [(" line, standardized  " if view.run.scaled else " line  ", "muted"), (line, "text")])
    ]
    if view.run.true_line is not None:
        b, w = view.run.true_line
        facts.append((1, [("   true ", "muted"), (f"{significant(b)} + {signed(significant(w))} x", "muted")]))
    return facts


def _verdicts(view: View) -> Line:
    """Count the verdicts on what is computed so far."""
    found = [
        view.step.comparisons[q.key].verdict for q in QUANTITIES if view.reached(q.phase) and not view.hides(q.key)
    ]
    parts: list[Span] = [("this step ", "muted")] if found else []
    for verdict in Verdict:
        count = found.count(verdict)
        if count:
            parts.append((f" {verdict.sign} {count} {verdict.word} ", VERDICT_ROLES[verdict]))
    return parts


def _working(busy: Busy, message: str, width: int) -> Line:
    """Show how far long work is, and how to stop it unless the last key has something to say: that is said whole."""
    if not busy.goal:
        return [(f" {busy.what} …", "text bold")]
    speed = busy.done / busy.seconds if busy.seconds > 0 else 0.0
    left = f"  {thousands(round(speed))}/s  {duration((busy.goal - busy.done) / speed)} left" if speed else ""
    what, count = f" {busy.what} ", f"{thousands(busy.done)}/{thousands(busy.goal)}"
    end = f" {message or 'space stops'} "
    room = width - cell_len(what + count + left + end) - 2
    wide = next((cells for cells in _PROGRESS if cells <= room), 0)
    parts: list[tuple[int, Line]] = [
        (0, [(what, "text bold")]),
        (0, [*bar(busy.done / busy.goal, wide), (" " if wide else "", "")]),
        (1, [(count, "muted")]),
        (2, [(left, "muted")]),
    ]
    return spread(parts, [[(end, "accent")]], width)


class KeyBar(Pane):
    """The keys that fit, the least important left out; each can be clicked."""

    def __init__(self, keymap: Mapping[str, str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keymap = keymap

    def depends_on(self, view: View) -> Hashable:
        """Return the play key's two labels' facts, what comes first, the mode's keys and the colours."""
        return view.styles, view.playing, view.speed, view.may_go_on, view.mode and view.mode.keys

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        return [view.styles.strip(self._keys(view, width), width, "@panel")]

    def blank(self, waiting: Waiting, width: int, height: int) -> list[Strip]:
        return [waiting.styles.strip(self._keys(None, width), width, "@panel")]

    def _keys(self, view: View | None, width: int) -> Line:
        if view is not None and view.mode is not None:
            parts = [(key.commands, key.label, i) for i, key in enumerate(view.mode.keys)]
        else:
            now = "" if view is None else "play" if view.playing else "epochs" if view.may_go_on else ""
            parts = [(ids, "", 0 if ids == now else soon) for ids, soon in _FOOTER]
        chosen: dict[int, Line] = {}
        for brief in (False, True):
            room = width + 1  # the last one's blank may be cut
            chosen = {}
            for i in sorted(range(len(parts)), key=lambda i: parts[i][2]):
                group = self._group(view, parts[i][0].split(), brief, parts[i][1])
                if line_width(group) <= room:
                    chosen[i] = group
                    room -= line_width(group)
            if all(i in chosen for i, (_, _, soon) in enumerate(parts) if soon <= _FIRST):
                break
        return [part for _, group in sorted(chosen.items()) for part in group]

    def _group(self, view: View | None, ids: list[str], brief: bool, label: str = "") -> Line:
        """Return the keys of bindings that share a place, each of which can be clicked, and their label.

        The label is that of the first of them unless another one is given.
        """
        actions = [BY_ID[id] for id in ids]
        # Before there is a run a click would find nothing to act on.
        clicks = ["" if view is None and each.id != "quit" else f" !{each.action}" for each in actions]
        first = actions[0]
        if first.id == "chart.fit" and not label:
            return [(f" {min(CHARTS)}-{max(CHARTS)}", f"accent bold{clicks[0]}"), (" chart ", f"muted{clicks[0]}")]
        if not label and view is not None:
            playing = f"pause {view.speed:g}/s" if view.playing else "play"
            label = {"play": playing, "slower": f"{view.speed:g}/s"}.get(first.id, "")
        label = label or (first.brief if brief and first.brief else first.label)
        parts: list[Span] = []
        for each, click in zip(actions, clicks, strict=True):
            key = shown(self._keymap.get(each.id, each.keys))[0]
            parts += [("/" if parts else " ", "muted"), (key, f"accent bold{click}")]
        return [*parts, (f" {label} ", f"{'text' if first.id == 'play' else 'muted'}{clicks[0]}")]
