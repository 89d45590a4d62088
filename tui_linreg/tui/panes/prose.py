"""Texts as lines: paragraphs filled to a width, lists and code.

Of Markdown only this much is read: paragraphs, `- ` and `1. ` lists, code indented by four spaces, **bold**, `code`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

from tui_linreg.tui.panes.phase import linked
from tui_linreg.tui.styles import Line, Span, line_width

_ITEM = re.compile(r"(-|[0-9]{1,2}\.) +")
_MARKED = re.compile(r"\*\*(?P<bold>[^*]+)\*\*|`(?P<code>[^`]+)`")
_COLUMN = re.compile(r"(.*\s{2}|\s*)(.*)")
"""What stands before a line's last column, and that."""
_LEAST = 10

Word = list[Span]


def prose(text: str, width: int, role: str = "text") -> list[Line]:
    """Return a text's lines, each of at most `width` cells (at least 10)."""
    width = max(width, _LEAST)
    found: list[Line] = []
    for first, kind, block in _blocks(text):
        if first and found:
            found.append([])
        if kind == "code":
            found += _code(block, width, role)
        else:
            item = _ITEM.match(block)
            hanging = " " * len(item[0]) if item else ""
            found += filled(block, width, role, "", hanging)
    return found


def _code(line: str, width: int, role: str) -> list[Line]:
    """Return a line as it stands; one that is too long goes on below its last column, or has that column below."""
    if cell_len(line) <= width:
        return [[*_linked(line, role)]]
    head, rest = _COLUMN.fullmatch(line.rstrip()).groups()  # type: ignore[union-attr]  # any text matches
    if cell_len(head) <= width * 0.6:
        return filled(rest, width, role, head, " " * cell_len(head))
    if not head.strip():
        return filled(line.strip(), width, role, "    ", "      ")
    return [*filled(head.strip(), width, role), *filled(rest, width, role, "  ", "  ")]


def filled(text: str, width: int, role: str = "text", first: str = "", hanging: str = "") -> list[Line]:
    """Return one paragraph's lines: `first` stands before the first of them, `hanging` before the others."""
    lines: list[list[Span]] = [[(first, role)]]
    used = cell_len(first)
    fresh = True
    for word in _words(text, role):
        for piece in _fitting(word, width - cell_len(hanging)):
            size = line_width(piece)
            if not fresh and used + 1 + size > width:
                lines.append([(hanging, role)])
                used, fresh = cell_len(hanging), True
            if not fresh:
                lines[-1].append((" ", role))
                used += 1
            lines[-1] += piece
            used, fresh = used + size, False
    return [*lines]


def _blocks(text: str) -> Iterator[tuple[bool, str, str]]:
    """Yield whether a block follows an empty line, its kind ("text" or "code"), and it as one line."""
    gathered: list[str] = []
    gap = apart = False
    for line in text.split("\n"):
        code = line.startswith("    ")
        if gathered and (code or not line.strip() or _ITEM.match(line)):
            yield apart, "text", " ".join(gathered)
            gathered = []
            gap = False
        if not line.strip():
            gap = True
        elif code:
            yield gap, "code", line
            gap = False
        else:
            if not gathered:
                apart, gap = gap, False
            gathered.append(line.strip())
    if gathered:
        yield apart, "text", " ".join(gathered)


def _words(text: str, role: str) -> Iterator[Word]:
    word: Word = []
    for part, look in _marked(text, role):
        for i, piece in enumerate(part.split(" ")):
            if i and word:
                yield word
                word = []
            if piece:
                word.append((piece, look))
    if word:
        yield word


def _marked(text: str, role: str) -> Iterator[Span]:
    at = 0
    for match in _MARKED.finditer(text):
        yield from _linked(text[at : match.start()], role)
        yield (match["bold"], f"{role} bold") if match["bold"] else (match["code"], "accent")
        at = match.end()
    yield from _linked(text[at:], role)


def _linked(text: str, role: str) -> Iterator[Span]:
    for part, look in linked(text):
        yield part, role if look == "text" else look


def _fitting(word: Word, room: int) -> Iterator[Word]:
    """Yield the word, or one that is wider than the room in pieces that are not."""
    if line_width(word) <= room:
        yield word
        return
    for part, look in word:
        for piece in chop_cells(part, max(room, _LEAST)):
            yield [(piece, look)]


def shorten(lines: list[Line], count: int, width: int) -> list[Line]:
    """Return the first lines, an ellipsis at the end of the last one where that is not all."""
    if len(lines) <= count:
        return lines
    last = list(lines[count - 1]) if count else []
    while last and line_width(last) > width - 2:
        text, role = last.pop()
        room = width - 2 - line_width(last)
        if not last or not last[-1][0].strip():  # a line without a gap, be it one long word or Chinese
            last += [(piece, role) for piece in chop_cells(text, max(room, 2))[:1] if cell_len(piece) <= room]
            break
    while last and not last[-1][0].strip():
        last.pop()
    return [*lines[: count - 1], [*last, (" …", "muted")]] if count else []
