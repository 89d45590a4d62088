"""The forms of the three formulas: their texts, their roundings, and the identity that the kernel forms reach."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from engine_helpers import small, trained
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.analysis.identity import Identity, count_identity
from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.device import number_of_threads
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.arithmetic import FORMS, Arithmetic
from tui_linreg.engine.models.scratch import SimpleLinearRegression, scratch_variant
from tui_linreg.engine.schedule import Schedule

NAMES = ("error-signal", "weight-gradient", "update")
ALL = [Arithmetic(*switches) for switches in itertools.product((False, True), repeat=3)]
METHODS = ("error_signal", "weight_gradient", "descend")
SHAPES = ((100, 33), (100, 100), (50, 7), (17, 1), (1000, 300))


def model(arithmetic: Arithmetic, dtype: torch.dtype) -> SimpleLinearRegression:
    return scratch_variant(None, arithmetic, Schedule(100, 33, 1))(dtype=dtype)


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_texts_name_what_is_in_kernel_form() -> None:
    assert [str(arithmetic) for arithmetic in ALL] == [
        "notebook", "update", "weight-gradient", "weight-gradient+update", "error-signal", "error-signal+update",
        "error-signal+weight-gradient", "kernel",
    ]  # fmt: skip
    for arithmetic in ALL:
        assert Arithmetic.parse(str(arithmetic)) == arithmetic
        assert RunConfig(arithmetic=str(arithmetic)).arithmetic == str(arithmetic)
    assert tuple(form.name for form in FORMS) == NAMES


def test_names_in_any_order_make_the_same_run() -> None:
    for names in itertools.permutations(NAMES, 2):
        text = "+".join(names)
        assert Arithmetic.parse(text) == Arithmetic(*(name in names for name in NAMES))
        assert RunConfig.read({"arithmetic": f" {text} "}) == RunConfig(arithmetic="+".join(reversed(names)))
    assert RunConfig(arithmetic="update+weight-gradient+error-signal") == RunConfig(arithmetic="kernel")
    assert RunConfig().arithmetic == "notebook"


@pytest.mark.parametrize(
    "text", ["", "Kernel", "update+", "update+update", "kernel+update", "notebook+update", "error_signal", "update,x"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Arithmetic.parse(text)
    with pytest.raises(InputError) as in_code:
        RunConfig(arithmetic=text)
    with pytest.raises(InputError) as typed:
        RunConfig.read({"arithmetic": text})
    for caught in (in_code, typed):
        assert caught.value.field == "arithmetic"
        assert FIELDS["arithmetic"].allowed in str(caught.value)
    with pytest.raises(InputError):
        RunConfig(arithmetic=None)  # type: ignore[arg-type]


# ── what runs ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("arithmetic", ALL, ids=str)
def test_each_switch_chooses_one_method(arithmetic: Arithmetic) -> None:
    chosen = scratch_variant(None, arithmetic, Schedule(100, 33, 1))
    for method, kernel in zip(METHODS, arithmetic.switches, strict=True):
        plain = getattr(chosen, method) is getattr(SimpleLinearRegression, method)
        assert plain is not kernel
    for method in ("predict", "squared_loss", "bias_gradient", "update", "state", "copy_params"):
        assert getattr(chosen, method) is getattr(SimpleLinearRegression, method)
    assert (chosen is SimpleLinearRegression) is (arithmetic == Arithmetic())
    assert small(arithmetic=str(arithmetic)).scratch_type.__mro__[1:] == chosen.__mro__[1:]


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), m=st.integers(1, 70), single=st.booleans(), lr=st.floats(1e-6, 10))
def test_each_form_rounds_as_it_is_written(seed: int, m: int, single: bool, lr: float) -> None:
    random = np.random.default_rng(seed)
    kind: Any = np.float32 if single else np.float64
    dtype = torch.float32 if single else torch.float64
    y, y_pred, x = (random.standard_normal(m).astype(kind) for _ in range(3))
    notebook, kernel = model(Arithmetic(), dtype), model(Arithmetic(True, True, True), dtype)
    signals = [side.error_signal(torch.from_numpy(y), torch.from_numpy(y_pred)).numpy() for side in (notebook, kernel)]
    assert signals[0].tobytes() == (kind(2) * (y_pred - y) / kind(m)).tobytes()
    assert signals[1].tobytes() == (kind(2 / m) * (y_pred - y)).tobytes()
    exact = math.fsum(float(a) * float(b) for a, b in zip(y, x, strict=True))
    terms = math.fsum(abs(float(a) * float(b)) for a, b in zip(y, x, strict=True))
    u = 2.0**-24 if single else 2.0**-53
    for side in (notebook, kernel):
        grad = side.weight_gradient(torch.from_numpy(y), torch.from_numpy(x))
        assert grad.shape == ()
        assert abs(grad.item() - exact) <= (m + 1) * u * terms
        side.b.fill_(0.75)
        side.w.fill_(-0.5)
        side.descend(torch.tensor(y[0]), torch.tensor(x[0]), lr)
        for theta, start, g in ((side.b, 0.75, y[0]), (side.w, -0.5, x[0])):
            product = kind(lr) * g
            once = kind(start - float(kind(lr)) * float(g))  # product and sum with one rounding, as far as float64 goes
            if side is notebook:
                assert theta.item() == kind(start) - product
            else:
                assert abs(theta.item() - once) <= 2 * u * (abs(start) + abs(float(product)))
                added = torch.add(torch.tensor([start], dtype=dtype), torch.tensor([g]), alpha=-lr)
                assert theta.item() == added.item()


# ── identity ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def counted(arithmetic: str, shape: tuple[int, int], seed: int, dtype: str) -> Identity:
    n, size = shape
    session = small(
        arithmetic=arithmetic, seed=seed, train_size=n, batch_size=size, dtype=dtype, epochs=8 * size // n + 2
    )
    return count_identity(trained(session))


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_all_three_kernel_forms_give_torch_s_very_bits(shape: tuple[int, int], dtype: str, count: int) -> None:
    with number_of_threads(count):
        for seed in range(4):
            found = counted("kernel", shape, seed, dtype)
            if found.first is not None:
                ours, theirs = (bits.hex for bits in found.first.bits)
                pytest.skip(f"not on this build: step {found.first.step}, {found.first.key}: {ours} beside {theirs}")
            assert found.whole == found.steps > 0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("arithmetic", ["notebook", "error-signal+update", "weight-gradient"])
def test_with_a_notebook_form_left_some_steps_differ(arithmetic: str, dtype: str) -> None:
    found = [counted(arithmetic, (100, 33), seed, dtype) for seed in range(2)]
    assert all(one.whole < one.steps for one in found)
    for one in found:
        assert one.first is not None
        ours, theirs = one.first.bits
        assert ours.hex != theirs.hex


@pytest.mark.parametrize("arithmetic", ALL, ids=str)
def test_no_form_is_a_mistake(arithmetic: Arithmetic) -> None:
    session = trained(small(arithmetic=str(arithmetic), dtype="float32", epochs=8))
    assert all(session.step(index).verdict.sign in "=≈" for index in range(session.trained))
