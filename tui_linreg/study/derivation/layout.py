"""How a derivation is laid out in lines: equations aligned at their relation, broken at operators, and remarks.

The source is Unicode mathematics in parts with roles.

LaTeX needs amsmath and nothing else. Its mathematics is read from the Unicode that stands on the screen, so that both
always say the same. Loads no torch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
    """(relation, expression); a relation is one of = ≈ ≠ ≟ ← ∈."""

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


_PLAIN_SUBSCRIPTS = str.maketrans(SUBSCRIPTS, "0123456789pkm")
_PLAIN_SUPERSCRIPTS = {"²": "2", "ᵀ": r"\top", "ᵐ": "m", "ˣ": r"\times"}
_SYMBOLS = {
    "ŷ": r"\hat{y}", "η": r"\eta", "θ": r"\theta", "δ": r"\delta", "ℝ": r"\mathbf{R}", "Σ": r"\sum", "∇": r"\nabla",
    "·": r"\cdot", "−": "-", "…": r"\ldots", "+": "+", "←": r"\leftarrow", "∈": r"\in", "=": "=", "≠": r"\neq",
    "≈": r"\approx", "≟": r"\overset{?}{=}",
    "(": "(", ")": ")", "[": "[", "]": "]", ",": ",", ":": ":", "1": "1",
}  # fmt: skip
_ATOM = rf"(?:ŷ|L|e|b|w)[{SUBSCRIPTS}]*"
_TOKENS = re.compile(
    rf"(?P<derivative>∂(?P<over>{_ATOM})?/∂(?P<under>{_ATOM}))"
    r"|(?P<fraction>\((?P<above>[0-9]+)/(?P<below>m|[0-9]+)\))"
    r"|(?P<number>-?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|inf)|nan)"
    r"|(?P<train>[xy])_train"
    rf"|(?P<subscript>[{SUBSCRIPTS}]+)"
    r"|(?P<superscript>[²ᵀᵐˣ]+)"
    r"|(?P<bars>‖)"
    r"|(?P<letter>[LXIbeijmpwxyk])"
    r"|(?P<symbol>.)"
)
_ESCAPED = {character: "\\" + character for character in "{}$&#%_"} | {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


def latex_maths(source: str) -> str:
    """Return Unicode mathematics as the inside of a LaTeX formula.

    Raises:
        ValueError: when it holds a character that derivations do not use.
    """
    out: list[str] = []
    open_bars = False
    for token in _TOKENS.finditer(source):
        kind, text = str(token.lastgroup), token.group()
        if kind == "bars":
            out.append(r"\rVert" if open_bars else r"\lVert")
            open_bars = not open_bars
        elif text != " ":
            out.append(_token(token))
    if open_bars:
        raise ValueError(f"a bar without its other one: {source!r}")
    return re.sub(r" (?=[_^])", "", " ".join(out))


def _token(token: re.Match[str]) -> str:
    text = token.group()
    if token["derivative"]:
        over = " " + latex_maths(token["over"]) if token["over"] else ""
        return rf"\frac{{\partial{over}}}{{\partial {latex_maths(token['under'])}}}"
    if token["fraction"]:
        return rf"\frac{{{token['above']}}}{{{token['below']}}}"
    if token["number"]:
        return latex_number(text)
    if token["train"]:
        return rf"{token['train']}_{{\mathrm{{train}}}}"
    if token["subscript"]:
        return "_{" + text.translate(_PLAIN_SUBSCRIPTS) + "}"
    if token["superscript"]:
        return "^{" + " ".join(_PLAIN_SUPERSCRIPTS[character] for character in text) + "}"
    if token["letter"]:
        return text
    if text not in _SYMBOLS:
        raise ValueError(f"no LaTeX for {text!r} in {token.string!r}")
    return _SYMBOLS[text]


def latex_number(text: str) -> str:
    """Return a number as Python writes it, 1.2e-05 as a power of ten, inf as the sign of infinity."""
    sign, size = ("-", text[1:]) if text.startswith("-") else ("", text)
    if size == "inf":
        return sign + r"\infty"
    if size == "nan":
        return r"\mathrm{nan}"
    digits, _, power = size.partition("e")
    return sign + digits + (rf" \times 10^{{{int(power)}}}" if power else "")


def latex_words(text: str) -> str:
    """Return words for LaTeX's text mode, every special character escaped.

    Raises:
        ValueError: when it holds more than ASCII, which plain LaTeX does not set.
    """
    if not text.isascii():
        raise ValueError(f"not ASCII: {text!r}")
    return "".join(_ESCAPED.get(character, character) for character in text)


def latex_section(section: Section) -> Iterator[str]:
    """Yield the lines of a section: its heading, remarks as paragraphs, equations in align* environments."""
    yield rf"\noindent\textbf{{{latex_words(section.heading)}}}"
    rows: list[str] = []
    for item in (*section.items, None):
        if isinstance(item, Equation):
            rows += _rows(item)
            continue
        if rows:
            yield from _aligned(rows)
            rows = []
        if isinstance(item, Remark):
            yield _sentence(item.parts)


def _rows(item: Equation) -> Iterator[str]:
    left = latex_maths(plain(item.left))
    for relation, right in item.rights:
        yield f"{left} &{_SYMBOLS[relation]} {latex_maths(plain(right))}".lstrip()
        left = ""


def _aligned(rows: Iterable[str]) -> Iterator[str]:
    yield r"\begin{align*}"
    yield " \\\\\n".join(f"  {row}" for row in rows)
    yield r"\end{align*}"


def _sentence(parts: Line) -> str:
    """Return words and formulas; neighbouring parts of mathematics are one formula."""
    out: list[str] = []
    formula = ""
    for text, role in (*parts, ("", "muted")):
        if role != "muted":
            formula += text
            continue
        if formula:
            out.append(f"${latex_maths(formula)}$")
            formula = ""
        out.append(latex_words(text))
    return "".join(out)
