"""A run begins at the b and w that it is given, rounded to its dtype; without them at the recipe's."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from engine_helpers import differing, recorded, small, trained
from hypothesis import given
from hypothesis import strategies as st
from plain_loops import numpy_path, path_of, sgd_path

from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.analysis.run_difference import describe_difference
from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.field import text_of
from tui_linreg.engine.training.session import Session

STARTS = [(0.1, -0.7), (-1e3, 1e-3), (0.0, -0.0), (1e300, 2.0)]
finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("start", STARTS[:3])
def test_a_run_from_a_start_is_the_plain_loop_from_there(start: tuple[float, float], dtype: str) -> None:
    single = trained(small(start=start, dtype=dtype, batch_size=1, epochs=3, train_size=20))
    assert np.array_equal(path_of(single, 0), numpy_path(single, start, lambda step: 0.01, 60))
    session = trained(small(start=start, dtype=dtype, lr=0.3, epochs=5))
    assert np.array_equal(path_of(session, 1), sgd_path(session, start, lambda step: 0.3, 20))
    exact = [torch.tensor(value, dtype=session.dtype).item() for value in start]
    assert [path_of(session, side)[0].tolist() for side in (0, 1)] == [exact, exact]
    roundoff = 1e-4 if dtype == "float32" else 1e-12
    assert np.allclose(path_of(session, 0), numpy_path(session, start, lambda step: 0.3, 20), rtol=roundoff)
    assert not any(differing(session.step(index)) for index in range(20))


def test_the_recipe_s_start_stays_the_default_and_starts_alike_when_it_is_given() -> None:
    recipe = trained(small(seed=3))
    given_ = trained(small(seed=3, start=recipe.recipe_start))
    assert recorded(given_) == recorded(recipe)
    assert recipe.recipe_start == given_.recipe_start == tuple(recipe.timeline.states(0)[1])
    other = small(seed=3, start=(1.0, 2.0))
    assert torch.equal(other.dataset.x_train, recipe.dataset.x_train)
    assert other.recipe_start == recipe.recipe_start
    tiny = Session(RunConfig(dataset="tiny", start=(0.5, 0.25)))
    assert (tiny.recipe_start, tiny.timeline.states(0)) == ((1.0, -1.0), ([0.5, 0.25], [0.5, 0.25]))


@pytest.mark.parametrize("mistake", ["stale", "no-zero-grad", "sign"])
def test_the_start_holds_with_a_mistake_and_steps_are_the_same_again(mistake: str) -> None:
    session = trained(small(start=(3.0, -2.0), mistake=mistake))
    assert [row[:2] for row in session.timeline.states(0)] == [[3.0, -2.0]] * 2
    again = trained(small(start=(3.0, -2.0), mistake=mistake, epochs=4))
    again.extend(16)
    assert recorded(trained(again)) == recorded(session)
    session.restart()
    assert recorded(trained(session)) == recorded(again)
    assert any(differing(session.step(index)) for index in range(8))


def test_a_session_starts_again_elsewhere() -> None:
    session = trained(small(lr=0.3))
    recipe = recorded(session)
    session.restart_at((5.0, -5.0))
    assert (session.trained, session.config.start) == (0, (5.0, -5.0))
    assert recorded(trained(session)) == recorded(trained(small(lr=0.3, start=(5.0, -5.0))))
    assert session.agreement_at_start.b == session.agreement_at_start.predictions == 0
    with pytest.raises(InputError, match=r"--start .*two finite numbers"):
        session.restart_at((math.nan, 0.0))
    assert session.config.start == (5.0, -5.0)
    session.restart_at(None)
    assert recorded(trained(session)) == recipe


def test_a_start_far_away_is_foretold_to_overflow_sooner() -> None:
    near, far = (
        Instruments(small(lr=2.0, start=start, epochs=2000)).learning_rate(0) for start in ((1.0, 30.0), (1e140, 0.0))
    )
    assert near.overflow is not None
    assert far.overflow is not None
    assert far.overflow.step < near.overflow.step
    session = small(lr=2.0, start=(1e140, 0.0), epochs=2000)
    session.train_to(far.overflow.step + 40)
    assert session.timeline.first_overflow is not None
    assert abs(session.timeline.first_overflow - far.overflow.step) <= 4
    at_home = Instruments(small(lr=2.0, epochs=2000))
    assert at_home.other_learning_rate(session.config, 33).overflow == far.overflow


@given(finite, finite)
def test_a_start_is_the_same_after_a_way_through_text_and_json(b: float, w: float) -> None:
    config = RunConfig(start=(b, w))
    assert config.start is not None
    for other in (
        RunConfig.read({"start": text_of((b, w))}),
        RunConfig.read(config.as_texts()),
        RunConfig(**json.loads(json.dumps(config.as_json()))),
    ):
        assert other == config
        assert other.start is not None
        assert [math.copysign(1, value) for value in other.start] == [math.copysign(1, value) for value in (b, w)]


def as_float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


@given(st.text(alphabet="0123456789.,-+einfa @_ ", max_size=12))
def test_any_text_is_a_start_or_one_line(text: str) -> None:
    parts = text.split(",")
    numbers = [number for number in map(as_float, parts) if number is not None and "_" not in text]
    if not text.strip():
        assert FIELDS["start"].read(text) is None
    elif len(parts) == len(numbers) == 2:
        assert FIELDS["start"].read(text) == tuple(numbers)
    else:
        with pytest.raises(InputError, match=r"^--start '.*': must be two finite numbers with a comma[^\n]*$"):
            FIELDS["start"].read(text)


def test_options_from_before_there_was_a_start_are_read() -> None:
    old: dict[str, Any] = RunConfig(lr=0.5).as_json()
    del old["start"]
    assert RunConfig(**old) == RunConfig(lr=0.5)
    assert RunConfig(start=[1, 2]).start == (1.0, 2.0)  # type: ignore[arg-type]  # as JSON has it
    assert {RunConfig(start=[1, 2]): 1}[RunConfig(start=(1.0, 2.0))]  # type: ignore[arg-type]


def test_a_kept_run_is_named_by_its_start() -> None:
    assert describe_difference(RunConfig(), RunConfig(start=(0.1, -2.0))) == "start 0.1,-2"
    assert describe_difference(RunConfig(start=(0.1, -2.0)), RunConfig()) == "start drawn"
