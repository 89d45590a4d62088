"""What is written to files: the trained steps, and a picture of the screen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.files import write_atomically
from tui_linreg.tui import jobs
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.features.files.export_dialog import ExportDialog

if TYPE_CHECKING:
    from tui_linreg.tui.features.files.export_dialog import ExportChoice


class Files(Feature):
    """Writes files, never over one that is there without asking."""

    name = "files"

    def save_picture(self) -> None:
        """Save an SVG picture of the screen in the folder where the app was started."""
        controller = self.controller
        step = controller.run.cursor.step + 1
        names = (f"tui-linreg-step-{step}{'' if i == 1 else f'-{i}'}.svg" for i in range(1, 10_000))
        # Not Path.exists, which raises where a folder may not be searched or its network is gone.
        path = next((name for name in names if not os.path.lexists(name)), None)
        if path is None:
            controller.say("✗ no name is free for another screenshot of this step")
            return
        try:
            with write_atomically(path) as file:
                file.write(controller.app.export_screenshot(title="tui-linreg"))
        except InputError as error:
            controller.say(f"✗ {error}")
        else:
            controller.say(f"screenshot saved: {path}")

    def export(self) -> None:
        """Ask for a file and write the trained steps to it."""
        controller, session = self.controller, self.controller.run.session

        def write(choice: ExportChoice | None) -> None:
            if choice is not None:
                job = jobs.export(session, choice.path, choice.verdicts, controller.screen.post_message)
                controller.begin(f"writing {quoted(choice.path)}", job)

        controller.ask(ExportDialog("tui-linreg-trace.csv", session.trained), write)
