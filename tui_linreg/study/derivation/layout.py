"""How a derivation is laid out in lines: equations aligned at their relation, broken at operators, and remarks.

The source is Unicode mathematics in parts with roles. Loads no torch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Part = tuple[str, str]
"""Text and its role: one of the three linked colours "dloss_dpred", "dpred_db", "dpred_dw", or "text", or "muted"."""
Line = tuple[Part, ...]

WIDTH = 76
"""Cells of a line by default: an 80 column terminal less a border and its padding."""

SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉ₚₖₘ"
_LINKED = re.compile(
    rf"(?P<dloss_dpred>∂L/∂ŷ[{SUBSCRIPTS}]*)"
    rf"|(?P<dpred_db>∂(?:L|ŷ[{SUBSCRIPTS}]*)/∂b)"
    rf"|(?P<dpred_dw>∂(?:L|ŷ[{SUBSCRIPTS}]*)/∂w)"
)
_BREAK_BEFORE = frozenset("+−·=")


@dataclass(frozen=True, slots=True)
class Equation:
    """A chain: a left side, then one or more right sides, each below the one before."""

    left: Line
    rights: tuple[tuple[str, Line], ...]
    """(relation, expression); a relation is one of = ≠ ≟ ← ∈."""

    def lines(self, width: int = WIDTH) -> tuple[Line, ...]:
        """Return lines of at most `width` cells, the relations below each other."""
        lines: list[Line] = []
        lead: Line = (*self.left, (" ", "text"))
        for relation, right in self.rights:
            lead = (*lead, (f"{relation} ", "text"))
            indent = _cells(lead)
            for i, line in enumerate(_broken(right, width - indent, words=False)):
                lines.append(_joined((*(lead if i == 0 else ((" " * indent, "text"),)), *line)))
            lead = ((" " * (_cells(self.left) + 1), "text"),)
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence: parts with the role "muted" are words, all others are mathematics."""

    parts: Line

    def lines(self, width: int = WIDTH) -> tuple[Line, ...]:
        """Return lines of at most `width` cells."""
        return tuple(_joined(line) for line in _broken(self.parts, width, words=True))


@dataclass(frozen=True, slots=True)
class Section:
    """One way of writing a phase's formula."""

    key: str
    """"general", "shapes", "vectorised", "numbers" or "index"."""
    heading: str
    items: tuple[Equation | Remark, ...]

    def lines(self, width: int = WIDTH) -> tuple[Line, ...]:
        """Return the lines under the heading, each of at most `width` (at least 40) cells."""
        return tuple(line for item in self.items for line in item.lines(width))


def maths(source: str, role: str = "text") -> Line:
    """Return mathematics as parts, each derivative in its own linked role, all else in `role`."""
    parts: list[Part] = []
    at = 0
    for match in _LINKED.finditer(source):
        parts.append((source[at : match.start()], role))
        parts.append((match.group(), str(match.lastgroup)))
        at = match.end()
    parts.append((source[at:], role))
    return tuple(part for part in parts if part[0])


def equation(left: str, *rights: str | tuple[str, str] | tuple[str, Line]) -> Equation:
    """Return an equation from texts; a right side alone has the relation "="."""
    chain = [("=", right) if isinstance(right, str) else right for right in rights]
    return Equation(maths(left), tuple((sign, maths(r) if isinstance(r, str) else r) for sign, r in chain))


def remark(source: str) -> Remark:
    """Return a sentence whose mathematics stands between dollar signs."""
    pieces = source.split("$")
    parts = [maths(piece) if i % 2 else ((piece, "muted"),) for i, piece in enumerate(pieces) if piece]
    return Remark(tuple(part for line in parts for part in line))


def plain(line: Line) -> str:
    """Return a line without its roles."""
    return "".join(text for text, _ in line)


def _cells(line: Line) -> int:
    return len(plain(line))  # every character used is one cell wide


def _broken(parts: Line, room: int, *, words: bool) -> list[Line]:
    """Break parts at spaces: before operators and after commas, or with `words` at any space."""
    units: list[Line] = []
    for word in _words(parts):
        text = plain(word)
        if not units or words or text in _BREAK_BEFORE or plain(units[-1]).endswith(","):
            units.append(word)
        else:
            units[-1] = (*units[-1], (" ", units[-1][-1][1]), *word)
    lines: list[Line] = []
    for unit in units:
        if lines and _cells(lines[-1]) + 1 + _cells(unit) <= room:
            lines[-1] = (*lines[-1], (" ", lines[-1][-1][1]), *unit)
        else:
            lines.append(unit)
    return lines


def _words(parts: Line) -> list[Line]:
    """Split parts at spaces; a word may have several roles."""
    words: list[list[Part]] = [[]]
    for text, role in parts:
        for i, piece in enumerate(text.split(" ")):
            if i:
                words.append([])
            if piece:
                words[-1].append((piece, role))
    return [tuple(word) for word in words if word]


def _joined(line: Line) -> Line:
    """Return the line with neighbours of one role as one part."""
    parts: list[Part] = []
    for text, role in line:
        if parts and parts[-1][1] == role:
            parts[-1] = (parts[-1][0] + text, role)
        else:
            parts.append((text, role))
    return tuple(parts)
