"""What leaves the program: steps and the run, the command line, a picture; files, or downloads in a browser."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.command_line import command_line
from tui_linreg.engine.errors import InputError, printable, quoted
from tui_linreg.files import check_writable
from tui_linreg.number_text import thousands
from tui_linreg.plain_text import typed_path, visible
from tui_linreg.study.notebook import ENDINGS as CODE
from tui_linreg.study.notebook import NOTEBOOK
from tui_linreg.trace_file import ENDINGS as STEPS
from tui_linreg.tui import jobs
from tui_linreg.tui.dialogs.base import FORM_KEYS, READING_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.controls import Choice, Row, TextField
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.outgoing import outgoing, went

_ALLOWED = f"{', '.join((*STEPS, *CODE)[:-1])} or {CODE[-1]}"


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
        """Ask for a file and write the trained steps to it, or the run as plain PyTorch."""
        controller, session = self.controller, self.controller.run.session

        def write(choice: ExportChoice | None) -> None:
            if choice is None:
                return
            opened, where = partial(outgoing, controller.app), went(controller.app, choice.path)
            post = controller.screen.post_message
            if _ending(choice.path) in CODE:
                job = jobs.export_code(session, choice.path, post, opened, where)
            else:
                job = jobs.export(session, choice.path, choice.verdicts, post, opened, where)
            controller.begin(f"writing {quoted(choice.path)}", job)

        no_code = ""
        if controller.hidden.secret:
            no_code = "the code is hidden until the decision"
        elif session.author is not None:
            no_code = "would hold the built-in model, and this run is your file's"
        controller.ask(ExportDialog("tui-linreg-trace.csv", session.trained, no_code=no_code), write)

    def copy_command_line(self) -> None:
        """Copy the command line that makes this run, and show it."""
        controller, session = self.controller, self.controller.run.session
        student = None if session.author is None or controller.student is None else str(controller.student.path)
        text = command_line(session.config, student)
        controller.ask(CommandLineDialog(text, secret=controller.hidden.secret))


class CommandLineDialog(Dialog[None]):
    """Show a command line, which is copied at once.

    Args:
        text: the command line.
        secret: whether a mistake may be planted that it does not name.
    """

    NAME = "command_line"
    HEADING = "The command line of this run"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("c", "copy", "screen.copy"),
        ("esc", "close", "screen.cancel"),
        ("↑ ↓", "scroll", "screen.scroll('page_down')"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *READING_KEYS,
        Binding("c,Y", "copy", "copy", show=False, tooltip="Copy it again"),
    ]

    def __init__(self, text: str, *, secret: bool = False) -> None:
        super().__init__()
        self._text = text
        self._secret = secret

    def contents(self) -> Iterable[Widget]:
        yield Static(visible(self._text), id="page", markup=False)
        if self._secret:
            yield Static("A mistake that is yet to be found is not in it.", classes="note", markup=False)

    def fixed(self) -> Iterable[Widget]:
        yield Static(id="said", markup=False)

    def on_mount(self) -> None:
        self.action_copy()

    def action_copy(self) -> None:
        """Hand it to the terminal's clipboard, and say so."""
        said = self.query_one("#said", Static)
        try:
            self.app.copy_to_clipboard(self._text)
        except UnicodeEncodeError:  # a file name that is not UTF-8
            said.update("✗ a file name in it cannot be copied, nor shown whole")
        else:
            said.update("✓ copied, if the terminal allows it; else select it with the mouse")


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
        no_code: why the run cannot be written as code; empty where it can.
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

    def __init__(self, default: str, steps: int, *, no_code: str = "") -> None:
        super().__init__()
        self._default = default
        self._replaced: str | None = None
        """The file that enter was pressed for once."""
        self._steps = steps
        self._no_code = no_code

    def contents(self) -> Iterable[Widget]:
        file: TextField | Choice = TextField(self._default, "steps.csv, steps.jsonl, run.ipynb or run.py")
        if self.app.is_web:
            endings = STEPS if self._no_code else (*STEPS, *CODE)
            names = [str(Path(self._default).with_suffix(ending)) for ending in endings]
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
        return typed_path(self._row.text)

    @on(TextField.Changed)
    @on(Choice.Changed)
    def show_plan(self) -> None:
        """Say what will be written and whether it replaces a file, or what is wrong with the name."""
        path, preview = self._path, self.query_one(".preview", Static)
        self._replaced = None
        if not path:
            self._refuse("")
            preview.update(f"the name of a file that ends in {_ALLOWED}")
            return
        if why := self._wrong_ending(path):
            self._refuse(why)
            return
        self._row.say("")
        parts: list[Content | str | tuple[str, str]] = [(self._plan(_ending(path)), "")]
        if _ending(path) in STEPS and not self._no_code:
            parts += ["\n", (f"ending in {' or '.join(CODE)}: the run as plain PyTorch", "$foreground-muted")]
        if self.app.is_web:
            parts.append("; your browser saves it")
        elif _is_file(path):
            parts += ["\n", (f"! {printable(path, 200)} exists; enter twice replaces it", "$warning")]
        preview.update(Content.assemble(*parts))

    def _wrong_ending(self, path: str) -> str:
        """Return why no file of this name is written; empty where nothing speaks against it."""
        ending = _ending(path)
        if ending not in (*STEPS, *CODE):
            return f"must end in {_ALLOWED}"
        return f"{ending}: {self._no_code}" if self._no_code and ending in CODE else ""

    def _plan(self, ending: str) -> str:
        """Return what a file with this ending will hold."""
        if ending in CODE:
            kind = "notebook" if ending == NOTEBOOK else "script"
            return f"writes this run as a {kind} of plain PyTorch, with the same numbers"
        each = "a row each" if ending == ".csv" else "a line each"
        count = f"{thousands(self._steps)} step{'s' * (self._steps != 1)}, {each}"
        vectors = "" if ending == ".csv" else ", the vectors x, y, ŷ and ∂L/∂ŷ too"
        return f"writes {count}{vectors}; counted from 0"

    def _refuse(self, error: str) -> None:
        self._row.say(error)
        self.query_one(".preview", Static).update("")

    def action_apply(self) -> None:
        """Return the choice if the file can be written now, else say why not."""
        if not self._path:
            self._refuse(f"must be the name of a file that ends in {_ALLOWED}")
        elif not self._wrong_ending(self._path):
            try:
                if not self.app.is_web:
                    check_writable(self._path)
            except InputError as error:
                self._refuse(str(error).removeprefix("--out "))
                self._row.control.focus()
                return
            if not self.app.is_web and _is_file(self._path) and self._replaced != self._path:
                self._replaced = self._path
                self._row.say("exists; enter again replaces it")
            else:
                verdicts = self.query_one("#row-verdicts", Row).text == "yes"
                self.dismiss(ExportChoice(self._path, verdicts))
                return
        self._row.control.focus()


def _ending(path: str) -> str:
    return Path(path).suffix.lower()


def _is_file(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False
