"""Groups of lines below each other, as many as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from tui_linreg.tui.styles import Line

Group = tuple[int, Sequence[Line]]
"""How soon it goes when there is no room for all (0: never, then the highest first), and its lines."""


def stacked(groups: Sequence[Group], height: int) -> list[Line]:
    """Return the groups, with a blank line between them where that leaves out none of them."""
    kept = [group for group in groups if group[1]]
    while sum(len(lines) for _, lines in kept) > height:
        least = max(kept, key=lambda group: group[0])
        if least[0] == 0:
            break
        kept.remove(least)
    spare = height - sum(len(lines) for _, lines in kept)
    found: list[Line] = []
    for i, (_, lines) in enumerate(kept):
        if i and spare > 0:
            found.append([])
            spare -= 1
        found += lines
    return found[:height]
