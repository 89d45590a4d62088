"""What the screen shows and what the keys do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.phases import PHASES
from tui_linreg.tui.charts.records import CHARTS, RULE
from tui_linreg.tui.commands import BY_ID, COMMANDS, shown
from tui_linreg.tui.dialogs.base import READING_KEYS, Dialog, Hint, KeyHint
from tui_linreg.tui.dialogs.texts import Definition, DefinitionList, coloured
from tui_linreg.tui.features.reading.glossary_dialog import GlossaryDialog

_VERDICTS = (
    ("= identical", "$success", "Both numbers are the same, bit for bit."),
    ("≈ rounding", "$warning", "They differ as correct arithmetic may: inside the bound on rounding. "
     "1 ulp apart are neighbouring floats."),
    ("≈3  ≈>99", "$warning", "The same in the table of samples: 3 ulp apart, more than 99."),
    ("≠ differs", "$error", "They differ by more than rounding explains, whatever the order of adding: one is wrong."),
    ("≠ adds up", "$error", "Each step could be rounding, all up to this one together cannot."),
)  # fmt: skip
_PLACE = (
    ("LIVE step 64", "You stand at the newest step trained, here the 64th; going on trains the next one."),
    ("PAST step 10/64", "You look back at step 10 of 64 trained; everything, the charts too, reads as it did then."),
    ("▶  ✓  ·", "The phase at the cursor, those done, what is not computed yet."),
)
_MOVING = (
    ("phase", "A mini-batch has seven phases. Going on past the last one enters the next mini-batch."),
    ("back", "Going back forgets nothing: no step is trained twice, and every number returns bit for bit."),
    ("play", "Playing goes on a mini-batch at a time until the end of the run, or until you pause."),
    ("until", "Trains ahead to the first step where a condition holds. Long work shows its progress; space stops it."),
)
_ELSEWHERE = (
    ("tui-linreg step", "The same line by line, in sentences: for a screen reader, or any terminal."),
    ("… serve", "The app in a browser."),
    ("… notebook", "This run as a notebook or a script of plain PyTorch."),
)
_ROOM_FOR_ONE = "Where only one has room, it is the one shown last. An instrument brings its own chart along."
_TERM_WIDTH, _KEY_WIDTH = 16, 14


class HelpScreen(Dialog[None]):
    """Explain the screen, then list all keys.

    Args:
        keymap: keys by binding id that the user's settings change.
    """

    NAME = "help"
    HEADING = "Help"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("esc", "close", "screen.cancel"),
        ("↑ ↓ space", "scroll", "screen.scroll('page_down')"),
        ("G", "glossary", "screen.glossary"),
    )
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *READING_KEYS,
        Binding("question_mark,f1", "cancel", "close", show=False, tooltip="Close the help"),
    ]

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._keymap = keymap

    def contents(self) -> Iterable[Widget]:
        yield HelpPage(self._keymap)

    @property
    def _glossary_keys(self) -> str:
        return self._keymap.get("glossary", BY_ID["glossary"].keys)

    def redraw(self) -> None:
        self.query(KeyHint).last().show(shown(self._glossary_keys)[0], "glossary")

    def on_key(self, event: events.Key) -> None:
        """Explain all words where the key is that of the glossary, and none of this dialog's own."""
        if event.key in self._glossary_keys.split(",") and event.key not in self.active_bindings:
            event.stop()
            self.action_glossary()

    def action_glossary(self) -> None:
        """Explain all words."""
        self.app.push_screen(GlossaryDialog())


class HelpPage(Horizontal):
    """The legend and the keys."""

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__(id="page")
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        with Vertical(classes="column -first"):
            yield from self._legend()
        with Vertical(classes="column"):
            yield from self._key_table()

    def _legend(self) -> Iterable[Widget]:
        phases = [(Content(f"{entry.phase:d} {entry.short}"), coloured(entry.formula, self.app)) for entry in PHASES]
        yield from _table("The seven phases of a mini-batch", phases)
        verdicts = [(Content.styled(sign, f"bold {colour}"), Content(text)) for sign, colour, text in _VERDICTS]
        yield from _table("From scratch beside torch.nn", verdicts)
        yield from _table("Where you are", [(Content.styled(sign, "bold"), Content(text)) for sign, text in _PLACE])
        yield from _table("Other ways in", [(Content.styled(w, "bold"), Content(t)) for w, t in _ELSEWHERE])
        digits = f"{min(CHARTS)}–{max(CHARTS)}"
        yield from _table("Charts", [(Content.styled(digits, "bold"), Content(f"{RULE} {_ROOM_FOR_ONE}"))])
        yield from _table("Moving through the run", [(Content.styled(w, "bold"), Content(t)) for w, t in _MOVING])

    def _key_table(self) -> Iterable[Widget]:
        for group, keys in groupby(COMMANDS, lambda key: key.group):
            names = [(" ".join(shown(self._keymap.get(key.id, key.keys))), key.tooltip) for key in keys]
            yield from _table(
                group, [(Content.styled(name, "bold"), Content(text)) for name, text in names], _KEY_WIDTH
            )


def _table(title: str, rows: Iterable[tuple[Content, Content]], width: int = _TERM_WIDTH) -> Iterable[Widget]:
    yield Static(title, classes="section", markup=False)
    yield DefinitionList((Definition(term, text) for term, text in rows), width)
