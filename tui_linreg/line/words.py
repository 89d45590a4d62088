"""Numbers and formulas as words that a voice can read, and sentences in lines of at most 80 characters."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.step import Comparison, Verdict
from tui_linreg.number_text import exact

WIDTH = 80
DIGITS = 5
MOST_DIGITS = 17
"""With so many a number is told whole: it reads back as the same float."""
HIDDEN = "hidden until it is answered"

_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NUMBER = r"(?<![\w.])[-−+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?(?![\w])"
_PLAIN = ".,:;?!'\"()-"
"""What a voice takes as a pause, or not at all, besides letters and digits."""
_BEGINS = r"(?:^|(?<=\band )|(?<=[.,:;] ))"
_KEYS: tuple[tuple[str, str], ...] = (
    (rf"{_BEGINS}<(?= [a-z])", "the less-than key"), (rf"{_BEGINS}>(?= [a-z])", "the greater-than key"),
    (r"(?<!\S)\[(?=[\s,.;])", "opening bracket"), (r"(?<!\S)\](?=[\s,.;])", "closing bracket"),
    (r"(?<![bwθ] )←", "left arrow"), (r"(?<= and )-(?= )", "minus"),
)  # fmt: skip
"""Signs that are keys in a lesson's text."""
_PATTERNS: tuple[tuple[str, str], ...] = (
    *_KEYS,
    (r"(?<=\d) (?=\d{3}\b)", ""),
    (r"\bη is the learning rate\b", "the learning rate is written eta"),
    (r"\bη = (?=[\d.])", "η "),
    (r"(?i)\b(at|with|has|have|from|crosses|in) (\S+) = (\S+)", r"\1 \2 equal to \3"),
    (r"(equal to \S+ and \S+) = ", r"\1 equal to "),
    (r"\b(?:weight|bias) gradient(?= ∂L/∂[bw]\b)", ""),
    (r"\bis …\s*$", "is:"),
    (r"η (?=∂)", "η times "),
    (r"(?<=\S)\s+≈\s+(?=[\d(]|minus)", " is about "),
    (r"^\s*=\s*$|(?<=[a-z] )=\s*$", "equal"),
    (r"\bw x\b", "w times x"),
    (r"∂L/∂ŷ", " error signal "),
    (r"∂L/∂([bw])\b", r" gradient of \1 "),
    (r"∂/∂(\S+)", r" derivative by \1 of "),
    (r"∂([^\s/∂]+)/∂(\S+)", r" derivative of \1 by \2 "),
    (r"η_max", " largest stable learning rate "),
    (r"(?<=[\w)])\s*/\s*(?=[\w(])", " over "),
    (r"\(([^()\s]+ over [^()\s]+)\)\s*(?=[\w(‖])", r" \1 times "),
    (r"\(([^()\s]+ over [^()\s]+)\)", r" \1 "),
    (r"\((minus [^()\s]+)\)\s+squared", r" the square of \1 "),
    (r"\((minus [^()\s]+)\)", r" \1 "),
    (r"\(\)", " a scalar "),
    (r"(?<=\s)\+(?=\s)|(?<=\w)\+(?=\w)|\+(?=[0-9])", " plus "),
    (r"[≤]", " at most "),
    (r"[≥]|>=", " at least "),
    (r"<=", " at most "),
)
_WORDS = {
    "ŷ": "prediction", "η": "learning rate", "λ": "lambda", "θ": "theta", "δ": "delta", "Σ": "sum of",
    "∇": "gradient of", "∂": "derivative of", "√": "square root of", "·": "times", "×": "times", "−": "minus",
    "=": "is", "≈": "about equal", "≠": "differs", "≟": "is it", "←": "becomes", "∈": "in", "<": "below", ">": "above",
    "…": "and so on", "%": "percent", "^": "to the", "→": "right arrow", "↓": "down arrow", "↑": "up arrow",
    "±": "plus or minus", "+": "plus", "/": "over", "&": "and", "@": "at", "∞": "infinity", "ᵀ": "transposed",
    "ℝ": "R", "✓": "right", "✗": "wrong", "~": "about", "–": "-", "—": ",", "’": "'", "“": '"', "”": '"', "|": ",",
    "_": " ", "\\": " ", **dict.fromkeys("▒[]{}*`#•‖ₘₚₖ▸▾$", ""),
}  # fmt: skip


def number(value: float, digits: int = DIGITS, single: bool = False) -> str:
    """Return a number in words where it has a sign or an exponent: "minus 4.5", "1 times 10 to the minus 7".

    Args:
        value: the number.
        digits: significant digits, 1 to `MOST_DIGITS`; with those all that it has.
        single: whether it is a float32.
    """
    value = float(value)  # NumPy's own floats have another repr
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    if digits >= MOST_DIGITS:
        text = exact(value, single).removesuffix(".0")
    else:
        text = f"{float(f'{value:.{digits}g}'):.{max(digits, 15)}g}"  # 1210, not 1.21e+03
    size, _, power = text.lstrip("-").partition("e")
    exponent = f" times 10 to the {number(int(power))}" if power else ""
    return f"{'minus ' if text.startswith('-') else ''}{size}{exponent}"


def spoken(text: str, *, first_row: int = 1, digits: int | None = None) -> str:
    """Return a text of the program with its symbols as words; a quoted part stays as it is.

    Args:
        text: words and formulas.
        first_row: what a subscript calls the first row: of a batch its first sample's number in the train set.
        digits: how many the numbers in it keep; None: they stay as they are written.
    """
    parts = re.split(r"(?<!\w)('[^']*')(?!\w)", text)
    said = [part if i % 2 else _spoken(part, first_row, digits) for i, part in enumerate(parts)]
    return _tidy("".join(said))


def _spoken(text: str, first_row: int, digits: int | None) -> str:
    text = text.replace("+ - * / ^", "plus, minus, times, over and power")
    text = re.sub(r"\b(is|when|of) (?=∂L/∂)", r"\1 the ", text)
    text = re.sub(r"\b([xy])_train\s*\[i:j\]", r"rows i to j of \1 train", text)
    text = re.sub(r"(?<=\w)(?:_train)", " train", text)
    text = re.sub("(?<=[−+] )y(?![a-z'])", "target", text)
    text = re.sub("‖([^‖]*)‖²", r"the squared norm of \1", text)
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: _power(m[0]), text)
    text = re.sub("[₀₁₂₃₄₅₆₇₈₉]+", lambda m: f" of row {int(m[0].translate(_SUBSCRIPTS)) - first_row + 1} ", text)
    text = re.sub(_NUMBER, lambda m: _number(m[0], digits), text)
    for pattern, words in _PATTERNS:
        text = re.sub(pattern, words, text)
    return "".join(_character(c) for c in text)


def _power(raised: str) -> str:
    return " squared " if raised == "²" else f" to the {_number(raised.translate(_SUPERSCRIPTS), None)} "


def _number(text: str, digits: int | None) -> str:
    sign, plain = ("minus ", text[1:]) if text[0] in "-−" else ("", text.removeprefix("+"))
    if digits is not None or "e" in plain:
        return sign + number(float(plain), MOST_DIGITS if digits is None else digits)
    return sign + plain


def _character(c: str) -> str:
    if (c.isalnum() and c not in _WORDS) or c.isspace() or c in _PLAIN:
        return c
    word = _WORDS.get(c)
    return f" {unicodedata.name(c, 'sign').lower() if word is None else word} "


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r" (?=[.,:;?!)])|(?<=\() ", "", text)


def wrapped(sentence: str) -> list[str]:
    """Return a sentence in lines of at most `WIDTH` characters, whatever it holds."""
    return textwrap.wrap(sentence, WIDTH, break_on_hyphens=False) or [""]


def lines_of(sentences: Iterable[str]) -> Iterator[str]:
    """Yield the lines of sentences."""
    for sentence in sentences:
        yield from wrapped(sentence)


def count(number: int, what: str, many: str = "") -> str:
    """Return a count with its word: "1 step", "3 steps"."""
    return f"{number} {what if number == 1 else many or what + 's'}"


def capital(text: str) -> str:
    """Return a text that begins with a capital letter, unless a name does: b and w are names, and so is mine.py."""
    begins = re.match(r"(?:a|[^\W\d_][\w-]+)(?=[\s,:;?!]|\.?$)", text) is not None
    return f"{text[0].upper()}{text[1:]}" if begins else text


def sentence(text: str) -> str:
    """Return a text that begins with a capital letter and ends with a full stop."""
    text = text.strip()
    return f"{capital(text)}{'' if not text or text[-1] in '.?!:' else '.'}"


def both(ours: float, theirs: float, digits: int, single: bool = False) -> tuple[str, str]:
    """Return two numbers with so many digits, or more where they would read the same and are not."""
    for more in range(digits, MOST_DIGITS + 1):
        texts = number(ours, more, single), number(theirs, more, single)
        if texts[0] != texts[1] or ours == theirs:
            return texts
    return texts


def compared(label: str, ours: float, theirs: float, comparison: Comparison, digits: int, single: bool = False) -> str:
    """Return a number of both models and how it is judged, the label first."""
    if comparison.verdict is Verdict.IDENTICAL:
        return f"{label}: {number(ours, digits, single)}, identical."
    if comparison.verdict is Verdict.ROUNDING:
        return f"{label}: {number(ours, digits, single)}, rounding, {apart(comparison)}."
    one, other = both(ours, theirs, digits, single)
    return f"{label} differs: hand-written {one}, torch {other}."


def apart(comparison: Comparison) -> str:
    """Return how far two numbers are apart, in floats."""
    if math.isnan(comparison.ulps):
        return "not finite"
    return f"{count(int(comparison.ulps), 'float')} apart" if comparison.ulps < 1e5 else "many floats apart"


def read_digits(text: str) -> int:
    """Return how many digits are asked for.

    Raises:
        InputError: unless it is a whole number from 1 to `MOST_DIGITS`.
    """
    if not re.fullmatch(r"\s*[0-9]{1,3}\s*", text) or not 1 <= int(text) <= MOST_DIGITS:
        raise InputError(f"digits {quoted(text)}: must be a whole number from 1 to {MOST_DIGITS}")
    return int(text)
