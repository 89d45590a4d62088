"""A learning rate that changes on the way: text, training, recomputation, verdicts, and changing it in a session."""

from __future__ import annotations

import json
import math
import threading
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from engine_helpers import differing, first_differing, recorded, relative_error, small, trained
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_loops import numpy_path, path_of, sgd_path
from test_engine_steps import fingerprint

from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.rates import Rates, Stretch
from tui_linreg.engine.step import Verdict

TEXT = "0.3@1,0.05@6,1e-3@31"
ONE_ERROR = r"^--lr '.*': must be a finite number above 0, or such numbers at rising steps, the first at step 1[^\n]*$"


def by_hand(text: str, step: int) -> float:
    """The rate of a step (from 0) of a text such as `TEXT`, looked up from its end."""
    changes = [part.split("@") for part in text.split(",")]
    return next(float(lr) for lr, first in reversed(changes) if int(first) <= step + 1)


rates_of = st.lists(
    st.tuples(st.floats(min_value=0, exclude_min=True, allow_infinity=False), st.integers(2, 10**18)),
    max_size=6, unique_by=lambda change: change[1],
)  # fmt: skip
positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False)


# ── text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(positive, rates_of)
def test_a_schedule_is_the_same_after_a_way_through_text_and_json(first: float, later: list[tuple[float, int]]) -> None:
    changes = [(first, 1), *sorted(later, key=lambda change: change[1])]
    text = ",".join(f"{lr!r}@{step}" for lr, step in changes)
    config = RunConfig.read({"lr": text})
    for step in [step for _, at in changes for step in (at - 1, at, max(at - 2, 0))]:
        assert config.rates.at(step) == by_hand(text, step)
    steps = np.array([step - 1 for _, step in changes])
    assert config.rates.over(steps).tolist() == [lr for lr, _ in changes]
    assert all(one != other for one, other in pairwise(config.rates.lrs))
    for other in (
        RunConfig(lr=config.lr),
        RunConfig.read({"lr": str(config.rates)}),
        RunConfig.read(config.as_texts()),
        RunConfig(**json.loads(json.dumps(config.as_json()))),
    ):
        assert other == config
    assert isinstance(config.lr, str) == (len(config.rates.lrs) > 1)


@pytest.mark.parametrize(
    "text",
    ["0.1@2", "0.1@1,0.01", "0.1,0.01@65", "0.1@1,0.01@1", "0.1@1,0.01@65,0.2@64", "0.1@0", "0.1@1,0.01@0",
     "0.1@1,-0.01@5", "0.1@1,0@5", "0.1@1,nan@5", "0.1@1,inf@5", "0.1@1,1e400@5", "@1", "0.1@", "0.1@1,", ",0.1@1",
     "0.1@1@2", "0.1@1.0", "0.1@1;0.2@3", "0.1@1,0.2@1e3", "0.1@1,0.2@1000000000000000001", "0.1@1,0.2@" + "9" * 41,
     "0.1@1,x@5", "0.1@1,0.2@-3", "0.1@1,\x1b[31m@3"],
)  # fmt: skip
def test_any_other_text_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError, match=ONE_ERROR) as caught:
        RunConfig.read({"lr": text})
    assert caught.value.field == "lr"
    assert str(caught.value).isprintable()
    with pytest.raises(InputError, match=ONE_ERROR):
        RunConfig(lr=text)


@given(st.text(alphabet="0123456789.,@-+einf _", max_size=14))
def test_any_text_is_a_schedule_or_one_line(text: str) -> None:
    try:
        value = FIELDS["lr"].read(text)
    except InputError as caught:
        error: InputError | None = caught
    else:
        error = None
        assert isinstance(value, float | str)
        assert all(0 < lr < math.inf for lr in Rates.of(value).lrs)
    assert error is None or "must be a finite number above 0" in str(error)


def test_a_plain_number_stays_one() -> None:
    assert RunConfig.read({"lr": "0.1"}).lr == RunConfig.read({"lr": "0.1@1"}).lr == 0.1
    assert RunConfig.read({"lr": " 0.1@1 , 0.1@9 "}) == RunConfig(lr=0.1)
    assert RunConfig.read({"lr": "1.0@1,1@5,02e-1@9"}).lr == "1@1,0.2@9"
    assert RunConfig(lr=2).rates == Rates((2.0,), (0,))
    with pytest.raises(InputError, match="must be at most"):
        RunConfig(lr="0.1@1,1e39@5", dtype="float32")


def test_a_stretch_names_its_steps() -> None:
    rates = Rates.parse(TEXT)
    assert rates.stretch(4) == Stretch(0.3, 0, 5)
    names = [rates.stretch(step).name for step in (0, 5, 29, 30, 10**6)]
    assert names == ["η 0.3 up to step 5", "η 0.05 in steps 6 to 30", "η 0.05 in steps 6 to 30",
                     "η 0.001 from step 31 on", "η 0.001 from step 31 on"]  # fmt: skip
    assert (Rates.of(0.5).stretch(7).name, Rates.of(0.5).stretch(7).note) == ("η 0.5", "")
    assert rates.words == "η 0.3, 0.05 in steps 6 to 30"


# ── training ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_run_is_the_plain_loop_with_each_step_s_rate(dtype: str) -> None:
    """The middle of an epoch (steps 6 and 31 of 4 an epoch) is no special place."""

    def rate(step: int) -> float:
        return by_hand(TEXT, step)

    session = trained(small(lr=TEXT, dtype=dtype, epochs=10))
    start = session.recipe_start
    assert np.array_equal(path_of(session, 1), sgd_path(session, start, rate, 40))
    assert np.allclose(
        path_of(session, 0), numpy_path(session, start, rate, 40), rtol=1e-4 if dtype == "float32" else 1e-12
    )
    single = trained(small(lr=TEXT, dtype=dtype, batch_size=1, epochs=3, train_size=20))
    assert np.array_equal(path_of(single, 0), numpy_path(single, single.recipe_start, rate, 60))
    assert [session.step(index).lr for index in range(40)] == [rate(index) for index in range(40)]
    assert first_differing(session) is None


def test_torch_s_side_has_the_rate_in_its_param_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_linreg.engine.models.reference import PlainSGD

    seen: list[float] = []
    step = PlainSGD.step

    def watched(self: PlainSGD) -> None:
        seen.append(self.param_groups[0]["lr"])
        step(self)

    monkeypatch.setattr(PlainSGD, "step", watched)
    trained(small(lr=TEXT, epochs=10))
    assert seen == [by_hand(TEXT, index) for index in range(40)]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_optimizer_takes_another_rate_as_torch_s_sgd_does(dtype: torch.dtype) -> None:
    from tui_linreg.engine.models.reference import TorchLinearRegression

    x, y = (torch.randn(9, 1, dtype=dtype) for _ in range(2))
    ours, plain = TorchLinearRegression(dtype=dtype), TorchLinearRegression(dtype=dtype)
    plain.load_state_dict(ours.state_dict())
    optimizer, sgd = ours.make_optimizer(0.5), torch.optim.SGD(plain.parameters(), lr=0.5)
    for lr in (0.1, 0.1, 3.0, 1e-7, 0.3):
        optimizer.param_groups[0]["lr"] = sgd.param_groups[0]["lr"] = lr
        ours.train_batch(x, y, optimizer)
        plain.train_batch(x, y, sgd)
        assert torch.equal(ours.layer.weight, plain.layer.weight)
        assert torch.equal(ours.layer.bias, plain.layer.bias)


@pytest.mark.parametrize("mistake", [None, "stale", "no-zero-grad"])
def test_looking_back_and_forth_over_a_change_gives_the_same_bits(mistake: str | None) -> None:
    options: dict[str, Any] = {"lr": TEXT, "epochs": 10, "mistake": mistake}
    session, walked = trained(small(**options)), small(**options)
    steps = [fingerprint(step) for step in walked.walk()]
    for index in (39, 4, 5, 6, 5, 4, 30, 29, 31, 0, 39):
        assert fingerprint(session.step(index)) == steps[index]
    assert recorded(session) == recorded(walked)
    pieces = small(**options)
    for goal in (3, 5, 6, 7, 29, 30, 31, 40):
        pieces.train_to(goal)
        assert fingerprint(pieces.step(goal - 1)) == steps[goal - 1]
    assert recorded(pieces) == recorded(session)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_run_that_goes_on_has_the_last_rate_and_the_bits_of_the_longer_run(dtype: str) -> None:
    text, longer = "0.3@1,0.05@6", "0.3@1,0.05@6,0.001@31"
    session = trained(small(lr=text, epochs=4, dtype=dtype))
    session.extend(10)
    assert recorded(trained(session)) == recorded(trained(small(lr=text, epochs=10, dtype=dtype)))
    assert session.step(39).lr == 0.05
    waits = small(lr=longer, epochs=4, dtype=dtype)  # the run has 16 steps
    assert [*waits.notices] == ["η changes at step 31, but the run ends at step 16: it needs more epochs"]
    trained(waits).extend(10)
    assert not waits.notices
    assert recorded(trained(waits)) == recorded(trained(small(lr=longer, epochs=10, dtype=dtype)))


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=15)
@given(
    st.sampled_from(["float64", "float32"]), st.sampled_from(["notebook", "kernel"]),
    st.lists(st.tuples(st.floats(-6, 0.2), st.integers(2, 60)), min_size=1, max_size=4, unique_by=lambda c: c[1]),
    st.integers(0, 5), st.sampled_from([1, 7, 33, 100]),
)  # fmt: skip
def test_no_change_of_the_rate_makes_a_right_model_differ(
    dtype: str, arithmetic: str, changes: list[tuple[float, int]], seed: int, size: int
) -> None:
    text = ",".join(["0.3@1", *(f"{10**log}@{step}" for log, step in sorted(changes, key=lambda change: change[1]))])
    session = small(
        lr=text, dtype=dtype, arithmetic=arithmetic, seed=seed, batch_size=size, epochs=-(-70 * size // 100)
    )
    assert [step.place.step for step in session.walk(0, min(70, session.schedule.steps)) if differing(step)] == []


@pytest.mark.parametrize("first", [2, 8, 9])
def test_a_model_that_misses_the_change_differs_from_that_step_on(first: int) -> None:
    class Misses(small().scratch_type):  # type: ignore[misc]
        def update(self, x: torch.Tensor, y_true: torch.Tensor, y_pred: torch.Tensor, lr: float) -> Any:
            return super().update(x, y_true, y_pred, 0.3)

    session = trained(small(Misses, lr=f"0.3@1,0.1@{first}"))
    assert first_differing(session) == (first - 1, {"b", "w"})


def test_a_small_error_is_found_on_both_sides_of_a_change() -> None:
    for text in ("0.3@1,1e-3@9", "1e-3@1,0.3@9"):
        session = trained(small(relative_error(1e-9, "grad_w"), lr=text, epochs=6))
        verdicts = [session.step(index).comparisons["grad_w"].verdict for index in range(24)]
        assert verdicts == [Verdict.DIFFERS] * 24


# ── changing it in a running session ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("at", [0, 1, 4, 5, 17, 39, 40, 60])
def test_a_rate_changed_on_the_way_gives_the_run_that_was_started_with_it(at: int, dtype: str) -> None:
    session = small(lr=TEXT, epochs=10, dtype=dtype)
    session.train_to(40)
    config = session.change_lr(0.2, at)
    assert config == session.config == small(lr=Rates.parse(TEXT).changed(0.2, at).value, epochs=10, dtype=dtype).config
    assert session.trained == min(at, 40)
    assert recorded(trained(session)) == recorded(trained(small(lr=config.lr, epochs=10, dtype=dtype)))
    assert [session.step(i).lr for i in range(40)] == [by_hand(TEXT, i) if i < at else 0.2 for i in range(40)]
    assert first_differing(session) is None
    session.restart()
    assert recorded(trained(session)) == recorded(trained(small(lr=config.lr, epochs=10, dtype=dtype)))


def test_what_comes_before_a_change_is_not_trained_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from tui_linreg.engine.training.lockstep import Lockstep

    session = small(epochs=500)
    session.train_to(2000)
    counted: list[int] = []
    train = Lockstep.train

    def counting(self: Lockstep, batches: Any, first: int, count: int, **options: Any) -> Any:
        counted.append(count)
        return train(self, batches, first, count, **options)

    monkeypatch.setattr(Lockstep, "train", counting)
    session.change_lr(0.5, 1990)
    assert counted == []
    session.train_to(2000)
    assert sum(counted) == 10


@pytest.mark.parametrize("mistake", ["no-zero-grad", "stale", "no-x"])
def test_a_change_keeps_what_a_mistake_carries_over(mistake: str) -> None:
    session = trained(small(lr=0.05, epochs=5, mistake=mistake))
    session.change_lr(0.01, 7)
    assert recorded(trained(session)) == recorded(trained(small(lr="0.05@1,0.01@8", epochs=5, mistake=mistake)))


def test_the_same_rate_again_is_no_change_but_ends_later_ones() -> None:
    session = trained(small(lr=0.05, epochs=5))
    assert session.change_lr(0.05, 7).lr == 0.05
    assert session.trained == 7
    session.change_lr(0.1, 9)
    assert session.change_lr(0.3, 9).lr == "0.05@1,0.3@10"
    assert session.change_lr(0.05, 3).lr == 0.05


def test_a_rate_that_no_run_may_have_changes_nothing() -> None:
    session = trained(small(dtype="float32"))
    before = recorded(session)
    for lr in (0.0, -1.0, math.nan, math.inf, 1e39):
        with pytest.raises(InputError, match="--lr"):
            session.change_lr(lr, 3)
    with pytest.raises(ValueError, match="steps count from 0"):
        session.change_lr(0.1, -1)
    assert (recorded(session), session.config.lr) == (before, 0.01)


def test_steps_can_be_looked_at_while_the_rate_is_changed() -> None:
    session = trained(small(lr=0.1, epochs=50))
    wanted = [fingerprint(session.step(index)) for index in range(20)]
    failed: list[object] = []
    done = threading.Event()

    def look() -> None:
        try:
            while not done.is_set():
                for index in (0, 7, 19):
                    if fingerprint(session.step(index)) != wanted[index]:
                        failed.append(index)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    for at, lr in ((150, 0.2), (90, 0.05), (20, 0.3), (20, 0.01)):
        session.change_lr(lr, at)
        session.train_to(200)
    done.set()
    thread.join()
    assert failed == []
