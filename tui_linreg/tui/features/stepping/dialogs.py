"""Ask for a step to go to, or for a condition to run until."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.training.until import CONDITIONS, Condition, ConditionKind, read_condition
from tui_linreg.number_text import thousands
from tui_linreg.tui.dialogs.base import FORM_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.controls import Choice, Row, TextField

_NUMBERS = re.compile(r"\s*([0-9]+)(?:(?:\s*[/.]\s*|\s+)([0-9]+))?\s*")


def parse_goto(text: str, schedule: Schedule) -> int:
    """Return the step (from 0) that `text` names: "37", or epoch and batch as "3 2", "3/2" or "3.2", all from 1.

    Raises:
        InputError: when it is neither, or the run has no such step; it says what is allowed.
    """
    found = _NUMBERS.fullmatch(text)
    if found is None:
        given = f"{quoted(text.strip())}: " if text.strip() else ""
        raise InputError(f"{given}must be {allowed(schedule)}")
    first, second = found.groups()
    if second is None:
        return _within("step", first, schedule.steps, f"from 1 to {schedule.steps}") - 1
    epoch = _within("epoch", first, schedule.epochs, f"from 1 to {schedule.epochs}")
    batch = _within("batch", second, schedule.batches, f"from 1 to {schedule.batches}, the batches of an epoch")
    return schedule.first_step(epoch - 1) + batch - 1


def allowed(schedule: Schedule) -> str:
    """Return what may be typed."""
    return f"a step from 1 to {schedule.steps}, or epoch and batch like {schedule.epochs} {schedule.batches}"


def _within(what: str, digits: str, most: int, range_: str) -> int:
    # Longer numbers are out of range without being read: Python refuses to read very long ones.
    digits = digits.lstrip("0") or "0"
    if len(digits) > len(str(most)) or not 1 <= int(digits) <= most:
        shown = digits if len(digits) <= 20 else digits[:19] + "…"
        raise InputError(f"{what} {shown}: must be {range_}")
    return int(digits)


class GotoDialog(Dialog[int | None]):
    """Ask for a step and return it, counted from 0; None when cancelled.

    Args:
        schedule: the run's steps.
        step: the step at the cursor, from 0.
        trained: how many steps are trained.
    """

    NAME = "goto"
    BINDINGS: ClassVar[list[BindingType]] = FORM_KEYS
    HEADING = "Go to"
    HINTS: ClassVar[tuple[Hint, ...]] = (("enter", "go", "screen.apply"), ("esc", "cancel", "screen.cancel"))

    def __init__(self, schedule: Schedule, step: int, trained: int) -> None:
        super().__init__()
        self._schedule = schedule
        self._step = step
        self._trained = trained

    def contents(self) -> Iterable[Widget]:
        yield Row("goto", "step", TextField(placeholder="37, or epoch and batch: 3 2"))
        yield Static(self._here(), classes="preview", markup=False)

    def _here(self) -> str:
        return f"now at {self._place(self._step)}\n{allowed(self._schedule)}"

    def _place(self, step: int) -> str:
        at = self._schedule.place(step)
        return f"step {step + 1} of {self._schedule.steps}: epoch {at.epoch + 1}, batch {at.batch + 1}"

    @on(TextField.Changed)
    def show_target(self) -> None:
        """Say where enter will lead, or what is wrong."""
        row, preview = self.query_one(Row), self.query_one(".preview", Static)
        row.say("")
        preview.display = True
        if not row.text.strip():
            preview.update(self._here())
            return
        try:
            step = parse_goto(row.text, self._schedule)
        except InputError as error:
            row.say(str(error))
            preview.display = False
            return
        at = self._schedule.place(step)
        place = f"{self._place(step)}, samples {at.start}–{at.stop - 1}"
        missing = step + 1 - self._trained
        count = f"{thousands(missing)} step{'s' * (missing != 1)}"
        ahead = f"will train {count} first" if missing > 0 else "trained already"
        preview.update(Content.assemble((place, "bold"), "\n", (ahead, "$foreground-muted")))

    def action_apply(self) -> None:
        """Return the step, or say why there is none."""
        row = self.query_one(Row)
        try:
            step = parse_goto(row.text, self._schedule)
        except InputError as error:
            row.say(str(error))
            self.query_one(".preview").display = False
            return
        self.dismiss(step)


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
        ("1 2 …", "choose, then type", ""),
        ("↑ ↓", "choose", ""),
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
