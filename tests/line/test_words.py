"""Numbers and formulas in words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_helpers import WIDTH, audible, read

from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import PHASES
from tui_linreg.engine.step import Comparison, Verdict
from tui_linreg.line.words import compared, number, read_digits, sentence, spoken, wrapped
from tui_linreg.study.glossary import GLOSSARY
from tui_linreg.study.lessons.folder import built_in_lessons


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-1.0, "minus 1"),
        (0.89, "0.89"),
        (29.4099999, "29.41"),
        (-4.5, "minus 4.5"),
        (1234567.0, "1234600"),
        (1e-7, "1 times 10 to the minus 7"),
        (-2.5e20, "minus 2.5 times 10 to the 20"),
        (math.inf, "infinity"),
        (-math.inf, "minus infinity"),
        (math.nan, "not a number"),
    ],
)
def test_numbers_in_words(value: float, words: str) -> None:
    assert number(value) == words


@given(st.floats())
def test_a_number_with_all_its_digits_reads_back_as_the_same_float(value: float) -> None:
    words = number(value, 17)
    assert audible(words)
    back = read(words)
    assert back == value or (math.isnan(back) and math.isnan(value))


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 16))
def test_fewer_digits_are_near_it(value: float, digits: int) -> None:
    assert read(number(value, digits)) == float(f"{value:.{digits}g}")


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("∂L/∂ŷ = (2/m) (ŷ − y)", "error signal is 2 over m times (prediction minus target)"),
        ("b ← b − η ∂L/∂b", "b becomes b minus learning rate times gradient of b"),
        ("L = (1/m) ‖ŷ − y‖²", "L is 1 over m times the squared norm of prediction minus target"),
        ("ŷ₃ ≈ 1.5 · (-3.25)", "prediction of row 3 is about 1.5 times minus 3.25"),
        ("2⁻⁵²", "2 to the minus 52"),
        ("1e-05 ≤ x", "1 times 10 to the minus 5 at most x"),
        ("'a/b ≈ c' stays", "'a/b ≈ c' stays"),
        ("At b = 0 and w = 0 it rises", "At b equal to 0 and w equal to 0 it rises"),
        ("η = 0.9 converges", "learning rate 0.9 converges"),
        ("the weight gradient ∂L/∂w is", "the gradient of w is"),
        ("(-7)²", "the square of minus 7"),
        ("10 100 samples", "10100 samples"),
        ("< halves η, and > doubles it", "the less-than key halves learning rate, and the greater-than key doubles it"),
        ("where loss > tolerance and x < 3", "where loss above tolerance and x below 3"),
        ("Press ], then 4", "Press closing bracket, then 4"),
        ("→ goes on, ← back", "right arrow goes on, left arrow back"),
        ("+ and - make it", "plus and minus make it"),
    ],
)
def test_formulas_in_words(formula: str, words: str) -> None:
    assert spoken(formula) == words


def test_a_subscript_becomes_a_row_of_the_batch() -> None:
    assert spoken("ŷ₃₅ − y₃₅", first_row=33) == "prediction of row 3 minus target of row 3"


def test_every_text_of_the_program_can_be_heard() -> None:
    texts = [text for info in PHASES for text in (info.formula, info.why)]
    texts += [word.text for word in GLOSSARY]
    for mistake in MISTAKES.values():
        texts += [mistake.title, mistake.explanation, mistake.correct, mistake.wrong, mistake.hint, mistake.choice]
    for lesson in built_in_lessons().lessons:
        texts += [page.text for page in lesson.pages]
        texts += [text for task in lesson.tasks for text in (task.text, *task.hints)]
    for text in texts:
        assert audible(spoken(text)), spoken(text)


@given(st.text())
def test_any_text_is_wrapped_and_has_no_symbols(text: str) -> None:
    for line in wrapped(spoken(text.replace("'", ""))):
        assert len(line) <= WIDTH
        assert all(c.isalnum() or c in ' .,:;?!"()-' for c in line), line


def test_numbers_that_differ_never_read_the_same() -> None:
    different = Comparison(Verdict.DIFFERS, 4.0, 1)
    assert compared("Loss", 0.89, 29.41, different, 5) == "Loss differs: hand-written 0.89, torch 29.41."
    near = compared("Loss", 1.0000001, 1.0000002, different, 5)
    assert near == "Loss differs: hand-written 1.0000001, torch 1.0000002."
    assert compared("Loss", 2.0, 2.0, Comparison(Verdict.IDENTICAL, 0.0, 0), 5) == "Loss: 2, identical."
    assert compared("b", -2.0, -2.0, Comparison(Verdict.ROUNDING, 1.0, 1), 5) == "b: minus 2, rounding, 1 float apart."


def test_a_sentence_leaves_the_names_of_parameters() -> None:
    assert [sentence(text) for text in ("b is 3", "the end", "why?", "a b", "mine.py, line 3")] == [
        "b is 3.", "The end.", "Why?", "A b.", "mine.py, line 3.",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["0", "18", "x", "", "-3", "5.5"])
def test_digits_that_cannot_be(text: str) -> None:
    with pytest.raises(InputError, match="must be a whole number from 1 to 17"):
        read_digits(text)
