"""What leaves the program: the trained steps, a picture of the screen; files, or downloads where a browser shows it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.errors import InputError, printable, quoted
from tui_linreg.number_text import thousands
from tui_linreg.plain_text import unquoted
from tui_linreg.trace_file import ENDINGS, check_trace_path
from tui_linreg.tui import jobs
from tui_linreg.tui.dialogs.base import FORM_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.controls import Choice, Row, TextField
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.outgoing import outgoing, went


class Files(Feature):
    """Writes files, never over one that is there without asking."""

    name = "files"

    def save_picture(self) -> None:
        """Save an SVG picture of the screen in the folder where the app was started, or send it to the browser."""
        controller = self.controller
        step = controller.run.cursor.step + 1
        names = (f"tui-linreg-step-{step}{'' if i == 1 else f'-{i}'}.svg" for i in range(1, 10_000))
        # Not Path.exists, which raises where a folder may not be searched or its network is gone.
        web = controller.app.is_web
        path = next((name for name in names if web or not os.path.lexists(name)), None)
        if path is None:
            controller.say("✗ no name is free for another screenshot of this step")
            return
        try:
            with outgoing(controller.app, path) as file:
                file.write(controller.app.export_screenshot(title="tui-linreg"))
        except InputError as error:
            controller.say(f"✗ {error}")
        else:
            controller.say(f"screenshot {'sent to your browser' if web else 'saved'}: {path}")

    def export(self) -> None:
        """Ask for a file and write the trained steps to it."""
        controller, session = self.controller, self.controller.run.session

        def write(choice: ExportChoice | None) -> None:
            if choice is not None:
                opened, where = partial(outgoing, controller.app), went(controller.app, choice.path)
                job = jobs.export(session, choice.path, choice.verdicts, controller.screen.post_message, opened, where)
                controller.begin(f"writing {quoted(choice.path)}", job)

        controller.ask(ExportDialog("tui-linreg-trace.csv", session.trained), write)


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What to write where."""

    path: str
    """As typed, without quotes, a leading ~ expanded; it could be written to when enter was pressed."""
    verdicts: bool
    """Whether to add the verdict of each compared quantity."""


class ExportDialog(Dialog[ExportChoice | None]):
    """Ask for a file, where a browser shows the app only of which kind; None when cancelled.

    Args:
        default: the path to begin with.
        steps: how many steps will be written.
    """

    NAME = "export"
    BINDINGS: ClassVar[list[BindingType]] = FORM_KEYS
    HEADING = "Export"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "write", "screen.apply"),
        ("esc", "cancel", "screen.cancel"),
        ("↑ ↓ tab", "field", "app.focus_next"),
        ("← → space", "choice", ""),
    )

    def __init__(self, default: str, steps: int) -> None:
        super().__init__()
        self._default = default
        self._steps = steps

    def contents(self) -> Iterable[Widget]:
        file: TextField | Choice = TextField(self._default, "steps.csv or steps.jsonl")
        if self.app.is_web:
            names = [str(Path(self._default).with_suffix(ending)) for ending in ENDINGS]
            file = Choice([(name, name) for name in names], names[0])
        yield Row("path", "file", file)
        yield Row("verdicts", "verdict columns", Choice((("yes", "yes"), ("no", "no")), "yes"))
        yield Static("", classes="preview", markup=False)

    def on_mount(self) -> None:
        self.show_plan()

    @property
    def _row(self) -> Row:
        return self.query_one("#row-path", Row)

    @property
    def _path(self) -> str:
        text = unquoted(self._row.text)
        try:
            return str(Path(text).expanduser()) if text.startswith("~") else text
        except RuntimeError:  # there is no such user, or no home
            return text

    @on(TextField.Changed)
    @on(Choice.Changed)
    def show_plan(self) -> None:
        """Say what will be written and whether it replaces a file, or what is wrong with the name."""
        path, preview = self._path, self.query_one(".preview", Static)
        ending = Path(path).suffix.lower()
        if not path:
            self._refuse("")
            preview.update("the name of a file that ends in .csv or .jsonl")
            return
        if ending not in ENDINGS:
            self._refuse(f"must end in {' or '.join(ENDINGS)}")
            return
        self._row.say("")
        each = "a row each" if ending == ".csv" else "a line each"
        count = f"{thousands(self._steps)} step{'s' * (self._steps != 1)}, {each}"
        vectors = "" if ending == ".csv" else ", the vectors x, y, ŷ and ∂L/∂ŷ too"
        parts: list[Content | str | tuple[str, str]] = [(f"writes {count}{vectors}; counted from 0", "")]
        if self.app.is_web:
            parts.append("; your browser saves it")
        elif _is_file(path):
            parts += ["\n", (f"! {printable(path, 200)} exists and will be replaced", "$warning")]
        preview.update(Content.assemble(*parts))

    def _refuse(self, error: str) -> None:
        self._row.say(error)
        self.query_one(".preview", Static).update("")

    def action_apply(self) -> None:
        """Return the choice if the file can be written now, else say why not."""
        if not self._path:
            self._refuse("must be the name of a file that ends in .csv or .jsonl")
        elif Path(self._path).suffix.lower() in ENDINGS:
            try:
                if not self.app.is_web:
                    check_trace_path(self._path)
            except InputError as error:
                self._refuse(str(error).removeprefix("--out "))
            else:
                verdicts = self.query_one("#row-verdicts", Row).text == "yes"
                self.dismiss(ExportChoice(self._path, verdicts))
                return
        self._row.control.focus()


def _is_file(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False
