"""The classic mistakes: what their records say of them is what happens, held against a descent written in NumPy."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from engine_helpers import first_differing, phases_of, small, trained
from hypothesis import given, settings
from hypothesis import strategies as st
from wrong_numpy import FORMULAS, Batch, descent, first_apart, formulas_of

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Verdict
from tui_linreg.engine.training.session import Session

KEYS = [quantity.key for quantity in QUANTITIES]
NAMES = sorted(MISTAKES)


def first_step(name: str, n: int, size: int, epochs: int = 3) -> int | None:
    return MISTAKES[name].first_step(Schedule(n, size, epochs))


@pytest.mark.parametrize("name", NAMES)
def test_a_record_fits_itself(name: str) -> None:
    mistake = MISTAKES[name]
    assert mistake.name == name
    assert mistake.correct != mistake.wrong
    assert list(mistake.shows_in) == [key for key in KEYS if key in mistake.shows_in]  # in phase order
    assert mistake.phase in phases_of(name).values()
    assert f"{mistake.phase:d}" in mistake.choice.partition(":")[0]
    for text in (mistake.explanation, mistake.hint, mistake.first_difference, mistake.loss_gives_it_away):
        assert text[-1] in ".?"
        assert "  " not in text


def test_there_is_a_numpy_formula_for_every_mistake() -> None:
    for name in MISTAKES:
        formulas_of(name)
    assert FORMULAS.keys() == {"", *MISTAKES}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NAMES)
def test_it_first_shows_where_its_record_says(name: str, dtype: str) -> None:
    runs = [(n, size, 3) for n, size in ((100, 33), (100, 25), (100, 100), (12, 4), (9, 2), (5, 1), (3, 1))]
    runs += [(20, 20, 1), (20, 20, 2), (9, 2, 1)]
    for (seed, lr), (n, size, epochs) in itertools.product(((0, 0.01), (1, 0.3), (7, 0.05)), runs):
        options: dict[str, Any] = {
            "train_size": n,
            "batch_size": size,
            "epochs": epochs,
            "seed": seed,
            "lr": lr,
            "dtype": dtype,
        }
        session = trained(small(mistake=name, **options))
        first = first_step(name, n, size, epochs)
        assert first_differing(session) == (None if first is None else (first, set(MISTAKES[name].shows_in)))


@settings(deadline=None, max_examples=50)
@given(
    name=st.sampled_from(NAMES),
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 40),
    size=st.integers(1, 45),
    lr=st.floats(0.001, 0.4),
)
def test_it_first_shows_where_numpy_says(name: str, seed: int, n: int, size: int, lr: float) -> None:
    session = trained(small(mistake=name, seed=seed, train_size=n, batch_size=size, epochs=3, lr=lr))
    b, w = session.timeline.states(0)[1]
    x, y = session.dataset.x_train.numpy(), session.dataset.y_train.numpy()
    wrong, right = (descent(x, y, (b, w), lr, min(size, n), 3, which) for which in (name, ""))
    found = first_apart(wrong, right)
    assert first_differing(session) == found
    assert (None if found is None else found[0]) == first_step(name, n, min(size, n))
    ours = session.timeline.states(session.trained)[0]
    assert ours[:2] == pytest.approx([wrong.b, wrong.w], rel=1e-9, abs=1e-9)


# Names and batch sizes with which a mistake is none in a long run of 100 samples.
EFFECTLESS = [
    (name, size) for name in NAMES for size in (1, 25, 100, 5000) if first_step(name, 100, min(size, 100)) is None
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "size"), EFFECTLESS)
def test_without_an_effect_nothing_differs(name: str, size: int, dtype: str) -> None:
    for seed in (0, 3):
        steps = 5 if size >= 100 else 150
        session = trained(small(mistake=name, seed=seed, epochs=20, dtype=dtype, batch_size=size), steps)
        assert first_differing(session) is None


@pytest.mark.parametrize("arithmetic", ["kernel", "weight-gradient+update"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_mistaken_keeps_its_form(name: str, arithmetic: str) -> None:
    """Where a right model in these forms has torch's very bits, so has a wrong one in what it does not get wrong."""
    options: dict[str, Any] = {"arithmetic": arithmetic, "batch_size": 33}
    first = first_step(name, 100, 33)
    assert first is not None
    right = trained(small(**options), first + 1).step(first)
    wrong = trained(small(mistake=name, **options), first + 1).step(first)
    for key in KEYS:
        if key in MISTAKES[name].shows_in:
            assert wrong.comparisons[key].verdict is Verdict.DIFFERS
        else:
            assert wrong.comparisons[key] == right.comparisons[key]


# ── whether the loss gives it away ───────────────────────────────────────────────────────────────────────────────────


def default_losses(name: str) -> tuple[list[float], list[float]]:
    """(loss, validation loss) of each epoch of the default run, from NumPy, in the mistaken model's own terms."""
    session = Session(RunConfig(device="cpu"))
    data = session.dataset
    x, y, x_valid, y_valid = (v.numpy() for v in (data.x_train, data.y_train, data.x_valid, data.y_valid))
    b, w = session.timeline.states(0)[1]
    run = descent(x, y, (b, w), 0.01, 33, 16, name)
    losses = [float(step["loss"][0]) for step in run.steps]
    means = [sum(losses[at : at + 4]) / 4 for at in range(0, 64, 4)]
    ends = [(float(step["b"][0]), float(step["w"][0])) for step in run.steps[3::4]]
    valid = [float(formulas_of(name).loss(Batch(x_valid, y_valid, b, w, 0.01, 33, 100))) for b, w in ends]
    return means, valid


@pytest.mark.parametrize("name", NAMES)
def test_the_note_on_the_loss_has_the_measured_numbers(name: str) -> None:
    means, valid = default_losses(name)
    right_means, right_valid = default_losses("")
    assert (round(right_means[-1], 4), round(right_valid[-1], 4)) == (133.2815, 178.2338)
    mistake, ends_at = MISTAKES[name], f"validation loss {valid[-1]:.1f}"
    note = mistake.loss_gives_it_away
    assert ends_at in note, f"loss_gives_it_away of {name} must say {ends_at}"
    falls = [all(later < now for now, later in itertools.pairwise(curve)) for curve in (means, valid)]
    rises = [all(later > now for now, later in itertools.pairwise(curve)) for curve in (means, valid)]
    assert mistake.curve_tells == note.startswith("Yes") == (rises == [True, True])
    if mistake.adds_up_gradients:
        long = [float(s["loss"][0]) for s in descent_of_many_epochs(name)]
        turns = sum((b - a) * (c - b) < 0 for a, b, c in zip(long[::4], long[4::4], long[8::4], strict=False))
        assert turns >= 4
    elif found := re.search(r"end at MSE ([0-9.]+) beside ([0-9.]+)", note):
        assert found.groups() == (f"{means[-1]:.1f}", f"{right_means[-1]:.1f}")
    elif not mistake.curve_tells:
        assert falls == [True, True]
    if "beside 178.2" in note and "better" not in note:
        assert abs(valid[-1] / right_valid[-1] - 1) < 0.02
    if "looks better" in note and "end at MSE" not in note:
        assert valid[-1] < right_valid[-1]


def descent_of_many_epochs(name: str) -> list[dict[str, Any]]:
    data = Session(RunConfig(device="cpu"))
    b, w = data.timeline.states(0)[1]
    return descent(data.dataset.x_train.numpy(), data.dataset.y_train.numpy(), (b, w), 0.01, 33, 100, name).steps


# ── how one is asked for ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_session_says_what_it_was_given() -> None:
    session = small(mistake="no-x", batch_size=100)
    assert session.notices == ("the from-scratch model makes the mistake no-x: the weight gradient without x",)
    assert session.mistake_notice == session.notices[0]
    assert issubclass(session.scratch_type, MISTAKES["no-x"].model)
    given_class = small(SimpleLinearRegression, mistake="no-x", batch_size=100)
    assert (given_class.notices, given_class.mistake_notice) == ((), None)
    assert given_class.scratch_type is small().scratch_type is SimpleLinearRegression
    session.train_to(8)
    before = session.step(7).scratch
    session.restart()
    session.train_to(8)
    assert session.step(7).scratch.w_after == before.w_after != given_class.timeline.states(0)[0][1]


def test_an_unknown_mistake_is_refused_with_the_names() -> None:
    for value in ("no-y", "SIGN", "", 3):
        with pytest.raises(InputError) as caught:
            RunConfig(mistake=value)  # type: ignore[arg-type]
        assert caught.value.field == "mistake"
        assert all(name in str(caught.value) for name in NAMES)
    assert RunConfig.read({"mistake": " no-x "}).mistake == "no-x"
    assert RunConfig.read({"mistake": ""}).mistake is None
