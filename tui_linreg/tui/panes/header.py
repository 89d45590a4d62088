"""The two lines on top: which run, where in it, and the ladder of phases."""

from __future__ import annotations

from pathlib import Path

from textual.strip import Strip

from tui_linreg.engine.errors import printable
from tui_linreg.engine.phases import PHASES, info
from tui_linreg.engine.schedule import Place
from tui_linreg.number_text import thousands
from tui_linreg.tui.panes.base import Pane, Waiting
from tui_linreg.tui.styles import PHASE_ROLES, Line, Span, bar, spread
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
            (2, [("   η ", "muted"), (f"{config.lr:g}", "text bold")]),
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
        (4, [(f"   {thousands(run.n_train)} train  {thousands(run.n_valid)} valid", "muted")]),
        (1, _author(view)),
        (3, [(f"   {run.device} {run.dtype}", "text")]),
        (2, [("   η ", "muted"), (f"{run.lr:g}", "text bold")]),
        (5, [(f"   seed {run.seed}", "muted")]),
        (6, [("   standardized" if run.scaled else "", "muted")]),
    ]


def _author(view: View) -> Line:
    """Return whose model runs, where there is a learner's file."""
    if view.run.author:
        return [("   " + view.run.author, "accent bold")]
    return [("   built-in model", "differs")] if view.error_line is not None else []


def _corner(view: View) -> Line:
    if view.live:
        return [(f" LIVE {view.trained} ", "identical bold reverse"), (" ", "")]
    return [(f" PAST {view.step.place.step + 1}/{view.trained} ", "batch bold reverse"), (" ", "")]


def _place_parts(view: View) -> list[tuple[int, Line]]:
    place, schedule = view.step.place, view.run.schedule
    epochs, batches = str(schedule.epochs), str(schedule.batches)
    return [
        (0, [(" epoch ", "muted"), (f"{place.epoch + 1:>{len(epochs)}}/{epochs} ", "text bold")]),
        (3, bar((place.epoch + 1) / schedule.epochs, 12)),
        (0, [("  batch ", "muted"), (f"{place.batch + 1:>{len(batches)}}/{batches} ", "text bold")]),
        (2, bar((place.batch + 1) / schedule.batches, 12)),
        (1, [("  samples ", "muted"), (_rows(place).ljust(2 * len(str(view.run.n_train)) + 1), "text")]),
        (4, [(f"  m {place.m}".ljust(5 + len(str(schedule.batch_size))), "muted")]),
    ]


def _rows(place: Place) -> str:
    return str(place.start) if place.m == 1 else f"{place.start}–{place.stop - 1}"


def _ladders(view: View) -> list[Line]:
    full: list[Span] = []
    for entry in PHASES:
        text = f" {entry.phase:d} {entry.short} "
        if entry.phase == view.phase:
            full.append((text, f"{PHASE_ROLES[entry.phase]} bold reverse"))
        else:
            full.append((text, "text" if view.reached(entry.phase) else "faint"))
    now = info(view.phase)
    role = PHASE_ROLES[view.phase]
    longest = max(len(entry.name) for entry in PHASES)
    short = [("phase ", "muted"), (f"{now.phase:d}/7 {now.name.ljust(longest)} ", f"{role} bold")]
    tiny = [(f"{now.phase:d}/7 {now.short.ljust(7)}", f"{role} bold")]
    return [[*full, (" ", "")], short, tiny]
