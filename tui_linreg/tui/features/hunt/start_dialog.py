"""Find the mistake: what the game is, and how much of the run one will see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.study.hunt_text import LEVELS
from tui_linreg.tui.dialogs.base import FORM_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.controls import Choice

_GAME = (
    f"One of {len(MISTAKES)} classic mistakes, or none, hides in the from-scratch model.",
    "Name and code are hidden: step as ever, and decide from the numbers.",
    "Then f opens the answers; a wrong one gets a hint. Your own run waits.",
)


class HuntStartDialog(Dialog[str | None]):
    """Ask for a level; None when cancelled.

    Args:
        level: the level to begin with.
        found: how often a mistake was found so far, for each level.
        own_mistake: the mistake that the present run makes openly, which the hunt leaves out; None: none.
    """

    BINDINGS: ClassVar[list[BindingType]] = FORM_KEYS
    HEADING = "Find the mistake"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "start", "screen.apply"),
        ("esc", "cancel", "screen.cancel"),
        ("1 2 3 ↑ ↓", "level", ""),
    )

    def __init__(self, level: str, found: Sequence[int], own_mistake: str | None = None) -> None:
        super().__init__()
        self._level = level
        self._found = found
        self._own_mistake = own_mistake

    def contents(self) -> Iterable[Widget]:
        yield Static("\n".join(_GAME), classes="rule", markup=False)
        if self._own_mistake is not None:
            text = f"! This run's own mistake ({self._own_mistake}) is not in the hunt's run, unless it is drawn."
            yield Static(text, classes="rule -warning", markup=False)
        options = [(level.key, f"{level.title}{self._so_far(at)}") for at, level in enumerate(LEVELS.values())]
        yield Choice(options, self._level, numbered=True, id="levels")

    def _so_far(self, at: int) -> str:
        return f"   found: {self._found[at]}" if self._found[at] else ""

    def fixed(self) -> Iterable[Widget]:
        yield Static("", id="level-task", markup=False)

    def on_mount(self) -> None:
        self.query_one(Choice).focus()
        self.show_task()

    @on(Choice.Changed)
    def show_task(self) -> None:
        """Say what is seen at the level chosen."""
        level = LEVELS[self.query_one(Choice).value]
        self.query_one("#level-task", Static).update(Content.styled(level.task, "bold"))

    def action_apply(self) -> None:
        """Return the level."""
        self.dismiss(self.query_one(Choice).value)
