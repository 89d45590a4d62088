"""Asks for the learner's file: written where there is none, run as it is where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.errors import InputError, printable
from tui_linreg.plain_text import typed_path
from tui_linreg.tui.dialogs.base import FORM_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.controls import Row, TextField

_ABOUT = (
    "Write the model yourself and see it run beside torch. Keep an editor open beside the app: each time you save, "
    "the file is read again and judged over all steps of the run."
)
_SAFETY = "It runs in a process of its own. That is no sandbox: run what you trust."


class NewFileDialog(Dialog[None]):
    """Ask for the name of the learner's file, and close when it runs.

    Args:
        take: writes the file where there is none, and runs it; raises InputError.
    """

    NAME = "student"
    HEADING = "Your own file"
    BINDINGS: ClassVar[list[BindingType]] = FORM_KEYS
    HINTS: ClassVar[tuple[Hint, ...]] = (("enter", "run it", "screen.apply"), ("esc", "close", "screen.cancel"))

    def __init__(self, take: Callable[[str], None]) -> None:
        super().__init__()
        self._take = take

    def contents(self) -> Iterable[Widget]:
        yield Static(_ABOUT, classes="section", markup=False)
        yield Row("path", "file", TextField("mine.py"))
        yield Static("", classes="preview", markup=False)
        yield Static(_SAFETY, classes="note", markup=False)

    @property
    def _path(self) -> str:
        return typed_path(self.query_one(Row).text)

    @on(TextField.Changed)
    def show_plan(self) -> None:
        """Say whether the file is written or is there already."""
        path = self._path
        self.query_one(Row).say("")
        if not path:
            plan = "the name of a Python file"
        elif os.path.lexists(path):
            plan = "is there already; it is run as it is"
        else:
            folder = printable(Path(path).absolute().parent, 200)
            plan = f"is written into {folder}: a part for each formula, all of them empty"
        self.query_one(".preview", Static).update(plan)

    def action_apply(self) -> None:
        """Take the file up, or say why not."""
        row = self.query_one(Row)
        if not self._path:
            row.say("must be the name of a Python file")
            return
        try:
            self._take(self._path)
        except InputError as error:
            row.say(printable(error, 400))
        else:
            self.dismiss(None)
