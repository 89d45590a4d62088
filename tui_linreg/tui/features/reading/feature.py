"""Reading about a phase: its code, its derivation; the help and the glossary."""

from __future__ import annotations

from tui_linreg.tui.feature import Feature


class Reading(Feature):
    """Opens what explains the present phase and the screen."""

    name = "reading"

    def code(self) -> None:
        """Show this phase's code of both models."""
        from tui_linreg.tui.dialogs.code import CodeDialog

        run, secret = self.controller.run, self.controller.hidden.secret
        self.controller.ask(CodeDialog(run.cursor.phase, None if secret else run.session.scratch_type, secret=secret))

    def derivation(self) -> None:
        """Write out the chain rule of this phase."""
        from tui_linreg.tui.features.reading.derivation_dialog import DerivationDialog

        run, hidden = self.controller.run, self.controller.hidden
        self.controller.ask(
            DerivationDialog(run.step(), run.cursor.phase, judged=not hidden.secret, blanks=hidden.blanks)
        )

    def help(self) -> None:
        """Explain the screen and the keys."""
        from tui_linreg.tui.features.reading.help_dialog import HelpScreen

        self.controller.ask(HelpScreen(self.controller.settings.keys))

    def glossary(self) -> None:
        """Explain the words on the screen, and all others."""
        from tui_linreg.tui.features.reading.glossary_dialog import GlossaryDialog

        self.controller.ask(
            GlossaryDialog("\n".join(pane.text for pane in self.controller.screen.panes if pane.has_place))
        )
