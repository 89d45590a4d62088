"""What a learner types: the value of every formula as Python has it, and nothing but one error for the rest."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.errors import InputError
from tui_linreg.study.predict import formula
from tui_linreg.study.predict.formula import FormulaError, Typed, evaluate

Pair = tuple[str, str]
"""One expression in the learner's writing and in Python's."""

NUMBERS = st.one_of(
    st.integers(0, 9).map(lambda n: (str(n), f"{n}.0")),
    st.floats(0.001, 1e6).map(lambda v: (repr(v), repr(v))),
    st.floats(0, 1e300).map(lambda v: (repr(v), repr(v))),
    st.sampled_from(
        [(".5", "0.5"), ("3.", "3.0"), ("1e-3", "1e-3"), ("2E+2", "2e2"), ("4e−1", "4e-1"), ("007", "7.0")]
    ),
)


def join(parts: tuple[Pair, Pair, Pair, str]) -> Pair:
    (left, left_python), operator, (right, right_python), space = parts
    return f"{left}{space}{operator[0]}{space}{right}", f"{left_python}{operator[1]}{right_python}"


OPERATORS = st.sampled_from(
    [(sign, python) for python, signs in {"+": "+", "-": "-−", "*": "*×·⋅", "/": "/÷"}.items() for sign in signs]
    + [("^", "**"), ("**", "**")]
)
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.tuples(inner, OPERATORS, inner, st.sampled_from(["", " "])).map(join),
        inner.map(lambda p: (f"({p[0]})", f"({p[1]})")),
        inner.map(lambda p: (f"−{p[0]}", f"-{p[1]}")),
        inner.map(lambda p: (f"+{p[0]}", f"+{p[1]}")),
        inner.map(lambda p: (f"(({p[0]})²)", f"(({p[1]})**2)")),
        inner.map(lambda p: (f"(({p[0]})⁻¹²)", f"(({p[1]})**-12)")),
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=60)
@given(EXPRESSIONS)
def test_the_value_is_python_s(pair: Pair) -> None:
    text, python = pair
    try:
        expected: Any = eval(python, {"__builtins__": {}})
    except (ZeroDivisionError, OverflowError):
        expected = math.inf
    try:
        found = evaluate(text)
    except FormulaError as error:
        # What Python refuses, what has no real value, and what is bounded on purpose.
        bounded = "exponents from" in str(error) or "too deep" in str(error) or "characters" in str(error)
        # An inf or a complex number on the way to a real result is refused as well.
        on_the_way = any(text in str(error) for text in ("too large", "whole exponents"))
        assert bounded or on_the_way or isinstance(expected, complex) or not math.isfinite(expected)
        return
    assert found.value == expected
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2/33*(-16.83)", 2 / 33 * -16.83),
        ("−2²", -4.0),
        ("(−2)²", 4.0),
        ("2^3^2", 512.0),
        ("2^-1", 0.5),
        ("8 − 3 − 2", 3.0),
        ("8 / 4 / 2", 1.0),
        ("1 + 2 · 3", 7.0),
        ("10⁻²", 0.01),
        ("--3", 3.0),
        ("4^0.5", 2.0),
        ("0.4156 − 0.01 · (-1.64)", 0.4156 - 0.01 * -1.64),
        ("1/4 · ((1 − 3)² + (-1 − (-2))²)", 1.25),
    ],
)
def test_examples(text: str, value: float) -> None:
    typed = evaluate(text)
    assert (typed.value, typed.digits, typed.unit, typed.plain) == (value, None, None, False) or typed.plain
    assert typed.value == value


@pytest.mark.parametrize(
    ("text", "value", "digits", "unit"),
    [
        ("-1.02", -1.02, 3, 0.01),
        (" − 1.020 ", -1.02, 4, 0.001),
        ("(-1.02)", -1.02, 3, 0.01),
        ("+7", 7.0, 1, 1.0),
        ("700", 700.0, 3, 1.0),
        ("7e2", 700.0, 1, 100.0),
        ("7.0e2", 700.0, 2, 10.0),
        ("0.0012", 0.0012, 2, 0.0001),
        ("1e-3", 0.001, 1, 0.001),
        (".5", 0.5, 1, 0.1),
        ("3.", 3.0, 1, 1.0),
        ("0", 0.0, 0, 1.0),
        ("0.00", 0.0, 0, 0.01),
        ("0e9", 0.0, 0, 1.0),
        ("1e-400", 0.0, 1, 0.0),
    ],
)
def test_how_a_number_was_written(text: str, value: float, digits: int, unit: float) -> None:
    assert evaluate(text) == Typed(text, value, digits, unit)
    assert evaluate(text).plain


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("", None, "empty"),
        ("   ", None, "empty"),
        ("1,5", 2, "decimal point"),
        ("2x", 2, "'x'"),
        ("2(3)", 2, "operator is needed"),
        ("2 3", 3, "operator is needed"),
        ("(1)2", 4, "operator is needed"),
        ("(1 2)", 4, "operator is needed"),
        ("2² ³", 4, "operator is needed"),
        ("²", 1, "a number or '('"),
        ("2 +", 4, "a number or '('"),
        ("2 + * 3", 5, "a number or '('"),
        ("(1 + 2", 1, "not closed"),
        ("1 + 2)", 6, "closes nothing"),
        ("()", 2, "a number or '('"),
        ("1 / (2 − 2)", 3, "divides by zero"),
        ("0^-1", 2, "divides by zero"),
        ("(-8)^0.5", 5, "whole exponents"),
        ("9**9**9", 2, "exponents from -100 to 100"),
        ("9^999999999999", 2, "exponents from -100 to 100"),
        ("9⁹⁹⁹⁹", 2, "exponents from -100 to 100"),
        ("1e999", 1, "too large"),
        ("1e300*1e300", 6, "too large"),
        ("1e300^2", 6, "too large"),
        ("1e308+1e308", 6, "too large"),
        ("1e", 2, "'e'"),
        (".", 1, "no digit"),
        ("nan", 1, "'n'"),
        ("__import__('os')", 1, "'_'"),
        ("1_000", 2, "'_'"),
        ("٣", 1, "'٣'"),
        ("1\x1b[2J", 2, "\\x1b"),
        ("1" * 501, None, "501 characters"),
        ("(" * 41 + "1" + ")" * 41, 41, "at most 40"),
        ("2^" * 45 + "1", 81, "at most 40"),
    ],
)
def test_what_is_refused_says_what_where_and_what_is_allowed(text: str, position: int | None, said: str) -> None:
    with pytest.raises(FormulaError) as caught:
        evaluate(text)
    message = str(caught.value)
    assert said in message
    assert caught.value.position == position
    assert caught.value.field == "answer"
    assert isinstance(caught.value, InputError)
    if position is not None and "the end" not in message:
        assert f"position {position}" in message
    assert message.isprintable()


def test_the_longest_and_the_deepest_are_read() -> None:
    assert evaluate("-" * 499 + "1").value == -1.0
    assert evaluate("(" * 39 + "1" + ")" * 39).value == 1.0
    assert evaluate("1+" * 249 + "1").value == 250.0
    assert formula.LONGEST == 500


TYPABLE = st.text(alphabet="0123456789.,eE+-−*×·/÷^()²⁻¹ ", max_size=40)


@settings(deadline=None, max_examples=60)
@given(st.one_of(st.text(max_size=600), TYPABLE))
def test_any_text_gives_a_finite_number_or_the_one_error(text: str) -> None:
    try:
        typed = evaluate(text)
    except FormulaError as error:
        said = str(error)
        assert said.isprintable()
    else:
        assert math.isfinite(typed.value)
        assert (typed.digits is None) == (typed.unit is None)
