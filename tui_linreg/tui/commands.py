"""Every command of the main screen in one table: bindings, footer, help, palette and the settings file read it.

Importable without textual, so that the command line can list the ids.
"""

from __future__ import annotations

import re
from enum import Flag, auto
from typing import NamedTuple

from tui_linreg.tui.charts.records import CHARTS, WITH_LOG_AXIS
from tui_linreg.tui.instruments.records import PANELS


class Needs(Flag):
    """What a command needs besides a run."""

    NOTHING = 0
    IDLE = auto()
    """No long work under way: else it is refused."""
    STILL = auto()
    """Playing stops first."""


class WhileHidden(NamedTuple):
    """Why a command refuses while something is hidden, by what it is; empty texts where it works.

    A command that works then shows nothing of what is hidden: panes, charts and dialogs leave it out themselves.
    """

    secret: str = ""
    """A mistake is yet to be found."""
    level: str = ""
    """A hunt hides the numbers of the mini-batches."""
    answer: str = ""
    """A lesson hides numbers of steps, here or elsewhere in the run."""
    before: str = ""
    """A lesson hides b or w before this mini-batch."""
    formula: str = ""
    """A lesson hides a formula, which is to be found."""


class Command(NamedTuple):
    """One thing that a key does."""

    id: str
    """Stable name, used in the settings file."""
    keys: str
    """Default keys, in textual's names, separated by commas; the first one is shown in the footer."""
    feature: str
    """Which of `tui_linreg.tui.features.FEATURES` it belongs to, by its name; "app": the app itself."""
    method: str
    """What is called there."""
    label: str
    """One or two words for the footer."""
    tooltip: str
    """One sentence for the help and the palette."""
    group: str
    while_hidden: WhileHidden
    """Without a default: what it does while something is hidden has to be decided (`WORKS`: it hides what it must)."""
    needs: Needs = Needs.NOTHING
    argument: str | int | None = None
    """What the method is given, if anything."""
    opens_dialog: bool = False
    """Whether it opens a dialog whose `NAME` is this id; a lesson's task may ask for it."""
    brief: str = ""
    """One shorter word where the footer has no room for the label; empty: there is none."""

    @property
    def action(self) -> str:
        """What a binding, a click or the palette runs, as Textual writes it."""
        return f"app.{self.method}" if self.feature == "app" else f"do({self.id!r})"


STEP, LOOK, RUN, APP = "Stepping", "Looking", "The run", "The app"
INSTRUMENT, STUDY = "Instruments", "Studying"

_LEVEL = "hidden at this level: f decides"
_ANSWER = "numbers of this lesson are hidden: answer first"
_KEPT = "before the decision; those kept come back with it"
WORKS = WhileHidden()
_KEEP = WhileHidden(secret=f"no run is kept {_KEPT}", answer=_ANSWER)
_FORGET = WhileHidden(secret=f"no run is forgotten {_KEPT}")
_ARITHMETIC = WhileHidden(secret="other arithmetic would be another run: after the decision")
_BY_HAND = WhileHidden(
    secret="by hand only after the decision",
    answer=_ANSWER,
    before="b and w are hidden here: answer first",
)
_RATES = WhileHidden(secret="the learning rate stays until the decision", answer=_ANSWER)
_EPOCHS = WhileHidden(secret="a hunt's run keeps its epochs: f decides first")
_FORMULA = "the formula is yours to find here: answer first"
_NUMBERS = WhileHidden(level=_LEVEL, formula=_FORMULA)
_CODE = WhileHidden(formula=_FORMULA)
_EXPORT = WhileHidden(level=_LEVEL, answer=_ANSWER)
_COMMAND_LINE = WhileHidden(answer=_ANSWER)  # it may hold the start; of a secret mistake the options say nothing
_PREDICT = WhileHidden(
    level=_LEVEL,
    before="b and w of the mini-batch before are hidden: predict or answer those first, R shows them",
)

COMMANDS: tuple[Command, ...] = (
    Command(
        "phase.next", "right,l", "stepping", "move", "phase",
        "Next phase of this mini-batch", STEP, WORKS, argument="next_phase",
    ),
    Command(
        "phase.previous", "left,h", "stepping", "move", "phase",
        "Previous phase", STEP, WORKS, argument="previous_phase",
    ),
    Command(
        "batch.next", "down,j", "stepping", "move", "batch",
        "Next mini-batch, at the same phase", STEP, WORKS, argument="next_batch",
    ),
    Command(
        "batch.previous", "up,k", "stepping", "move", "batch",
        "Previous mini-batch", STEP, WORKS, argument="previous_batch",
    ),
    Command(
        "epoch.next", "right_square_bracket", "stepping", "move", "epoch",
        "First batch of the next epoch", STEP, WORKS, argument="next_epoch",
    ),
    Command(
        "epoch.previous", "left_square_bracket", "stepping", "move", "epoch",
        "First batch of this epoch, then of the one before", STEP, WORKS, argument="previous_epoch",
    ),
    Command("run.first", "home", "stepping", "move", "first", "First step", STEP, WORKS, argument="first"),
    Command("run.newest", "end", "stepping", "move", "newest", "Newest step trained", STEP, WORKS, argument="newest"),
    Command(
        "play", "space", "stepping", "play", "play",
        "Play mini-batch after mini-batch, or pause", STEP, WORKS,
    ),
    Command("faster", "plus,equals_sign", "stepping", "faster", "faster", "Play faster", STEP, WORKS),
    Command("slower", "minus", "stepping", "slower", "slower", "Play slower", STEP, WORKS),
    Command(
        "until", "u", "stepping", "until", "until",
        "Run until a condition holds", STEP, WORKS, needs=Needs.IDLE, opens_dialog=True,
    ),
    Command(
        "goto", "g", "stepping", "goto", "go to",
        "Go to a step, or an epoch and batch", STEP, WORKS, opens_dialog=True,
    ),
    *(
        Command(
            f"chart.{chart.id}", str(chart.number), "looking", "chart", chart.label,
            f"Chart {chart.number}: {chart.tooltip}", LOOK, WORKS, argument=chart.number,
        )
        for chart in CHARTS.values()
    ),
    Command(
        "cursor", "v", "chart_cursor", "turn", "point",
        "A cursor in the chart: from point to point, with exact values", LOOK, WORKS,
    ),
    Command(
        "leave", "escape", "chart_cursor", "leave", "back",
        "Leave the cursor of a chart or moving by hand; a maximised pane goes back to its place", LOOK, WORKS,
    ),
    Command(
        "zoom", "z", "looking", "zoom", "zoom",
        "Surface: the whole path, or the neighbourhood of the cursor", LOOK, WORKS,
    ),
    Command(
        "surface.of", "a", "looking", "surface_of", "all/batch",
        "Surface: of all train samples, or of this batch", LOOK, WORKS,
    ),
    Command(
        "log_y", "y", "looking", "log_y", "log y", f"Logarithmic or linear y axis in {WITH_LOG_AXIS}", LOOK, WORKS,
    ),
    Command(
        "digits", "n", "looking", "digits", "all digits",
        "Numbers with all their digits, or six significant ones", LOOK, WORKS,
    ),
    Command(
        "maximise", "m", "looking", "maximise", "maximise",
        "Maximise the focused pane (the last chart when none is)", LOOK, WORKS,
    ),
    Command(
        "samples.down", "J,pagedown", "looking", "scroll_samples", "samples",
        "Samples table: a page down", LOOK, WORKS, argument=1,
    ),
    Command(
        "samples.up", "K,pageup", "looking", "scroll_samples", "samples",
        "Samples table: a page up", LOOK, WORKS, argument=-1,
    ),
    Command(
        "sample.next", "full_stop", "looking", "sample", "sample",
        "Graph: the next sample, then the whole mini-batch", LOOK, WORKS, argument=1,
    ),
    Command(
        "sample.previous", "comma", "looking", "sample", "sample",
        "Graph: the sample before", LOOK, WORKS, argument=-1,
    ),
    Command(
        "code", "c", "reading", "code", "code",
        "The code line of this phase, ours beside torch's", LOOK, _CODE, opens_dialog=True,
    ),
    Command(
        "panel.next", "i", "looking", "next_panel", "instrument",
        "Next instrument, then the samples", INSTRUMENT, WORKS, argument=1,
    ),
    Command(
        "panel.previous", "I", "looking", "next_panel", "instrument",
        "Previous instrument", INSTRUMENT, WORKS, argument=-1,
    ),
    *(
        Command(
            f"panel.{panel.name}", panel.key, "looking", "panel", panel.label,
            panel.tooltip, INSTRUMENT, WORKS, argument=panel.name,
        )
        for panel in PANELS.values()
    ),
    Command(
        "arithmetic", "b", "editing", "arithmetic", "why bits",
        "Why do the bits differ? Try other arithmetic", INSTRUMENT, _ARITHMETIC, needs=Needs.IDLE, opens_dialog=True,
    ),
    Command(
        "keep", "p", "looking", "keep", "keep run",
        "Keep this run beside the next ones", INSTRUMENT, _KEEP,
    ),
    Command("forget", "P", "looking", "forget", "forget run", "Forget the run kept last", INSTRUMENT, _FORGET),
    Command(
        "derivation", "d", "reading", "derivation", "derive",
        "The chain rule of this phase, written out", STUDY, _NUMBERS, needs=Needs.STILL, opens_dialog=True,
    ),
    Command(
        "hunt", "f", "hunt", "hunt", "find mistake",
        "Find the mistake: one may be hidden; decide which it is", STUDY, WORKS, needs=Needs.IDLE | Needs.STILL,
        brief="hunt",
    ),
    Command(
        "predict", "t", "predict", "predict", "predict",
        "Predict the next phase's numbers yourself", STUDY, _PREDICT, needs=Needs.IDLE | Needs.STILL,
    ),
    Command(
        "lessons", "L", "lessons", "lessons", "lessons",
        "Lessons: the list, how far each is, begin or go on", STUDY, WORKS, needs=Needs.IDLE | Needs.STILL,
    ),
    Command("lesson.go", "enter", "lessons", "go_on", "answer", "Lesson: answer the task, or go on", STUDY, WORKS),
    Command(
        "lesson.back", "backspace", "lessons", "page_back", "page before",
        "Lesson: the page before; in a task its pages", STUDY, WORKS,
    ),
    Command("lesson.text", "T", "lessons", "text", "text", "Lesson: its text, or away with it", STUDY, WORKS),
    Command(
        "lesson.hint", "ctrl+t,H", "lessons", "hint", "hint",
        "Lesson: the next hint of the task; in dialogs ^t, too", STUDY, WORKS),
    Command(
        "lesson.uncover", "R", "lessons", "uncover", "show",
        "Lesson: show what this mini-batch hides", STUDY, WORKS,
    ),
    Command(
        "lesson.leave", "X", "lessons", "leave", "leave",
        "Lesson: leave it, back to your own run", STUDY, WORKS,
    ),
    Command(
        "student", "W", "student", "dialog", "your file",
        "Your own file: begin one, see how each part stands and why, and what it printed",
        STUDY, WORKS, opens_dialog=True,
    ),
    Command(
        "edit", "e", "editing", "edit", "edit",
        "Edit hyperparameters and data; applying starts a new run", RUN, WORKS, needs=Needs.IDLE, opens_dialog=True,
    ),
    Command(
        "epochs", "E", "stepping", "more_epochs", "more epochs",
        "Add as many epochs again to this run, which goes on", RUN, _EPOCHS, needs=Needs.IDLE, brief="epochs",
    ),
    Command(
        "hand", "o", "hand", "turn", "by hand",
        "Move the line by hand: b, w, loss and gradients follow", RUN, _BY_HAND, needs=Needs.IDLE | Needs.STILL,
    ),
    *(
        Command(
            f"lr.{by}", key, "rates", "change", "half, twice η",
            f"{word} the learning rate from the next mini-batch on", RUN, _RATES,
            needs=Needs.IDLE, argument=by,
        )
        for by, key, word in (("half", "less_than_sign", "Halve"), ("twice", "greater_than_sign", "Double"))
    ),
    Command(
        "restart", "r", "stepping", "restart", "restart",
        "Restart from the same start", RUN, WORKS, needs=Needs.IDLE | Needs.STILL,
    ),
    Command(
        "export", "x", "files", "export", "export",
        "Export the steps, or the run as a notebook", RUN, _EXPORT, needs=Needs.IDLE, opens_dialog=True,
    ),
    Command(
        "command_line", "Y", "files", "copy_command_line", "copy command",
        "Copy the command line of this run", RUN, _COMMAND_LINE, opens_dialog=True,
    ),
    Command(
        "screenshot", "s", "files", "save_picture", "screenshot",
        "Save a screenshot (SVG); in dialogs too, ^s where one types", APP, WORKS,
    ),
    Command(
        "help", "question_mark,f1", "reading", "help", "help",
        "What everything means, and all keys", APP, WORKS, opens_dialog=True,
    ),
    Command(
        "glossary", "G", "reading", "glossary", "words",
        "What the words on the screen mean, and all others", APP, WORKS, opens_dialog=True,
    ),
    Command("palette", "ctrl+p", "app", "command_palette", "palette", "Command palette", APP, WORKS),
    Command("quit", "q,ctrl+q", "app", "quit", "quit", "Quit", APP, WORKS),
)  # fmt: skip

BY_ID = {command.id: command for command in COMMANDS}

_FUNCTION = re.compile("f[0-9]+")
_SHOWN = {
    "escape": "esc", "right": "→", "left": "←", "down": "↓", "up": "↑", "right_square_bracket": "]",
    "left_square_bracket": "[", "full_stop": ".", "comma": ",", "less_than_sign": "<", "greater_than_sign": ">",
    "plus": "+", "equals_sign": "=", "minus": "-", "question_mark": "?", "pagedown": "pgdn", "pageup": "pgup",
}  # fmt: skip


def shown(keys: str) -> list[str]:
    """Return the keys of a binding as a person would write them."""
    names = [key.strip() for key in keys.split(",")]
    return [
        _SHOWN.get(name, name.upper() if _FUNCTION.fullmatch(name) else name.replace("ctrl+", "^")) for name in names
    ]
