"""The glossary: short, in order, and found where its words stand."""

from __future__ import annotations

import re

import pytest

from tui_linreg.study.glossary import GLOSSARY

NAMES = {word.name: word for word in GLOSSARY}


def test_each_word_has_two_sentences_and_its_place_in_the_alphabet() -> None:
    for word in GLOSSARY:
        assert len(re.findall(r"[.](?: |$)", word.text)) == 2, word.name
    names = [word.name.casefold().replace("η", "eta") for word in GLOSSARY]
    assert names == sorted(set(names))


def test_the_words_that_newcomers_miss_are_there() -> None:
    assert {
        "ulp", "rounding bound", "condition number", "spectral radius", "eigenvalue λ_max", "edge", "fixed point",
        "epoch", "mini-batch", "validation", "notebook", "η_max",
    } <= NAMES.keys()  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("ulp", "≈ rounding 16 ulp", True),
        ("ulp", "pulp", False),
        ("autograd node", "╰ AddmmBackward0   ∂L/∂ŷ", True),
        ("computation graph", "─ Computation graph · chart 8 ─", True),
        ("edge", "edge, these batches  1.02", True),
        ("edge", "knowledge", False),
        ("mini-batch", "2 batches", True),
        ("validation", "◇ validation", True),
        ("eigenvalue λ_max", "2/λ_max", True),
        ("b and w", "ŷ = b + w x", True),
        ("b and w", "∂b", False),
        ("error signal", "∂L/∂ŷ = 2/m (ŷ − y)", True),
    ],
)
def test_a_word_is_found_as_the_screen_writes_it(name: str, text: str, found: bool) -> None:
    assert NAMES[name].stands_in(text) is found
