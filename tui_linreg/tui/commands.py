"""Every key of the main screen in one table: bindings, footer, help, palette and the settings file read it.

Importable without textual, so that the command line can list the ids.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tui_linreg.tui.charts.records import CHARTS


class KeyAction(NamedTuple):
    """One thing a key does."""

    id: str
    """Stable name, used in the settings file."""
    keys: str
    """Default keys, in textual's names, separated by commas; the first one is shown in the footer."""
    action: str
    label: str
    """One or two words for the footer."""
    tooltip: str
    """One sentence for the help and the palette."""
    group: str


STEP, LOOK, RUN, APP = "Stepping", "Looking", "The run", "The app"
INSTRUMENT, STUDY = "Instruments", "Studying"

KEYS: tuple[KeyAction, ...] = (
    KeyAction("phase.next", "right,l", "move('next_phase')", "phase", "Next phase of this mini-batch", STEP),
    KeyAction("phase.previous", "left,h", "move('previous_phase')", "phase", "Previous phase", STEP),
    KeyAction("batch.next", "down,j", "move('next_batch')", "batch", "Next mini-batch, at the same phase", STEP),
    KeyAction("batch.previous", "up,k", "move('previous_batch')", "batch", "Previous mini-batch", STEP),
    KeyAction(
        "epoch.next", "right_square_bracket", "move('next_epoch')", "epoch", "First batch of the next epoch", STEP
    ),
    KeyAction(
        "epoch.previous", "left_square_bracket", "move('previous_epoch')", "epoch",
        "First batch of this epoch, then of the one before", STEP,
    ),
    KeyAction("run.first", "home", "move('first')", "first", "First step", STEP),
    KeyAction("run.newest", "end", "move('newest')", "newest", "Newest step trained", STEP),
    KeyAction("play", "space", "play", "play", "Play mini-batches one after the other, or pause", STEP),
    KeyAction("faster", "plus,equals_sign", "faster", "faster", "Play faster", STEP),
    KeyAction("slower", "minus", "slower", "slower", "Play slower", STEP),
    KeyAction("until", "u", "until", "until", "Run until a condition holds", STEP),
    KeyAction("goto", "g", "goto", "go to", "Go to a step, or an epoch and batch", STEP),
    *(
        KeyAction(
            f"chart.{chart.id}", str(chart.number), f"chart({chart.number})", chart.label,
            f"Chart {chart.number}: {chart.tooltip}", LOOK,
        )
        for chart in CHARTS.values()
    ),
    KeyAction("zoom", "z", "zoom", "zoom", "Surface: the whole path, or the neighbourhood of the cursor", LOOK),
    KeyAction("surface.of", "a", "surface_of", "all/batch", "Surface: of all train samples, or of this batch", LOOK),
    KeyAction("log_y", "y", "log_y", "log y", "Losses and radii: logarithmic or linear y axis", LOOK),
    KeyAction("maximise", "m", "maximise", "maximise", "Maximise the focused pane (the last chart when none is)", LOOK),
    KeyAction("samples.down", "J,pagedown", "scroll_samples(1)", "samples", "Samples table: a page down", LOOK),
    KeyAction("samples.up", "K,pageup", "scroll_samples(-1)", "samples", "Samples table: a page up", LOOK),
    KeyAction("code", "c", "code", "code", "The code line of this phase, ours beside torch's", LOOK),
    KeyAction("panel.next", "i", "next_panel(1)", "instrument", "Next instrument, then the samples", INSTRUMENT),
    KeyAction("panel.previous", "I", "next_panel(-1)", "instrument", "Previous instrument", INSTRUMENT),
    KeyAction(
        "panel.learning_rate", "f2", "panel('learning_rate')", "learning rate",
        "Learning rate: what this η will do, before it is run", INSTRUMENT,
    ),
    KeyAction(
        "panel.landing", "f3", "panel('landing')", "landing",
        "Where it lands: least squares, the fixed point, here", INSTRUMENT,
    ),
    KeyAction(
        "panel.epoch_losses", "f4", "panel('epoch_losses')", "epoch losses",
        "Epoch losses: four ways to say how good an epoch was", INSTRUMENT,
    ),
    KeyAction(
        "panel.gradient_check", "f5", "panel('gradient_check')", "gradient check",
        "Gradient check: by hand, autograd, finite differences", INSTRUMENT,
    ),
    KeyAction(
        "panel.bits", "f6", "panel('bits')", "bits", "Bits: where the two models' numbers part", INSTRUMENT,
    ),
    KeyAction(
        "panel.runs", "f7", "panel('runs')", "runs", "Runs side by side: this run beside those kept", INSTRUMENT,
    ),
    KeyAction("arithmetic", "b", "arithmetic", "why bits", "Why do the bits differ? Try other arithmetic", INSTRUMENT),
    KeyAction("keep", "p", "keep", "keep run", "Keep this run as a ghost beside the next ones", INSTRUMENT),
    KeyAction("forget", "P", "forget", "forget run", "Forget the run kept last", INSTRUMENT),
    KeyAction("derivation", "d", "derivation", "derivation", "The chain rule of this phase, written out", STUDY),
    KeyAction("hunt", "f", "hunt", "hunt", "Find the mistake: one may be hidden; decide which it is", STUDY),
    KeyAction("predict", "t", "predict", "predict", "Predict the next phase's numbers yourself", STUDY),
    KeyAction("lessons", "L", "lessons", "lessons", "Lessons: the list, how far each is, begin or go on", STUDY),
    KeyAction("lesson.go", "enter", "lesson_go", "answer", "Lesson: answer the task, or go on", STUDY),
    KeyAction("lesson.back", "backspace", "lesson_back", "page before", "Lesson: the page before", STUDY),
    KeyAction("lesson.text", "T", "lesson_text", "text", "Lesson: its text, or away with it", STUDY),
    KeyAction("lesson.hint", "H", "lesson_hint", "hint", "Lesson: the next hint of the task", STUDY),
    KeyAction("lesson.uncover", "R", "lesson_uncover", "show", "Lesson: show what this mini-batch hides", STUDY),
    KeyAction("lesson.leave", "X", "lesson_leave", "leave", "Lesson: leave it, back to your own run", STUDY),
    KeyAction("edit", "e", "edit", "edit", "Edit hyperparameters and data; applying starts a new run", RUN),
    KeyAction("restart", "r", "restart", "restart", "Restart from the same start", RUN),
    KeyAction("export", "x", "export", "export", "Export the trained steps to a CSV or JSONL file", RUN),
    KeyAction("screenshot", "s", "save_picture", "screenshot", "Save a screenshot (SVG) in this folder", RUN),
    KeyAction("help", "question_mark,f1", "help", "help", "What everything means, and all keys", APP),
    KeyAction("palette", "ctrl+p", "app.command_palette", "palette", "Command palette", APP),
    KeyAction("quit", "q,ctrl+q", "app.quit", "quit", "Quit", APP),
)  # fmt: skip

BY_ID = {key.id: key for key in KEYS}

_FUNCTION = re.compile("f[0-9]+")
_SHOWN = {
    "right": "→", "left": "←", "down": "↓", "up": "↑", "right_square_bracket": "]", "left_square_bracket": "[",
    "plus": "+", "equals_sign": "=", "minus": "-", "question_mark": "?", "pagedown": "pgdn",
    "pageup": "pgup",
}  # fmt: skip


def shown(keys: str) -> list[str]:
    """Return the keys of a binding as a person would write them."""
    names = [key.strip() for key in keys.split(",")]
    return [
        _SHOWN.get(name, name.upper() if _FUNCTION.fullmatch(name) else name.replace("ctrl+", "^")) for name in names
    ]
