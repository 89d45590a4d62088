"""What a learner types as an answer: a number, or arithmetic with numbers and names, without Python's `eval`.

A recursive descent over a fixed grammar on floats; there are no calls or attributes to reach, and a name stands for a
number that the caller gives.

    sum     = product { ("+" | "−") product }
    product = signed { ("·" | "/") signed }
    signed  = { "+" | "−" } power
    power   = atom [ superscript ] [ "^" signed ]        −2² is −4 and 2^3^2 is 2^9, as in mathematics and in Python
    atom    = number | name | "(" sum ")"
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tui_linreg.engine.errors import InputError, quoted

LONGEST = 500
"""Characters an answer may have: room for the sum of a dozen products of numbers with all their digits."""
DEEPEST = 40
"""How deep parentheses, signs and powers may be nested."""
LARGEST_EXPONENT = 100
"""Of a power, in absolute value; no formula of the lessons needs more than a square."""

_ALLOWED = "numbers such as -1.02 or 1e-3, the operators + - * / ^ and parentheses"
_NUMBER = re.compile(r"(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+\-−]?[0-9]+))?")
_OPERATORS = {"+": "+", "-": "-", "−": "-", "*": "*", "×": "*", "·": "*", "⋅": "*", "/": "/", "÷": "/", "^": "^"}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SUPERSCRIPT = re.compile("[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_MINUS = str.maketrans("−", "-")
_WORD = re.compile("[^\\W\\d]\\w*")
_MOST_LISTED = 3
"""Names that an error lists."""


class FormulaError(InputError):
    """A typed answer cannot be evaluated. Its text is one line: what, where, what is allowed.

    Attributes:
        position: the character it concerns, from 1; None when it concerns the whole text.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message, field="answer")
        self.position = position


@dataclass(frozen=True, slots=True)
class Typed:
    """The value of what was typed, and how it was written."""

    text: str
    value: float
    """Finite."""
    digits: int | None = None
    """Significant digits of a plain number, trailing zeros counted (0 for "0.00"); None for a formula."""
    unit: float | None = None
    """What one more in the last written digit of a plain number is: 0.01 for "-1.02"; None for a formula."""

    @property
    def plain(self) -> bool:
        """Whether it is one number, perhaps with signs or in parentheses, and no formula."""
        return self.digits is not None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    """ "number", "name", "superscript", "end", or the operator or parenthesis itself."""
    text: str
    at: int
    """Position of its first character, from 1."""
    value: float = 0.0


def evaluate(text: str, names: Mapping[str, float] | None = None) -> Typed:
    """Return the value of a number or a formula.

    Args:
        text: what was typed.
        names: the values of the names that may be used, in all their spellings, those first that an error should list;
            None: there are none.

    Raises:
        FormulaError: for anything else, and where a result is not a finite real number.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"the answer has {len(text)} characters: at most {LONGEST} are allowed")
    tokens = _tokens(text, names or {})
    if len(tokens) == 1:
        raise FormulaError(f"the answer is empty: type {_allowed(names or {})}")
    value = _Reader(tokens).read()
    kinds = [token.kind for token in tokens[:-1]]
    if kinds.count("number") == 1 and not set(kinds) - {"number", "+", "-", "(", ")"}:
        digits, unit = _writing(next(token.text for token in tokens if token.kind == "number"))
        return Typed(text, value, digits, unit)
    return Typed(text, value)


def _allowed(names: Mapping[str, float]) -> str:
    """Return what may be typed; of many names the first ones."""
    if not names:
        return _ALLOWED
    return f"{_ALLOWED}, and names such as {', '.join([*names][:_MOST_LISTED])}"


def _name_at(text: str, at: int, longest_first: list[str]) -> str:
    """Return the name that stands there whole; empty where none does."""
    return next((name for name in longest_first if text.startswith(name, at) and not _goes_on(text, at, name)), "")


def _goes_on(text: str, at: int, name: str) -> bool:
    """Say whether the word goes on after the name: "bx" is not b. A superscript is a power, and no part of a word."""
    after = text[at + len(name) : at + len(name) + 1]
    return after.isalpha() or after.isdecimal() or after == "_" or after in tuple("₀₁₂₃₄₅₆₇₈₉")


def _tokens(text: str, names: Mapping[str, float]) -> list[_Token]:
    """Return the text's tokens, an "end" token last."""
    tokens: list[_Token] = []
    longest_first = sorted(names, key=len, reverse=True)
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif number := _NUMBER.match(text, at):
            value = float(number[0].translate(_MINUS))
            if math.isinf(value):
                raise FormulaError(f"{quoted(number[0])} at position {at + 1} is too large: below 1.8e308 is allowed",
                                   at + 1)  # fmt: skip
            tokens.append(_Token("number", number[0], at + 1, value))
            at = number.end()
        elif name := _name_at(text, at, longest_first):
            tokens.append(_Token("name", name, at + 1, names[name]))
            at += len(name)
        elif raised := _SUPERSCRIPT.match(text, at):
            tokens.append(_Token("superscript", raised[0], at + 1, float(raised[0].translate(_SUPERSCRIPTS))))
            at = raised.end()
        else:
            kind = "^" if text.startswith("**", at) else _OPERATORS.get(text[at], text[at])
            if kind not in "+-*/^()":
                raise _strange(text, at, names)
            length = 2 if text.startswith("**", at) else 1
            tokens.append(_Token(kind, text[at : at + length], at + 1))
            at += length
    return [*tokens, _Token("end", "", len(text) + 1)]


def _strange(text: str, at: int, names: Mapping[str, float]) -> FormulaError:
    """Return the error about a character that stands for nothing here."""
    if text[at] == ",":
        return FormulaError(f"',' at position {at + 1}: a decimal point is allowed, no comma, as in 1.5", at + 1)
    if text[at] == ".":
        return FormulaError(f"'.' at position {at + 1} has no digit beside it: allowed is a number such as 0.5", at + 1)
    word = _WORD.match(text, at) if names else None
    what = quoted(text[at] if word is None else word[0])
    return FormulaError(f"{what} at position {at + 1}: allowed are {_allowed(names)}", at + 1)


def _writing(number: str) -> tuple[int, float]:
    """Return (significant digits, size of the last digit) of an unsigned number."""
    match = _NUMBER.fullmatch(number)
    assert match is not None
    whole, places = match[1] or "", match[2] or match[3] or ""
    digits = len((whole + places).lstrip("0"))
    exponent = int((match[4] or "0").translate(_MINUS)) - len(places)
    # A zero says of its exponent nothing that could be meant.
    return digits, float(f"1e{exponent if digits else min(exponent, 0)}")


class _Reader:
    """Evaluates tokens from left to right."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def read(self) -> float:
        """Return the value of all tokens."""
        value = self._sum()
        token = self._tokens[self._next]
        if token.kind == ")":
            raise FormulaError(f"')' at position {token.at} closes nothing: a '(' is missing", token.at)
        if token.kind != "end":
            raise FormulaError(f"{quoted(token.text)} at position {token.at}: an operator is needed before it, one of "
                               "+ - * / ^", token.at)  # fmt: skip
        return value

    def _take(self, kinds: str) -> _Token | None:
        """Return the next token and step over it when it is one of these operators."""
        token = self._tokens[self._next]
        if token.kind not in ("end", "number", "name", "superscript") and token.kind in kinds:
            self._next += 1
            return token
        return None

    def _sum(self) -> float:
        value = self._product()
        while operator := self._take("+-"):
            other = self._product()
            value = _finite(value + other if operator.kind == "+" else value - other, operator)
        return value

    def _product(self) -> float:
        value = self._signed()
        while operator := self._take("*/"):
            other = self._signed()
            if operator.kind == "/" and other == 0:
                raise FormulaError(f"{quoted(operator.text)} at position {operator.at} divides by zero: "
                                   "a divisor other than 0 is allowed", operator.at)  # fmt: skip
            value = _finite(value * other if operator.kind == "*" else value / other, operator)
        return value

    def _signed(self) -> float:
        negative = False
        while sign := self._take("+-"):
            negative ^= sign.kind == "-"
        value = self._power()
        return -value if negative else value

    def _power(self) -> float:
        self._depth += 1
        if self._depth > DEEPEST:
            at = self._tokens[self._next].at
            raise FormulaError(f"position {at} is nested too deep: at most {DEEPEST} levels are allowed", at)
        value = self._atom()
        if (token := self._tokens[self._next]).kind == "superscript":
            self._next += 1
            value = _raised(value, token.value, token)
        if operator := self._take("^"):
            value = _raised(value, self._signed(), operator)
        self._depth -= 1
        return value

    def _atom(self) -> float:
        token = self._tokens[self._next]
        if token.kind in ("number", "name"):
            self._next += 1
            return token.value
        opening = self._take("(")
        if opening is None:
            where = "the end" if token.kind == "end" else f"{quoted(token.text)} at position {token.at}"
            raise FormulaError(f"{where}: a number or '(' is needed there", token.at)
        value = self._sum()
        if self._take(")") is None:
            after = self._tokens[self._next]
            if after.kind == "end":
                raise FormulaError(f"'(' at position {opening.at} is not closed: a ')' is missing", opening.at)
            raise FormulaError(f"{quoted(after.text)} at position {after.at}: an operator is needed before it, one of "
                               "+ - * / ^", after.at)  # fmt: skip
        return value


def _raised(base: float, exponent: float, operator: _Token) -> float:
    """Return base to the power of exponent."""
    where = f"the power at position {operator.at}"
    if abs(exponent) > LARGEST_EXPONENT:
        raise FormulaError(f"{where}: exponents from -{LARGEST_EXPONENT} to {LARGEST_EXPONENT} are allowed",
                           operator.at)  # fmt: skip
    if base == 0 and exponent < 0:
        raise FormulaError(f"{where} divides by zero: a base other than 0 is allowed there", operator.at)
    if base < 0 and not exponent.is_integer():
        raise FormulaError(f"{where}: of a negative number only whole exponents are allowed", operator.at)
    try:
        return _finite(float(base**exponent), operator)
    except OverflowError:
        return _finite(math.inf, operator)


def _finite(value: float, operator: _Token) -> float:
    if not math.isfinite(value):
        raise FormulaError(f"{quoted(operator.text)} at position {operator.at} gives a number that is too large: "
                           "below 1.8e308 is allowed", operator.at)  # fmt: skip
    return value
