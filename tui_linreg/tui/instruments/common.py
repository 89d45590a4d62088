"""What several instruments share: groups of lines, text in lines, the note beside a mistake."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from tui_linreg.tui.styles import Line
from tui_linreg.tui.view import View

Group = tuple[int, Sequence[Line]]
"""When it is left out if there is no room for all groups (0: never, else the highest number first), and its lines."""
OF_THE_CORRECT_ONE = "Of the correct gradient, as torch.nn has it; the planted mistake may lead elsewhere."
OWN_LOSSES = "The planted mistake's own losses; at its end: the correct loss, with its b and w."


def stacked(groups: Sequence[Group], height: int) -> list[Line]:
    """Return as many of the groups as fit below each other, with blank lines between them where there is room."""
    kept = [group for group in groups if group[1]]
    while sum(len(lines) for _, lines in kept) > height:
        least = max(kept, key=lambda group: group[0])
        if least[0] == 0:
            break
        kept.remove(least)
    spare = height - sum(len(lines) for _, lines in kept)
    stack: list[Line] = []
    for i, (_, lines) in enumerate(kept):
        if i and spare > 0:
            stack.append([])
            spare -= 1
        stack += lines
    return stack[:height]


def wrapped(text: str, width: int, role: str = "muted") -> list[Line]:
    """Return a text in lines of at most `width` cells (at least 10)."""
    return [[(line, role)] for line in wrap(text, max(width, 10))]


def signed(sign: str, text: str, width: int, sign_role: str, role: str) -> list[Line]:
    """Return a text in lines of at most `width` cells, behind a sign of one character."""
    texts = wrap(text, max(width - 2, 10))
    return [[(f"{sign} " if i == 0 else "  ", sign_role), (line, role)] for i, line in enumerate(texts)]


def mistaken_note(view: View, width: int, text: str = OF_THE_CORRECT_ONE) -> list[Line]:
    """Return the note that goes with an open mistake; nothing for a right model or while a mistake is secret."""
    config = view.instruments.session.config  # does not know a secret one
    return [] if config.mistake is None or view.hidden.secret else wrapped(text, width)
