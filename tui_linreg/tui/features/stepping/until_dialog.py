"""Choose a condition to run until."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.training.until import CONDITIONS, Condition, ConditionKind, read_condition
from tui_linreg.tui.dialogs.base import FORM_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.controls import Choice, Row, TextField


@dataclass(frozen=True, slots=True)
class UntilChoice:
    """What to run until."""

    key: str
    """Of the `ConditionKind`."""
    value: str
    """The threshold as typed; empty where the kind needs none."""
    condition: Condition


class UntilDialog(Dialog[UntilChoice | None]):
    """Ask for a condition; None when cancelled.

    Args:
        last_choice: (key, value) of the last answer, to begin with.
        offers: says of the key of a condition whether it may be chosen; None: all may.
    """

    NAME = "until"
    BINDINGS: ClassVar[list[BindingType]] = FORM_KEYS
    HEADING = "Run until"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "run", "screen.apply"),
        ("esc", "cancel", "screen.cancel"),
        ("1 2 … ↑ ↓", "condition", ""),
        ("tab", "next field", "app.focus_next"),
    )

    def __init__(self, last_choice: tuple[str, str] | None = None, offers: Callable[[str], bool] | None = None) -> None:
        super().__init__()
        self._key, self._value = last_choice or (CONDITIONS[0].key, "")
        self._offered = [kind for kind in CONDITIONS if offers is None or offers(kind.key)]

    def contents(self) -> Iterable[Widget]:
        options = [(kind.key, kind.label + (" …" if kind.needs_value else "")) for kind in self._offered]
        yield Row("condition", "stop at", Choice(options, self._key, numbered=True))
        yield Row("value", "threshold", TextField(self._value, "such as 1 or 2.5e-3"))
        yield Static("", classes="preview", markup=False)

    def on_mount(self) -> None:
        self.show_meaning()

    @property
    def _kind(self) -> ConditionKind:
        key = self.query_one(Choice).value
        return next(kind for kind in CONDITIONS if kind.key == key)

    def _read(self) -> Condition:
        return read_condition(self._kind.key, self.query_one(TextField).value)

    @on(Choice.Changed)
    @on(TextField.Changed)
    def show_meaning(self) -> None:
        """Enable the threshold where there is one, and say where the run will stop."""
        row, preview = self.query_one("#row-value", Row), self.query_one(".preview", Static)
        needs = self._kind.needs_value
        row.control.disabled = not needs
        row.say("")
        try:
            preview.update(f"from the next step on, until: {self._read().text}")
        except InputError as error:
            preview.update("a finite number above 0")
            if row.text.strip():
                self._refuse(row, error)

    def _refuse(self, row: Row, error: InputError) -> None:
        row.say(str(error).rpartition(": ")[2])
        self.query_one(".preview", Static).update("")

    @on(Choice.Picked)
    def go_to_threshold(self) -> None:
        """After a digit or a click chose a condition that needs a threshold, go there."""
        if self._kind.needs_value:
            self.show_meaning()
            self.query_one(TextField).focus()

    def action_apply(self) -> None:
        """Return the condition, or say what is wrong with its threshold."""
        row = self.query_one("#row-value", Row)
        try:
            condition = self._read()
        except InputError as error:
            self._refuse(row, error)
            row.control.focus()
            return
        kind = self._kind
        self.dismiss(UntilChoice(kind.key, row.text.strip() if kind.needs_value else "", condition))
