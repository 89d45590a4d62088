"""The command palette, made to bear keys typed fast."""

from __future__ import annotations

from contextlib import suppress

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.worker import Worker


class Palette(CommandPalette):
    """Textual's, less three ways to break: keys that come while it closes (two), a list that has no room for a line."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, unless it was closed before."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def _gather_commands(self, search_value: str) -> Worker[None] | None:  # type: ignore[override]  # is ignored
        """Look for commands, unless the list they would stand in is gone already."""
        return super()._gather_commands(search_value) if self.is_active else None

    def _action_command_list(self, action: str) -> None:
        with suppress(LookupError):  # the list is laid out only where the terminal has room for it
            super()._action_command_list(action)
