"""The main screen, whole: every key of `tui_linreg.tui.commands` has its action here or in a class that it extends.

Dialogs are imported when they open, so that the first frame does not wait for them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.files import write_atomically
from tui_linreg.tui import jobs
from tui_linreg.tui.commands import KEYS
from tui_linreg.tui.lessons_screen import LessonScreen
from tui_linreg.tui.run_request import RunRequest

if TYPE_CHECKING:
    from tui_linreg.engine.config import RunConfig
    from tui_linreg.tui.dialogs.edit import EditResult
    from tui_linreg.tui.dialogs.export import ExportChoice
    from tui_linreg.tui.dialogs.until import UntilChoice


class MainScreen(LessonScreen):
    """The dialogs, and what is written to files."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.keys, key.action, key.label, show=False, tooltip=key.tooltip, id=key.id)
        for key in KEYS
        if not key.action.startswith("app.")
    ]

    _until_choice: tuple[str, str] | None = None

    def action_save_picture(self) -> None:
        """Save an SVG picture of the screen beside where the app was started, never over another file."""
        step = self._ready().cursor.step + 1
        names = (f"tui-linreg-step-{step}{'' if i == 1 else f'-{i}'}.svg" for i in range(1, 10_000))
        # Not Path.exists, which raises where a folder may not be searched or its network is gone.
        path = next((name for name in names if not os.path.lexists(name)), None)
        if path is None:
            self._say("✗ no name is free for another screenshot of this step")
            return
        try:
            with write_atomically(path) as file:
                file.write(self.app.export_screenshot(title="tui-linreg"))
        except InputError as error:
            self._say(f"✗ {error}")
        else:
            self._say(f"screenshot saved: {path}")

    def action_goto(self) -> None:
        """Ask for a step and go there."""
        from tui_linreg.tui.dialogs.goto import GotoDialog

        explorer = self._ready()

        def go(step: int | None) -> None:
            if step is not None and explorer is self.explorer:  # a new run may have come meanwhile
                explorer.message = ""
                self._go(explorer.cursor.to(step))

        self._ask(GotoDialog(explorer.session.schedule, explorer.cursor.step, explorer.session.trained), go)

    def action_until(self) -> None:
        """Ask for a condition and run until it holds."""
        from tui_linreg.tui.dialogs.until import UntilDialog

        if self._refuse_when_busy():
            return
        explorer = self._ready()

        def run(choice: UntilChoice | None) -> None:
            if choice is not None:
                self._until_choice = (choice.key, choice.value)
                self._stop_playing()
                self._begin("running until")
                start = explorer.cursor.step + 1
                self.background.start(
                    jobs.search(explorer.session, choice.condition, start, self.post_message, explorer.ghosts)
                )
                self.render_view()

        self._ask(UntilDialog(self._until_choice, explorer.curtain.stops_at), run)

    def action_edit(self) -> None:
        """Open the form of the run's options."""
        from tui_linreg.tui.dialogs.edit import EditDialog

        if not self._refuse_when_busy():
            dialog = EditDialog(self._config, preview=self._foreteller(), applying=self.what_a_new_run_ends)
            self._ask(dialog, self._start_edited)

    def open_form(self, texts: Mapping[str, str], error: InputError) -> None:
        """Reopen the form with what was typed and what is wrong with it."""
        from tui_linreg.tui.dialogs.edit import EditDialog

        preview, ends = self._foreteller(), self.what_a_new_run_ends
        dialog = EditDialog(self._config, preview=preview, texts=texts, error=error, applying=ends)
        self._ask(dialog, self._start_edited)

    def _foreteller(self) -> Callable[[RunConfig], str]:
        from tui_linreg.tui.dialogs.preview import Foreteller

        explorer = self._ready()
        return Foreteller(explorer.session, explorer.instruments).say

    def _start_edited(self, result: EditResult | None) -> None:
        if result is not None:
            self._stop_playing()
            self.load(self.own_run(result.config, result.texts))
            self.render_view()

    def action_export(self) -> None:
        """Ask for a file and write the trained steps to it."""
        from tui_linreg.tui.dialogs.export import ExportDialog

        if self._refuse_when_busy() or self._refuse_hidden("export"):
            return
        session = self._ready().session

        def write(choice: ExportChoice | None) -> None:
            if choice is not None:
                self._begin(f"writing {quoted(choice.path)}")
                self.background.start(jobs.export(session, choice.path, choice.verdicts, self.post_message))
                self.render_view()

        self._ask(ExportDialog("tui-linreg-trace.csv", session.trained), write)

    def action_code(self) -> None:
        """Show this phase's code of both models."""
        from tui_linreg.tui.dialogs.code import CodeDialog

        explorer = self._ready()
        shown = None if explorer.curtain.secret else explorer.session.scratch_type
        self._ask(CodeDialog(explorer.cursor.phase, shown, secret=explorer.curtain.secret))

    def action_arithmetic(self) -> None:
        """Ask how the hand-written model should round, and start a run that does."""
        from tui_linreg.tui.dialogs.arithmetic import ArithmeticDialog
        from tui_linreg.tui.dialogs.form import texts_of

        if self._refuse_when_busy() or self._refuse_hidden("arithmetic"):
            return
        session = self._ready().session
        if session.author is not None:
            self._say(f"b is for the built-in model: how {session.author} rounds is written in the file itself")
            return

        def start(config: RunConfig | None) -> None:
            if config == session.config:
                self._say("the arithmetic is as it was; this run goes on")
            elif config is not None:
                self.load(RunRequest(config, texts_of(config)))
                self.render_view()

        self._stop_playing()
        self.render_view()
        self._ask(ArithmeticDialog(session.config, session.schedule, self.background), start)

    def action_help(self) -> None:
        """Explain the screen and the keys."""
        from tui_linreg.tui.dialogs.help import HelpScreen

        self._ask(HelpScreen(self._settings.keys))
