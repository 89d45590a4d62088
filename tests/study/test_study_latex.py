"""Derivations as LaTeX: it would compile with amsmath alone, and says the step's numbers."""

from __future__ import annotations

import re

import pytest
from derivation_helpers import Shown, assert_equal, evaluate, made, sound
from engine_helpers import line_data
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.phases import Phase
from tui_linreg.study.derivation.derivation import as_latex, derivation
from tui_linreg.study.derivation.layout import latex_maths, latex_words


@settings(deadline=None, max_examples=30)
@given(m=st.integers(1, 6), seed=st.integers(0, 10**6), scale=st.sampled_from([1e-9, 1.0, 1e7, 1e12]))
def test_the_latex_says_the_same_numbers(m: int, seed: int, scale: float) -> None:
    x, y = line_data(seed, m, scale, 0, scale)
    step = made(x, y, 0.7 * scale, -1.3)
    side = step.scratch
    ends = {Phase.PREDICT: {float(side.y_pred[0])}, Phase.LOSS: {side.loss},
            Phase.ERROR_SIGNAL: {float(side.dloss_dpred[0])}, Phase.BIAS_GRADIENT: {side.grad_b},
            Phase.WEIGHT_GRADIENT: {side.grad_w}, Phase.UPDATE: {side.b_after, side.w_after}}  # fmt: skip
    for phase, values in ends.items():
        latex = as_latex(derivation(step, phase, index_notation=True))
        assert sound(latex)
        part = latex.split("own numbers}")[1].split(r"\end{align*}")[0]
        seen: set[float] = set()
        chain: list[Shown] = []
        for row in part.split(r"\begin{align*}")[1].split(r"\\"):
            left, _, right = row.partition("&")
            if left.strip():
                chain = []
            term = right.strip().removeprefix("=").removeprefix(r"\approx")
            python = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1/\2) ", term)
            python = re.sub(r"([0-9.]+) \\times 10\^\{(-?[0-9]+)\}", r"\1e\2", python)
            python = python.replace(r"\cdot", "*").replace("^{2}", " ** 2").strip()
            if re.search(r"[a-df-zA-Z\\,]", python):
                continue
            chain.append(evaluate(python, frozenset({"0.01"})))
            seen.add(chain[-1].value)
            assert_equal(chain[0], chain[-1], 1e-13)
        assert values <= seen


def test_latex_of_pieces() -> None:
    assert latex_maths("∂L/∂ŷₖ = (1/m) Σₚ ∂/∂ŷₖ (ŷₚ − yₚ)²") == (
        r"\frac{\partial L}{\partial \hat{y}_{k}} = \frac{1}{m} \sum_{p} \frac{\partial}{\partial \hat{y}_{k}}"
        r" ( \hat{y}_{p} - y_{p} )^{2}"
    )
    assert latex_maths("‖ŷ₁₂ − y‖²") == r"\lVert \hat{y}_{12} - y \rVert^{2}"
    assert latex_maths("(2/33) (-1.5e-07) · -inf + nan") == (
        r"\frac{2}{33} ( -1.5 \times 10^{-7} ) \cdot -\infty + \mathrm{nan}"
    )
    assert latex_maths("X ∈ ℝᵐˣ², x_train[i:j], δₚₖ") == (
        r"X \in \mathbf{R}^{m \times 2} , x_{\mathrm{train}} [ i : j ] , \delta_{pk}"
    )
    assert latex_words(r"50 % of {a_b} & \c^~#$") == (
        r"50 \% of \{a\_b\} \& \textbackslash{}c\textasciicircum{}\textasciitilde{}\#\$"
    )
    for bad in ("ξ", "a_b", "‖x"):
        with pytest.raises(ValueError):  # noqa: PT011
            latex_maths(bad)
    with pytest.raises(ValueError, match="ASCII"):
        latex_words("ŷ")
