"""The written-out chain rule: its numbers are the step's, and its equations hold to the digits shown."""

from __future__ import annotations

import itertools
import math
import re
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from derivation_helpers import NUMBER, Shown, assert_equal, evaluate, fraction, made, section, sound
from engine_helpers import line_data, on_data, phases_of, small, trained
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import PHASES, Phase
from tui_linreg.study.derivation.derivation import as_latex, as_text, derivation
from tui_linreg.study.derivation.layout import Equation, Line, maths, plain

ROLES = {"text", "muted", "text bold", "dloss_dpred", "dpred_db", "dpred_dw"}
ANY = st.floats(allow_nan=True, allow_infinity=True)


# ── the numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def value_of(right: Line, *whole: str) -> Shown | None:
    """The value of a right side of numbers; None where it has letters or leaves something out."""
    text = plain(right)
    if not re.fullmatch(r"[-0-9.e+() −·²/]+", text) or re.search(r"(?<![0-9])e", text):
        return None
    return evaluate(text.replace("−", "-").replace("·", "*").replace("²", " ** 2"), frozenset(whole))


SLACK = {"float64": 1e-13, "float32": 1e-5}


@settings(deadline=None, max_examples=60)
@given(
    m=st.integers(1, 6),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([1e-9, 1e-3, 1.0, 50.0, 1e6]),
    offset=st.sampled_from([0.0, 3.0, -1e4]),
    dtype=st.sampled_from(["float64", "float32"]),
    lr=st.floats(1e-6, 10),
)
def test_each_side_is_equal_to_the_digits_shown(
    m: int, seed: int, scale: float, offset: float, dtype: str, lr: float
) -> None:
    x, y = line_data(seed, m, scale, offset, scale)
    step = made(x, y, 0.7, -1.3, lr, seed % 90, dtype)
    for phase in list(Phase)[1:]:
        chains = 0
        for item in section(derivation(step, phase), "numbers"):
            assert {relation for relation, _ in item.rights} <= {"=", "≈", "←"}
            assert_no_false_equation(item)
            found = [shown for _, right in item.rights if (shown := value_of(right, repr(lr))) is not None]
            chains += len(found) > 1
            for one in found[:-1]:
                assert_equal(one, found[-1], SLACK[dtype])
        assert chains == (2 if phase is Phase.UPDATE else 1)


def assert_no_false_equation(item: Equation) -> None:
    """What stands on both sides of "=" is the same number, exactly; of "≈" it is another."""
    sides = [(sign, fraction(plain(right))) for sign, right in item.rights]
    for (_, a), (sign, b) in itertools.pairwise(sides):
        if a is not None and b is not None:
            assert sign == ("=" if a == b else "≈"), item


@pytest.mark.parametrize("m", [7, 33, 1000])
def test_long_sums_show_the_first_terms_and_the_last(m: int) -> None:
    x, y = line_data(5, m)
    step = made(x, y, 0.7, -1.3, start=66)
    d = 2 * (0.7 - 1.3 * x - y) / m
    rows = [0, 1, 2, m - 1]

    def numbers(phase: Phase, which: int, at: int) -> list[float]:
        text = plain(section(derivation(step, phase), "numbers")[which].rights[at][1])
        assert text.count("…") == 1
        return [float(n) for n in re.findall(NUMBER, text)]

    def close(values: Any) -> Any:
        return pytest.approx(values, abs=6e-6)

    assert numbers(Phase.BATCH, 0, 0) == close(x[rows])
    assert numbers(Phase.BATCH, 1, 0) == close(y[rows])
    assert numbers(Phase.PREDICT, 1, 0) == close(0.7 - 1.3 * x[rows])
    assert numbers(Phase.LOSS, 0, 1) == close([1, m, *(0.7 - 1.3 * x - y)[rows]])
    assert numbers(Phase.ERROR_SIGNAL, 1, 0) == close(d[rows])
    ones = [n for value in d[rows] for n in (value, 1)]
    assert numbers(Phase.BIAS_GRADIENT, 0, 1) == close(ones)
    assert numbers(Phase.BIAS_GRADIENT, 0, 2) == close(d[rows])
    pairs = [n for value, height in zip(d[rows], x[rows], strict=True) for n in (value, height)]
    assert numbers(Phase.WEIGHT_GRADIENT, 0, 1) == close(pairs)
    results = {Phase.LOSS: step.scratch.loss, Phase.BIAS_GRADIENT: d.sum(), Phase.WEIGHT_GRADIENT: (d * x).sum()}
    for phase, value in results.items():
        assert float(plain(section(derivation(step, phase), "numbers")[0].rights[-1][1])) == pytest.approx(value)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_results_of_a_real_run_have_every_digit_of_both_sides(dtype: str) -> None:
    session = trained(small(dtype=dtype), 4)
    number = np.float32 if dtype == "float32" else float
    for index in (0, 3):
        step = session.step(index)
        for side in (step.scratch, step.torch):
            shown = replace(step, scratch=side)
            ends = {Phase.PREDICT: [float(side.y_pred[0])], Phase.LOSS: [side.loss],
                    Phase.ERROR_SIGNAL: [float(side.dloss_dpred[0])], Phase.BIAS_GRADIENT: [side.grad_b],
                    Phase.WEIGHT_GRADIENT: [side.grad_w], Phase.UPDATE: [side.b_after, side.w_after]}  # fmt: skip
            for phase, values in ends.items():
                found = section(derivation(shown, phase), "numbers")
                assert [number(plain(item.rights[-1][1])) for item in found[: len(values)]] == values


def test_numbers_not_computed_yet_do_not_appear() -> None:
    x, y = line_data(1, 5)
    step = made(x, y, 0.5, 2.0)
    last = {"y_pred": Phase.PREDICT, "loss": Phase.LOSS, "dloss_dpred": Phase.ERROR_SIGNAL,
            "grad_b": Phase.BIAS_GRADIENT, "grad_w": Phase.WEIGHT_GRADIENT,
            "b_after": Phase.UPDATE, "w_after": Phase.UPDATE}  # fmt: skip
    for phase in Phase:
        other: dict[str, Any] = {
            name: torch.full((5,), 777.5, dtype=torch.float64) if name in ("y_pred", "dloss_dpred") else 777.5
            for name, known in last.items()
            if known > phase
        }
        later = replace(step, scratch=replace(step.scratch, **other))
        assert derivation(later, phase, index_notation=True) == derivation(step, phase, index_notation=True)


# ── a planted mistake ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_what_does_not_follow_is_said_in_the_mistakes_phase_alone(name: str) -> None:
    session = trained(small(mistake=name), 5)
    first = MISTAKES[name].first_step(session.schedule)
    assert first is not None
    step = session.step(first)
    wrong = {phase for phase in Phase if "≠" in as_text(derivation(step, phase))}
    assert wrong == set(phases_of(name).values())
    for phase in Phase:
        assert "≠" not in as_text(derivation(replace(step, scratch=step.torch), phase))
        hidden = as_text(derivation(step, phase, judged=False))
        assert ("≠" in hidden, "≟" in hidden) == (False, phase is not Phase.BATCH)
        alike = re.compile("[=≈≠≟]")
        assert alike.sub("?", hidden) == alike.sub("?", as_text(derivation(step, phase)))


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 300),
    scale=st.sampled_from([1e-150, 1e-20, 1e-3, 1.0, 1e4, 1e15, 1e150]),
    offset=st.sampled_from([0.0, 5.0, 1e6]),
    single=st.booleans(),
    lr=st.sampled_from([1e-300, 0.01, 0.5, 3.0]),
)
def test_of_a_right_model_everything_follows(
    seed: int, n: int, scale: float, offset: float, single: bool, lr: float
) -> None:
    if single:
        scale = min(max(scale, 1e-30), 1e30)
    x, y = line_data(seed, n, scale, offset * scale, scale)
    session = trained(on_data(x, y, lr=lr, dtype="float32" if single else "float64", epochs=3, batch_size=64))
    for index in {0, session.trained - 1}:
        step = session.step(index)
        for phase in Phase:
            for side in (step.scratch, step.torch):
                assert "≠" not in as_text(derivation(replace(step, scratch=side), phase))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_lost_below_the_smallest_numbers_follows(dtype: str) -> None:
    for scale in (1e-30, 1e-40) if dtype == "float32" else (1e-160, 1e-310):
        x, y = line_data(4, 20, scale, 0, scale)
        step = made(x, y, 0.3 * scale, scale, 1e-3, dtype=dtype)
        assert all("≠" not in as_text(derivation(step, phase)) for phase in Phase)


def test_one_part_in_ten_million_does_not_follow() -> None:
    step = made(*line_data(4, 20), 0.3, 1.2)
    ours, more = step.scratch, 1 + 1e-7
    wrong = replace(
        ours, y_pred=ours.y_pred * more, loss=ours.loss * more, dloss_dpred=ours.dloss_dpred * more,
        grad_b=ours.grad_b + 1e-7, grad_w=ours.grad_w + 1e-7, b_after=ours.b_after * more,
    )  # fmt: skip
    for phase in list(Phase)[1:]:
        assert "≠" in as_text(derivation(replace(step, scratch=wrong), phase))


def test_squares_of_powers_of_ten_stand_in_brackets() -> None:
    shown = as_text(derivation(made([1e-9, 1e-9], [-1e-9, 3e-9], 0.0, 2.0), Phase.LOSS))
    assert "(1/2) ((3.0000e-09)² + (-1.000e-09)²)" in shown


# ── odd numbers, long batches, lines ─────────────────────────────────────────────────────────────────────────────────


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=9), ANY, ANY, st.floats(1e-300, 1e300), st.integers(0, 10**7))
def test_any_numbers_are_written(rows: list[tuple[float, float]], b: float, w: float, lr: float, start: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x, y = zip(*rows, strict=True)
        step = made(x, y, b, w, lr, start)
        warnings.simplefilter("error")
        for phase in Phase:
            found = derivation(step, phase, index_notation=True)
            for width in (76, 40):
                for line in found.lines(width):
                    assert cell_len(plain(line)) <= width
                    assert {role for _, role in line} <= ROLES
                    assert plain(line) == plain(line).rstrip()
            assert sound(as_latex(found))


def test_a_million_samples_are_not_written_out() -> None:
    x, y = line_data(2, 10**6)
    step = made(x, y, 0.7, -1.3, start=5_000_000)
    for phase in Phase:
        found = derivation(step, phase, index_notation=True)
        assert len(found.lines()) < 40
        assert "≠" not in as_text(found)
        assert all(cell_len(plain(line)) <= 76 for line in found.lines())
    assert "(2/1000000)" in as_text(derivation(step, Phase.ERROR_SIGNAL))
    assert "ŷ₅₀₀₀₀₀₀" in as_text(derivation(step, Phase.PREDICT))


def test_breaking_loses_nothing_but_spaces() -> None:
    step = made(*line_data(3, 6), 0.7, -1.3)
    for phase in Phase:
        found = derivation(step, phase, index_notation=True)
        wide, narrow = ("".join(plain(line) for line in found.lines(width)).replace(" ", "") for width in (999, 44))
        assert wide == narrow
    lines = [plain(line) for line in derivation(step, Phase.WEIGHT_GRADIENT).lines(50)]
    assert all(re.match(r" +[+·] ", line) for line in lines if line.startswith("        "))


def test_derivatives_have_their_linked_roles() -> None:
    assert maths("∂L/∂b = Σ ∂L/∂ŷₖ · ∂ŷ₁₂/∂b + ∂ŷ/∂w ∂L/∂w") == (
        ("∂L/∂b", "dpred_db"), (" = Σ ", "text"), ("∂L/∂ŷₖ", "dloss_dpred"), (" · ", "text"), ("∂ŷ₁₂/∂b", "dpred_db"),
        (" + ", "text"), ("∂ŷ/∂w", "dpred_dw"), (" ", "text"), ("∂L/∂w", "dpred_dw"),
    )  # fmt: skip


def test_every_phase_has_every_form_and_the_formula_of_the_table() -> None:
    step = made([1.0, 2.0], [3.0, 1.0], 0.5, 2.0)
    for phase in Phase:
        assert [s.key for s in derivation(step, phase).sections] == ["general", "shapes", "vectorised", "numbers"]
        found = derivation(step, phase, index_notation=True)
        assert found.sections[-1].key == "index"
        general = as_text(found).split("With shapes")[0]
        for formula in PHASES[phase - 1].formula.replace("x, y = x_train[i:j], y_train", "x = x_train").split(",  "):
            assert formula.replace("∂L/∂ŷ = ", "") in general
        assert ("δₚₖ" in as_text(found)) == (phase in (2, 4, 5, 6))
        assert as_text(found).startswith(f"Phase {phase:d} ")
        assert as_text(found).endswith("\n")


def test_the_index_form_is_the_gradient() -> None:
    """The delta's sums, done as they stand there, give what central differences of the loss give."""
    x, y = line_data(9, 5)
    b, w, m = 0.4, -2.0, 5
    y_pred = b + w * x
    delta = np.eye(m)
    signal = np.array([2 / m * sum((y_pred[p] - y[p]) * delta[p, k] for p in range(m)) for k in range(m)])
    grads = [sum(signal[k] * slope[k] for k in range(m)) for slope in (np.ones(m), x)]

    def loss(b: float, w: float) -> float:
        return math.fsum((b + w * x - y) ** 2) / m

    h = 1e-3
    central = [(loss(b + h, w) - loss(b - h, w)) / (2 * h), (loss(b, w + h) - loss(b, w - h)) / (2 * h)]
    assert grads == pytest.approx(central, rel=1e-9)
    step = made(x, y, b, w)
    assert [step.scratch.grad_b, step.scratch.grad_w] == pytest.approx(central, rel=1e-9)
