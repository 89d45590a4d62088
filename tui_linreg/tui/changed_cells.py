"""What a frame changes on the terminal: for slow lines, since Textual paints a whole frame for every dialog."""

from __future__ import annotations

import re

from rich.cells import cell_len

_TOKEN = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H|\x1b\[(?P<look>[0-9;]*)m|(?P<end>\n)|(?P<text>[^\x00-\x1f\x7f]+)"
)
Cell = tuple[str, str]
"""What stands in a cell, empty in the second one of a wide character; and its look, the parameters of SGR."""


class ChangedCells:
    """Knows what stands on the terminal, and leaves out of what is written all that stands there already."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, Cell]] = {}

    def forget(self) -> None:
        """Take it that nobody knows what stands there: all of the next frame is written."""
        self._rows.clear()

    def only(self, frame: str) -> str:
        """Return what must be written of a frame: moves of the cursor, looks and text.

        Anything else is returned as it is, and nothing is known after it.
        """
        row = column = 0
        look = now = ""
        at: tuple[int, int] | None = None
        out: list[str] = []
        end = 0
        for token in _TOKEN.finditer(frame):
            if token.start() != end:
                break
            end = token.end()
            if token["row"] is not None:
                row, column = int(token["row"]), int(token["column"])
            elif token["look"] is not None:
                look = token["look"] if token["look"] != "0" else ""
            elif token["text"] is not None:
                known = self._rows.setdefault(row, {})
                for cell, width in _cells(token["text"]):
                    if known.get(column) != (cell, look):
                        if at != (row, column):
                            out.append(f"\x1b[{row};{column}H")
                        if look != now:
                            out.append(f"\x1b[0;{look}m" if look else "\x1b[0m")
                            now = look
                        out.append(cell)
                        at = row, column + width
                        known[column] = cell, look
                        for more in range(column + 1, column + width):
                            known[more] = "", look
                    column += width
        if end != len(frame):
            self.forget()
            return frame
        return "".join([*out, "\x1b[0m" * bool(now), f"\x1b[{row};{column}H"])


def _cells(text: str) -> list[tuple[str, int]]:
    """Return characters and their widths; one without a width belongs to the one before."""
    if text.isascii():
        return [(character, 1) for character in text]
    found: list[tuple[str, int]] = []
    for character in text:
        width = cell_len(character)
        if width or not found:
            found.append((character, width))
        else:
            found[-1] = found[-1][0] + character, found[-1][1]
    return found
