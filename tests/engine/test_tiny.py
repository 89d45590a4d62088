"""`--dataset tiny`: its rows, its start, and a run of short decimals, against the same run in fractions."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch
from cli_helpers import Run, runner
from engine_helpers import small, trained

from tui_linreg.engine.analysis.run_difference import same_samples
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.features.editing import form

TRAIN = [(2, 6), (3, 7), (0, 0), (1, 3), (-2, -4), (-1, 0)]
VALID = [(-3, -6), (2, 4), (1, 4), (4, 9)]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return runner(capsys, monkeypatch, tmp_path)


def tiny(**options: Any) -> Session:
    defaults: dict[str, Any] = {"dataset": "tiny", "lr": 0.1, "device": "cpu"}
    return Session(RunConfig(**(defaults | options)))


def by_fractions(size: int, steps: int) -> list[dict[str, Fraction]]:
    """Loss, gradients and the new b and w of each step, from b = 1, w = -1 at eta = 1/10."""
    b, w, found = Fraction(1), Fraction(-1), []
    for step in range(steps):
        start = step * size % len(TRAIN) if size in (1, 2, 3, 6) else (0, 4)[step % 2]
        batch = TRAIN[start : start + size]
        residuals = [b + w * x - y for x, y in batch]
        m = len(batch)
        grad_b = Fraction(2, m) * sum(residuals)
        grad_w = Fraction(2, m) * sum((r * x for r, (x, _) in zip(residuals, batch, strict=True)), Fraction())
        loss = sum((r * r for r in residuals), Fraction()) / m
        b, w = b - grad_b / 10, w - grad_w / 10
        found.append({"loss": loss, "grad_b": grad_b, "grad_w": grad_w, "b_after": b, "w_after": w})
    return found


def test_the_rows_and_the_split() -> None:
    data = tiny().dataset
    assert list(zip(data.x_train.tolist(), data.y_train.tolist(), strict=True)) == TRAIN
    assert list(zip(data.x_valid.tolist(), data.y_valid.tolist(), strict=True)) == VALID
    assert (data.name, data.x_name, data.y_name, data.true_bias, data.scaling) == ("tiny", "x", "y", None, None)
    assert tiny(train_size=3).dataset.n_train == 3
    with pytest.raises(InputError, match="10 rows"):
        tiny(train_size=10)
    with pytest.raises(InputError, match="constant") as caught:
        tiny(train_size=1)
    assert caught.value.field == "train_size"


@pytest.mark.parametrize("options", [{}, {"seed": 5}, {"dtype": "float32"}, {"mistake": "sign"}, {"standardize": True}])
def test_both_models_start_at_small_integers(options: dict[str, Any]) -> None:
    session = tiny(**options)
    for _ in range(2):
        scratch, layer = session.timeline.states(0)
        assert list(scratch[:2]) == list(layer[:2]) == [1.0, -1.0]
        assert (session.agreement_at_start.b, session.agreement_at_start.w) == (0, 0)
        session.train_to(3)
        session.restart()


def test_the_draws_are_those_of_any_dataset() -> None:
    """By torch alone: the layer first, then the scratch model's two; before the copy only the layer is at its start."""
    drawn: list[tuple[float, float]] = []

    class Watched(SimpleLinearRegression):
        def copy_params(self, layer: torch.nn.Linear) -> None:
            drawn.append((self.b.item(), self.w.item()))
            super().copy_params(layer)

    before = torch.get_rng_state()
    session = Session(RunConfig(dataset="tiny", seed=3, device="cpu"), scratch_type=Watched)
    small(Watched, seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    assert drawn[0] == drawn[1]
    b, w = drawn[0]
    found = session.agreement_before_copy
    assert (found.b, found.w) == pytest.approx((abs(1 - b), abs(-1 - w)), rel=1e-12)  # of a reference of size 1
    assert {1.0, -1.0}.isdisjoint((b, w))


@pytest.mark.parametrize("size", [None, 2, 4])
def test_the_run_is_the_one_on_paper(size: int | None) -> None:
    session = trained(tiny(batch_size=size, epochs=2))
    exact = by_fractions(size or 4, session.schedule.steps)
    assert session.schedule.batch_size == (size or 4)
    for index, numbers in enumerate(exact):
        step = session.step(index)
        for side in (step.scratch, step.torch):
            for key, number in numbers.items():
                assert getattr(side, key) == pytest.approx(float(number), rel=1e-12, abs=1e-14)
    for index, numbers in enumerate(exact[:3]):
        assert all(float(numbers[key]) == round(float(numbers[key]), index + 1) for key in ("b_after", "w_after"))


def test_the_command_line_takes_the_rate_of_paper(run: Run) -> None:
    assert RunConfig.read({"dataset": " tiny "}) == RunConfig(dataset="tiny", lr=0.1)
    assert RunConfig.read({"dataset": "tiny", "lr": "0.01"}) == RunConfig(dataset="tiny", lr=0.01)
    assert RunConfig.read({"dataset": "diabetes"}).lr == RunConfig.read({}).lr == 0.01
    found = json.loads(run("train", "--json", "--dataset", "tiny", "--epochs", "1", "--device", "cpu").out)
    last = by_fractions(4, 2)[-1]
    for model in ("torch", "scratch"):
        assert [found[model][key] for key in ("b", "w")] == pytest.approx(
            [float(last["b_after"]), float(last["w_after"])]
        )
    assert (found["config"]["lr"], found["config"]["batch_size"], found["config"]["train_size"]) == (0.1, 4, 6)


def test_the_form_keeps_the_rate_that_stands_there() -> None:
    typed = RunConfig().as_texts() | dict.fromkeys(("data", "x", "y", "train_size", "batch_size", "start"), "")
    read = form.read_form("tiny", typed, named=False)
    assert read.config == RunConfig(dataset="tiny", lr=0.01)
    assert form.read_form("tiny", typed | {"lr": "0.1"}, named=False).config == RunConfig.read({"dataset": "tiny"})
    assert form.source_of(RunConfig(dataset="tiny").as_texts()) == "tiny"
    assert form.placeholder("train_size", "tiny").endswith(" 6")
    assert form.placeholder("batch_size", "tiny").endswith(" 4")
    assert "0.1" in form.hint("lr", "tiny")


def test_tiny_runs_share_their_samples_with_one_another_only() -> None:
    one = RunConfig(dataset="tiny", seed=1)
    assert same_samples(one, RunConfig(dataset="tiny", seed=2, lr=0.5))
    for other in (RunConfig(), RunConfig(dataset="diabetes"), RunConfig(data="tiny")):
        assert not same_samples(one, other)
