"""What the instruments that speak of the correct gradient say beside a mistake that is planted openly."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_linreg.tui.styles import Line
    from tui_linreg.tui.view import View

OF_THE_CORRECT_ONE = "Of the correct gradient, as torch.nn has it; the planted mistake may lead elsewhere."
OWN_LOSSES = "The planted mistake's own losses; at its end: the correct loss, with its b and w."


def mistaken_note(view: View, width: int, text: str = OF_THE_CORRECT_ONE) -> list[Line]:
    """Return the note; nothing for a right model, and for a hidden mistake as for a right one."""
    config = view.instruments.session.config  # does not know a hidden one
    if config.mistake is None or view.curtain.secret:
        return []
    return [[(line, "muted")] for line in wrap(text, max(width, 10))]
