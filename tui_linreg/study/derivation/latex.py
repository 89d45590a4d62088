"""Derivations as LaTeX that needs amsmath and nothing else.

The mathematics is read from the Unicode that stands on the screen, so that both always say the same. Loads no torch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tui_linreg.study.derivation.layout import SUBSCRIPTS, Equation, Line, Remark, Section, plain

_PLAIN_SUBSCRIPTS = str.maketrans(SUBSCRIPTS, "0123456789pkm")
_PLAIN_SUPERSCRIPTS = {"²": "2", "ᵀ": r"\top", "ᵐ": "m", "ˣ": r"\times"}
_SYMBOLS = {
    "ŷ": r"\hat{y}", "η": r"\eta", "θ": r"\theta", "δ": r"\delta", "ℝ": r"\mathbf{R}", "Σ": r"\sum", "∇": r"\nabla",
    "·": r"\cdot", "−": "-", "…": r"\ldots", "+": "+", "←": r"\leftarrow", "∈": r"\in", "=": "=", "≠": r"\neq",
    "≟": r"\overset{?}{=}", "(": "(", ")": ")", "[": "[", "]": "]", ",": ",", ":": ":", "1": "1",
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
